"""The keys of a tenant."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.setup import ApiKey
from app.application.ports.unit_of_work import UnitsOfWork


class ListKeys:
    """The keys in force, oldest first, without their secrets."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID) -> Sequence[ApiKey]:
        async with self._units_of_work(tenant_id) as uow:
            return await uow.keys.list()
