"""Xero's ledger read back: from its Journals (all that is booked, by whatever it came), or from manual journals alone. Pure.

https://developer.xero.com/documentation/api/accounting/journals: at most 100 in an answer, oldest first; `offset` is the number after
which they begin; NetAmount is positive for a debit; SourceID is what a journal came from. A journal that was voided stands there, and
its reversal too.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_decimal, as_object, as_objects, as_text, read_json
from app.adapters.erp.xero.manual_journals import BOOKED, ManualJournal, read_date
from app.adapters.erp.xero.payload import API
from app.domain.booked import BookedEntry
from app.domain.journal import REFERENCE_MAX

MAX_PAGE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Lines of manual journals have the id of their manual journal as `number` still; `last` is where the next page begins, None
    where there is none."""

    entries: tuple[tuple[str, BookedEntry], ...]
    last: int | None


def journals_path(offset: int) -> str:
    return f"{API}/Journals?offset={offset}"


def modified_since(since: date, ahead_days: int) -> dict[str, str]:
    """The header that leaves out what was made long before the first accounting date."""
    earliest = since.toordinal() - ahead_days
    return {"if-modified-since": f"{date.fromordinal(max(earliest, 1)).isoformat()}T00:00:00"}


def manual_journals_path(since: date, as_of: date, page: int) -> str:
    """Manual journals of these dates, both included."""
    after = as_of + timedelta(days=1) if as_of < date.max else as_of
    where = f"Date>={_date_time(since)} AND Date<{_date_time(after)}"
    return f"{API}/ManualJournals?where={quote(where, safe='')}&order=Date&page={page}"


def read_page(answer: HttpAnswer, accounts: Collection[str], since: date, as_of: date) -> Page | None:
    """The lines on these accounts between these dates, each with the id of what it came from. None where the answer is anything else."""
    listed = as_object(read_json(answer)).get("Journals")
    if not isinstance(listed, list):
        return None
    journals, entries, last = as_objects(listed), list[tuple[str, BookedEntry]](), 0
    for journal in journals:
        day, number = read_date(journal.get("JournalDate")), journal.get("JournalNumber")
        if day is None or not isinstance(number, int) or number <= 0:
            return None
        last = max(last, number)
        if since <= day <= as_of:
            entries += ((as_text(journal.get("SourceID")), entry) for entry in _lines(journal, str(number), day, accounts))
    return Page(entries=tuple(entries), last=last if journals else None)


def named(entries: Collection[tuple[str, BookedEntry]], manual_journals: Collection[ManualJournal]) -> list[BookedEntry]:
    """Each line with the narration, and the id as its number, of the manual journal that it came from."""
    known = {each.id: each for each in manual_journals}
    return [_named(entry, known.get(source)) for source, entry in entries]


def of_manual_journals(listed: Collection[ManualJournal], accounts: Collection[str], since: date, as_of: date) -> list[BookedEntry] | None:
    """The lines of manual journals alone. None where the lines of one are not told."""
    booked = [each for each in listed if each.status in BOOKED]
    if any(each.entries is None for each in booked):
        return None
    lines = (entry for each in booked for entry in each.entries or ())
    return [entry for entry in lines if entry.account_code in accounts and since <= entry.accounting_date <= as_of]


def _named(entry: BookedEntry, source: ManualJournal | None) -> BookedEntry:
    if source is None or source.id is None:
        return entry
    return BookedEntry(
        reference=source.narration if len(source.narration) <= REFERENCE_MAX else None,
        number=source.id,
        accounting_date=entry.accounting_date,
        account_code=entry.account_code,
        amount=entry.amount,
    )


def _lines(journal: Mapping[str, Any], number: str, day: date, accounts: Collection[str]) -> Iterator[BookedEntry]:
    for line in as_objects(journal.get("JournalLines")):
        code, amount = as_text(line.get("AccountCode")), as_decimal(line.get("NetAmount"))
        if code in accounts and amount is not None:
            yield BookedEntry(reference=None, number=number, accounting_date=day, account_code=code, amount=amount)


def _date_time(day: date) -> str:
    return f"DateTime({day.year}, {day.month:02}, {day.day:02})"
