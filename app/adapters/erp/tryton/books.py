"""Tryton's ledger, read back for reconciliation."""

from collections.abc import Collection, Sequence
from datetime import date

from app.adapters.erp.exact_json import as_object, as_text
from app.adapters.erp.outcomes import as_look_up
from app.adapters.erp.tryton.calls import Record, TrytonCalls
from app.adapters.erp.tryton.move_values import MAX_CODE, MAX_TEXT
from app.adapters.erp.tryton.moves import reference_of
from app.adapters.erp.tryton.reading import Reading
from app.adapters.erp.tryton.records import Company
from app.adapters.erp.tryton.settings import TrytonSettings
from app.adapters.erp.tryton.values import from_date, nested, to_date, to_decimal
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell

FIELDS = ("debit", "credit", "account.code", "move.number", "move.date", "move.description", "move.journal.code")


async def read_entries(
    calls: TrytonCalls, settings: TrytonSettings, accounts: Collection[str], since: date, as_of: date
) -> Sequence[BookedEntry] | CannotTell:
    """The posted lines of these accounts, in the order in which they were made."""
    reading = Reading(calls, settings)
    company = await reading.company()
    if not isinstance(company, Company):
        return as_look_up(company)
    domain = [
        *(["move.company", "=", company.id], ["move.state", "=", "posted"]),
        *(["move.date", ">=", from_date(since)], ["move.date", "<=", from_date(as_of)]),
        ["account.code", "in", sorted(accounts)],
    ]
    found = await reading.everything("account.move.line", domain, FIELDS, lambda record: read_entry(record, settings.journal))
    return found if isinstance(found, list) else as_look_up(found)


def read_entry(record: Record, journal: str) -> BookedEntry | None:
    """A line of a posted move; None where it is anything else. Only in our journal does the front of a description tell our reference."""
    move, account = as_object(nested(record, "move")), as_object(nested(record, "account"))
    debit, credit = to_decimal(record.get("debit")), to_decimal(record.get("credit"))
    day, number = to_date(move.get("date")), as_text(move.get("number"), MAX_CODE)
    code = as_text(account.get("code"), MAX_CODE)
    if debit is None or credit is None or day is None or not number or not code:
        return None
    is_ours = as_object(nested(move, "journal")).get("code") == journal
    reference = reference_of(as_text(move.get("description"), MAX_TEXT)) if is_ours else None
    return BookedEntry(reference=reference, number=number, accounting_date=day, account_code=code, amount=debit - credit)
