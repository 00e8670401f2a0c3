"""How an endpoint stands with its vendor."""

from uuid import UUID

from app.application.ports.authorisations import Authorisation
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.domain.errors import NotFound


class ReadAuthorisation:
    """Whether it is authorised, for which organisation, by whom, and why not. Nothing is called."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, name: str) -> Authorisation:
        """Raises `NotFound`, also where the endpoint needs no authorisation."""
        async with self._units_of_work(tenant_id) as uow:
            return await authorisation_of(uow, name)


async def authorisation_of(uow: UnitOfWork, name: str, *, lock: bool = False) -> Authorisation:
    """Raises `NotFound`."""
    found = await uow.authorisations.get(name, lock=lock)
    if found is None:
        raise NotFound(f"there is no endpoint {name} that is authorised at a vendor")
    return found
