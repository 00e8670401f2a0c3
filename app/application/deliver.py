"""Delivers what stands at the head of a leased lane: validate, send, and where an answer was lost, find before anything else.

Between two calls there is one unit of work: it stores what the first one brought, and commits the attempt and the payload of the
next one. So a worker that dies leaves an open attempt, and whoever takes the lane next looks the journal up in the ERP.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.flow import JITTER_PERMILLE, Flow
from app.application.next_call import Called, Head, Step, absent_after, begin, make, read_head
from app.application.ports.attempt_witness import AttemptWitness, MadeCall
from app.application.ports.chance import Chance
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt, DeliveryRow, Lane
from app.application.ports.erp import ErpConnection, Exchange
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.settle_delivery import Outcome, Settlement, outcome_json, settle
from app.domain.delivery import Validation
from app.domain.journal import JournalStatus

SEALED = "the credentials were sealed by a secret key that this service does not have: send them again"
LEASE_MARGIN = timedelta(seconds=1)
ORDER_LANE = "order:"


class Deliver:
    """Works through a leased lane until its head has to wait, needs a person, there is none, or the lease is used up."""

    def __init__(
        self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, clock: Clock, ids: Ids, chance: Chance, witness: AttemptWitness
    ) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._clock = clock
        self._ids = ids
        self._chance = chance
        self._flow = Flow(chance)
        self._witness = witness

    async def __call__(self, lane: Lane, lease_ends_at: datetime) -> None:
        called: Called | None = None
        while (step := await self._turn(lane, called, lease_ends_at - LEASE_MARGIN)) is not None:
            lane.allowance.take()
            called = await make(step)
            self._witness.saw(_made(lane, called))

    async def _turn(self, lane: Lane, called: Called | None, ends_at: datetime) -> Step | None:
        """Stores what came back and begins the next call; None where there is none to make now, and the lane is given back."""
        now = self._clock.now()
        async with self._units_of_work(lane.tenant_id) as uow:
            if called is not None:
                await uow.attempts.finish(finished(called.step.attempt, called.outcome, called.exchange, now))
            rows = await uow.dispatch.heads(lane)
            breaker = await uow.dispatch.hold_lease(lane)
            head = None if breaker is None else await read_head(uow, rows)
            if called is not None and breaker is not None:
                head = await self._settled(uow, head, rows[1:], called, now)
                breaker = await self._flow.told(uow, lane.endpoint, breaker, called.outcome, now)
            may_call = breaker is not None and not breaker.is_open(now) and now < ends_at and lane.allowance.left > 0
            step = await self._begin(uow, lane, head, called, now) if may_call and head is not None else None
            if step is None:
                await uow.dispatch.release(lane)
                if lane.allowance.unpaid:
                    await uow.dispatch.charge(lane.endpoint, lane.allowance.unpaid, now)
            await uow.commit()
            return step

    async def _settled(
        self, uow: UnitOfWork, head: Head | None, later: Sequence[DeliveryRow], called: Called, now: datetime
    ) -> Head | None:
        """Applies an outcome to what is there now. The head that the lane can go on with at once, None where it has to wait."""
        step = called.step
        if head is None or head.journal.id != step.journal.id:
            return head  # a person finished it meanwhile
        if isinstance(called.outcome, Validation) and _changed(head, step):
            return head  # the verdict is about what is not there any more
        settlement = settle(
            called.outcome,
            head.journal,
            failures=head.row.failures,
            now=now,
            jitter_permille=self._chance.permille(JITTER_PERMILLE),
            absent_after=absent_after(head.row, step.connection),
            minimum=step.minimum,
        )
        await apply_settlement(uow, step.endpoint.name, settlement, step.journal.id, outcome_json(called.outcome)[0], head.row)
        if not settlement.go_on:
            return None
        if settlement.done:
            return await read_head(uow, later)
        row = replace(head.row, failures=settlement.failures, next_at=settlement.next_at or now)
        return Head(row=row, journal=settlement.journal)

    async def _begin(self, uow: UnitOfWork, lane: Lane, head: Head, called: Called | None, now: datetime) -> Step | None:
        """The next call, not committed yet. None where a person, the schedule or the endpoint holds the head back."""
        if not head.row.wanted or head.journal.held or head.row.next_at > now:
            return None
        endpoint = await uow.endpoints.get(lane.endpoint)
        if endpoint is None or endpoint.paused:
            return None
        try:
            connection = self._connected(lane.tenant_id, endpoint, called)
        except SealedByOther:
            await uow.endpoints.pause(endpoint.name, paused=True, reason=SEALED)
            return None
        validated = called.step.document if called is not None and _just_validated(head, called) else None
        return await begin(uow, lane, head, endpoint, connection, self._ids.new(), now, validated)

    def _connected(self, tenant_id: UUID, endpoint: Endpoint, called: Called | None) -> ErpConnection:
        """The connection of the call before, where nobody changed the endpoint since."""
        if called is not None and called.step.endpoint == endpoint:
            return called.step.connection
        return self._connect(tenant_id, endpoint)


def finished(attempt: Attempt, outcome: Outcome, exchange: Exchange, now: datetime) -> Attempt:
    """The attempt with what came back."""
    name, detail = outcome_json(outcome)
    return replace(
        attempt,
        finished_at=now,
        status_code=exchange.status,
        response=exchange.body,
        duration_ms=exchange.duration_ms,
        outcome=name,
        detail=detail,
    )


async def apply_settlement(
    uow: UnitOfWork, endpoint: str, settlement: Settlement, journal_id: UUID, action: str, row: DeliveryRow | None = None
) -> None:
    """Writes a settlement: the journal, its place in the lane, and the endpoint where it has to stop. `row` is its place before, where
    that is known: what is due already is not postponed to now."""
    await uow.journals.update(settlement.journal, action)
    if settlement.done:
        await uow.dispatch.finish(journal_id)
    elif settlement.withdrawn:
        await uow.dispatch.withdraw(journal_id)
    elif settlement.next_at is not None and not (row and settlement.go_on and row.failures == settlement.failures):
        await uow.dispatch.postpone(journal_id, failures=settlement.failures, until=settlement.next_at)
    if settlement.pause_reason is not None:
        await uow.endpoints.pause(endpoint, paused=True, reason=settlement.pause_reason)


def _changed(head: Head, step: Step) -> bool:
    """Whether the journal is another one than its document was built from."""
    return (head.journal.version, head.journal.transactions) != (step.journal.version, step.journal.transactions)


def _just_validated(head: Head, called: Called) -> bool:
    """Whether the call before made this journal valid, as against a person who validated a later version of it meanwhile."""
    same = called.step.journal.id == head.journal.id and not _changed(head, called.step)
    return same and isinstance(called.outcome, Validation) and head.journal.status is JournalStatus.VALID


def _made(lane: Lane, called: Called) -> MadeCall:
    step = called.step
    return MadeCall(
        tenant_id=lane.tenant_id,
        endpoint=lane.endpoint,
        order_number=lane.lane_key.removeprefix(ORDER_LANE) if lane.lane_key.startswith(ORDER_LANE) else None,
        journal_id=step.journal.id,
        reference=step.journal.reference,
        attempt_id=step.attempt.id,
        purpose=step.prepared.purpose,
        outcome=outcome_json(called.outcome)[0],
        duration_ms=called.exchange.duration_ms,
    )
