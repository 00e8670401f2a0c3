"""Master data of the debtors ledger, read."""

from collections.abc import Sequence
from uuid import UUID

from app.application.configure.master_kinds import MasterKind
from app.application.ports.debtors import Row
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


class BrowseMasters:
    """One row by its code, or a page of them."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def one(self, tenant_id: UUID, kind: MasterKind[Row], code: str) -> Row:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id, reading=True) as uow:
            found = (await kind.pick(uow).named({code})).get(code)
        if found is None:
            raise NotFound(f"there is no {kind.name} {code}")
        return found

    async def page(self, tenant_id: UUID, kind: MasterKind[Row], search: str | None, *, after: str | None, limit: int) -> Sequence[Row]:
        """By code; `search` in code and name."""
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await kind.pick(uow).page(search, after=after, limit=limit)
