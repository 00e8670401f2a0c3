"""What QuickBooks' faults mean. Pure.

https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/error-codes: `Fault.Error[] {code, Message, Detail,
element}`; the gateway before it writes the same names in lower case, and codes with zeros before them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_object, as_objects, as_text, read_json
from app.adapters.erp.outcomes import StatusOutcome, retry_after
from app.adapters.erp.token_calls import Reply, outcome_of_reply
from app.domain.delivery import Problem, Rejected, Throttled, Unknown
from app.domain.journal import JournalDocument

DUPLICATE = "6140"
THROTTLED = "3001"
PAUSE = 60
"""Seconds to wait where QuickBooks says only that it was too much: its limits are per minute."""

_CODES = {
    "2300": "unbalanced",
    "2500": "unknown-reference",
    "6140": "duplicate-number",
    "6200": "period-closed",
    "6210": "period-closed",
    "6430": "account-refused",
}
_ELEMENT_ID = re.compile(r"\bid\W{0,3}(\d{1,20})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One error of a fault; `code` without zeros before it."""

    code: str
    message: str
    detail: str

    @property
    def sentence(self) -> str:
        return self.detail if self.message in self.detail else ": ".join(part for part in (self.message, self.detail) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`kind` is QuickBooks' own word, such as ValidationFault or SystemFault."""

    kind: str
    complaints: tuple[Complaint, ...]

    def has(self, code: str) -> bool:
        return any(each.code == code for each in self.complaints)


def read_fault(holder: Mapping[str, Any]) -> Refusal | None:
    """The fault of an answer or of a batch item; None where it has none."""
    fault = as_object(holder.get("Fault") or holder.get("fault"))
    errors = as_objects(fault.get("Error") or fault.get("error"))
    if not errors:
        return None
    return Refusal(kind=as_text(fault.get("type")), complaints=tuple(_complaint(each) for each in errors))


def outcome(reply: Reply, journal: JournalDocument | None = None, accounts: Mapping[str, str] | None = None) -> StatusOutcome:
    """What a send means that was not answered with the success its adapter reads."""
    refusal = read_fault(as_object(read_json(reply))) if isinstance(reply, HttpAnswer) else None
    if isinstance(reply, HttpAnswer) and (reply.status == 429 or (refusal is not None and refusal.has(THROTTLED))):
        pause = retry_after(reply)
        return Throttled(retry_after=PAUSE if pause is None else pause)
    if refusal is not None and refusal.kind == "SystemFault" and isinstance(reply, HttpAnswer) and reply.status == 400:
        return Unknown(reason=refusal.complaints[0].sentence)
    return outcome_of_reply(reply, problems_of(refusal, journal, accounts or {}) if refusal is not None else ())


def item_outcome(refusal: Refusal, journal: JournalDocument, accounts: Mapping[str, str]) -> Rejected | Throttled | Unknown:
    """The same for one item of a batch: QuickBooks answers 200 to the whole."""
    if refusal.has(THROTTLED):
        return Throttled(retry_after=PAUSE)
    if refusal.kind == "SystemFault":
        return Unknown(reason=refusal.complaints[0].sentence)
    return Rejected(problems=problems_of(refusal, journal, accounts))


def problems_of(refusal: Refusal, journal: JournalDocument | None, accounts: Mapping[str, str]) -> tuple[Problem, ...]:
    """At the lines whose account's id a complaint names; `accounts` are ids by code."""
    lines = journal.lines if journal is not None else ()
    return tuple(
        Problem(line=number, code=_CODES.get(each.code, "refused"), message=each.sentence or f"QuickBooks error {each.code}")
        for each in refusal.complaints
        for number in _lines(each, [(line.line, accounts.get(line.account_code)) for line in lines])
    )


def _lines(complaint: Complaint, lines: Sequence[tuple[int, str | None]]) -> Iterator[int | None]:
    named = set(_ELEMENT_ID.findall(complaint.detail)) if complaint.code == "2500" else set[str]()
    found: list[int | None] = [number for number, account in lines if account in named]
    yield from found or [None]


def _complaint(item: Mapping[str, Any]) -> Complaint:
    return Complaint(
        code=as_text(item.get("code")).lstrip("0"),
        message=as_text(item.get("Message") or item.get("message")),
        detail=as_text(item.get("Detail") or item.get("detail")),
    )
