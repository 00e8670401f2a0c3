"""What NetSuite's answers mean. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import as_date, as_decimal, as_object, as_objects, as_text, read_json
from app.adapters.erp.outcomes import StatusOutcome, outcome_of, retry_after
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import Absent, Problem, Throttled, Unknown
from app.domain.journal import JournalDocument

THROTTLED = frozenset({"WS_REQUEST_BLOCKED", "SSS_REQUEST_LIMIT_EXCEEDED", "WS_CONCUR_SESSION_DISALLWD"})
"""Codes that mean "too many at once", whatever the status says (Oracle, "Errors Related to Concurrency Violations")."""
NOT_THERE = "NONEXISTENT_ID"
MAX_MESSAGE = 1_000
_LINE = re.compile(r"^line\.items\[(\d{1,6})\]")
UNREADABLE = Unknown(reason="the answer cannot be read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What the ledger has of one journal. `number` is NetSuite's own, the entry number."""

    number: str
    voided: bool
    entries: tuple[BookedEntry, ...]


def outcome(result: HttpResult, journal: JournalDocument | None = None) -> StatusOutcome:
    """What anything but the success means; `o:errorDetails` name the lines of `journal`."""
    if not isinstance(result, HttpAnswer):
        return outcome_of(result)
    details = _details(result)
    if any(detail.get("o:errorCode") in THROTTLED for detail in details):
        return Throttled(retry_after=retry_after(result))
    return outcome_of(result, [_problem(detail, journal) for detail in details])


def read_record(reference: str, result: HttpResult) -> str | Absent | StatusOutcome:
    """The number of the record with this external id. Absent only where NetSuite says that there is no such record."""
    if isinstance(result, HttpAnswer) and result.status == 404:
        codes = {detail.get("o:errorCode") for detail in _details(result)}
        return Absent() if codes == {NOT_THERE} else outcome(result)
    if not isinstance(result, HttpAnswer) or result.status != 200:
        return outcome(result)
    record = as_object(read_json(result))
    number = as_text(record.get("tranId"), 100) or as_text(record.get("id"), 20)
    return number if record.get("externalId") == reference and number else UNREADABLE


def read_made(result: HttpResult, journal: JournalDocument) -> StatusOutcome | None:
    """None where the record was made: 204, with the place of a journal entry."""
    if isinstance(result, HttpAnswer) and result.status == 204 and "/journalentry/" in result.headers.get("location", "").lower():
        return None
    return outcome(result, journal)


def read_rows(result: HttpResult) -> tuple[list[Mapping[str, Any]], bool] | StatusOutcome:
    """The rows of a page of SuiteQL, and whether there are more."""
    if not isinstance(result, HttpAnswer) or result.status != 200:
        return outcome(result)
    body = as_object(read_json(result))
    rows, more = body.get("items"), body.get("hasMore")
    if not isinstance(rows, list) or not isinstance(more, bool):
        return UNREADABLE
    return as_objects(rows), more


def read_ledger(rows: Sequence[Mapping[str, Any]]) -> dict[str, Posted] | None:
    """What is posted, by our reference; None where a row cannot be read: part of a journal says nothing about it."""
    found: dict[str, Posted] = {}
    for row in rows:
        entry = read_entry(row)
        if entry is None or entry.reference is None:
            return None
        before = found.get(entry.reference)
        if before is not None and before.number != entry.number:
            return None
        earlier = before.entries if before is not None else ()
        found[entry.reference] = Posted(number=entry.number, voided=row.get("voided") == "T", entries=(*earlier, entry))
    return found


def read_entry(row: Mapping[str, Any]) -> BookedEntry | None:
    """A posted line; None where it cannot be read. What NetSuite posted to another period counts as of that period's first day."""
    debit, credit = as_decimal(row.get("debit", 0)), as_decimal(row.get("credit", 0))
    number = as_text(row.get("tranid"), 100) or as_text(row.get("id"), 20)
    day, account = _posted_on(row), as_text(row.get("acctnumber"), 100)
    if debit is None or credit is None or day is None or not number or not account:
        return None
    reference = as_text(row.get("externalid"), 100) or None
    return BookedEntry(reference=reference, number=number, accounting_date=day, account_code=account, amount=debit - credit)


def told_differences(journal: JournalDocument, posted: Posted) -> tuple[Problem, ...]:
    """How what is posted differs from the journal."""
    voided = (Problem(line=None, code="voided", message=f"{posted.number} was voided in NetSuite"),) if posted.voided else ()
    return (*voided, *differences(journal, posted.entries))


def _posted_on(row: Mapping[str, Any]) -> date | None:
    day, first, last = (as_date(row.get(name)) for name in ("trandate", "periodstart", "periodend"))
    if day is None or first is None or last is None or first <= day <= last:
        return day
    return first


def _details(answer: HttpAnswer) -> list[Mapping[str, Any]]:
    return as_objects(as_object(read_json(answer)).get("o:errorDetails"))


def _problem(detail: Mapping[str, Any], journal: JournalDocument | None) -> Problem:
    code = as_text(detail.get("o:errorCode"), 100).lower().replace("_", "-")
    message = as_text(detail.get("detail"), MAX_MESSAGE) or "NetSuite gave no reason"
    return Problem(line=_line_of(detail.get("o:errorPath"), journal), code=code or "refused", message=message)


def _line_of(path: object, journal: JournalDocument | None) -> int | None:
    """`line.items[0].account` is the first of our lines."""
    found = _LINE.match(path) if isinstance(path, str) else None
    if found is None or journal is None or int(found[1]) >= len(journal.lines):
        return None
    return journal.lines[int(found[1])].line
