"""Makes the unposted journals that are to be posted: their own each, with exactly the lines of its document."""

from collections.abc import Mapping, Sequence

from app.adapters.erp.business_central import payload
from app.adapters.erp.business_central.client import ALL_OR_NONE, EACH_BY_ITSELF, Answers, Step
from app.adapters.erp.business_central.dimensions import dimension_codes, read_lines, set_dimensions
from app.adapters.erp.business_central.odata import MOST_OPERATIONS, Operation, OperationAnswer, values
from app.adapters.erp.business_central.response import Place, holds, refusal
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.delivery import Retryable, SendOutcome, Unknown
from app.domain.journal import JournalDocument

UNREADABLE = Unknown(reason="the answer does not say what was made")
CHANGED = Retryable(reason="somebody changed the unposted journal meanwhile")
MADE_MEANWHILE = Retryable(reason="the journal was made by another call meanwhile")
_VERSION_REFUSED = (409, 412)
_EXISTS = "internal-entity-with-same-key-exists"


class Maker:
    """Writes into `outcomes` what becomes of those that cannot be made."""

    def __init__(self, step: Step, prefix: str, template: str | None, outcomes: dict[str, SendOutcome]) -> None:
        self._step = step
        self._prefix = prefix
        self._template = template
        self._outcomes = outcomes

    async def make(self, documents: Sequence[JournalDocument], places: Mapping[str, Place]) -> dict[str, str]:
        """The ids of the journals by reference, with those that were there already and hold the same."""
        ids: dict[str, str] = {}
        stale: dict[str, Operation] = {}
        for document in documents:
            draft = places[document.reference].draft
            if draft is not None and holds(draft, document):
                ids[document.reference] = draft.id
            elif draft is not None:
                stale[document.reference] = payload.remove_journal(draft.id, draft.etag)
        await self._remove(stale)
        missing = [each for each in documents if each.reference not in ids and each.reference not in self._outcomes]
        new = await self._make_journals(missing)
        for document in missing:
            if document.reference in new:
                await self._add_lines(document, new[document.reference])
            if document.reference in new and document.reference not in self._outcomes and dimension_codes([document]):
                await self._set_dimensions(document, new[document.reference])
        return ids | new

    async def _remove(self, stale: Mapping[str, Operation]) -> None:
        for reference, answer in await self._each(stale, "remove"):
            if answer.status in _VERSION_REFUSED:
                self._outcomes[reference] = CHANGED
            elif not answer.succeeded and answer.status != 404:
                self._outcomes[reference] = answer.outcome([refusal(answer)])

    async def _make_journals(self, documents: Sequence[JournalDocument]) -> dict[str, str]:
        operations = {
            each.reference: payload.new_journal(each, payload.journal_code(self._prefix, each.reference), self._template)
            for each in documents
        }
        ids: dict[str, str] = {}
        for reference, answer in await self._each(operations, "make journals"):
            problem = refusal(answer)
            if answer.succeeded and isinstance(journal_id := answer.body.get("id"), str):
                ids[reference] = journal_id
            elif answer.succeeded:
                self._outcomes[reference] = UNREADABLE
            else:
                self._outcomes[reference] = MADE_MEANWHILE if problem.code == _EXISTS else answer.outcome([problem])
        return ids

    async def _add_lines(self, document: JournalDocument, journal_id: str) -> None:
        """All of them, or an outcome: a journal with a part of its lines is never posted."""
        numbers = [line.line for line in document.lines]
        await self._all_or_none(document, list(zip(numbers, payload.new_lines(document, journal_id), strict=True)), "add lines")

    async def _all_or_none(self, document: JournalDocument, changes: Sequence[tuple[int, Operation]], label: str) -> None:
        """Carries out operations, each with the number of its line, a hundred at a time."""
        for start in range(0, len(changes), MOST_OPERATIONS):
            some = changes[start : start + MOST_OPERATIONS]
            answers = await self._step.batch([operation for _, operation in some], label, ALL_OR_NONE)
            failure = answers if not isinstance(answers, list) else _refused([number for number, _ in some], answers)
            if failure is not None:
                self._outcomes[document.reference] = failure
                return

    async def _set_dimensions(self, document: JournalDocument, journal_id: str) -> None:
        answers = await self._step.batch([read_lines(journal_id)], "read lines", EACH_BY_ITSELF)
        rows = values(answers[0]) if isinstance(answers, list) else None
        if rows is None or len(rows) != len(document.lines):
            self._outcomes[document.reference] = UNREADABLE if isinstance(answers, list) else answers
            return
        by_number = {row.get("lineNumber"): row for row in rows}
        changes = [
            (line.line, operation)
            for line in document.lines
            for operation in set_dimensions(line, by_number.get(line.line * payload.LINE_NUMBER_STEP, {}))
        ]
        await self._all_or_none(document, changes, "set dimensions")

    async def _each(self, operations: Mapping[str, Operation], label: str) -> list[tuple[str, OperationAnswer]]:
        """The answers to independent operations; what has none gets an outcome."""
        if not operations:
            return []
        answers = await self._step.batch(list(operations.values()), label, EACH_BY_ITSELF)
        if not isinstance(answers, list):
            self._outcomes |= dict.fromkeys(operations, answers)
            return []
        told = []
        for reference, answer in zip(operations, answers, strict=True):
            if answer is None:
                self._outcomes[reference] = UNREADABLE
            else:
                told.append((reference, answer))
        return told


def _refused(lines: Sequence[int], answers: Answers) -> StatusOutcome | None:
    """None where all was done. The first refusal undoes everything, and what comes after it has no answer."""
    for line, answer in zip(lines, answers, strict=True):
        if answer is not None and not answer.succeeded:
            return answer.outcome([refusal(answer, line)])
    return UNREADABLE if None in answers else None
