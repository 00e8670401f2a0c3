"""Batches, read: a list, and one with its verification list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.application.events_in.schemas import DebtorTransactionData
from app.application.events_in.translate import debtor_transaction
from app.application.ports.currencies import Currencies
from app.application.ports.debtor_batches import BatchEntry, DebtorBatch
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.debtor_batch import Total, total_of
from app.domain.debtors import Debtor
from app.domain.errors import NotFound
from app.domain.events import DebtorTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry with the transaction that it says. `number_used`: somebody posted its kind and number meanwhile."""

    entry: BatchEntry
    event: DebtorTransaction
    number_used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationList:
    """All that is entered, what it comes to, and by how much that differs from what it should."""

    batch: DebtorBatch
    entries: Sequence[ListedEntry]
    debtors: Mapping[str, Debtor]
    entered: Total

    @property
    def difference(self) -> Total:
        return self.entered - self.batch.control

    @property
    def agrees(self) -> bool:
        return self.difference.is_nothing


class ReadBatches:
    """A constant number of statements, however much is entered."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies

    async def page(self, tenant_id: UUID, *, before: int | None, limit: int) -> Sequence[tuple[DebtorBatch, Total]]:
        """The newest first, with what is entered in each."""
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.debtor_batches.page(before=before, limit=limit)

    async def one(self, tenant_id: UUID, batch_id: UUID) -> VerificationList:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            batch = await uow.debtor_batches.get(batch_id)
            if batch is None:
                raise NotFound("there is no such batch")
            entries = await uow.debtor_batches.entries(batch_id)
            events = [self._event(entry) for entry in entries]
            used = await uow.debtors_ledger.documents.used([(entry.kind, entry.number) for entry in entries])
            return VerificationList(
                batch=batch,
                entries=[
                    ListedEntry(entry=entry, event=event, number_used=entry.transaction_id is None and (entry.kind, entry.number) in used)
                    for entry, event in zip(entries, events, strict=True)
                ],
                debtors=await uow.debtors_ledger.debtors.named({event.debtor for event in events}),
                entered=total_of(entry.amount for entry in entries),
            )

    def _event(self, entry: BatchEntry) -> DebtorTransaction:
        """Entries carry their date, so no other day is ever taken."""
        return debtor_transaction(DebtorTransactionData.model_validate(entry.data), entry.number, date.min, self._currencies)
