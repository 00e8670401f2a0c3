"""What Xero tells of an organisation: its lock dates, its chart of accounts, its tracking categories; and what that means for a
journal. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_object, as_objects, as_text, read_json
from app.adapters.erp.token_calls import Reply
from app.adapters.erp.xero.manual_journals import read_date
from app.adapters.erp.xero.payload import API
from app.domain.delivery import Problem
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

ORGANISATION = f"{API}/Organisation"
ACCOUNTS = f"{API}/Accounts"
TRACKING = f"{API}/TrackingCategories"

Categories = Mapping[str, frozenset[str]]
"""The options of each tracking category, both by name and active."""

_SYSTEM = {"DEBTORS": "accounts receivable", "CREDITORS": "accounts payable", "RETAINEDEARNINGS": "retained earnings"}
_TYPES = {"BANK": "a bank account", "INVENTORY": "an inventory account"}
"""Refused in manual journals (https://developer.xero.com/documentation/api/accounting/manualjournals, "POST ManualJournals"); inventory
by https://developer.xero.com/documentation/guides/how-to-guides/tracked-inventory-in-xero/."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """`locked_until` is the later of the two lock dates, None without any: nothing is posted on or before it."""

    name: str
    base_currency: str
    locked_until: date | None

    @property
    def open_dates(self) -> OpenPeriod:
        if self.locked_until is None:
            return OpenPeriod(name="no lock date", starts_on=date.min, ends_on=date.max)
        return OpenPeriod(name=f"after {self.locked_until}", starts_on=self.locked_until + timedelta(days=1), ends_on=date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`refused` says what it is where Xero takes no manual journals on it."""

    account: ErpAccount
    refused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """`categories` are empty where no line has any."""

    organisation: Organisation
    accounts: Mapping[str, Account]
    categories: Categories


def read_organisation(reply: Reply) -> Organisation | None:
    """None where the answer is anything else."""
    listed = _listed(reply, "Organisations")
    if listed is None or len(listed) != 1:
        return None
    dates = [day for key in ("PeriodLockDate", "EndOfYearLockDate") if (day := read_date(listed[0].get(key))) is not None]
    return Organisation(
        name=as_text(listed[0].get("Name"), 200),
        base_currency=as_text(listed[0].get("BaseCurrency")),
        locked_until=max(dates, default=None),
    )


def read_accounts(reply: Reply) -> dict[str, Account] | None:
    """Those with a code, archived ones too, by their code."""
    listed = _listed(reply, "Accounts")
    return None if listed is None else {code: _account(code, item) for item in listed if (code := as_text(item.get("Code")))}


def read_categories(reply: Reply) -> Categories | None:
    """The tracking categories. None where the answer is anything else."""
    listed = _listed(reply, "TrackingCategories")
    if listed is None:
        return None
    active = [item for item in listed if item.get("Status") == "ACTIVE"]
    return {
        as_text(item.get("Name")): frozenset(
            as_text(option.get("Name")) for option in as_objects(item.get("Options")) if option.get("Status") == "ACTIVE"
        )
        for item in active
    }


def reference_problems(journal: JournalDocument, known: ReferenceData) -> tuple[Problem, ...]:
    """What Xero would refuse, by what it told just now."""
    return (*_whole(journal, known.organisation), *_lines(journal, known.accounts), *_tracking(journal, known.categories))


def _whole(journal: JournalDocument, organisation: Organisation) -> Iterator[Problem]:
    if organisation.base_currency and organisation.base_currency != journal.base_currency:
        message = f"the base currency of {organisation.name} is {organisation.base_currency}, not {journal.base_currency}"
        yield Problem(line=None, code="base-currency", message=message)
    locked = organisation.locked_until
    if locked is not None and journal.accounting_date <= locked:
        yield Problem(
            line=None, code="period-closed", message=f"Xero is locked until {locked}, and this journal is on {journal.accounting_date}"
        )


def _lines(journal: JournalDocument, accounts: Mapping[str, Account]) -> Iterator[Problem]:
    for line in journal.lines:
        code, known = line.account_code, accounts.get(line.account_code)
        if known is None:
            yield Problem(line=line.line, code="unknown-account", message=f"{code} is not in Xero's chart of accounts")
        elif not known.account.active:
            yield Problem(line=line.line, code="inactive-account", message=f"account {code} is archived in Xero")
        elif known.refused is not None:
            message = f"account {code} is {known.refused}, on which Xero takes no manual journals: map it to a clearing account"
            yield Problem(line=line.line, code="account-refused", message=message)


def _tracking(journal: JournalDocument, categories: Categories) -> Iterator[Problem]:
    for line in journal.lines:
        for name, option in line.dimensions.items():
            if option not in categories.get(name, ()):
                missing = f"tracking category {name}" if name not in categories else f"option {option} in the tracking category {name}"
                yield Problem(line=line.line, code="unknown-dimension", message=f"there is no active {missing} in Xero")


def _account(code: str, item: Mapping[str, Any]) -> Account:
    kind, system = as_text(item.get("Type")), as_text(item.get("SystemAccount"))
    found = ErpAccount(code=code, name=as_text(item.get("Name"), 200), type=system or kind or None, active=item.get("Status") == "ACTIVE")
    return Account(account=found, refused=_SYSTEM.get(system) or _TYPES.get(kind))


def _listed(reply: Reply, name: str) -> list[Mapping[str, Any]] | None:
    if not isinstance(reply, HttpAnswer) or reply.status != 200:
        return None
    items = as_object(read_json(reply)).get(name)
    return as_objects(items) if isinstance(items, list) else None
