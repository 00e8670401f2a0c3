"""The end of an ERP endpoint."""

from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import InUse, NotFound


class DeleteEndpoint:
    """Takes an endpoint away that never had a journal. One that has journals can be paused, and keeps them."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, name: str) -> None:
        """Raises `NotFound` or `InUse`."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            if await uow.endpoints.get(name) is None:
                raise NotFound(f"there is no endpoint {name}")
            if await uow.endpoints.has_journals(name):
                raise InUse(f"{name} has journals: pause it instead")
            await uow.endpoints.delete(name)
            await uow.audit.write(actor, "endpoint.delete", name, {})
            await uow.commit()
