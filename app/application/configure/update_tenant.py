"""A tenant's name and time zone."""

from dataclasses import replace
from uuid import UUID

from app.application.configure.tenant_checks import check_time_zone
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import Conflict, Fault, NotFound


class UpdateTenant:
    """Changes the tenant's name and time zone. The base currency stays what it was: everything is posted in it."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, *, name: str, base_currency: str | None, time_zone: str) -> Tenant:
        """Raises `Invalid`, `TenantExists`, or `Conflict` where another base currency is asked for."""
        check_time_zone(time_zone)
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            before = await uow.tenants.get()
            if before is None:
                raise NotFound("there is no such tenant")
            if base_currency not in (None, before.base_currency):
                fault = Fault(pointer="/base_currency", message=f"is {before.base_currency} and stays so")
                raise Conflict("the base currency of a tenant never changes: make another tenant for another currency", fault)
            tenant = replace(before, name=name, time_zone=time_zone)
            await uow.tenants.update(tenant)
            await uow.audit.write(actor, "tenant.update", name, {"time_zone": time_zone, "name_before": before.name})
            await uow.commit()
        return tenant
