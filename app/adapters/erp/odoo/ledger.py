"""Odoo's ledger read back: the posted journal items of some accounts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from app.adapters.erp.odoo.books import OdooJournal
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.reading import open_books, read_accounts
from app.adapters.erp.odoo.records import day, decimal, linked_id, record_id, records, text, text_or_none
from app.adapters.erp.odoo.reply import Failed, understood
from app.adapters.erp.odoo.settings import OdooSettings
from app.adapters.erp.outcomes import as_look_up
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell

PAGE = 2_000
FIELDS = ("move_name", "ref", "date", "account_id", "balance")


async def read_entries(
    odoo: Odoo, settings: OdooSettings, accounts: Collection[str], since: date, as_of: date
) -> Sequence[BookedEntry] | CannotTell:
    """All of them, whoever booked them, in the order in which Odoo made them."""
    opened = await open_books(odoo, settings)
    if isinstance(opened, Failed):
        return _cannot_tell(opened)
    dialect, journal = opened
    known = await read_accounts(odoo, dialect, journal, set(accounts))
    if isinstance(known, Failed):
        return _cannot_tell(known)
    codes, entries, after = {account.id: account.code for account in known}, list[BookedEntry](), 0
    domain = [
        ["parent_state", "=", "posted"],
        ["company_id", "=", journal.company_id],
        ["account_id", "in", sorted(codes)],
        ["date", ">=", since.isoformat()],
        ["date", "<=", as_of.isoformat()],
    ]
    while codes:
        page = await _page(odoo, journal, [*domain, ["id", ">", after]], codes)
        if isinstance(page, Failed):
            return _cannot_tell(page)
        entries.extend(entry for _, entry in page)
        if len(page) < PAGE:
            break
        after = page[-1][0]
    return entries


async def _page(
    odoo: Odoo, journal: OdooJournal, domain: Sequence[Any], codes: Mapping[int, str]
) -> list[tuple[int, BookedEntry]] | Failed:
    reply = await odoo.call(
        "account.move.line", "search_read", domain=domain, fields=FIELDS, order="id", limit=PAGE, context=journal.context
    )
    return understood(reply, lambda value: [(record_id(each["id"]), _entry(each, codes)) for each in records(value)])


def _entry(line: Mapping[str, Any], codes: Mapping[int, str]) -> BookedEntry:
    return BookedEntry(
        reference=text_or_none(line["ref"]),
        number=text(line["move_name"]),
        accounting_date=day(line["date"]),
        account_code=codes[linked_id(line["account_id"])],
        amount=decimal(line["balance"]),
    )


def _cannot_tell(failed: Failed) -> CannotTell:
    return as_look_up(failed.before_anything)
