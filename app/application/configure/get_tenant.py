"""The tenant itself."""

from uuid import UUID

from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


class GetTenant:
    """The tenant that the key belongs to."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID) -> Tenant:
        async with self._units_of_work(tenant_id) as uow:
            tenant = await uow.tenants.get()
        if tenant is None:
            raise NotFound("there is no such tenant")
        return tenant
