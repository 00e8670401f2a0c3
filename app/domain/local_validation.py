"""What can be said about a journal before its ERP is asked: our own rules, and what the ERP told of itself earlier."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.accounts import Account
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument
from app.domain.transaction import Ledger

LEAST_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPeriod:
    """A period that an ERP posts to, both ends included."""

    name: str
    starts_on: date
    ends_on: date


def local_problems(
    document: JournalDocument,
    *,
    max_lines: int | None,
    accounts: Mapping[str, Account],
    closed_period: str | None,
    commitments: bool = True,
) -> tuple[Problem, ...]:
    """By our own rules. `accounts` are ours by name, at least those that the lines name; `closed_period` is the closed period of
    ours that a person moved the journal into, None where there is none; `commitments`: whether this ERP keeps them."""
    return (
        *_shape(document, max_lines),
        *_balance(document),
        *_accounts(document, accounts),
        *_period(document, closed_period),
        *(() if commitments else _commitments(document)),
    )


def chart_problems(document: JournalDocument, *, unknown: Collection[str], inactive: Collection[str], told: str) -> tuple[Problem, ...]:
    """By the ERP's chart of accounts; `told` says whence and when it came."""
    return tuple(_chart(document, unknown, inactive, told))


def open_date_problems(document: JournalDocument, *, open_periods: Sequence[OpenPeriod], told: str) -> tuple[Problem, ...]:
    """By the periods that the ERP called open. No periods: it did not say, and nothing is checked."""
    day = document.accounting_date
    if not open_periods or any(period.starts_on <= day <= period.ends_on for period in open_periods):
        return ()
    return (Problem(line=None, code="period-closed", message=f"{day} lies in no open period of the ERP {told}"),)


def _chart(document: JournalDocument, unknown: Collection[str], inactive: Collection[str], told: str) -> Iterator[Problem]:
    for line in document.lines:
        if line.account_code in unknown:
            message = f"{line.account_code} is not in the ERP's chart of accounts {told}"
            yield Problem(line=line.line, code="unknown-account", message=message)
        elif line.account_code in inactive:
            message = f"{line.account_code} is not active in the ERP's chart of accounts {told}"
            yield Problem(line=line.line, code="inactive-account", message=message)


def _shape(document: JournalDocument, max_lines: int | None) -> Iterator[Problem]:
    count = len(document.lines)
    if count < LEAST_LINES:
        yield Problem(line=None, code="too-few-lines", message=f"the journal has {count} lines; it needs at least {LEAST_LINES}")
    if max_lines is not None and count > max_lines:
        yield Problem(line=None, code="too-many-lines", message=f"the journal has {count} lines; this ERP takes at most {max_lines}")


def _balance(document: JournalDocument) -> Iterator[Problem]:
    difference = base_difference = Decimal(0)
    for line in document.lines:
        sign = 1 if line.side == "debit" else -1
        difference += sign * line.amount
        base_difference += sign * line.base_amount
    if difference:
        yield Problem(line=None, code="unbalanced", message=f"debits and credits differ by {difference} {document.currency}")
    if base_difference:
        message = f"debits and credits differ by {base_difference} {document.base_currency}, the base currency"
        yield Problem(line=None, code="unbalanced-base", message=message)


def _accounts(document: JournalDocument, accounts: Mapping[str, Account]) -> Iterator[Problem]:
    for line in document.lines:
        if not line.account_code.strip():
            yield Problem(line=line.line, code="no-account-code", message="the line has no account code")
        if line.account is None:
            if not line.charge_code:
                yield Problem(line=line.line, code="no-charge-code", message="the line has neither an account of ours nor a charge code")
            continue
        ours = accounts.get(line.account)
        if ours is None:
            yield Problem(line=line.line, code="unknown-account", message=f"there is no account {line.account}")
        elif not ours.active:
            yield Problem(line=line.line, code="inactive-account", message=f"account {line.account} is not active")


def _period(document: JournalDocument, closed_period: str | None) -> Iterator[Problem]:
    if closed_period is not None:
        message = f"the journal was moved to {document.accounting_date}, which lies in our period {closed_period}, and that is closed"
        yield Problem(line=None, code="period-closed", message=message)


def _commitments(document: JournalDocument) -> Iterator[Problem]:
    for line in document.lines:
        if line.ledger == Ledger.COMMITMENT:
            message = "this ERP keeps no commitments beside its actual ledger: set the endpoint's commitments to omit"
            yield Problem(line=line.line, code="no-commitments", message=message)
