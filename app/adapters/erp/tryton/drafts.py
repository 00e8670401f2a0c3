"""Moves of our journals in Tryton: looked up, made as drafts, removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import as_object, read_json
from app.adapters.erp.tryton.calls import MOVE, TrytonCalls
from app.adapters.erp.tryton.move_values import domain_of, read_move, read_moves, values_of
from app.adapters.erp.tryton.moves import Content, Ids, Move, content_of, reference_of
from app.adapters.erp.tryton.settings import TrytonSettings
from app.adapters.erp.tryton.values import to_id, to_list
from app.adapters.erp.tryton.verdicts import Failed, is_refusal, of_write, refusal
from app.domain.delivery import Misconfigured, Retryable, Unknown
from app.domain.journal import JournalDocument

Moves = Mapping[str, Sequence[Move]]


class Drafts:
    """Looks moves up by our references, and makes, keeps and removes drafts."""

    def __init__(self, calls: TrytonCalls, settings: TrytonSettings) -> None:
        self._calls = calls
        self._settings = settings

    async def there(self, journals: Sequence[JournalDocument]) -> Moves | Failed:
        """The moves that stand in Tryton for each of these journals, posted or not."""
        references = [journal.reference for journal in journals]
        found = await self._calls.search(MOVE, domain_of(references, self._settings.company), self._calls.move_fields)
        moves = read_moves(found) if isinstance(found, list) else None
        if moves is None:
            return Retryable(reason="the moves of the answer cannot be read") if isinstance(found, list) else found
        return {each: [move for move in moves if reference_of(move.content.description) == each] for each in references}

    async def placed(self, journals: Sequence[JournalDocument], there: Moves, ids: Mapping[str, Ids]) -> dict[str, Move | Failed]:
        """A draft of each journal with its content of now: one that is there, or a new one. All other drafts of it are removed."""
        placed: dict[str, Move | Failed] = {}
        missing: list[JournalDocument] = []
        for journal in journals:
            kept = await self._kept(content_of(journal, self._settings.journal), there[journal.reference])
            if kept is None:
                missing.append(journal)
            else:
                placed[journal.reference] = kept
        return placed | await self._made(missing, ids)

    async def removed(self, draft: Move) -> Failed | None:
        """Takes a draft away; None where it is gone."""
        result = await self._calls.delete(draft.id)
        if isinstance(result, HttpAnswer) and result.status in (204, 404):
            return None
        if not is_refusal(result):
            return of_write(result)
        move = await self.read(draft)
        if move is None or move.posted:
            return Unknown(reason="a draft could not be removed: perhaps it was posted meanwhile")
        return Misconfigured(reason=f"the ERP refuses to remove a draft: {refusal(result).message}")

    async def _kept(self, wanted: Content, there: Sequence[Move]) -> Move | Failed | None:
        drafts = [move for move in there if not move.posted]
        kept = next((move for move in drafts if move.content == wanted), None)
        for draft in drafts:
            if draft is not kept and (failed := await self.removed(draft)) is not None:
                return failed
        return kept

    async def _made(self, wanted: Sequence[JournalDocument], ids: Mapping[str, Ids]) -> dict[str, Move | Failed]:
        """New drafts, read back. Where somebody else made one meanwhile ours is removed again, so that only one of two can post."""
        made = await self._together(wanted, ids) or await self._one_by_one(wanted, ids)
        checked = [journal for journal in wanted if isinstance(made[journal.reference], int)]
        there = await self.there(checked) if checked else {}
        outcomes: dict[str, Move | Failed] = {}
        for reference, draft in made.items():
            if not isinstance(draft, int):
                outcomes[reference] = draft
            elif isinstance(there, Mapping):
                outcomes[reference] = await self._alone(draft, there[reference])
            else:
                outcomes[reference] = there
        return outcomes

    async def _alone(self, draft: int, there: Sequence[Move]) -> Move | Failed:
        ours = next((move for move in there if move.id == draft), None)
        if ours is None:
            return Retryable(reason="the draft was removed meanwhile, and nothing was booked")
        if len(there) == 1:
            return ours
        await self.removed(ours)
        return Unknown(reason="another sending of this journal is under way")

    async def _together(self, wanted: Sequence[JournalDocument], ids: Mapping[str, Ids]) -> dict[str, int | Failed] | None:
        """Several in one call. None where that is not worth a call, or Tryton refused it because of one of them, and so made none."""
        if len(wanted) < 2:
            return None
        result = await self._calls.create_all([self._values(journal, ids) for journal in wanted])
        made, references = _ids(result), [journal.reference for journal in wanted]
        if made is not None and len(made) == len(wanted):
            return dict(zip(references, made, strict=True))
        if is_refusal(result):
            return None
        return dict.fromkeys(references, of_write(result))

    async def _one_by_one(self, wanted: Sequence[JournalDocument], ids: Mapping[str, Ids]) -> dict[str, int | Failed]:
        outcomes: dict[str, int | Failed] = {}
        for journal in wanted:
            result = await self._calls.create(self._values(journal, ids))
            made = to_id(_record(result).get("id"))
            outcomes[journal.reference] = of_write(result) if made is None else made
        return outcomes

    def _values(self, journal: JournalDocument, ids: Mapping[str, Ids]) -> dict[str, Any]:
        return values_of(content_of(journal, self._settings.journal), ids[journal.reference])

    async def read(self, draft: Move) -> Move | None:
        """A draft as it is now, posted perhaps; None where it cannot be read."""
        return move_of(await self._calls.read(draft.id))


def _ids(result: HttpResult) -> list[int] | None:
    """The ids of what was made."""
    found = read_json(result) if isinstance(result, HttpAnswer) and result.status == 200 else None
    listed = [to_id(value) for value in to_list(found)]
    made = [each for each in listed if each is not None]
    return made if isinstance(found, list) and len(made) == len(listed) else None


def move_of(result: HttpResult) -> Move | None:
    """The one move that was read back."""
    return read_move(_record(result))


def _record(result: HttpResult) -> Mapping[str, Any]:
    return as_object(read_json(result)) if isinstance(result, HttpAnswer) and result.status == 200 else {}
