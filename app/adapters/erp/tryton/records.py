"""Records of Tryton's that a move refers to: companies, periods, accounts, analytic accounts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.adapters.erp.exact_json import as_object, as_text
from app.adapters.erp.tryton.values import from_date, nested, to_date, to_id
from app.domain.erp_chart import ErpAccount
from app.domain.local_validation import OpenPeriod

MAX_NAME = 200

COMPANY_FIELDS = ("party.name", "currency.code")
PERIOD_FIELDS = ("name", "state", "start_date", "end_date")
VALUE_FIELDS = ("code", "root.code", "state")
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
class DimensionValue:
    """An analytic account; `dimension` is the code of its root."""

    id: int
    dimension: str
    code: str
    closed: bool


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
    return Period(id=found, name=as_text(record.get("name"), MAX_NAME), is_open=state == "open", starts_on=first, ends_on=last)


def read_account(record: Mapping[str, Any]) -> Account | None:
    """None where it is anything else, or an account without a code, which no journal can name."""
    found, code = to_id(record.get("id")), as_text(record.get("code"), MAX_NAME)
    if found is None or not code:
        return None
    return Account(
        id=found,
        code=code,
        name=as_text(record.get("name"), MAX_NAME),
        type=_through(record, "type", "name") or None,
        closed=record.get("closed") is not False,
        party_required=record.get("party_required") is True,
        second_currency=_through(record, "second_currency", "code") or None,
        starts_on=to_date(record.get("start_date")),
        ends_on=to_date(record.get("end_date")),
    )


def read_currency(record: Mapping[str, Any]) -> tuple[str, int] | None:
    """Its code and its id."""
    found, code = to_id(record.get("id")), as_text(record.get("code"), MAX_NAME)
    return (code, found) if found is not None and code else None


def read_value(record: Mapping[str, Any]) -> DimensionValue | None:
    found, code = to_id(record.get("id")), as_text(record.get("code"), MAX_NAME)
    if found is None or not code:
        return None
    return DimensionValue(id=found, dimension=_through(record, "root", "code"), code=code, closed=record.get("state") == "closed")


def shown_account(account: Account) -> ErpAccount:
    return ErpAccount(code=account.code, name=account.name, type=account.type, active=account.usable)


def shown_period(period: Period) -> OpenPeriod:
    return OpenPeriod(name=period.name, starts_on=period.starts_on, ends_on=period.ends_on)


def _through(record: Mapping[str, Any], field: str, inner: str) -> str:
    return as_text(as_object(nested(record, field)).get(inner), MAX_NAME)
