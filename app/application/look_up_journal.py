"""Whether an ERP has a journal: a person's step that depends on it asks first. Nothing is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.application.asked_by_person import made_call, pause_where_shut_out
from app.application.connect_endpoint import ConnectEndpoint
from app.application.flow import Flow
from app.application.mapped import mapped
from app.application.ports.attempt_witness import AttemptWitness
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt
from app.application.ports.erp import Answered, ErpConnection, Prepared
from app.application.ports.journals import Journal
from app.application.ports.secrecy import SealedByOther
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.select_journals import get_journal
from app.application.take_turns import SEALED, finished
from app.domain.delivery import Absent, FindOutcome, FoundBooked, Purpose
from app.domain.errors import ErpDidNotAnswer, NotFound


class Finding(StrEnum):
    BOOKED = "booked"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What the ERP said about a journal as it was then. `told` is the ERP's number where it has it, else why that is not certain."""

    journal: Journal
    finding: Finding
    told: str


class LookUpJournal:
    """Asks an ERP for a journal by our reference, and keeps question and answer as an attempt. Not there counts only after the ERP's own
    time limit for what was last sent. The call costs a token and counts for the endpoint's breaker, and is made whatever that says."""

    def __init__(
        self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, flow: Flow, clock: Clock, ids: Ids, witness: AttemptWitness
    ) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._flow = flow
        self._clock = clock
        self._ids = ids
        self._witness = witness

    async def __call__(self, tenant_id: UUID, journal_id: UUID) -> LookedUp:
        """Raises `ErpDidNotAnswer` where it cannot even be asked."""
        journal, prepared, connection, attempt, certain_at = await self._start(tenant_id, journal_id)
        answered: Answered[FindOutcome] = await connection.find(prepared)
        outcome, now = answered.results[journal.reference], self._clock.now()
        self._witness.saw(made_call(tenant_id, journal, attempt, outcome, answered.exchange))
        async with self._units_of_work(tenant_id) as uow:
            await uow.attempts.finish(finished(attempt, outcome, answered.exchange, now))
            await pause_where_shut_out(uow, journal.endpoint, outcome)
            await self._flow.told(uow, journal.endpoint, await uow.dispatch.lock_breaker(journal.endpoint), [outcome], now)
            await uow.commit()
        match outcome:
            case FoundBooked(number=number):
                return LookedUp(journal=journal, finding=Finding.BOOKED, told=number)
            case Absent() if certain_at is None or now >= certain_at:
                return LookedUp(journal=journal, finding=Finding.ABSENT, told="")
            case Absent():
                told = f"the ERP does not have it yet, which is certain only after {certain_at:%Y-%m-%d %H:%M:%S} UTC"
            case _:
                told = str(getattr(outcome, "reason", "the ERP has an unposted draft of it"))
        return LookedUp(journal=journal, finding=Finding.CANNOT_TELL, told=told)

    async def _start(self, tenant_id: UUID, journal_id: UUID) -> tuple[Journal, Prepared, ErpConnection, Attempt, datetime | None]:
        async with self._units_of_work(tenant_id) as uow:
            journal = await get_journal(uow, journal_id)
            endpoint = await uow.endpoints.get(journal.endpoint)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {journal.endpoint}")
            if endpoint.delivery == "poll":
                raise ErpDidNotAnswer(f"{endpoint.name} is polled by the ERP: it cannot be asked about journal {journal.reference}")
            try:
                connection = self._connect(tenant_id, endpoint)
            except SealedByOther as error:
                raise ErpDidNotAnswer(SEALED) from error
            now = self._clock.now()
            sends = [each.started_at for each in await uow.attempts.of_journal(journal_id) if each.purpose is Purpose.SEND]
            last_sent = max(sends, default=None)
            document = mapped(endpoint, await uow.journals.document(journal)).document
            prepared = connection.prepare(Purpose.FIND, [document])
            attempt = Attempt(
                id=self._ids.new(), journal_id=journal_id, purpose=Purpose.FIND, fence=0, started_at=now, request=prepared.body
            )
            await uow.attempts.start(attempt)
            await uow.dispatch.charge(journal.endpoint, 1, now)
            await uow.commit()
        certain_at = None if last_sent is None else last_sent + timedelta(seconds=connection.capabilities.time_limit)
        return journal, prepared, connection, attempt, certain_at
