"""What Business Central's answers say of journals. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.adapters.erp.business_central.dimensions import has_dimensions
from app.adapters.erp.business_central.odata import OperationAnswer
from app.adapters.erp.business_central.payload import line_body
from app.adapters.erp.exact_json import as_date, as_decimal, as_object, as_objects, as_text
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument

MAX_MESSAGE = 1_000
_CORRELATION = re.compile(r"\s*CorrelationId:\s*\S*\s*$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A journal of ours that is not posted, or whose lines are posted and gone. `etag` is its version."""

    id: str
    code: str
    etag: str
    reference: str
    lines: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is there of one reference: posted entries, a journal, both or neither."""

    entries: tuple[BookedEntry, ...]
    draft: Draft | None

    @property
    def number(self) -> str:
        """Business Central's own number of what is posted: its first entry's."""
        return min(self.entries, key=lambda entry: int(entry.number)).number


def read_entry(row: Mapping[str, Any]) -> BookedEntry | None:
    """A general ledger entry; None where one of its fields is missing or has another form."""
    debit, credit = as_decimal(row.get("debitAmount")), as_decimal(row.get("creditAmount"))
    number, account, day = row.get("entryNumber"), as_text(row.get("accountNumber"), 20), as_date(row.get("postingDate"))
    if debit is None or credit is None or not isinstance(number, int) or isinstance(number, bool) or not account or day is None:
        return None
    return BookedEntry(
        reference=as_text(row.get("documentNumber"), 20) or None,
        number=str(number),
        accounting_date=day,
        account_code=account,
        amount=debit - credit,
    )


def read_entries(rows: Sequence[Mapping[str, Any]] | None) -> tuple[BookedEntry, ...] | None:
    """All or none: part of a document says nothing about it."""
    if rows is None:
        return None
    entries = [entry for row in rows if (entry := read_entry(row)) is not None]
    return tuple(entries) if len(entries) == len(rows) else None


def read_draft(row: Mapping[str, Any]) -> Draft | None:
    """A journal with its lines; None where it cannot be read whole."""
    lines = row.get("journalLines")
    found = {name: row.get(name) for name in ("id", "code", "@odata.etag", "displayName")}
    if not all(isinstance(value, str) and value for value in found.values()):
        return None
    if not isinstance(lines, list) or "journalLines@odata.nextLink" in row:
        return None
    return Draft(
        id=str(found["id"]),
        code=str(found["code"]),
        etag=str(found["@odata.etag"]),
        reference=str(found["displayName"]),
        lines=tuple(as_objects(lines)),
    )


def holds(draft: Draft, journal: JournalDocument) -> bool:
    """Whether posting the draft as it stands books exactly this journal."""
    there = sorted(draft.lines, key=lambda line: _whole(line.get("lineNumber")))
    return (
        draft.reference == journal.reference
        and len(journal.lines) == len(there)
        and all(_same(line_body(journal, line), row) and has_dimensions(line, row) for line, row in zip(journal.lines, there, strict=True))
    )


def told_differences(journal: JournalDocument, entries: Sequence[BookedEntry]) -> tuple[Problem, ...]:
    """How what is posted differs; codes of accounts are spelled as in the journal."""
    spelled = {line.account_code.upper(): line.account_code for line in journal.lines}
    return differences(
        journal,
        [
            BookedEntry(
                reference=entry.reference,
                number=entry.number,
                accounting_date=entry.accounting_date,
                account_code=spelled.get(entry.account_code, entry.account_code),
                amount=entry.amount,
            )
            for entry in entries
        ],
    )


def refusal(answer: OperationAnswer, line: int | None = None) -> Problem:
    """An error as OData tells it: `{"error": {"code": "Application_DialogException", "message": "…  CorrelationId:  …."}}`."""
    error = as_object(answer.body.get("error"))
    words = _WORDS.findall(as_text(error.get("code"), 100))
    code = "-".join(word.lower() for word in words)
    message = _CORRELATION.sub("", as_text(error.get("message"), MAX_MESSAGE))
    return Problem(
        line=line, code="refused" if code in ("", "unknown") else code, message=message or f"Business Central answered {answer.status}"
    )


def _same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    texts = ("accountNumber", "postingDate", "documentNumber", "description")
    return (
        all(theirs.get(name) == ours[name] for name in texts)
        and as_decimal(theirs.get("amount")) == ours["amount"]
        and theirs.get("balancingAccountNumber", "") == ""
        and ("taxCode" not in ours or theirs.get("taxCode") == ours["taxCode"])
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
