"""The end of a key."""

from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


class RevokeKey:
    """Takes a key out of force at once and for good."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, key_id: UUID) -> None:
        """Raises `NotFound` where no such key is in force."""
        async with self._units_of_work(tenant_id) as uow:
            names = {key.id: key.name for key in await uow.keys.list()}
            if not await uow.keys.revoke(key_id):
                raise NotFound("there is no key of this id in force")
            await uow.audit.write(actor, "key.revoke", names.get(key_id, ""), {"key_id": key_id.hex})
            await uow.commit()
