"""What ERPNext's answers mean. Pure.

Frappe tells a failure by the HTTP status of its exception: 417 for a validation (`frappe/exceptions.py`), with the exception's name in
`exc_type` and what it would show to a person in `_server_messages`, which is a JSON list of JSON texts (`frappe/utils/response.py`).
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import as_object, as_text, read_json, to_json
from app.adapters.erp.outcomes import StatusOutcome, outcome_of
from app.domain.delivery import Misconfigured, Problem, Rejected, Unknown
from app.domain.journal import JournalDocument

TRACES = ("exc", "_debug_messages", "_exc_source", "traceback")
DUPLICATES = ("DuplicateEntryError", "UniqueValidationError")
LOCKED, CHANGED = "DocumentLockedError", "TimestampMismatchError"
CODES = {"ClosedAccountingPeriod": "period-closed", "FiscalYearError": "period-closed"}
MAX_PROBLEMS = 100
_TAG = re.compile(r"<[^<>]*>")
_ROW = re.compile(r"\bRow #?(\d{1,6})\b")


def untraced(result: HttpResult) -> HttpResult:
    """The answer without the traceback that comes with a failure: it is neither kept nor shown."""
    if not isinstance(result, HttpAnswer) or not (b'"exc"' in result.content or b"Traceback (most" in result.content):
        return result
    body = read_json(result)
    if not isinstance(body, dict):
        return replace(result, content=b"[a traceback was left out]")
    return replace(result, content=to_json({name: value for name, value in body.items() if name not in TRACES}).encode())


def failure(result: HttpResult, rows: Sequence[int] = ()) -> StatusOutcome:
    """What a call means that did not succeed. `rows` are our line numbers in the order of the rows that were sent."""
    if not isinstance(result, HttpAnswer):
        return outcome_of(result)
    body = as_object(read_json(result))
    said = messages(body)
    if result.status == 403:
        return Misconfigured(reason=f"the API user may not do this: {said[0]}" if said else "the API user may not do this")
    if result.status == 404 and said:
        return Misconfigured(reason=said[0])
    if exception(result) in DUPLICATES:
        return Unknown(reason="ERPNext says that an entry with this reference is there")
    if result.status == 417:
        return Rejected(problems=_problems(said, as_text(body.get("exc_type"), 100), rows))
    return outcome_of(result, _problems(said, as_text(body.get("exc_type"), 100), rows))


def exception(result: HttpResult | None) -> str:
    """The name of Frappe's exception; empty where the answer has none."""
    return as_text(as_object(read_json(result)).get("exc_type"), 100) if isinstance(result, HttpAnswer) else ""


def messages(body: Mapping[str, Any]) -> list[str]:
    """What ERPNext would show to a person, as plain text; else the words of its exception."""
    found = [text for each in _listed(body.get("_server_messages")) if (text := _plain(_message(each)))]
    if found:
        return found[:MAX_PROBLEMS]
    words = _plain(as_text(body.get("exception"), 1_000).partition(": ")[2])
    return [words] if words else []


def row_lines(journal: JournalDocument) -> list[int]:
    """Our line numbers in the order of the rows that are sent: lines that come to nothing are left out."""
    return [line.line for line in journal.lines if line.base_amount]


def _problems(said: Sequence[str], kind: str, rows: Sequence[int]) -> tuple[Problem, ...]:
    told = said or ["ERPNext gave no reason"]
    return tuple(Problem(line=_line(text, rows), code=CODES.get(kind, "refused"), message=text) for text in told)


def _line(text: str, rows: Sequence[int]) -> int | None:
    row = _ROW.search(text)
    number = int(row.group(1)) if row else 0
    return rows[number - 1] if 0 < number <= len(rows) else None


def _listed(value: object) -> list[object]:
    """`_server_messages`: JSON inside JSON."""
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def _message(each: object) -> str:
    """One of them: JSON again, an object with `message`, or bare text."""
    try:
        found = json.loads(each) if isinstance(each, str) else each
    except (ValueError, RecursionError):
        found = each
    return as_text(as_object(found).get("message") if isinstance(found, dict) else found)


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
