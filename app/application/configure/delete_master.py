"""The end of a row of master data."""

from uuid import UUID

from app.application.configure.master_kinds import MasterKind
from app.application.ports.debtors import Row
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import InUse, NotFound


class DeleteMaster:
    """Deletes what nothing names: no other master data, and no transaction."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, kind: MasterKind[Row], code: str) -> None:
        """Raises `NotFound` or `InUse`. Transactions that are being posted keep the row they take: this waits for them, and then looks."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            masters = kind.pick(uow)
            if not await masters.named({code}):
                raise NotFound(f"there is no {kind.name} {code}")
            await masters.lock(code)
            if await masters.is_in_use(code):
                raise InUse(f"{kind.name} {code} is named by other master data, or carried by transactions")
            await masters.delete(code)
            await uow.audit.write(actor, f"{kind.command}.delete", code, {})
            await uow.commit()
