"""What Xero's answers mean for each journal. Pure. An answer that is not exactly what Xero documents proves nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_object, as_objects, as_text, read_json
from app.adapters.erp.token_calls import Reply, outcome_of_reply
from app.adapters.erp.xero.manual_journals import BOOKED, ManualJournal, read_manual_journal, read_manual_journals
from app.domain.booked import differences
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FindOutcome,
    FoundBooked,
    FoundDraft,
    Problem,
    Rejected,
    SendOutcome,
    Unknown,
)
from app.domain.journal import JournalDocument

VOIDED = "voided"
_STATUSES = BOOKED | {"DRAFT", "DELETED", "VOIDED"}
_ACCOUNT = re.compile(r"account code '([^']*)'", re.IGNORECASE)


def standing(journal: JournalDocument, listed: Iterable[ManualJournal]) -> FindOutcome:
    """What became of a journal, by those that Xero lists: its reference is exactly the narration. A draft that was deleted never was
    booked; one that is voided was, and a person took it out again: it is told, and not booked again."""
    ours = [each for each in listed if each.narration == journal.reference]
    if any(each.id is None or each.status not in _STATUSES for each in ours):
        return CannotTell(reason="Xero tells a status of this journal that is not known")
    by_status = {status: [each for each in ours if each.status in group] for status, group in _GROUPS.items()}
    if booked := by_status["booked"]:
        return _found(journal, booked)
    if voided := by_status["voided"]:
        message = "it was booked in Xero and voided there by a person; it is not booked again under the same reference"
        return FoundBooked(number=voided[0].id or "", problems=(Problem(line=None, code=VOIDED, message=message),))
    return FoundDraft(number=drafts[0].id or "") if (drafts := by_status["draft"]) else Absent()


_GROUPS: Mapping[str, frozenset[str]] = {"booked": BOOKED, "voided": frozenset({"VOIDED"}), "draft": frozenset({"DRAFT"})}


def settled(found: FindOutcome) -> SendOutcome | None:
    """What a send comes to for a journal that Xero has already; None where it has to be booked."""
    match found:
        case FoundBooked(problems=problems) if any(problem.code == VOIDED for problem in problems):
            return Rejected(problems=problems)
        case FoundBooked(number=number, problems=problems):
            return Booked(number=number, problems=problems)
        case CannotTell(reason=reason):
            return Rejected(problems=(Problem(line=None, code="reference-in-use", message=reason),))
        case _:
            return None


def read_sends(journals: Sequence[JournalDocument], reply: Reply) -> dict[str, SendOutcome]:
    """The outcome of each journal of one POST: paired by narration, never by position."""
    if isinstance(reply, HttpAnswer) and reply.status == 200:
        answered = read_manual_journals(reply)
        if answered is None:
            return {journal.reference: Unknown(reason="the answer cannot be read") for journal in journals}
        return {journal.reference: _sent(journal, answered) for journal in journals}
    if isinstance(reply, HttpAnswer) and reply.status == 400 and (refused := _elements(reply)):
        return {journal.reference: _sent(journal, refused) for journal in journals}
    outcome = outcome_of_reply(reply, _refusal(reply))
    return {journal.reference: outcome for journal in journals}


def _sent(journal: JournalDocument, answered: Iterable[ManualJournal]) -> SendOutcome:
    ours = [each for each in answered if each.narration == journal.reference]
    if len(ours) != 1:
        return Unknown(reason="the answer does not say what became of this journal")
    result = ours[0]
    if result.failed or result.errors:
        return Rejected(problems=tuple(_problems(journal, result.errors or ("Xero gave no reason",))))
    if result.id is not None and result.status == "DRAFT" and result.warnings:
        return Rejected(problems=tuple(_problems(journal, result.warnings)))  # it changed the data, and kept a draft of it
    if result.id is None or result.status != "POSTED" or result.entries is None:
        return Unknown(reason="the answer does not say that the journal is posted")
    found = _found(journal, [result])
    return Booked(number=found.number, problems=(*found.problems, *_problems(journal, result.warnings, "changed-by-erp")))


def _found(journal: JournalDocument, booked: Sequence[ManualJournal]) -> FoundBooked:
    first, problems = booked[0], list[Problem]()
    if first.entries is None:
        problems.append(Problem(line=None, code="not-read-back", message="Xero does not tell what it booked"))
    else:
        problems += differences(journal, first.entries)
    if first.tax:
        message = f"Xero added tax of {first.tax} {journal.base_currency} to a journal that was sent without"
        problems.append(Problem(line=None, code="tax-added", message=message))
    if len(booked) > 1:
        others = ", ".join(each.id or "" for each in booked[1:])
        problems.append(Problem(line=None, code="booked-twice", message=f"Xero has it under this reference more than once: {others} too"))
    return FoundBooked(number=first.id or "", problems=tuple(problems))


def _elements(answer: HttpAnswer) -> list[ManualJournal]:
    return [read_manual_journal(item) for item in as_objects(as_object(read_json(answer)).get("Elements")) if item.get("Narration")]


def _refusal(reply: Reply) -> tuple[Problem, ...]:
    """The problem of a whole request: `ApiException`, or `application/problem+json` of the gateway before it."""
    if not isinstance(reply, HttpAnswer):
        return ()
    body = as_object(read_json(reply))
    elements = as_objects(body.get("Elements"))
    said = [message for item in elements for message in read_manual_journal(item).errors]
    said = said or [text for key in ("Message", "Detail", "Title") if (text := as_text(body.get(key)))][:1]
    return tuple(Problem(line=None, code=_code(message), message=message) for message in said)


def _problems(journal: JournalDocument, messages: Iterable[str], code: str | None = None) -> Iterator[Problem]:
    """A message that names an account is told at each line of it."""
    for message in messages:
        named = _ACCOUNT.search(message)
        lines: list[int | None] = [line.line for line in journal.lines if named is not None and line.account_code == named[1]]
        for number in lines or [None]:
            yield Problem(line=number, code=code or _code(message), message=message)


def _code(message: str) -> str:
    """Xero tells its reasons in words only; where these change, the code becomes `refused` and the message stays."""
    said = message.lower()
    if "lock date" in said:
        return "period-closed"
    if "account code" in said:
        return "account-refused"
    return "unbalanced" if "debits" in said and "credits" in said else "refused"
