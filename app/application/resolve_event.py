"""A person settles what is parked or refused: tried again, or discarded with a reason."""

from uuid import UUID

from app.application.ports.events import EventStatus, StoredEvent
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.record_event import RecordEvent
from app.application.recorded import EventResult
from app.domain.errors import EventNotWaiting, NotFound

WAITING = {EventStatus.PARKED, EventStatus.REFUSED}


class ResolveEvent:
    """Retry applies the event as it came; discard takes it out of the queue, so that what waits behind it goes on."""

    def __init__(self, units_of_work: UnitsOfWork, record_event: RecordEvent) -> None:
        self._units_of_work = units_of_work
        self._record_event = record_event

    async def retry(self, tenant_id: UUID, event_id: UUID, actor: str) -> EventResult:
        """What became of it; refused again, it carries its problem."""
        stored = await self._waiting(tenant_id, event_id, actor, "event.retry", {})
        await self._record_event.apply_stored(tenant_id, event_id, WAITING)
        for number in stored.subjects:
            await self._record_event.drain(tenant_id, number)
        return await self._record_event.result_of(tenant_id, event_id)

    async def discard(self, tenant_id: UUID, event_id: UUID, reason: str, actor: str) -> EventResult:
        stored = await self._waiting(tenant_id, event_id, actor, "event.discard", {"reason": reason})
        async with self._units_of_work(tenant_id) as uow:
            await uow.orders.lock("order", stored.subjects)
            found = await uow.events.get(event_id)
            if found is None or found.status not in WAITING:
                raise EventNotWaiting("the event was settled meanwhile")
            await uow.events.settle(
                event_id, EventStatus.DISCARDED, problem={"code": "discarded", "title": "Discarded by a person", "detail": reason}
            )
            await uow.commit()
        for number in stored.subjects:
            await self._record_event.drain(tenant_id, number)
        return await self._record_event.result_of(tenant_id, event_id)

    async def _waiting(self, tenant_id: UUID, event_id: UUID, actor: str, command: str, detail: dict[str, str]) -> StoredEvent:
        async with self._units_of_work(tenant_id) as uow:
            stored = await uow.events.get(event_id)
            if stored is None:
                raise NotFound("there is no such event")
            if stored.status not in WAITING:
                raise EventNotWaiting(f"the event is {stored.status}")
            await uow.audit.write(actor, command, stored.external_id, detail)
            await uow.commit()
            return stored
