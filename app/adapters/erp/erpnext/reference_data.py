"""What a company of ERPNext says of itself: its accounts, its currency, and which dates are closed. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.adapters.erp.exact_json import as_date, as_text
from app.domain.delivery import Problem
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument, JournalLine
from app.domain.local_validation import OpenPeriod

ACCOUNT_FIELDS = ("name", "account_number", "account_name", "account_type", "account_currency", "report_type", "is_group", "disabled")
PARTY_TYPES = ("Receivable", "Payable")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`name` is ERPNext's id, such as "2110 - GRNI - ABC"; `code` its account number, or the name where it has none. `currency` is empty
    where it is kept in the company's."""

    name: str
    code: str
    title: str
    type: str
    currency: str
    profit_and_loss: bool
    is_group: bool
    disabled: bool

    def as_chart(self) -> ErpAccount:
        return ErpAccount(code=self.code, name=self.title, type=self.type or None, active=not self.disabled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`cost_center`: the one that lines of the income statement get where they name none. `frozen`: the last day that is closed."""

    currency: str
    cost_center: str
    frozen: date | None


def read_account(row: Mapping[str, Any]) -> Account | None:
    """None where it has no name."""
    name = as_text(row.get("name"), 200)
    if not name:
        return None
    return Account(
        name=name,
        code=as_text(row.get("account_number"), 100).strip() or name,
        title=as_text(row.get("account_name"), 200) or name,
        type=as_text(row.get("account_type"), 100),
        currency=as_text(row.get("account_currency"), 10),
        profit_and_loss=row.get("report_type") == "Profit and Loss",
        is_group=row.get("is_group") != 0,
        disabled=bool(row.get("disabled")),
    )


def read_company(body: Mapping[str, Any]) -> Company | None:
    """None where its currency is missing. From version 16 on the last closed day is here, before that in the Accounts Settings."""
    currency = as_text(body.get("default_currency"), 10)
    frozen = as_date(body.get("accounts_frozen_till_date"))
    return Company(currency=currency, cost_center=as_text(body.get("cost_center"), 200), frozen=frozen) if currency else None


def by_code(accounts: Sequence[Account], codes: Sequence[str]) -> dict[str, Account]:
    """The account of each code: by its number, else by its name. A number that two accounts have names none."""
    found: dict[str, Account] = {}
    for code in codes:
        numbered = [account for account in accounts if account.code == code]
        named = [account for account in accounts if account.name == code]
        if len(numbered or named) == 1:
            found[code] = (numbered or named)[0]
    return found


def account_problems(journal: JournalDocument, accounts: Mapping[str, Account], company: Company) -> Iterator[Problem]:
    """What stands against booking it on these accounts."""
    if company.currency != journal.base_currency:
        message = f"the company's currency is {company.currency}, not {journal.base_currency}"
        yield Problem(line=None, code="wrong-base-currency", message=message)
    for line in journal.lines:
        account = accounts.get(line.account_code)
        if account is None:
            yield Problem(line=line.line, code="unknown-account", message=f"{line.account_code} is not in the chart of accounts")
        elif (refused := _refusal(line, account, journal, company)) is not None:
            yield Problem(line=line.line, code="account-refused", message=f"account {line.account_code} {refused}")


def _refusal(line: JournalLine, account: Account, journal: JournalDocument, company: Company) -> str | None:
    if account.is_group:
        return "is a group, not an account that is posted to"
    if account.disabled:
        return "is disabled"
    if account.type in PARTY_TYPES and not (line.dimensions.get("party_type") and line.dimensions.get("party")):
        return f"is a {account.type} account: each line on it needs party_type and party, which only the endpoint's mapping can give"
    if account.currency not in ("", journal.base_currency, journal.currency):
        return f"is kept in {account.currency}, the journal is in {journal.currency}"
    if account.profit_and_loss and not (line.dimensions.get("cost_center") or company.cost_center):
        return "needs a cost center: the mapping gives none, and the company has no default"
    return None


def closed_problems(journal: JournalDocument, open_dates: Sequence[OpenPeriod]) -> Iterator[Problem]:
    day = journal.accounting_date
    if not any(period.starts_on <= day <= period.ends_on for period in open_dates):
        yield Problem(line=None, code="period-closed", message=f"{day} is frozen or lies in a closed period of ERPNext")


def last_day(values: Sequence[object]) -> date | None:
    """The latest of these dates."""
    return max((day for value in values if (day := as_date(value)) is not None), default=None)


def open_dates(frozen: date | None, closed: Sequence[tuple[date, date]]) -> tuple[OpenPeriod, ...]:
    """All that is after the last closed day, but for the closed periods."""
    start, found = (date.min if frozen is None else frozen + ONE_DAY), list[OpenPeriod]()
    for first, last in sorted(closed):
        if first > start:
            found.append(_period(start, first - ONE_DAY))
        start = max(start, last + ONE_DAY)
    return (*found, _period(start, date.max))


def _period(first: date, last: date) -> OpenPeriod:
    until = "" if last == date.max else f" to {last}"
    return OpenPeriod(name=f"from {first}{until}", starts_on=first, ends_on=last)
