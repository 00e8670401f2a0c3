"""An accounting period."""

from collections.abc import Iterable
from uuid import UUID

from app.application.configure.there_already import there_already
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import Fault, Invalid
from app.domain.periods import Period


class PutPeriod:
    """Sets a period up, opens it or closes it. Periods never overlap; a day that none covers is open."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, period: Period, *, add: bool = False) -> bool:
        """True where it was not there before. Raises `Invalid`, or `Conflict` where it is to be added and is there already."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            if add and await uow.periods.get(period.name) is not None:
                raise there_already("period", period.name)
            check_period(period, await uow.periods.list())
            new = await uow.periods.put(period)
            detail = {"starts_on": str(period.starts_on), "ends_on": str(period.ends_on), "status": str(period.status)}
            await uow.audit.write(actor, "period.put", period.name, detail)
            await uow.commit()
        return new


def check_period(period: Period, others: Iterable[Period]) -> None:
    """`Invalid` where it ends before it starts, or shares a day with another one."""
    if period.ends_on < period.starts_on:
        raise Invalid("the period ends before it starts", Fault(pointer="/ends_on", message="must not be before starts_on"))
    for other in others:
        if other.name != period.name and other.starts_on <= period.ends_on and period.starts_on <= other.ends_on:
            message = f"overlaps {other.name}, {other.starts_on} to {other.ends_on}"
            raise Invalid("the period shares a day with another one", Fault(pointer="/starts_on", message=message))
