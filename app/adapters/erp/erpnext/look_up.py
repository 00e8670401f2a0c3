"""What ERPNext has of our journals, and what it needs to know to take them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from app.adapters.erp.erpnext.client import MOST_CHARACTERS, MOST_VALUES, Doc, Filter, Step
from app.adapters.erp.erpnext.reference_data import (
    ACCOUNT_FIELDS,
    Account,
    Company,
    by_code,
    last_day,
    open_dates,
    read_account,
    read_company,
)
from app.adapters.erp.erpnext.settings import ErpNextSettings
from app.adapters.erp.exact_json import as_date, as_decimal, as_text
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.booked import BookedEntry
from app.domain.delivery import Unknown
from app.domain.local_validation import OpenPeriod

JOURNAL_ENTRY = "Journal Entry"
ENTRY_FIELDS = ("name", "posting_date", "account", "debit", "credit", "voucher_type", "voucher_no")
UNREADABLE = Unknown(reason="the answer cannot be read")
Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class Place:
    """What ERPNext has under one reference, as the names of its entries: drafts, posted ones and cancelled ones."""

    drafts: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)


async def look_up(step: Step, references: Sequence[str], settings: ErpNextSettings) -> dict[str, Place] | StatusOutcome:
    """By the field of our reference, in this company."""
    places = {reference: Place() for reference in references}
    for some in chunks(list(places)):
        filters: list[Filter] = [("company", "=", settings.company), (settings.reference_field, "in", some)]
        rows = await step.rows(JOURNAL_ENTRY, ("name", "docstatus", settings.reference_field), filters)
        if isinstance(rows, StatusOutcome):
            return rows
        for row in rows:
            place, name = places.get(as_text(row.get(settings.reference_field), 140)), as_text(row.get("name"), 200)
            if place is None or not name or row.get("docstatus") not in (0, 1, 2):
                return UNREADABLE
            (place.drafts, place.posted, place.cancelled)[row["docstatus"]].append(name)
    return places


async def read_accounts(step: Step, codes: Collection[str], company: str) -> dict[str, Account] | StatusOutcome:
    """The accounts of these codes; what is not there is left out."""
    found: list[Account] = []
    for some in chunks(sorted(codes)):
        either: list[Filter] = [("account_number", "in", some), ("name", "in", some)]
        rows = await step.rows("Account", ACCOUNT_FIELDS, [("company", "=", company)], either)
        if isinstance(rows, StatusOutcome):
            return rows
        found += [account for row in rows if (account := read_account(row)) is not None]
    return by_code(list(dict.fromkeys(found)), sorted(codes))


async def company_of(step: Step, name: str) -> Company | StatusOutcome:
    doc = await step.read("Company", name)
    return doc if isinstance(doc, StatusOutcome) else read_company(doc) or UNREADABLE


async def dates_of(step: Step, company: Company, name: str) -> tuple[OpenPeriod, ...] | StatusOutcome:
    """The open dates: after what is frozen and after the last closing of a year, without the closed periods."""
    accounts_settings = await step.read("Accounts Settings", "Accounts Settings")
    if isinstance(accounts_settings, StatusOutcome):
        return accounts_settings
    closings = await step.rows("Period Closing Voucher", ("*",), [("company", "=", name), ("docstatus", "=", 1)])
    if isinstance(closings, StatusOutcome):
        return closings
    listed: list[Filter] = [
        ("company", "=", name),
        ("Closed Document", "document_type", "=", JOURNAL_ENTRY),
        ("Closed Document", "closed", "=", 1),
    ]
    periods = await step.rows("Accounting Period", ("*",), listed)
    if isinstance(periods, StatusOutcome):
        return periods
    closed = [_span(row) for row in periods if not row.get("disabled")]
    spans = [span for span in closed if span is not None]
    if len(spans) < len(closed):
        return UNREADABLE
    ends = [row.get("period_end_date") or row.get("posting_date") for row in closings]
    frozen = [accounts_settings.get("acc_frozen_upto"), None if company.frozen is None else company.frozen.isoformat()]
    return open_dates(last_day([*frozen, *ends]), spans)


async def ledger(step: Step, filters: Sequence[Filter], codes: Mapping[str, str]) -> list[BookedEntry] | StatusOutcome:
    """Entries of the general ledger that are in force. `codes` are those of accounts by name; others keep their name. The number is
    that of the voucher, and there is no reference yet."""
    rows = await step.rows("GL Entry", ENTRY_FIELDS, [("is_cancelled", "=", 0), *filters])
    if isinstance(rows, StatusOutcome):
        return rows
    entries = [_entry(row, codes) for row in rows]
    found = [entry for entry in entries if entry is not None]
    return found if len(found) == len(entries) else UNREADABLE


async def references_of(step: Step, numbers: Iterable[str], settings: ErpNextSettings) -> dict[str, str] | StatusOutcome:
    """Our reference by the name of the Journal Entry that has one."""
    found: dict[str, str] = {}
    for some in chunks(sorted(set(numbers))):
        rows = await step.rows(JOURNAL_ENTRY, ("name", settings.reference_field), [("name", "in", some)])
        if isinstance(rows, StatusOutcome):
            return rows
        found |= {as_text(row.get("name")): text for row in rows if (text := as_text(row.get(settings.reference_field), 140))}
    return found


def chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """As many as go into one filter."""
    some: list[str] = []
    for value in values:
        if some and (len(some) == MOST_VALUES or len(value) + sum(map(len, some)) > MOST_CHARACTERS):
            yield some
            some = []
        some.append(value)
    if some:
        yield some


def _span(row: Doc) -> tuple[date, date] | None:
    first, last = as_date(row.get("start_date")), as_date(row.get("end_date"))
    return None if first is None or last is None else (first, last)


def _entry(row: Doc, codes: Mapping[str, str]) -> BookedEntry | None:
    day, debit, credit = as_date(row.get("posting_date")), as_decimal(row.get("debit")), as_decimal(row.get("credit"))
    account, number = as_text(row.get("account"), 200), as_text(row.get("voucher_no"), 200)
    if day is None or debit is None or credit is None or not account or not number:
        return None
    code = codes.get(account, account)
    return BookedEntry(reference=None, number=number, accounting_date=day, account_code=code, amount=debit - credit)
