"""How far a batch is."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.batches import BatchItem, BatchProgress
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


class ReadBatch:
    """A batch's progress, and a page of its journals with what became of each."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(
        self, tenant_id: UUID, batch_id: UUID, *, after_position: int, limit: int
    ) -> tuple[BatchProgress, Sequence[BatchItem]]:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            progress = await uow.batches.progress(batch_id)
            if progress is None:
                raise NotFound("there is no such batch")
            return progress, await uow.batches.items(batch_id, after_position=after_position, limit=limit)
