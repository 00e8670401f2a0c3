"""A batch is posted whole, once it comes to its control total."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.application.debtor_batches.open_batch import locked_open_batch
from app.application.debtor_batches.post_together import Posted, PostTogether
from app.application.events_in.envelope import entry_envelope, read_event
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.debtor_batches import BatchEntry, DebtorBatch
from app.application.ports.events import EventStatus
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.posting_context import PostingContext, load_context
from app.application.recorded import decision_json, stored_event
from app.domain.debtor_batch import check_control, total_of
from app.domain.errors import DebtorTransactionExists, EventIdReused
from app.domain.events import DebtorTransaction


@dataclass(frozen=True, slots=True)
class _Ready:
    entry: BatchEntry
    event_id: UUID
    event: DebtorTransaction


class PostBatch:
    """All of its transactions in one unit of work, or none: a refused one is named, and nothing is posted. Each becomes an event whose
    source names who entered it; the audit log names who posted the batch."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies
        self._post = PostTogether(clock, ids)

    async def __call__(self, tenant_id: UUID, actor: str, batch_id: UUID) -> DebtorBatch:
        """Raises `ControlTotalDiffers`, `NotFound`, `DebtorBatchPosted`, or what posting one of them is refused with."""
        now = self._clock.now()
        async with self._units_of_work(tenant_id) as uow:
            batch = await locked_open_batch(uow, batch_id)
            entries = await uow.debtor_batches.entries(batch_id)
            check_control(batch.control, total_of(entry.amount for entry in entries), batch.currency)
            context = await load_context(uow, self._currencies, now)
            ready = await self._ready(uow, context, entries, now)
            posted = await self._post(uow, context, [(each.event_id, each.event) for each in ready])
            await self._keep(uow, actor, batch, ready, posted, now)
            await uow.commit()
        return batch

    async def _ready(self, uow: UnitOfWork, context: PostingContext, entries: Sequence[BatchEntry], now: datetime) -> Sequence[_Ready]:
        """The entries as events of the log, under the locks on their numbers, none of which was used."""
        await uow.orders.lock("debtor_document", [f"{entry.kind} {entry.number}" for entry in entries])
        used = await uow.debtors_ledger.documents.used([(entry.kind, entry.number) for entry in entries])
        for entry in entries:
            if (entry.kind, entry.number) in used:
                raise DebtorTransactionExists(f"{_name(entry)}: the number was used for this kind before")
        return [await self._add(uow, context, entry, now) for entry in entries]

    async def _add(self, uow: UnitOfWork, context: PostingContext, entry: BatchEntry, now: datetime) -> _Ready:
        envelope = entry_envelope(entry.entered_by, entry.id, "debtor.transaction", now, dict(entry.data))
        event = read_event(envelope, received_at=now, time_zone=context.tenant.time_zone, currencies=self._currencies)
        event_id, existing = await uow.events.add(stored_event(self._ids.new(), envelope, now, EventStatus.POSTED, ()))
        if existing is not None or not isinstance(event, DebtorTransaction):
            raise EventIdReused(f"{_name(entry)} was entered by itself before: remove it from the batch and enter it anew")
        return _Ready(entry, event_id, event)

    async def _keep(
        self, uow: UnitOfWork, actor: str, batch: DebtorBatch, ready: Sequence[_Ready], posted: Sequence[Posted], now: datetime
    ) -> None:
        for each, (_, decision) in zip(ready, posted, strict=True):
            await uow.events.post(each.event_id, decision.accounting_date, (), decision_json(decision))
        transactions = {each.entry.id: transaction.id for each, (transaction, _) in zip(ready, posted, strict=True)}
        await uow.debtor_batches.post(batch.id, actor, now, transactions)
        amount = batch.currency.to_text(batch.control.amount)
        detail = {"count": batch.control.count, "amount": amount, "currency": batch.currency.code}
        await uow.audit.write_each(
            actor,
            "debtor_transaction.enter",
            {_name(each.entry): {"batch": batch.number, "entered_by": each.entry.entered_by} for each in ready},
        )
        await uow.audit.write(actor, "debtor_batch.post", str(batch.number), detail)


def _name(entry: BatchEntry) -> str:
    return f"{entry.kind} {entry.number}"
