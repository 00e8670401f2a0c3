"""What Business Central says of accounts and dates, and what a journal must not ask of it. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.adapters.erp.business_central.dimensions import Values, dimension_problems
from app.adapters.erp.exact_json import as_date, as_text
from app.domain.delivery import Problem
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

NO_DATE = date(1, 1, 1)
"""How an empty date travels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`generalLedgerSetup`: the first and last date that may be posted to, and the company's currency, None where it names none."""

    opens_on: date
    closes_on: date
    currency: str | None

    @property
    def open_dates(self) -> tuple[OpenPeriod, ...]:
        return (OpenPeriod(name="allowed posting dates", starts_on=self.opens_on, ends_on=self.closes_on),)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccount:
    """An account as a journal meets it: `refusal` says why none of its lines may be on it, None where they may."""

    number: str
    name: str
    category: str | None
    refusal: str | None

    def as_chart(self) -> ErpAccount:
        return ErpAccount(code=self.number, name=self.name, type=self.category, active=self.refusal is None)


def read_setup(rows: Sequence[Mapping[str, Any]]) -> Setup | None:
    """None where it cannot be read. Without bounds every date may be posted to."""
    if len(rows) != 1:
        return None
    first, last = (as_date(rows[0].get(name)) for name in ("allowPostingFrom", "allowPostingTo"))
    if first is None or last is None:
        return None
    return Setup(
        opens_on=first,
        closes_on=date.max if last == NO_DATE else last,
        currency=as_text(rows[0].get("localCurrencyCode"), 10) or None,
    )


def read_account(row: Mapping[str, Any]) -> LedgerAccount | None:
    """None where the row has no number."""
    number = as_text(row.get("number"), 20)
    if not number:
        return None
    return LedgerAccount(number=number, name=as_text(row.get("displayName"), 200), category=_category(row), refusal=_refusal(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """What journals may be booked on, read now: of their accounts and dimensions those that are there, by number and code."""

    setup: Setup
    accounts: Mapping[str, LedgerAccount]
    dimensions: Values


def data_problems(journal: JournalDocument, data: ReferenceData) -> tuple[Problem, ...]:
    """What of it stands against a journal."""
    of_lines = (*_accounts(journal, data.accounts), *dimension_problems(journal, data.dimensions))
    return (*_period(journal, data.setup), *_currency(journal, data.setup), *of_lines)


def account_numbers(journals: Collection[JournalDocument]) -> list[str]:
    """The accounts that these journals name, as Business Central spells codes."""
    return sorted({line.account_code.upper() for journal in journals for line in journal.lines})


def _period(journal: JournalDocument, setup: Setup) -> Iterator[Problem]:
    if not setup.opens_on <= journal.accounting_date <= setup.closes_on:
        until = "" if setup.closes_on == date.max else f" to {setup.closes_on}"
        message = f"{journal.accounting_date} is not within the allowed posting dates: from {setup.opens_on}{until}"
        yield Problem(line=None, code="period-closed", message=message)


def _currency(journal: JournalDocument, setup: Setup) -> Iterator[Problem]:
    if setup.currency is not None and setup.currency != journal.base_currency:
        message = f"the company's currency is {setup.currency}, not {journal.base_currency}"
        yield Problem(line=None, code="wrong-base-currency", message=message)


def _accounts(journal: JournalDocument, accounts: Mapping[str, LedgerAccount]) -> Iterator[Problem]:
    for line in journal.lines:
        account = accounts.get(line.account_code.upper())
        if account is None:
            message = f"{line.account_code} is not in the chart of accounts"
            yield Problem(line=line.line, code="unknown-account", message=message)
        elif account.refusal is not None:
            yield Problem(line=line.line, code="account-refused", message=f"account {line.account_code} {account.refusal}")


def _refusal(row: Mapping[str, Any]) -> str | None:
    if row.get("blocked") is not False:
        return "is blocked"
    if row.get("accountType") != "Posting":
        return "is a heading or a total, not an account that is posted to"
    return None if row.get("directPosting") is True else "does not allow direct posting"


def _category(row: Mapping[str, Any]) -> str | None:
    return as_text(row.get("category"), 100).replace("_x0020_", " ").strip() or None
