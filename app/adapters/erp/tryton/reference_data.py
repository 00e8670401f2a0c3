"""What Tryton has to tell before a move can be made: its company, journal, periods, accounts and currencies. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.adapters.erp.exact_json import a_text, an_object
from app.adapters.erp.tryton.moves import Ids
from app.adapters.erp.tryton.values import from_date, nested, to_date, to_id
from app.domain.delivery import Problem
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument, JournalLine
from app.domain.local_validation import OpenPeriod

MAX_NAME = 200

COMPANY_FIELDS = ("party.name", "currency.code")
PERIOD_FIELDS = ("name", "state", "start_date", "end_date")
ACCOUNT_FIELDS = ("code", "name", "type.name", "closed", "party_required", "second_currency.code", "start_date", "end_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    id: int
    name: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A month of a fiscal year, or whatever the books are cut into; both ends included."""

    id: int
    name: str
    is_open: bool
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account. Without a type it only groups others, and nothing can be posted to it."""

    id: int
    code: str
    name: str
    type: str | None
    closed: bool
    party_required: bool
    second_currency: str | None
    starts_on: date | None
    ends_on: date | None

    @property
    def usable(self) -> bool:
        return self.type is not None and not self.closed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """What was read for some journals."""

    company: Company
    journal: int
    periods: Sequence[Period]
    accounts: Mapping[str, Sequence[Account]]
    currencies: Mapping[str, int]

    def problems(self, document: JournalDocument) -> tuple[Problem, ...]:
        """What stands against this journal, line by line where it can be said."""
        return (*self._of_the_whole(document), *(found for line in document.lines for found in self._of_a_line(document, line)))

    def ids(self, document: JournalDocument) -> Ids:
        """For a journal without problems."""
        period = self._period(document.accounting_date)
        assert period is not None  # noqa: S101 - said by problems()
        return Ids(
            company=self.company.id,
            journal=self.journal,
            period=period.id,
            accounts={code: found[0].id for code, found in self.accounts.items() if found},
            currencies=self.currencies,
        )

    def _period(self, day: date) -> Period | None:
        return next((period for period in self.periods if period.starts_on <= day <= period.ends_on), None)

    def _of_the_whole(self, document: JournalDocument) -> Iterator[Problem]:
        if document.base_currency != self.company.currency:
            message = f"{self.company.name} keeps its books in {self.company.currency}, not in {document.base_currency}"
            yield Problem(line=None, code="other-base-currency", message=message)
        if document.currency != document.base_currency and document.currency not in self.currencies:
            yield Problem(line=None, code="unknown-currency", message=f"the ERP does not know the currency {document.currency}")
        period = self._period(document.accounting_date)
        if period is None:
            yield Problem(line=None, code="period-closed", message=f"{document.accounting_date} lies in no period of the ERP")
        elif not period.is_open:
            message = f"{document.accounting_date} lies in period {period.name}, which is closed in the ERP"
            yield Problem(line=None, code="period-closed", message=message)

    def _of_a_line(self, document: JournalDocument, line: JournalLine) -> Iterator[Problem]:
        found = self.accounts.get(line.account_code, ())
        if not found:
            yield Problem(line=line.line, code="unknown-account", message=f"{line.account_code} is not in the ERP's chart of accounts")
            return
        if len(found) > 1:
            yield Problem(line=line.line, code="ambiguous-account", message=f"the ERP has {len(found)} accounts {line.account_code}")
            return
        yield from _of_an_account(found[0], document, line)


def _of_an_account(account: Account, document: JournalDocument, line: JournalLine) -> Iterator[Problem]:
    def problem(code: str, message: str) -> Problem:
        return Problem(line=line.line, code=code, message=f"account {account.code} {message}")

    day = document.accounting_date
    if account.type is None:
        yield problem("account-not-postable", "only groups others in the ERP: it has no type")
    if account.closed:
        yield problem("inactive-account", "is closed in the ERP")
    if (account.starts_on is not None and day < account.starts_on) or (account.ends_on is not None and day > account.ends_on):
        yield problem("inactive-account", f"is not in use in the ERP on {day}")
    if account.party_required:
        yield problem("party-required", "asks for a party on each line, as accounts of suppliers and customers do: use a clearing account")
    if account.second_currency not in (None, document.currency):
        yield problem("other-account-currency", f"is kept in {account.second_currency} in the ERP")


def of_company(company: Company | None, field: str = "company") -> list[Any]:
    """The part of a search that keeps to a company."""
    return [] if company is None else [[field, "=", company.id]]


def periods_domain(company: Company, days: Sequence[date]) -> list[Any]:
    """The standard periods of these days; periods of adjustment overlap them, and nothing of ours goes there."""
    around = [[["start_date", "<=", from_date(day)], ["end_date", ">=", from_date(day)]] for day in days]
    return [["company", "=", company.id], ["type", "=", "standard"], ["OR", *around]]


def read_company(record: Mapping[str, Any]) -> Company | None:
    found = to_id(record.get("id"))
    name, currency = _through(record, "party", "name"), _through(record, "currency", "code")
    return None if found is None or not name or not currency else Company(id=found, name=name, currency=currency)


def read_period(record: Mapping[str, Any]) -> Period | None:
    found, first, last = to_id(record.get("id")), to_date(record.get("start_date")), to_date(record.get("end_date"))
    state = record.get("state")
    if found is None or first is None or last is None or not isinstance(state, str):
        return None
    return Period(id=found, name=a_text(record.get("name"), MAX_NAME), is_open=state == "open", starts_on=first, ends_on=last)


def read_account(record: Mapping[str, Any]) -> Account | None:
    """None where it is anything else, or an account without a code, which no journal can name."""
    found, code = to_id(record.get("id")), a_text(record.get("code"), MAX_NAME)
    if found is None or not code:
        return None
    return Account(
        id=found,
        code=code,
        name=a_text(record.get("name"), MAX_NAME),
        type=_through(record, "type", "name") or None,
        closed=record.get("closed") is not False,
        party_required=record.get("party_required") is True,
        second_currency=_through(record, "second_currency", "code") or None,
        starts_on=to_date(record.get("start_date")),
        ends_on=to_date(record.get("end_date")),
    )


def shown_account(account: Account) -> ErpAccount:
    return ErpAccount(code=account.code, name=account.name, type=account.type, active=account.usable)


def shown_period(period: Period) -> OpenPeriod:
    return OpenPeriod(name=period.name, starts_on=period.starts_on, ends_on=period.ends_on)


def _through(record: Mapping[str, Any], field: str, inner: str) -> str:
    return a_text(an_object(nested(record, field)).get(inner), MAX_NAME)
