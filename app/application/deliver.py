"""Delivers what stands at the head of a leased lane: validate, send, and where an answer was lost, find before anything else.

Each step is two units of work with the call between them: the attempt and its payload are committed before the call, the outcome
after it. So a worker that dies leaves an open attempt, and whoever takes the lane next looks the journal up in the ERP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.chance import Chance
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt, DeliveryRow, Lane
from app.application.ports.erp import Answered, ErpConnection, Exchange, Prepared
from app.application.ports.journals import Journal
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.settle_delivery import Outcome, Settlement, outcome_json, settle
from app.domain.delivery import FindOutcome, Purpose, SendOutcome, ValidateOutcome
from app.domain.journal import JournalStatus

SEALED = "the credentials were sealed by a secret key that this service does not have: send them again"
NOT_BACK = "the worker did not come back"
MOST_STEPS = 100
"""A lane is given back after so many steps, so that a long one does not hold its worker from the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call that is to be made; its attempt is committed."""

    journal: Journal
    row: DeliveryRow
    endpoint: Endpoint
    connection: ErpConnection
    prepared: Prepared
    attempt: Attempt
    first_sent_at: datetime | None


class Deliver:
    """Works through a leased lane until its head has to wait, needs a person, or there is none."""

    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, clock: Clock, ids: Ids, chance: Chance) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._clock = clock
        self._ids = ids
        self._chance = chance

    async def __call__(self, lane: Lane, lease_ends_at: datetime) -> None:
        for _ in range(MOST_STEPS):
            step = await self._prepare(lane)
            if step is None:
                return
            answered = await _call(step)
            if not await self._record(lane, step, answered) or self._clock.now() >= lease_ends_at - timedelta(seconds=1):
                break
        async with self._units_of_work(lane.tenant_id) as uow:
            await uow.dispatch.release(lane)
            await uow.commit()

    async def _prepare(self, lane: Lane) -> Step | None:
        """The next call, with its attempt committed; None where there is nothing to do now, and the lane is given back."""
        async with self._units_of_work(lane.tenant_id) as uow:
            if not await uow.dispatch.hold_lease(lane):
                return None
            row = await uow.dispatch.head(lane)
            journal = await uow.journals.get(row.journal_id, lock=True) if row else None
            endpoint = await uow.endpoints.get(lane.endpoint)
            now = self._clock.now()
            if row is None or journal is None or endpoint is None or not row.wanted or journal.held or row.next_at > now or endpoint.paused:
                await uow.dispatch.release(lane)
                await uow.commit()
                return None
            try:
                connection = self._connect(lane.tenant_id, endpoint)
            except SealedByOther:
                await uow.endpoints.pause(endpoint.name, paused=True, reason=SEALED)
                await uow.dispatch.release(lane)
                await uow.commit()
                return None
            step = await self._step(uow, lane, row, journal, endpoint, connection, now)
            await uow.commit()
            return step

    async def _step(
        self, uow: UnitOfWork, lane: Lane, row: DeliveryRow, journal: Journal, endpoint: Endpoint, connection: ErpConnection, now: datetime
    ) -> Step:
        before = journal.status
        attempts = await uow.attempts.of_journal(journal.id)
        sends = [attempt for attempt in attempts if attempt.purpose is Purpose.SEND]
        lost = [attempt for attempt in attempts if attempt.finished_at is None and attempt.fence]
        for attempt in lost:
            await uow.attempts.finish(replace(attempt, finished_at=now, outcome="unknown", detail={"reason": NOT_BACK}))
        if any(attempt.purpose is Purpose.SEND for attempt in lost) or journal.status is JournalStatus.SENDING:
            journal = replace(journal, status=JournalStatus.UNKNOWN)
        purpose = _purpose(journal)
        if purpose is Purpose.FIND:
            prepared = Prepared(purpose=purpose, references=(journal.reference,), body="")
        else:
            prepared = connection.prepare(purpose, [await uow.journals.document(journal)])
        attempt = Attempt(
            id=self._ids.new(), journal_id=journal.id, purpose=purpose, fence=lane.fence, started_at=now, request=prepared.body
        )
        await uow.attempts.start(attempt)
        if purpose is Purpose.SEND:
            journal = replace(journal, status=JournalStatus.SENDING, gathering=False)
        if journal.status is not before:
            await uow.journals.update(journal, str(purpose))
        return Step(
            journal=journal,
            row=row,
            endpoint=endpoint,
            connection=connection,
            prepared=prepared,
            attempt=attempt,
            first_sent_at=max((each.started_at for each in sends), default=None),
        )

    async def _record(self, lane: Lane, step: Step, answered: tuple[Outcome, Exchange]) -> bool:
        """Stores what came back; True where the lane can go on at once. Under a lost lease only the attempt is completed."""
        outcome, exchange = answered
        now = self._clock.now()
        async with self._units_of_work(lane.tenant_id) as uow:
            ours = await uow.dispatch.hold_lease(lane)
            await uow.attempts.finish(finished(step.attempt, outcome, exchange, now))
            if ours:
                settlement = settle(
                    outcome,
                    step.journal,
                    failures=step.row.failures,
                    now=now,
                    jitter_permille=self._chance.permille(200),
                    absent_after=_absent_after(step),
                    minimum=step.endpoint.minimum_validation or step.connection.capabilities.highest_validation,
                )
                await apply_settlement(uow, step.endpoint.name, settlement, step.journal.id, outcome_json(outcome)[0])
            await uow.commit()
            return ours and settlement.go_on


async def _call(step: Step) -> tuple[Outcome, Exchange]:
    answered: Answered[ValidateOutcome] | Answered[SendOutcome] | Answered[FindOutcome]
    match step.prepared.purpose:
        case Purpose.VALIDATE:
            answered = await step.connection.validate(step.prepared)
        case Purpose.SEND:
            answered = await step.connection.send(step.prepared)
        case Purpose.FIND:
            answered = await step.connection.find(step.journal.reference)
    results: Mapping[str, Outcome] = dict(answered.results)
    return results[step.journal.reference], answered.exchange


def _purpose(journal: Journal) -> Purpose:
    """Unknown is looked up, valid is sent, anything else is validated first."""
    if journal.status is JournalStatus.UNKNOWN:
        return Purpose.FIND
    return Purpose.SEND if journal.status in (JournalStatus.VALID, JournalStatus.QUEUED) else Purpose.VALIDATE


def _absent_after(step: Step) -> datetime | None:
    """From when on a look-up that finds nothing means that nothing will come: the ERP's own time limit after the last send."""
    if step.first_sent_at is None:
        return None
    return step.first_sent_at + timedelta(seconds=step.connection.capabilities.time_limit)


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


async def apply_settlement(uow: UnitOfWork, endpoint: str, settlement: Settlement, journal_id: UUID, action: str) -> None:
    """Writes a settlement: the journal, its place in the lane, and the endpoint where it has to stop."""
    await uow.journals.update(settlement.journal, action)
    if settlement.done:
        await uow.dispatch.finish(journal_id)
    elif settlement.withdrawn:
        await uow.dispatch.withdraw(journal_id)
    elif settlement.next_at is not None:
        await uow.dispatch.postpone(journal_id, failures=settlement.failures, until=settlement.next_at)
    if settlement.pause_reason is not None:
        await uow.endpoints.pause(endpoint, paused=True, reason=settlement.pause_reason)
