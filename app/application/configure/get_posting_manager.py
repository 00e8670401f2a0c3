"""The posting manager in force."""

from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound
from app.domain.posting_manager import PostingManager


class GetPostingManager:
    """The newest version."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID) -> PostingManager:
        async with self._units_of_work(tenant_id) as uow:
            manager = await uow.posting_managers.latest()
        if manager is None:
            raise NotFound("the posting manager is not set up")
        return manager
