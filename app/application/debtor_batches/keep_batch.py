"""Batches are opened with what their papers were added up to, and discarded where they are not wanted after all."""

from decimal import Decimal
from uuid import UUID

from app.application.debtor_batches.open_batch import locked_open_batch
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.debtor_batches import DebtorBatch
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.debtor_batch import Total, total_of
from app.domain.errors import Fault, Invalid
from app.domain.money import LARGEST_AMOUNT, Currency

MOST_ENTRIES = 200
LONGEST_DESCRIPTION = 500
NUMBERS = "debtor_batch"


class KeepBatch:
    """The control total is what somebody added up from the papers, before or while they are entered; it may be put right while the batch
    is open. Nothing is posted by any of this, and each change is in the audit log."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies

    async def open(self, tenant_id: UUID, actor: str, *, description: str, currency: str, count: int, amount: Decimal) -> DebtorBatch:
        """Raises `Invalid` with a fault per field."""
        known = self._currencies.get(currency)
        if known is None:
            message = f"{currency} is not a currency of ISO 4217"
            raise Invalid(message, Fault(pointer="/currency", message=message))
        control = _control(count, amount, known)
        async with self._units_of_work(tenant_id) as uow:
            await uow.orders.lock(NUMBERS, (NUMBERS,))
            batch = DebtorBatch(
                id=self._ids.new(),
                number=await uow.debtor_batches.next_number(),
                description=_checked(description),
                currency=known,
                control=control,
                opened_by=actor,
                created_at=self._clock.now(),
            )
            await uow.debtor_batches.add(batch)
            await uow.audit.write(actor, "debtor_batch.open", str(batch.number), _told(control, known))
            await uow.commit()
        return batch

    async def change(self, tenant_id: UUID, actor: str, batch_id: UUID, *, description: str, count: int, amount: Decimal) -> None:
        """Raises `Invalid`, `NotFound` or `DebtorBatchPosted`."""
        async with self._units_of_work(tenant_id) as uow:
            batch = await locked_open_batch(uow, batch_id)
            control = _control(count, amount, batch.currency)
            await uow.debtor_batches.change(batch_id, _checked(description), control)
            await uow.audit.write(actor, "debtor_batch.change", str(batch.number), _told(control, batch.currency))
            await uow.commit()

    async def discard(self, tenant_id: UUID, actor: str, batch_id: UUID) -> DebtorBatch:
        """With all that was entered in it. Raises `NotFound` or `DebtorBatchPosted`."""
        async with self._units_of_work(tenant_id) as uow:
            batch = await locked_open_batch(uow, batch_id)
            entered = total_of(entry.amount for entry in await uow.debtor_batches.entries(batch_id))
            await uow.debtor_batches.delete(batch_id)
            await uow.audit.write(actor, "debtor_batch.discard", str(batch.number), _told(entered, batch.currency))
            await uow.commit()
        return batch


def _control(count: int, amount: Decimal, currency: Currency) -> Total:
    faults = []
    if not 1 <= count <= MOST_ENTRIES:
        faults.append(Fault(pointer="/control_count", message=f"a batch has 1 to {MOST_ENTRIES} transactions"))
    minor = currency.to_minor(amount, "/control_amount")
    if abs(minor) > LARGEST_AMOUNT:
        faults.append(Fault(pointer="/control_amount", message="is beyond what a ledger can hold"))
    if faults:
        raise Invalid(faults[0].message, *faults)
    return Total(count=count, amount=minor)


def _checked(description: str) -> str:
    if len(description) > LONGEST_DESCRIPTION or not description.isprintable():
        message = f"at most {LONGEST_DESCRIPTION} printable characters"
        raise Invalid(message, Fault(pointer="/description", message=message))
    return description


def _told(total: Total, currency: Currency) -> dict[str, str | int]:
    return {"count": total.count, "amount": currency.to_text(total.amount), "currency": currency.code}
