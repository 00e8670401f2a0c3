"""The versions of the posting manager."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.setup import PostingManagerVersion
from app.application.ports.unit_of_work import UnitsOfWork


class ListPostingManagers:
    """Every version, the newest first."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, *, before: int | None, limit: int) -> Sequence[PostingManagerVersion]:
        async with self._units_of_work(tenant_id) as uow:
            return await uow.posting_managers.page(before, limit)
