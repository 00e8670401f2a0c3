"""The chart of accounts."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.accounts import Account


class ListAccounts:
    """All accounts, by name, those that are not active too."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID) -> Sequence[Account]:
        async with self._units_of_work(tenant_id) as uow:
            return await uow.accounts.list()
