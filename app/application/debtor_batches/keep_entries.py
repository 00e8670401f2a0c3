"""What is entered in a batch: looked over like a posting, and not posted yet."""

from typing import Any
from uuid import UUID

from app.application.debtor_batches.keep_batch import MOST_ENTRIES
from app.application.debtor_batches.open_batch import locked_open_batch
from app.application.ports.debtor_batches import BatchEntry, DebtorBatch
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.preview_debtor_transaction import PreviewDebtorTransaction
from app.domain.debtor_batch import signed_amount
from app.domain.errors import Conflict, DebtorTransactionExists, Fault, Invalid, NotFound
from app.domain.events import DebtorTransaction


class KeepEntries:
    """An entry is refused where posting it now would be; whether it still can be posted shows once the batch is."""

    def __init__(self, units_of_work: UnitsOfWork, preview: PreviewDebtorTransaction) -> None:
        self._units_of_work = units_of_work
        self._preview = preview

    async def put(self, tenant_id: UUID, actor: str, batch_id: UUID, entry_id: UUID, data: dict[str, Any]) -> BatchEntry:
        """Adds it, or changes the one of this id. Raises a `DomainError` with pointers into the data."""
        event = (await self._preview.of_json(tenant_id, data)).event
        number = str(data["transaction_number"])
        async with self._units_of_work(tenant_id) as uow:
            batch = await locked_open_batch(uow, batch_id)
            _check_currency(batch, event)
            entry = BatchEntry(
                id=entry_id,
                position=await self._position(uow, batch, entry_id),
                kind=event.kind,
                number=number,
                amount=signed_amount(event),
                data=data,
                entered_by=actor,
            )
            if await uow.debtors_ledger.documents.used([(entry.kind, number)]):
                raise DebtorTransactionExists("the number was used for this kind before")
            await uow.debtor_batches.put(batch_id, entry)
            detail = {"entry": f"{entry.kind} {number}", "amount": batch.currency.to_text(entry.amount)}
            await uow.audit.write(actor, "debtor_batch.enter", str(batch.number), detail)
            await uow.commit()
        return entry

    async def remove(self, tenant_id: UUID, actor: str, batch_id: UUID, entry_id: UUID) -> BatchEntry:
        """Raises `NotFound` or `DebtorBatchPosted`."""
        async with self._units_of_work(tenant_id) as uow:
            batch = await locked_open_batch(uow, batch_id)
            entry = next((each for each in await uow.debtor_batches.entries(batch_id) if each.id == entry_id), None)
            if entry is None:
                raise NotFound("there is no such transaction in the batch")
            await uow.debtor_batches.remove(batch_id, entry_id)
            detail = {"entry": f"{entry.kind} {entry.number}", "amount": batch.currency.to_text(entry.amount)}
            await uow.audit.write(actor, "debtor_batch.remove", str(batch.number), detail)
            await uow.commit()
        return entry

    async def _position(self, uow: UnitOfWork, batch: DebtorBatch, entry_id: UUID) -> int:
        """Behind the last one; its own where it is there already."""
        entries = await uow.debtor_batches.entries(batch.id)
        own = next((each.position for each in entries if each.id == entry_id), None)
        if own is None and len(entries) >= MOST_ENTRIES:
            raise Conflict(f"a batch has at most {MOST_ENTRIES} transactions: open another one")
        return own or max((each.position for each in entries), default=0) + 1


def _check_currency(batch: DebtorBatch, event: DebtorTransaction) -> None:
    if event.currency != batch.currency:
        message = f"the batch is in {batch.currency.code}"
        raise Invalid(message, Fault(pointer="/currency", message=message))
