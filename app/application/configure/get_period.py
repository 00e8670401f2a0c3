"""One accounting period."""

from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound
from app.domain.periods import Period


class GetPeriod:
    """A period by its name."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, name: str) -> Period:
        async with self._units_of_work(tenant_id) as uow:
            period = await uow.periods.get(name)
        if period is None:
            raise NotFound(f"there is no period {name}")
        return period
