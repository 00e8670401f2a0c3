"""Reading an Odoo company live: its journal, what is locked, its currencies, accounts and analytic accounts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from app.adapters.erp.odoo.books import Analytic, Books, OdooAccount, OdooCurrency, OdooJournal
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.dialect import Dialect
from app.adapters.erp.odoo.records import day_or_none, decimal, linked_id, linked_name, record_id, records, text, text_or_none
from app.adapters.erp.odoo.reply import Failed, understood
from app.adapters.erp.odoo.settings import OdooSettings
from app.domain.delivery import Misconfigured
from app.domain.journal import JournalDocument

Read = TypeVar("Read")


async def open_books(odoo: Odoo, settings: OdooSettings) -> tuple[Dialect, OdooJournal] | Failed:
    """Signs in and finds the journal: by its code, in the company that the settings name, where they name one."""
    dialect = await odoo.begin()
    if isinstance(dialect, Failed):
        return dialect
    journal = await _read_journal(odoo, settings)
    return journal if isinstance(journal, Failed) else (dialect, journal)


async def _read_journal(odoo: Odoo, settings: OdooSettings) -> OdooJournal | Failed:
    domain: list[Any] = [["code", "=", settings.journal]]
    if settings.company_id is not None:
        domain.append(["company_id", "=", settings.company_id])
    found = await _search(odoo, "account.journal", domain, ["code", "company_id", "active"], {"active_test": False}, _journal)
    if isinstance(found, Failed):
        return found
    if len(found) == 1:
        return found[0]
    lacks = f"{len(found)} companies have a journal {settings.journal}" if found else f"there is no journal {settings.journal}"
    return Failed(outcome=Misconfigured(reason=f"{lacks}: see the settings journal and company_id"), told=True)


async def read_books(odoo: Odoo, dialect: Dialect, journal: OdooJournal, documents: Sequence[JournalDocument]) -> Books | Failed:
    """What these journals need. What of it Odoo does not have, the answer does not have either."""
    company = await read_company(odoo, dialect, journal)
    if isinstance(company, Failed):
        return company
    base_id, locked_until = company
    currencies = await _read_currencies(odoo, journal, {document.currency for document in documents}, base_id)
    if isinstance(currencies, Failed):
        return currencies
    accounts = await read_accounts(odoo, dialect, journal, {line.account_code for document in documents for line in document.lines})
    if isinstance(accounts, Failed):
        return accounts
    values = {value for document in documents for line in document.lines for value in line.dimensions.values()}
    analytics = await _read_analytics(odoo, dialect, journal, values)
    if isinstance(analytics, Failed):
        return analytics
    return Books(
        journal=journal,
        dialect=dialect,
        base=currencies[base_id],
        locked_until=locked_until,
        currencies={each.code: each for each in currencies.values()},
        accounts={each.code: each for each in accounts},
        analytics=analytics,
    )


async def read_company(odoo: Odoo, dialect: Dialect, journal: OdooJournal) -> tuple[int, date | None] | Failed:
    """The id of its currency, and the last day that is locked for this user; None where none is."""

    def read(company: Mapping[str, Any]) -> tuple[int, date | None]:
        days = [day for name in dialect.lock_fields if (day := day_or_none(company[name])) is not None and day > date.min]
        return linked_id(company["currency_id"]), max(days, default=None)

    domain = [["id", "=", journal.company_id]]
    found = await _search(odoo, "res.company", domain, ["currency_id", *dialect.lock_fields], journal.with_archived, read)
    if isinstance(found, Failed):
        return found
    return found[0] if found else Failed(outcome=Misconfigured(reason="the journal's company cannot be read"))


async def read_accounts(odoo: Odoo, dialect: Dialect, journal: OdooJournal, codes: set[str]) -> Sequence[OdooAccount] | Failed:
    """Those of these codes that there are, out of use or not."""

    def read(account: Mapping[str, Any]) -> OdooAccount:
        active = (account[dialect.account_use] is True) == dialect.archived_accounts
        return OdooAccount(id=record_id(account["id"]), code=text(account["code"]), active=active)

    return await _search(
        odoo, "account.account", [["code", "in", sorted(codes)]], ["code", dialect.account_use], journal.with_archived, read
    )


async def _read_currencies(odoo: Odoo, journal: OdooJournal, codes: set[str], base_id: int) -> Mapping[int, OdooCurrency] | Failed:
    domain = ["|", ["id", "=", base_id], ["name", "in", sorted(codes)]]
    found = await _search(odoo, "res.currency", domain, ["name", "active", "rounding"], journal.with_archived, _currency)
    if isinstance(found, Failed):
        return found
    by_id = {each.id: each for each in found}
    return by_id if base_id in by_id else Failed(outcome=Misconfigured(reason="the company's currency cannot be read"))


async def _read_analytics(odoo: Odoo, dialect: Dialect, journal: OdooJournal, values: set[str]) -> Sequence[Analytic] | Failed:
    if not values:
        return ()
    fields = ["code", "name", *([] if dialect.analytic == "one" else ["root_plan_id"])]
    domain = ["&", ["active", "=", True], "|", ["code", "in", sorted(values)], ["name", "in", sorted(values)]]
    return await _search(odoo, "account.analytic.account", domain, fields, journal.context, _analytic)


async def _search(
    odoo: Odoo,
    model: str,
    domain: Sequence[Any],
    fields: Sequence[str],
    context: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], Read],
) -> list[Read] | Failed:
    reply = await odoo.call(model, "search_read", domain=domain, fields=fields, order="id", context=context)
    return understood(reply, lambda value: [read(each) for each in records(value)])


def _journal(record: Mapping[str, Any]) -> OdooJournal:
    company_id = linked_id(record["company_id"])
    return OdooJournal(id=record_id(record["id"]), code=text(record["code"]), company_id=company_id, active=record["active"] is True)


def _currency(record: Mapping[str, Any]) -> OdooCurrency:
    step = decimal(record["rounding"])
    if step <= 0:
        raise ValueError("a currency has a least amount")
    return OdooCurrency(id=record_id(record["id"]), code=text(record["name"]), active=record["active"] is True, step=step)


def _analytic(record: Mapping[str, Any]) -> Analytic:
    names = frozenset(name for name in (text_or_none(record["code"]), text_or_none(record["name"])) if name is not None)
    plan = record.get("root_plan_id")
    return Analytic(id=record_id(record["id"]), names=names, plan=linked_name(plan) if plan else None)
