"""Books journals in Business Central, several at a time: look up, make what is missing, post, read back, clear away.

A journal of ours has a journal (general journal batch) of its own there, from the moment it is sent until it is posted or refused.
"""

from collections.abc import Mapping, Sequence

from app.adapters.erp.business_central import payload
from app.adapters.erp.business_central.client import EACH_BY_ITSELF, Step
from app.adapters.erp.business_central.look_up import look_up, read_reference_data
from app.adapters.erp.business_central.making import Maker
from app.adapters.erp.business_central.odata import Operation
from app.adapters.erp.business_central.reference_data import data_problems
from app.adapters.erp.business_central.response import Draft, Place, refusal, told_differences
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.delivery import Booked, Problem, Rejected, Retryable, SendOutcome, Unknown
from app.domain.journal import JournalDocument

NOT_YET = Unknown(reason="Business Central took it for posting, but its ledger does not have it yet")
NO_WORD = Unknown(reason="the answer does not say what became of this journal")


class Sending:
    """One step that sends. `outcomes` fills up by reference; what has none yet goes on to the next stage."""

    def __init__(self, step: Step, prefix: str, template: str | None) -> None:
        self._step = step
        self._prefix = prefix
        self._template = template
        self.outcomes: dict[str, SendOutcome] = {}

    async def send(self, documents: Sequence[JournalDocument]) -> dict[str, SendOutcome]:
        """An outcome for every reference."""
        for document in documents:
            if problems := payload.shape_problems(document):
                self.outcomes[document.reference] = Rejected(problems=problems)
        places = await self._not_there_yet(self._open(documents))
        wanted = self._open(documents)
        if wanted:
            maker = Maker(self._step, self._prefix, self._template, self.outcomes)
            ids = await maker.make(wanted, places)
            posted = await self._post({reference: ids[reference] for reference in ids if reference not in self.outcomes})
            await self._read_back(wanted, posted)
        return {document.reference: self.outcomes.get(document.reference, NO_WORD) for document in documents}

    def _open(self, documents: Sequence[JournalDocument]) -> list[JournalDocument]:
        return [document for document in documents if document.reference not in self.outcomes]

    async def _not_there_yet(self, documents: Sequence[JournalDocument]) -> dict[str, Place]:
        """Looks up, and settles what is booked or cannot be. Nothing was made yet: what failed here is simply tried again."""
        if not documents:
            return {}
        references = [document.reference for document in documents]
        data = await read_reference_data(self._step, documents)
        if isinstance(data, StatusOutcome):
            return self._nowhere(references, data)
        found = await look_up(self._step, documents, self._prefix, self._template)
        if isinstance(found, StatusOutcome):
            return self._nowhere(references, found)
        places: dict[str, Place] = {}
        for document in documents:
            place = found[document.reference]
            if isinstance(place, StatusOutcome):
                self.outcomes[document.reference] = before_anything(place)
            elif place.entries:
                self.outcomes[document.reference] = booked(document, place)
            elif problems := (*taken(document, place.draft), *data_problems(document, data)):
                self.outcomes[document.reference] = Rejected(problems=problems)
            else:
                places[document.reference] = place
        return places

    def _nowhere(self, references: Sequence[str], failure: StatusOutcome) -> dict[str, Place]:
        self.outcomes |= dict.fromkeys(references, before_anything(failure))
        return {}

    async def _post(self, ids: Mapping[str, str]) -> set[str]:
        """Posts each journal as a whole. Gives those of which Business Central says that it did; what it refused is in `outcomes`."""
        if not ids:
            return set()
        answers = await self._step.batch([payload.post_journal(journal_id) for journal_id in ids.values()], "post", EACH_BY_ITSELF)
        if not isinstance(answers, list):
            self.outcomes |= dict.fromkeys(ids, answers)
            return set()
        for reference, answer in zip(ids, answers, strict=True):
            if answer is None:
                self.outcomes[reference] = NO_WORD
            elif not answer.succeeded:
                self.outcomes[reference] = answer.outcome([refusal(answer)])
        return {reference for reference in ids if reference not in self.outcomes}

    async def _read_back(self, documents: Sequence[JournalDocument], posted: set[str]) -> None:
        """What was posted is booked once the ledger has it. What was refused may have been posted by an earlier call that came late."""
        told = {document.reference: document for document in documents if self._to_read_back(document.reference, posted)}
        if not told:
            return
        found = await look_up(self._step, list(told.values()), self._prefix, self._template)
        leftovers: list[Draft] = []
        for reference, document in told.items():
            place = found if isinstance(found, StatusOutcome) else found[reference]
            if isinstance(place, StatusOutcome):
                self.outcomes[reference] = Unknown(reason="what was posted could not be read back")
                continue
            if place.entries:
                self.outcomes[reference] = booked(document, place)
            elif reference in posted:
                self.outcomes[reference] = NOT_YET
            if place.draft is not None and not taken(document, place.draft) and _is_left_over(place, self.outcomes[reference]):
                leftovers.append(place.draft)
        await self._clear_away(leftovers)

    def _to_read_back(self, reference: str, posted: set[str]) -> bool:
        return reference in posted or isinstance(self.outcomes.get(reference), Rejected)

    async def _clear_away(self, drafts: Sequence[Draft]) -> None:
        """An empty journal of what is booked, a refused one with its lines. Where that fails the next sending finds it."""
        operations: list[Operation] = [payload.remove_journal(draft.id, draft.etag) for draft in drafts]
        if operations:
            await self._step.batch(operations, "clear away", EACH_BY_ITSELF)


def _is_left_over(place: Place, outcome: SendOutcome) -> bool:
    """A journal whose lines were posted, or one that was refused. Lines that somebody put beside what is posted stay."""
    return isinstance(outcome, Rejected) or (bool(place.entries) and place.draft is not None and not place.draft.lines)


def booked(document: JournalDocument, place: Place) -> Booked:
    return Booked(number=place.number, problems=told_differences(document, place.entries))


def taken(document: JournalDocument, draft: Draft | None) -> tuple[Problem, ...]:
    """A journal there that has our code but is not ours is left alone."""
    if draft is None or draft.reference == document.reference:
        return ()
    message = f"Business Central has a journal {draft.code} that is not for {document.reference}"
    return (Problem(line=None, code="journal-code-taken", message=message),)


def before_anything(failure: StatusOutcome) -> StatusOutcome:
    """What a look-up that failed means before anything was sent."""
    return Retryable(reason=failure.reason) if isinstance(failure, Unknown) else failure
