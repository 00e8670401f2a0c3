"""An event comes in: recorded once, posted, parked until it can be, or refused and kept with its problem."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from app.application.events_in.envelope import Envelope, open_envelope, read_event
from app.application.gathered import Gathered
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.events import EventStatus, StoredEvent
from app.application.ports.unit_of_work import Deadlock, UnitOfWork, UnitsOfWork
from app.application.post_event import PostEvent
from app.application.posting_context import load_context
from app.application.problems import problem_of
from app.application.record_together import RecordTogether
from app.application.recorded import EventResult, decision_json, result_from, stored_event
from app.application.stored_events import read_stored
from app.domain.errors import DomainError, EventIdReused, Fault, Invalid, InvoiceUnknown, Waiting
from app.domain.events import (
    DebtorReversed,
    DebtorTransaction,
    EntryRecorded,
    EntryReversed,
    Event,
    InvoiceCancelled,
    OrderChanged,
    OrderCreated,
)
from app.domain.posting import touched_orders
from app.domain.transaction import Supplier

MOST_DEADLOCKS = 5
"""So often an event is tried again where its unit of work was the one to give way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A person entered the event: how the audit log names that. Refused, it is told to them at once and not kept."""

    actor: str
    command: str
    subject: str
    detail: Mapping[str, Any]


class RecordEvent:
    """Records one event and posts what it means, in one unit of work, under the locks of the orders it is about: by the way that many
    would go together, where it is an event that could go so.

    The same event again answers as the first time. An event that came too early is parked, and applied by itself once what it
    waits for is there; what follows for its order waits behind it. A refused event is kept with its problem and moves nothing.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies
        self._post = PostEvent(clock, ids, currencies)
        self.together = RecordTogether(units_of_work, clock, ids, currencies)
        self._arriving: WeakValueDictionary[UUID, Gathered[Envelope, EventResult | None]] = WeakValueDictionary()

    async def __call__(self, tenant_id: UUID, raw: object, *, dry_run: bool = False) -> EventResult:
        """Raises a `DomainError` where the event is refused. A dry run answers the same and keeps nothing."""
        return await self.record(tenant_id, open_envelope(raw), dry_run=dry_run)

    async def record(self, tenant_id: UUID, envelope: Envelope, *, dry_run: bool = False, entered: Entered | None = None) -> EventResult:
        """The same for an envelope that is open already: an event's, a command's of Glint's own, or what a person entered."""
        if not dry_run and entered is None:
            result = await self._with_others(tenant_id, envelope)
            if result is not None:
                return result
        now = self._clock.now()
        try:
            result = await self._record_again_after_deadlocks(tenant_id, envelope, now, dry_run=dry_run, entered=entered)
        except DomainError as error:
            if not dry_run and entered is None:
                await self._keep_refused(tenant_id, envelope, now, error)
            raise
        if dry_run or result.duplicate:
            return result
        for number in result.order_numbers:
            await self.drain(tenant_id, number)
        return result if result.status is EventStatus.POSTED else await self.result_of(tenant_id, result.event_id)

    async def result_of(self, tenant_id: UUID, event_id: UUID) -> EventResult:
        """What has become of an event by now."""
        async with self._units_of_work(tenant_id) as uow:
            stored = await uow.events.get(event_id)
            if stored is None:
                raise LookupError(f"event {event_id} is gone")
            return await _answer(uow, stored, duplicate=False)

    async def drain(self, tenant_id: UUID, order_number: str) -> None:
        """Applies the parked events that wait for this order, oldest first, until one still has to wait."""
        while await self.try_parked(tenant_id, order_number):
            pass

    async def try_parked(self, tenant_id: UUID, order_number: str) -> bool:
        """Applies the oldest event parked for this order; False where there is none, or it still has to wait."""
        async with self._units_of_work(tenant_id) as uow:
            first = await uow.events.waiting(order_number)
        return first is not None and await self.apply_stored(tenant_id, first.id, {EventStatus.PARKED})

    async def apply_stored(self, tenant_id: UUID, event_id: UUID, statuses: set[EventStatus]) -> bool:
        """Applies a stored event that is in one of these states; True where it is settled now, posted or refused."""
        try:
            async with self._units_of_work(tenant_id) as uow:
                stored = await uow.events.get(event_id)
                if stored is None or stored.status not in statuses:
                    return True
                context = await load_context(uow, self._currencies, stored.received_at)
                event = read_stored(stored, context.tenant.time_zone, self._currencies)
                event = await self._lock(uow, event)
                stored = await uow.events.get(event_id)
                if stored is None or stored.status not in statuses:
                    return True
                context = await load_context(uow, self._currencies, self._clock.now())
                try:
                    decision = await self._post(uow, context, event_id, event)
                except Waiting as waiting:
                    await uow.events.settle(event_id, EventStatus.PARKED, waits_for=waiting.order_numbers)
                    await uow.commit()
                    return False
                await uow.events.post(event_id, decision.accounting_date, sorted(decision.manager_versions), decision_json(decision))
                await uow.commit()
        except DomainError as error:
            async with self._units_of_work(tenant_id) as uow:
                await uow.events.settle(event_id, EventStatus.REFUSED, problem=problem_of(error))
                await uow.commit()
        return True

    async def _with_others(self, tenant_id: UUID, envelope: Envelope) -> EventResult | None:
        """Together with what else comes for the tenant at the same time; None where it has to go alone."""
        arriving = self._arriving.get(tenant_id)
        if arriving is None:
            arriving = self._arriving[tenant_id] = Gathered(partial(self._together, tenant_id))
        return await arriving(envelope)

    async def _together(self, tenant_id: UUID, envelopes: Sequence[Envelope]) -> Sequence[EventResult | None]:
        results = await self.together(tenant_id, dict(enumerate(envelopes)), wait=False)
        return [results.get(place) for place in range(len(envelopes))]

    async def _record_again_after_deadlocks(
        self, tenant_id: UUID, envelope: Envelope, now: datetime, *, dry_run: bool, entered: Entered | None
    ) -> EventResult:
        for _ in range(MOST_DEADLOCKS):
            with suppress(Deadlock):
                return await self._record(tenant_id, envelope, now, dry_run=dry_run, entered=entered)
        return await self._record(tenant_id, envelope, now, dry_run=dry_run, entered=entered)

    async def _record(self, tenant_id: UUID, envelope: Envelope, now: datetime, *, dry_run: bool, entered: Entered | None) -> EventResult:
        async with self._units_of_work(tenant_id) as uow:
            context = await load_context(uow, self._currencies, now)
            event = read_event(envelope, received_at=now, time_zone=context.tenant.time_zone, currencies=self._currencies)
            event = await self._lock(uow, event)
            orders = touched_orders(event)
            event_id, existing = await uow.events.add(stored_event(self._ids.new(), envelope, now, EventStatus.POSTED, orders))
            if existing is not None:
                if existing.fingerprint != envelope.fingerprint:
                    raise EventIdReused(f"event {envelope.id} of {envelope.source} came before with other content")
                return await _answer(uow, existing, duplicate=True)
            waits_for = await self._queue_before(uow, event, orders)
            if not waits_for:
                try:
                    decision = await self._post(uow, context, event_id, event)
                    await uow.events.post(event_id, decision.accounting_date, sorted(decision.manager_versions), decision_json(decision))
                except Waiting as waiting:
                    waits_for = waiting.order_numbers
            if waits_for:
                await uow.events.settle(event_id, EventStatus.PARKED, waits_for=waits_for)
            status = EventStatus.PARKED if waits_for else EventStatus.POSTED
            posted = () if waits_for else await uow.transactions.of_event(event_id)
            if entered is not None:
                await uow.audit.write(entered.actor, entered.command, entered.subject, entered.detail)
            if not dry_run:
                await uow.commit()
            return EventResult(event_id=event_id, status=status, duplicate=False, order_numbers=orders, transactions=posted)

    async def _queue_before(self, uow: UnitOfWork, event: Event, orders: Sequence[str]) -> tuple[str, ...]:
        """The orders for which events are parked: what follows for them waits too, but for what may bring what they wait for."""
        if type(event) in (OrderCreated, OrderChanged):
            return ()
        return tuple([number for number in orders if await uow.events.waiting(number) is not None])

    async def _lock(self, uow: UnitOfWork, event: Event) -> Event:
        """Takes the locks that an event needs. An invoice's cancellation learns here which orders it is about."""
        if isinstance(event, EntryRecorded | EntryReversed):
            await uow.orders.lock("entry", [event.transaction_number])
            return event
        if isinstance(event, DebtorTransaction | DebtorReversed):
            await uow.orders.lock("debtor_document", [f"{event.kind} {event.transaction_number}"])
            return event
        if isinstance(event, InvoiceCancelled):
            event = await _with_orders(uow, event)
        await uow.orders.lock("order", touched_orders(event))
        return event

    async def _keep_refused(self, tenant_id: UUID, envelope: Envelope, now: datetime, error: DomainError) -> None:
        """In a unit of work of its own, since the other was rolled back. An event that was posted meanwhile stays as it is."""
        async with self._units_of_work(tenant_id) as uow:
            event_id, existing = await uow.events.add(stored_event(self._ids.new(), envelope, now, EventStatus.REFUSED, ()))
            if existing is None:
                await uow.events.settle(event_id, EventStatus.REFUSED, problem=problem_of(error))
                await uow.commit()


async def _with_orders(uow: UnitOfWork, event: InvoiceCancelled) -> InvoiceCancelled:
    found = await uow.orders.orders_of_invoice(event.supplier.code if event.supplier else None, event.invoice_number)
    suppliers = sorted({supplier for supplier, _ in found})
    if not found:
        raise InvoiceUnknown(f"no order was invoiced by {event.invoice_number}")
    if len(suppliers) > 1:
        message = f"{event.invoice_number} is of {', '.join(suppliers)}: say which supplier"
        raise Invalid(message, Fault(pointer="/data/supplier", message=message))
    return replace(event, supplier=Supplier(code=suppliers[0]) if suppliers[0] else None, order_numbers=tuple(order for _, order in found))


async def _answer(uow: UnitOfWork, stored: StoredEvent, *, duplicate: bool) -> EventResult:
    return result_from(stored, await uow.transactions.of_event(stored.id), duplicate=duplicate)
