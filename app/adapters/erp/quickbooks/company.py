"""What QuickBooks tells of a company: its preferences, its chart of accounts, its classes and departments; and what that means for a
journal. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_object, as_objects, as_text, read_json
from app.adapters.erp.quickbooks.payload import MINOR_VERSION, Ids
from app.adapters.erp.quickbooks.settings import QuickBooksSettings
from app.adapters.erp.token_calls import Reply
from app.domain.delivery import Problem
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

PREFERENCES = f"/preferences?{MINOR_VERSION}"
_NEEDS = {"Accounts Payable": "Vendor", "Accounts Receivable": "Customer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """`closed_until`: the books are closed up to and with that day, None where they are not."""

    closed_until: date | None
    home_currency: str
    multi_currency: bool

    @property
    def open_dates(self) -> OpenPeriod:
        if self.closed_until is None:
            return OpenPeriod(name="no closing date", starts_on=date.min, ends_on=date.max)
        return OpenPeriod(name=f"after {self.closed_until}", starts_on=self.closed_until + timedelta(days=1), ends_on=date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    account: ErpAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`dimensions` are the ids of active classes and departments, by their name (with its parents', or alone) or their id."""

    accounts: Mapping[str, Account]
    dimensions: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def ids(self) -> Ids:
        return Ids(accounts={code: each.id for code, each in self.accounts.items()}, dimensions=self.dimensions)

    @property
    def codes(self) -> dict[str, str]:
        """Our codes by QuickBooks' ids."""
        return {each.id: code for code, each in self.accounts.items()}


def read_preferences(reply: Reply) -> Preferences | None:
    """None where the answer is anything else."""
    if not isinstance(reply, HttpAnswer) or reply.status != 200:
        return None
    told = as_object(read_json(reply)).get("Preferences")
    if not isinstance(told, dict):
        return None
    currencies = as_object(told.get("CurrencyPrefs"))
    return Preferences(
        closed_until=read_day(as_object(told.get("AccountingInfoPrefs")).get("BookCloseDate")),
        home_currency=as_text(as_object(currencies.get("HomeCurrency")).get("value")),
        multi_currency=currencies.get("MultiCurrencyEnabled") is True,
    )


def read_queried(reply: Reply, resource: str) -> list[Mapping[str, Any]] | None:
    """The objects that a query found, none where it says that there are none. None where the answer is anything else."""
    if not isinstance(reply, HttpAnswer) or reply.status != 200:
        return None
    found = as_object(read_json(reply)).get("QueryResponse")
    return as_objects(found.get(resource, [])) if isinstance(found, dict) else None


def read_day(value: object) -> date | None:
    """`2026-10-31`, with or without a zone after it; None where it is no date."""
    try:
        return date.fromisoformat(as_text(value)[:10])
    except ValueError:
        return None


def accounts_of(listed: Collection[Mapping[str, Any]], settings: QuickBooksSettings) -> dict[str, Account]:
    """By what our codes are there; an active one before an inactive one of the same number."""
    by_code: dict[str, Account] = {}
    for item in listed:
        account = _account(item, settings)
        if account is not None and not (account.account.code in by_code and by_code[account.account.code].account.active):
            by_code[account.account.code] = account
    return by_code


def dimension_ids(name: str, listed: Collection[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Of the active ones. Where a name alone stands for two, only their names with parents do."""
    found: dict[tuple[str, str], str] = {}
    names = [as_text(item.get("Name")) for item in listed]
    for item in listed:
        identity, short = as_text(item.get("Id")), as_text(item.get("Name"))
        if not identity or item.get("Active") is False:
            continue
        keys = {identity, as_text(item.get("FullyQualifiedName")), short if names.count(short) == 1 else ""}
        found |= {(name, key): identity for key in keys if key}
    return found


def company_problems(journal: JournalDocument, company: Company, settings: QuickBooksSettings) -> tuple[Problem, ...]:
    """What cannot be sent at all, by the chart and the lists."""
    return tuple(_lines(journal, company, settings))


def preference_problems(journal: JournalDocument, preferences: Preferences, settings: QuickBooksSettings) -> Iterator[Problem]:
    """What QuickBooks would refuse for the company's preferences."""
    home, closed = preferences.home_currency, preferences.closed_until
    if home and home != journal.base_currency:
        message = f"the company's home currency is {home}, not {journal.base_currency}"
        yield Problem(line=None, code="base-currency", message=message)
    if journal.currency != journal.base_currency and settings.foreign_currency == "exchange_rate" and not preferences.multi_currency:
        message = f"the journal is in {journal.currency}, and the company does not use several currencies"
        yield Problem(line=None, code="foreign-currency", message=message)
    if closed is not None and journal.accounting_date <= closed:
        message = f"the books are closed until {closed}, and this journal is on {journal.accounting_date}"
        yield Problem(line=None, code="period-closed", message=message)


def _lines(journal: JournalDocument, company: Company, settings: QuickBooksSettings) -> Iterator[Problem]:
    for line in journal.lines:
        code, known = line.account_code, company.accounts.get(line.account_code)
        if known is None:
            yield Problem(line=line.line, code="unknown-account", message=f"{code} is not in QuickBooks' chart of accounts")
        elif not known.account.active:
            yield Problem(line=line.line, code="inactive-account", message=f"account {code} is inactive in QuickBooks")
        elif (needed := _NEEDS.get(known.account.type or "")) is not None:
            yield from _entity(line.line, code, known.account, needed, settings)
        for name, value in line.dimensions.items():
            if (name, value) not in company.dimensions:
                yield Problem(line=line.line, code="unknown-dimension", message=f"there is no active {name} {value} in QuickBooks")


def _entity(line: int, code: str, account: ErpAccount, needed: str, settings: QuickBooksSettings) -> Iterator[Problem]:
    entity = settings.entities.get(code)
    if entity is None or entity.type != needed:
        message = (
            f"account {code} is of type {account.type}: every line needs a {needed.lower()}. Map it to a clearing account, "
            f'or name a {needed.lower()} in the setting "entities"'
        )
        yield Problem(line=line, code="entity-required", message=message)


def _account(item: Mapping[str, Any], settings: QuickBooksSettings) -> Account | None:
    identity, name = as_text(item.get("Id")), as_text(item.get("FullyQualifiedName")) or as_text(item.get("Name"))
    code = {"number": as_text(item.get("AcctNum")), "id": identity, "name": name}[settings.account_ref]
    if not identity or not code:
        return None
    kind = as_text(item.get("AccountType")) or None
    return Account(id=identity, account=ErpAccount(code=code, name=name[:200], type=kind, active=item.get("Active") is not False))
