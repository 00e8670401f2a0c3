"""What a journal entry needs of an Odoo company, and what is wrong with a journal by it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.odoo.dialect import Dialect
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooJournal:
    """The journal that is posted to, and its company."""

    id: int
    code: str
    company_id: int
    active: bool

    @property
    def context(self) -> Mapping[str, Any]:
        """For every call: this company alone."""
        return {"allowed_company_ids": [self.company_id]}

    @property
    def with_archived(self) -> Mapping[str, Any]:
        """For reading what may be out of use too."""
        return {**self.context, "active_test": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooCurrency:
    """`step` is the least amount, such as 0.01: Odoo rounds to it silently."""

    id: int
    code: str
    active: bool
    step: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooAccount:
    id: int
    code: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytic:
    """An analytic account that is in use: its code and its name, and the name of its plan, None in versions without plans."""

    id: int
    names: frozenset[str]
    plan: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What was read for some journals. Currencies and accounts by code; `locked_until` is the last day that takes no entries."""

    journal: OdooJournal
    dialect: Dialect
    base: OdooCurrency
    locked_until: date | None
    currencies: Mapping[str, OdooCurrency]
    accounts: Mapping[str, OdooAccount]
    analytics: Sequence[Analytic] = ()

    def analytics_of(self, line: JournalLine) -> list[Analytic | None]:
        """One for each dimension of the line, in the order of their names; None where there is none, or more than one."""
        found = []
        for plan, value in sorted(line.dimensions.items()):
            fitting = [each for each in self.analytics if value in each.names and each.plan in (plan, None)]
            found.append(fitting[0] if len(fitting) == 1 else None)
        return found


def book_problems(document: JournalDocument, books: Books) -> tuple[Problem, ...]:
    """What Odoo would refuse, or change silently."""
    return (*_company(document, books), *_amounts(document, books), *_lines(document, books))


def _company(document: JournalDocument, books: Books) -> Iterator[Problem]:
    if not books.journal.active:
        yield Problem(line=None, code="inactive-journal", message=f"the journal {books.journal.code} is archived in Odoo")
    if document.base_currency != books.base.code:
        message = f"the company keeps its books in {books.base.code}, not in {document.base_currency}"
        yield Problem(line=None, code="base-currency", message=message)
    if books.locked_until is not None and document.accounting_date <= books.locked_until:
        message = f"{document.accounting_date} is locked: Odoo takes entries of the days after {books.locked_until}"
        yield Problem(line=None, code="period-closed", message=message)
    currency = books.currencies.get(document.currency)
    if currency is None or not currency.active:
        yield Problem(line=None, code="inactive-currency", message=f"{document.currency} is not activated in Odoo")


def _amounts(document: JournalDocument, books: Books) -> Iterator[Problem]:
    currency = books.currencies.get(document.currency)
    for line in document.lines:
        for amount, of in dict.fromkeys(((line.amount, currency), (line.base_amount, books.base))):
            if of is not None and amount % of.step:
                message = f"{amount} {of.code} is finer than {of.step}, and Odoo would round it"
                yield Problem(line=line.line, code="too-many-decimals", message=message)


def _lines(document: JournalDocument, books: Books) -> Iterator[Problem]:
    for line in document.lines:
        account = books.accounts.get(line.account_code)
        if account is None:
            yield Problem(line=line.line, code="unknown-account", message=f"there is no account {line.account_code} in Odoo")
        elif not account.active:
            yield Problem(line=line.line, code="inactive-account", message=f"the account {line.account_code} is out of use in Odoo")
        if books.dialect.analytic == "one" and len(line.dimensions) > 1:
            message = "this version of Odoo takes one analytic account for a line, not one for each plan"
            yield Problem(line=line.line, code="too-many-dimensions", message=message)
        for (plan, value), analytic in zip(sorted(line.dimensions.items()), books.analytics_of(line), strict=True):
            if analytic is None:
                message = f"there is not exactly one analytic account {value} in the plan {plan} of Odoo"
                yield Problem(line=line.line, code="unknown-dimension", message=message)
