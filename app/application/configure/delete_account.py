"""The end of an account."""

from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import InUse, NotFound


class DeleteAccount:
    """Takes an account off the chart that nothing names: no version of the posting manager, no GL interface record, and no posted line."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, name: str) -> None:
        """Raises `NotFound` or `InUse`."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            if await uow.accounts.get(name) is None:
                raise NotFound(f"there is no account {name}")
            if await uow.accounts.is_in_use(name):
                named_by = "the posting manager, now or before, by a GL interface record, or by what is posted"
                raise InUse(f"{name} is named by {named_by}: make it inactive instead")
            await uow.accounts.delete(name)
            await uow.audit.write(actor, "account.delete", name, {})
            await uow.commit()
