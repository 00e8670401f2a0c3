"""Xero's manual journals as it answers them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_decimal, as_object, as_objects, as_text, read_json
from app.domain.booked import BookedEntry
from app.domain.journal import REFERENCE_MAX

NO_ID = "00000000-0000-0000-0000-000000000000"
"""Xero's id of what it did not make."""

BOOKED = frozenset({"POSTED", "ARCHIVED"})
"""An archived one is in the ledger, and out of the list of the screen."""

_MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualJournal:
    """`entries` None where the answer does not tell the lines. `tax` is the sum of what Xero added to the lines, signs dropped."""

    id: str | None
    narration: str
    status: str
    failed: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    entries: tuple[BookedEntry, ...] | None
    tax: Decimal


def read_manual_journals(answer: HttpAnswer) -> tuple[ManualJournal, ...] | None:
    """None where the answer is anything else."""
    listed = as_object(read_json(answer)).get("ManualJournals")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return None
    return tuple(read_manual_journal(item) for item in listed)


def read_manual_journal(item: Mapping[str, Any]) -> ManualJournal:
    """One element of an answer, or of a refusal."""
    number, narration = as_text(item.get("ManualJournalID")), as_text(item.get("Narration"), 10_000)
    return ManualJournal(
        id=number if number and number != NO_ID else None,
        narration=narration,
        status=as_text(item.get("Status")),
        failed=item.get("StatusAttributeString") == "ERROR",
        errors=_messages(item.get("ValidationErrors")),
        warnings=_messages(item.get("Warnings")),
        entries=_entries(item, number, narration),
        tax=sum((abs(as_decimal(line.get("TaxAmount")) or Decimal(0)) for line in as_objects(item.get("JournalLines"))), Decimal(0)),
    )


def read_date(value: object) -> date | None:
    """`/Date(1552521600000+0000)/`, midnight of the day in UTC, or `2019-03-14` with or without a time; None where it is no date."""
    text = as_text(value)
    try:
        if (match := _MILLISECONDS.fullmatch(text)) is not None:
            return (_EPOCH + timedelta(milliseconds=int(match[1]))).date()
        return datetime.fromisoformat(text).date()
    except (ValueError, OverflowError):
        return None


def _entries(item: Mapping[str, Any], number: str, narration: str) -> tuple[BookedEntry, ...] | None:
    lines, day = item.get("JournalLines"), read_date(item.get("Date"))
    if not isinstance(lines, list) or not lines or day is None:
        return None
    entries, reference = [], narration if len(narration) <= REFERENCE_MAX else None
    for line in as_objects(lines):
        amount = as_decimal(line.get("LineAmount"))
        if line.get("IsBlank") is True or amount is None:
            continue
        code = as_text(line.get("AccountCode"))
        entries.append(BookedEntry(reference=reference, number=number, accounting_date=day, account_code=code, amount=amount))
    return tuple(entries)


def _messages(listed: object) -> tuple[str, ...]:
    return tuple(message for item in as_objects(listed) if (message := as_text(item.get("Message"))))
