"""What NetSuite says of accounts, periods, currencies and segments, and what a journal must not ask of it. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.adapters.erp.exact_json import as_date, as_text
from app.adapters.erp.netsuite.suiteql import SEGMENTS
from app.domain.delivery import Problem
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

NEEDS_A_NAME = ("AcctRec", "AcctPay")
TAKES_NO_AMOUNT = ("NonPosting", "Stat")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccount:
    """`id` is the internal one; `refusal` says why no line of ours may be on it, None where it may."""

    id: str
    number: str
    name: str
    type: str | None
    refusal: str | None

    def as_chart(self) -> ErpAccount:
        return ErpAccount(code=self.number, name=self.name, type=self.type, active=self.refusal is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`open`: neither closed nor locked for all."""

    id: str
    name: str
    starts_on: date
    ends_on: date
    open: bool

    def as_open_dates(self) -> OpenPeriod:
        return OpenPeriod(name=self.name, starts_on=self.starts_on, ends_on=self.ends_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """What journals may be booked on, read now: accounts by number, currencies and values of segments (by segment) to internal ids.

    `base_currency` of the subsidiary, None where the account has none.
    """

    accounts: Mapping[str, LedgerAccount]
    periods: Sequence[Period]
    currencies: Mapping[str, str]
    base_currency: str | None
    segments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def period_of(self, day: date) -> Period | None:
        """The one period that the day is in; None where there is none, or more than one."""
        found = [period for period in self.periods if period.starts_on <= day <= period.ends_on]
        return found[0] if len(found) == 1 else None


def data_problems(journal: JournalDocument, data: ReferenceData) -> tuple[Problem, ...]:
    """What of it stands against a journal."""
    return (*_period(journal, data), *_currencies(journal, data), *_accounts(journal, data), *_segments(journal, data))


def read_accounts(rows: Sequence[Mapping[str, Any]]) -> list[LedgerAccount]:
    """Those that have an id and a number."""
    return [
        LedgerAccount(
            id=as_text(row.get("id"), 20),
            number=as_text(row.get("acctnumber"), 100),
            name=as_text(row.get("accountsearchdisplaynamecopy"), 200),
            type=as_text(row.get("accttype"), 100) or None,
            refusal=_refusal(row),
        )
        for row in rows
        if row.get("id") and row.get("acctnumber")
    ]


def read_periods(rows: Sequence[Mapping[str, Any]]) -> list[Period] | None:
    """All or none: part of a calendar would refuse good dates."""
    found = []
    for row in rows:
        first, last = as_date(row.get("startdate")), as_date(row.get("enddate"))
        if first is None or last is None or not isinstance(row.get("id"), str):
            return None
        is_open = row.get("closed") == "F" and row.get("alllocked") == "F"
        found.append(Period(id=row["id"], name=as_text(row.get("periodname"), 100), starts_on=first, ends_on=last, open=is_open))
    return found


def read_segment(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Active values by name and by internal id."""
    active = [row for row in rows if row.get("isinactive") == "F"]
    by_name = {as_text(row.get("name"), 200): as_text(row.get("id"), 20) for row in active}
    return by_name | {row_id: row_id for row_id in by_name.values()}


def wanted_segments(journals: Collection[JournalDocument]) -> dict[str, set[str]]:
    """The values that the lines name, by segment."""
    wanted: dict[str, set[str]] = {}
    for journal in journals:
        for line in journal.lines:
            for name, value in line.dimensions.items():
                if name in SEGMENTS:
                    wanted.setdefault(name, set()).add(value)
    return wanted


def _period(journal: JournalDocument, data: ReferenceData) -> Iterator[Problem]:
    period = data.period_of(journal.accounting_date)
    if period is None:
        yield Problem(line=None, code="period-closed", message=f"{journal.accounting_date} lies in no accounting period")
    elif not period.open:
        message = f"{journal.accounting_date} lies in {period.name}, which is closed or locked"
        yield Problem(line=None, code="period-closed", message=message)


def _currencies(journal: JournalDocument, data: ReferenceData) -> Iterator[Problem]:
    if data.base_currency is not None and data.base_currency != journal.base_currency:
        message = f"the subsidiary's currency is {data.base_currency}, not {journal.base_currency}"
        yield Problem(line=None, code="wrong-base-currency", message=message)
    if journal.currency not in data.currencies:
        yield Problem(line=None, code="unknown-currency", message=f"there is no currency {journal.currency}")


def _accounts(journal: JournalDocument, data: ReferenceData) -> Iterator[Problem]:
    for line in journal.lines:
        account = data.accounts.get(line.account_code)
        if account is None:
            message = f"{line.account_code} is not in the chart of accounts"
            yield Problem(line=line.line, code="unknown-account", message=message)
        elif account.refusal is not None:
            yield Problem(line=line.line, code="account-refused", message=f"account {line.account_code} {account.refusal}")


def _segments(journal: JournalDocument, data: ReferenceData) -> Iterator[Problem]:
    for line in journal.lines:
        for name, value in sorted(line.dimensions.items()):
            if name in SEGMENTS and value not in data.segments.get(name, {}):
                message = f"{name} has no active value {value}"
                yield Problem(line=line.line, code="unknown-dimension-value", message=message)


def _refusal(row: Mapping[str, Any]) -> str | None:
    if row.get("isinactive") != "F":
        return "is inactive"
    if row.get("issummary") != "F":
        return "is a summary, not an account that is posted to"
    if row.get("accttype") in NEEDS_A_NAME:
        return "is one of receivables or payables: its lines need a customer or vendor, use a clearing account"
    return "takes no amounts" if row.get("accttype") in TAKES_NO_AMOUNT else None
