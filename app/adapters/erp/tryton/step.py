"""What a validation and a sending do with journals, up to the point where each is a draft in Tryton.

Only posting books, and only a draft that is named by its id is posted: whatever else a lost or late call did, it left a draft.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from app.adapters.erp.tryton.calls import TrytonCalls
from app.adapters.erp.tryton.drafts import Drafts, Moves
from app.adapters.erp.tryton.moves import Move, problems
from app.adapters.erp.tryton.posting import booked, posted
from app.adapters.erp.tryton.reading import Reading
from app.adapters.erp.tryton.reference_data import ReferenceData
from app.adapters.erp.tryton.settings import TrytonSettings
from app.adapters.erp.tryton.verdicts import Failed
from app.domain.booked import differences
from app.domain.delivery import Booked, Problem, Rejected, Validation, ValidationLevel
from app.domain.journal import JournalDocument

LEVEL = ValidationLevel.DRAFT

Outcome = Booked | Validation | Failed
Finish = Callable[[TrytonCalls, Drafts, JournalDocument, Move], Awaitable[Outcome]]


async def each(calls: TrytonCalls, settings: TrytonSettings, journals: Sequence[JournalDocument], finish: Finish) -> dict[str, Outcome]:
    """What became of each journal: refused by us, posted before, refused by what Tryton tells of itself, or `finish` of its draft."""
    step = _Step(calls, settings, journals)
    await step.run(finish)
    return {journal.reference: step.done[journal.reference] for journal in journals}


async def check_draft(_: TrytonCalls, drafts: Drafts, __: JournalDocument, draft: Move) -> Outcome:
    """Tryton checked the draft when it made it: all that is left is to remove it."""
    failed = await drafts.removed(draft)
    return Validation(level=LEVEL) if failed is None else failed


async def post_draft(calls: TrytonCalls, drafts: Drafts, journal: JournalDocument, draft: Move) -> Outcome:
    """Into the ledger."""
    return await posted(calls, drafts, journal, draft)


class _Step:
    def __init__(self, calls: TrytonCalls, settings: TrytonSettings, journals: Sequence[JournalDocument]) -> None:
        self._calls = calls
        self._drafts = Drafts(calls, settings)
        self._reading = Reading(calls, settings)
        self._analytic = settings.analytic_accounting
        self._journals = journals
        self.done: dict[str, Outcome] = {}

    async def run(self, finish: Finish) -> None:
        self._refuse({journal.reference: problems(journal, analytic=self._analytic) for journal in self._left()})
        if not self._left():
            return
        there = await self._drafts.there(self._left())
        if isinstance(there, Mapping):
            await self._continue(there, finish)
        else:
            self._give_up(there)

    async def _continue(self, there: Moves, finish: Finish) -> None:
        ledger = {reference: [move for move in moves if move.posted] for reference, moves in there.items()}
        self.done |= {journal.reference: booked(journal, found) for journal in self._left() if (found := ledger[journal.reference])}
        if not self._left():
            return
        known = await self._reading.for_journals(self._left())
        if not isinstance(known, ReferenceData):
            self._give_up(known)
            return
        self._refuse({journal.reference: known.problems(journal) for journal in self._left()})
        left = self._left()
        placed = await self._drafts.placed(left, there, {journal.reference: known.ids(journal) for journal in left})
        for journal in left:
            draft = placed[journal.reference]
            self.done[journal.reference] = await self._finished(journal, draft, finish) if isinstance(draft, Move) else draft

    async def _finished(self, journal: JournalDocument, draft: Move, finish: Finish) -> Outcome:
        """A draft that Tryton, or a module of it, made otherwise than it was told is not posted."""
        if changed := differences(journal, draft.entries):
            await self._drafts.removed(draft)
            return Rejected(problems=changed)
        return await finish(self._calls, self._drafts, journal, draft)

    def _left(self) -> list[JournalDocument]:
        return [journal for journal in self._journals if journal.reference not in self.done]

    def _refuse(self, found: Mapping[str, tuple[Problem, ...]]) -> None:
        self.done |= {reference: Rejected(problems=problems) for reference, problems in found.items() if problems}

    def _give_up(self, outcome: Failed) -> None:
        self.done |= dict.fromkeys((journal.reference for journal in self._left()), outcome)
