"""Works through the journals of a validate batch that one endpoint is to say something about."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from app.application.asked_by_person import pause_where_shut_out
from app.application.flow import Flow
from app.application.gathered import Gathered
from app.application.ports.batches import REFUSED, batch_of
from app.application.ports.clock import Clock
from app.application.ports.delivery import Lane
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.problems import problem_of
from app.application.validate_journal import ValidateJournal, Verdict, unanswered
from app.domain.delivery import Misconfigured, Throttled, Unauthorised
from app.domain.errors import Conflict, ErpDidNotAnswer
from app.domain.journal import JournalStatus
from app.domain.retry import after_throttling

SIDE_BY_SIDE = 8
MOST_ROUNDS = 25
"""A lane is given back after so many rounds, so that a long batch does not hold its worker from the others."""
LEAST_LEFT = timedelta(seconds=20)
"""No round begins with less of the lease left: a call that outlives the lease is made for nothing."""


Answer = tuple[int, Verdict | Conflict]
"""An item's place in the batch, and what came of asking about its journal: a verdict, or why it may not be asked about any more."""
Store = Gathered[Answer, datetime | None]


class RunBatch:
    """Validates what waits, some at a time. A verdict and its item's outcome are one unit of work under the lease's fence, with those of
    others that came meanwhile: a worker that dies or comes too late leaves the item to the next one, and no outcome is stored twice."""

    def __init__(self, units_of_work: UnitsOfWork, validate: ValidateJournal, flow: Flow, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._validate = validate
        self._flow = flow
        self._clock = clock

    async def __call__(self, lane: Lane, lease_ends_at: datetime) -> None:
        again_at = None
        for _ in range(MOST_ROUNDS):
            found = await self._waiting(lane)
            if found is None:
                return
            actor, items = found
            if not items:
                break
            store: Store = Gathered(partial(self._store, lane, actor))
            waits = await asyncio.gather(*(self._item(lane, position, journal_id, store) for position, journal_id in items))
            again_at = max((wait for wait in waits if wait is not None), default=None)
            if again_at is not None or lane.allowance.left <= 0 or self._clock.now() >= lease_ends_at - LEAST_LEFT:
                break
        now = self._clock.now()
        async with self._units_of_work(lane.tenant_id) as uow:
            await uow.batches.release(lane, again_at or now)
            if lane.allowance.unpaid:
                await uow.dispatch.charge(lane.endpoint, lane.allowance.unpaid, now)
            await uow.commit()

    async def _waiting(self, lane: Lane) -> tuple[str, list[tuple[int, UUID]]] | None:
        """Who asked, and what is next; None where the lease is not ours any more. A paused endpoint has nothing to do now."""
        async with self._units_of_work(lane.tenant_id) as uow:
            breaker = await uow.dispatch.hold_lease(lane)
            if breaker is None:
                return None
            batch, endpoint = await uow.batches.get(batch_of(lane)), await uow.endpoints.get(lane.endpoint)
            if batch is None or endpoint is None or endpoint.paused or breaker.is_open(self._clock.now()):
                return "", []
            most = min(SIDE_BY_SIDE, endpoint.max_concurrency, lane.allowance.left)
            return batch.actor, list(await uow.batches.waiting(lane, most))

    async def _item(self, lane: Lane, position: int, journal_id: UUID, store: Store) -> datetime | None:
        """Validates one journal; the moment before which it is no use to go on, where there is one."""
        lane.allowance.take()
        said: Verdict | Conflict
        try:
            said = await self._validate.ask(lane.tenant_id, journal_id, paid=True)
        except Conflict as error:
            said = error
        return await store((position, said))

    async def _store(self, lane: Lane, actor: str, answers: Sequence[Answer]) -> list[datetime | None]:
        """The answers that came by now, in one unit of work; for each the moment as above."""
        async with self._units_of_work(lane.tenant_id) as uow:
            breaker = await uow.dispatch.hold_lease(lane)
            waits: dict[int, datetime | None] = {}
            for position, said in sorted(answers, key=_sequence):
                if isinstance(said, Verdict):
                    waits[position] = await self._record(uow, lane, position, said, actor, ours=breaker is not None)
                elif breaker is not None:
                    await uow.batches.settle(lane, position, REFUSED, problem_of(said), self._clock.now())
            outcomes = [said.outcome for _, said in answers if isinstance(said, Verdict) and said.attempt is not None]
            if breaker is not None:
                await self._flow.told(uow, lane.endpoint, breaker, outcomes, self._clock.now())
            await uow.commit()
        return [waits.get(position) for position, _ in answers]

    async def _record(self, uow: UnitOfWork, lane: Lane, position: int, verdict: Verdict, actor: str, *, ours: bool) -> datetime | None:
        now, outcome = self._clock.now(), verdict.outcome
        stopped = isinstance(outcome, Throttled | Unauthorised | Misconfigured)
        journal = await self._validate.record(uow, verdict, actor, take=ours and not stopped)
        if not ours:
            return None
        if isinstance(outcome, Throttled):
            return after_throttling(now, outcome.retry_after)
        if await pause_where_shut_out(uow, lane.endpoint, outcome):
            return now
        if journal is not None:
            reason = unanswered(outcome)
            problem = None if reason is None or journal.status is not JournalStatus.OPEN else problem_of(ErpDidNotAnswer(reason))
            await uow.batches.settle(lane, position, str(journal.status), problem, now)
        return None


def _sequence(answer: Answer) -> int:
    """Journals are locked in the order of their sequence, by whomever."""
    _, said = answer
    return said.journal.sequence if isinstance(said, Verdict) else 0
