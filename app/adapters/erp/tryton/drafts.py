"""Moves of our journals in Tryton: looked up, made as drafts, posted, removed.

Only posting books, and only a draft that is named by its id is posted: whatever else a lost or late call did, it left a draft.
"""

from collections.abc import Mapping, Sequence

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import a_list, an_object, parsed
from app.adapters.erp.tryton.calls import MOVE, TrytonCalls
from app.adapters.erp.tryton.moves import FIELDS, Content, Ids, Move, content_of, domain_of, read_move, read_moves, reference_of, values_of
from app.adapters.erp.tryton.settings import TrytonSettings
from app.adapters.erp.tryton.values import to_id
from app.adapters.erp.tryton.verdicts import Failed, of_write
from app.domain.booked import differences
from app.domain.delivery import Booked, Misconfigured, Rejected, Retryable, Unknown
from app.domain.journal import JournalDocument

Moves = Mapping[str, Sequence[Move]]


class Drafts:
    """Looks moves up by our references, and makes, finishes and removes drafts."""

    def __init__(self, calls: TrytonCalls, settings: TrytonSettings) -> None:
        self._calls = calls
        self._settings = settings

    async def there(self, journals: Sequence[JournalDocument]) -> Moves | Failed:
        """The moves that stand in Tryton for each of these journals, posted or not."""
        references = [journal.reference for journal in journals]
        found = await self._calls.search(MOVE, domain_of(references, self._settings.company), FIELDS)
        moves = read_moves(found) if isinstance(found, list) else None
        if moves is None:
            return Retryable(reason="the moves of the answer cannot be read") if isinstance(found, list) else found
        return {each: [move for move in moves if reference_of(move.content.description) == each] for each in references}

    async def placed(self, journals: Sequence[JournalDocument], there: Moves, ids: Mapping[str, Ids]) -> dict[str, Move | Failed]:
        """A draft of each journal with its content of now: one that is there, or a new one. All other drafts of it are removed."""
        placed: dict[str, Move | Failed] = {}
        missing: list[tuple[str, Content]] = []
        for journal in journals:
            wanted = content_of(journal, self._settings.journal)
            kept = await self._kept(wanted, there[journal.reference])
            if kept is None:
                missing.append((journal.reference, wanted))
            else:
                placed[journal.reference] = kept
        return placed | await self._made(missing, ids)

    async def posted(self, journal: JournalDocument, draft: Move) -> Booked | Failed:
        """Posts a draft; what Tryton refuses to post is removed again."""
        result = await self._calls.post(draft.id)
        move = _move(result)
        if move is not None and move.posted:
            return booked(journal, [move])
        outcome = of_write(result)
        if isinstance(result, HttpAnswer) and result.status == 404:
            return Retryable(reason="the draft was removed meanwhile, and nothing was booked")
        return await self._refused(journal, draft, outcome) if isinstance(outcome, Rejected) else outcome

    async def removed(self, draft: Move) -> Failed | None:
        """Takes a draft away; None where it is gone."""
        result = await self._calls.delete(draft.id)
        if isinstance(result, HttpAnswer) and result.status in (204, 404):
            return None
        outcome = of_write(result)
        if not isinstance(outcome, Rejected):
            return outcome
        move = await self._read(draft)
        if move is None or move.posted:
            return Unknown(reason="a draft could not be removed: perhaps it was posted meanwhile")
        return Misconfigured(reason=f"the ERP refuses to remove a draft: {outcome.problems[0].message}")

    async def _kept(self, wanted: Content, there: Sequence[Move]) -> Move | Failed | None:
        drafts = [move for move in there if not move.posted]
        kept = next((move for move in drafts if move.content == wanted), None)
        for draft in drafts:
            if draft is not kept and (failed := await self.removed(draft)) is not None:
                return failed
        return kept

    async def _made(self, wanted: Sequence[tuple[str, Content]], ids: Mapping[str, Ids]) -> dict[str, Move | Failed]:
        """Several are made in one call; where Tryton refuses that, one by one, so that a bad one does not sink the others."""
        if len(wanted) > 1 and (made := await self._made_together(wanted, ids)) is not None:
            return made
        made = {}
        for reference, content in wanted:
            made[reference] = await self._made_alone(content, ids[reference])
        return made

    async def _made_alone(self, content: Content, ids: Ids) -> Move | Failed:
        result = await self._calls.create(values_of(content, ids))
        return _move(result) or of_write(result)

    async def _made_together(self, wanted: Sequence[tuple[str, Content]], ids: Mapping[str, Ids]) -> dict[str, Move | Failed] | None:
        """None where Tryton refused them, and so made none."""
        result = await self._calls.create_all([values_of(content, ids[reference]) for reference, content in wanted])
        if not isinstance(result, HttpAnswer) or result.status != 200:
            outcome = of_write(result)
            return None if isinstance(outcome, Rejected) else dict.fromkeys((reference for reference, _ in wanted), outcome)
        made = [each for value in a_list(parsed(result)) if (each := to_id(value)) is not None]
        found = await self._calls.search(MOVE, [["id", "in", made]], FIELDS)
        moves = read_moves(found) if isinstance(found, list) else None
        by_reference = {reference_of(move.content.description): move for move in moves or ()}
        lost = of_write(result)
        return {reference: by_reference.get(reference, lost) for reference, _ in wanted}

    async def _refused(self, journal: JournalDocument, draft: Move, outcome: Rejected) -> Booked | Failed:
        """Tryton did not post: because somebody did, or because it never will."""
        move = await self._read(draft)
        if move is None:
            return Unknown(reason="the ERP refused to post a draft that cannot be read")
        if move.posted:
            return booked(journal, [move])
        await self.removed(draft)  # what remains if that fails is found by the next sending
        return outcome

    async def _read(self, draft: Move) -> Move | None:
        return _move(await self._calls.read(draft.id))


def _move(result: HttpResult) -> Move | None:
    """The one move that was read back."""
    return read_move(an_object(parsed(result))) if isinstance(result, HttpAnswer) and result.status == 200 else None


def booked(journal: JournalDocument, moves: Sequence[Move]) -> Booked:
    """The number of the first of these posted moves, and how all of them together differ from the journal."""
    entries = [entry for move in moves for entry in move.entries]
    return Booked(number=moves[0].number or "", problems=differences(journal, entries))
