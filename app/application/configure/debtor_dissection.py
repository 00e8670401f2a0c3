"""The option by which debtor transactions reach the General Ledger."""

from dataclasses import asdict
from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.debtors import Dissection


class DebtorDissection:
    """Where nothing was set, every transaction takes the standard record. A change is for later transactions."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def get(self, tenant_id: UUID) -> Dissection:
        async with self._units_of_work(tenant_id) as uow:
            return await uow.debtors_ledger.dissection() or Dissection()

    async def put(self, tenant_id: UUID, actor: str, dissection: Dissection) -> bool:
        """True where none was set before."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            new = await uow.debtors_ledger.dissection() is None
            await uow.debtors_ledger.set_dissection(dissection)
            await uow.audit.write(actor, "debtor_dissection.put", dissection.option, asdict(dissection))
            await uow.commit()
        return new
