"""Who changed what, and when."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.setup import AuditEntry
from app.application.ports.unit_of_work import UnitsOfWork


class ListAuditLog:
    """Every command of this tenant, newest first."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, *, before: int | None, limit: int) -> Sequence[AuditEntry]:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.audit.page(before, limit)
