"""One account of the chart."""

from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.accounts import Account
from app.domain.errors import NotFound


class GetAccount:
    """An account by its name."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, name: str) -> Account:
        async with self._units_of_work(tenant_id) as uow:
            account = await uow.accounts.get(name)
        if account is None:
            raise NotFound(f"there is no account {name}")
        return account
