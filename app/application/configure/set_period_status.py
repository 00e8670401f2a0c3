"""A period is closed, or opened again."""

from dataclasses import replace
from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import NotFound
from app.domain.periods import Period, PeriodStatus


class SetPeriodStatus:
    """Opens a period or closes it; its days stay what they are."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, name: str, status: PeriodStatus) -> Period:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            before = await uow.periods.get(name)
            if before is None:
                raise NotFound(f"there is no period {name}")
            after = replace(before, status=status)
            await uow.periods.put(after)
            detail = {"starts_on": str(after.starts_on), "ends_on": str(after.ends_on), "status": str(status)}
            await uow.audit.write(actor, "period.put", name, detail)
            await uow.commit()
        return after
