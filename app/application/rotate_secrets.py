"""Credentials are sealed anew, by the key that is primary now."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.application.configure.serial import lock_set_up
from app.application.connect_endpoint import credentials_context
from app.application.ports.secrecy import RotatingSecrets, SealedByOther
from app.application.ports.setup import Tenant
from app.application.ports.tenant_directory import TenantDirectory
from app.application.ports.unit_of_work import UnitsOfWork

OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRotation:
    """What became of a tenant's credentials: how many were sealed anew, and of which endpoints none of our keys opens them."""

    tenant: Tenant
    sealed_anew: int
    unopened: tuple[str, ...]


class RotateSecrets:
    """Seals the credentials of every endpoint of every tenant anew, each in a unit of work of its own.

    What the primary key sealed already stays as it is, so a run that was interrupted is simply repeated. The primary key must be
    in place before this begins: a change of an endpoint that is under way is waited for, and any later one is sealed with it.
    """

    def __init__(self, units_of_work: UnitsOfWork, tenants: TenantDirectory, secrets: RotatingSecrets) -> None:
        self._units_of_work = units_of_work
        self._tenants = tenants
        self._secrets = secrets

    async def __call__(self) -> AsyncIterator[TenantRotation]:
        """Tenant by tenant, as they are done."""
        for tenant in await self._tenants.list():
            older = await self._sealed_by_older(tenant.id)
            unopened = tuple([name for name in older if not await self._seal_anew(tenant.id, name)])
            yield TenantRotation(tenant=tenant, sealed_anew=len(older) - len(unopened), unopened=unopened)

    async def status(self) -> Mapping[str, int]:
        """How many credentials each key seals, by its id."""
        counts: Counter[str] = Counter()
        for tenant in await self._tenants.list():
            async with self._units_of_work(tenant.id) as uow:
                endpoints = await uow.endpoints.list()
            counts.update(self._secrets.sealed_by(each.credentials) for each in endpoints if each.credentials is not None)
        return counts

    async def _sealed_by_older(self, tenant_id: UUID) -> list[str]:
        """The endpoints to be done. They are in the audit log before the first is touched."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            endpoints = await uow.endpoints.list()
            older = [each.name for each in endpoints if each.credentials is not None and not self._secrets.is_current(each.credentials)]
            if older:
                await uow.audit.write(OPERATOR, "secrets.rotate", self._secrets.key_ids()[0], {"endpoints": older})
            await uow.commit()
        return older

    async def _seal_anew(self, tenant_id: UUID, name: str) -> bool:
        """False where none of our keys opens them. What was changed meanwhile is the newer truth, and is sealed as it should be."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            endpoint = await uow.endpoints.get(name, lock=True)
            if endpoint is None or endpoint.credentials is None or self._secrets.is_current(endpoint.credentials):
                return True
            context = credentials_context(tenant_id, name)
            try:
                plain = self._secrets.open(endpoint.credentials, context)
            except SealedByOther:
                return False
            await uow.endpoints.reseal(name, self._secrets.seal(plain, context))
            await uow.commit()
        return True
