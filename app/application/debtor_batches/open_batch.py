"""A batch that may still be changed."""

from uuid import UUID

from app.application.ports.debtor_batches import DebtorBatch
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.errors import DebtorBatchPosted, NotFound


async def locked_open_batch(uow: UnitOfWork, batch_id: UUID) -> DebtorBatch:
    """Nobody else changes it until the unit of work ends. Raises `NotFound` or `DebtorBatchPosted`."""
    batch = await uow.debtor_batches.get(batch_id, lock=True)
    if batch is None:
        raise NotFound("there is no such batch")
    if batch.is_posted:
        raise DebtorBatchPosted(f"batch {batch.number} is posted: what is in it stays, and is corrected by reversals")
    return batch
