"""What an endpoint tells of the journals it has booked, in any form that `response.Read` reads. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.adapters.erp.agreed.response import Read
from app.adapters.erp.answers import HttpAnswer, HttpResult, storable
from app.adapters.erp.outcomes import as_look_up, outcome_of
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import CannotTell, FindOutcome, FoundBooked, Problem
from app.domain.journal import JournalDocument

MAX_NEXT = 1_000
SIGNS = {"debit": 1, "credit": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the journals, and where the rest begins; None where there is no more."""

    entries: Sequence[BookedEntry]
    after: str | None


def read_page(read: Read, result: HttpResult) -> Page | CannotTell:
    """A page of `GET /journals`. What cannot be read whole is not read at all: a part of a ledger proves nothing."""
    if not isinstance(result, HttpAnswer):
        return as_look_up(outcome_of(result))
    if result.status != 200:
        reason = "the ERP does not list its journals" if result.status == 404 else f"the ERP answered {result.status}"
        return CannotTell(reason=reason)
    body = read(result)
    journals = body.get("journals") if isinstance(body, dict) else None
    after = body.get("next") if isinstance(body, dict) else None
    if not isinstance(journals, list) or not (after is None or (isinstance(after, str) and 0 < len(after) <= MAX_NEXT)):
        return CannotTell(reason="the list of journals cannot be read")
    found = [entries for each in journals if (entries := read_entries(each)) is not None]
    if len(found) < len(journals):
        return CannotTell(reason="a journal of the list cannot be read")
    return Page(entries=[entry for entries in found for entry in entries], after=after)


def compared(read: Read, outcome: FindOutcome, document: JournalDocument, result: HttpResult) -> FindOutcome:
    """What was found, with how it differs from what was sent where the answer has its lines."""
    if not isinstance(outcome, FoundBooked) or not isinstance(result, HttpAnswer):
        return outcome
    booked = read(result)
    entries = read_entries(booked)
    if entries is None or not isinstance(booked, dict):
        return outcome
    return replace(outcome, problems=(*_currency(document, booked.get("base_currency")), *differences(document, entries)))


def _currency(document: JournalDocument, currency: object) -> Iterator[Problem]:
    """Nothing where the ERP does not tell in what it keeps its books."""
    if isinstance(currency, str) and currency != document.base_currency:
        message = f"the ERP booked it in {storable(currency[:10])}, not in {document.base_currency}"
        yield Problem(line=None, code="booked-otherwise", message=message)


def read_entries(journal: object) -> Sequence[BookedEntry] | None:
    """The lines of a booked journal, none of a draft; None where it cannot be read."""
    if not isinstance(journal, dict) or not isinstance(journal.get("lines"), list):
        return None
    if journal.get("status") == "draft":
        return ()
    try:
        return [_entry(journal, line) for line in journal["lines"]]
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return None


def _entry(journal: Mapping[str, Any], line: Mapping[str, Any]) -> BookedEntry:
    amount = Decimal(_text(line["base_amount"]))
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount is a number, and the side gives its direction")
    return BookedEntry(
        reference=None if journal.get("reference") is None else _text(journal["reference"]),
        number=_text(journal["number"]),
        accounting_date=date.fromisoformat(journal["accounting_date"]),
        account_code=_text(line["account_code"]),
        amount=SIGNS[line["side"]] * amount,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text is expected")
    return storable(value)
