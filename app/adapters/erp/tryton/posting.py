"""Posting a draft, which is what books.

Only a draft that is named by its id is posted, and Tryton posts it once: whatever else a lost or late call did, it left a draft.
"""

from collections.abc import Sequence

import anyio

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.tryton.calls import TrytonCalls
from app.adapters.erp.tryton.drafts import Drafts, move_of
from app.adapters.erp.tryton.moves import Move
from app.adapters.erp.tryton.verdicts import BUSY, Failed, is_own_unavailable, is_refusal, of_write, refusal
from app.domain.booked import differences
from app.domain.delivery import Booked, Problem, Rejected, Retryable, Unknown
from app.domain.journal import JournalDocument

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
SPREAD = 8
QUICK_MS = 5_000
"""A 503 that took longer waited for a connection to the database."""


async def posted(calls: TrytonCalls, drafts: Drafts, journal: JournalDocument, draft: Move) -> Booked | Failed:
    """Posts a draft; what Tryton refuses to post is removed again."""
    result = await _post(calls, draft)
    move = move_of(result)
    if move is not None and move.posted:
        return booked(journal, [move])
    if isinstance(result, HttpAnswer) and result.status == 404:
        return Retryable(reason="the draft was removed meanwhile, and nothing was booked")
    if is_own_unavailable(result):
        return await _after_all(drafts, journal, draft, result)
    return await _refused(drafts, journal, draft, refusal(result)) if is_refusal(result) else of_write(result)


async def _post(calls: TrytonCalls, draft: Move) -> HttpResult:
    """Whoever posts takes the next number of a sequence, and Tryton lets nobody else wait for it: so it is tried again for a while.
    That is safe, since Tryton posts a draft once."""
    for pause in PAUSES:
        result = await calls.post(draft.id)
        if not is_own_unavailable(result) or not _was_quick(result):
            return result
        await anyio.sleep(pause * (1 + draft.id % SPREAD / SPREAD))
    return await calls.post(draft.id)


async def _after_all(drafts: Drafts, journal: JournalDocument, draft: Move, result: HttpResult) -> Booked | Failed:
    """A posting that Tryton's database was too busy for, or that it lost its database over."""
    move = await drafts.read(draft) if _was_quick(result) else None
    if move is None:
        return Unknown(reason="the ERP lost its database")
    return booked(journal, [move]) if move.posted else Retryable(reason=BUSY)


async def _refused(drafts: Drafts, journal: JournalDocument, draft: Move, why: Problem) -> Booked | Failed:
    """Tryton did not post: because somebody did, or because it never will."""
    move = await drafts.read(draft)
    if move is None:
        return Unknown(reason="the ERP refused to post a draft that cannot be read")
    if move.posted:
        return booked(journal, [move])
    await drafts.removed(draft)  # what remains if that fails is found by the next sending
    return Rejected(problems=(why,))


def _was_quick(result: HttpResult) -> bool:
    return result.duration_ms < QUICK_MS


def booked(journal: JournalDocument, moves: Sequence[Move]) -> Booked:
    """The number of the first of these posted moves, and how all of them together differ from the journal."""
    entries = [entry for move in moves for entry in move.entries]
    return Booked(number=moves[0].number or "", problems=differences(journal, entries))
