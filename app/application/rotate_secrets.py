"""Whatever is sealed is sealed anew, by the key that is primary now."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.application.ports.secrecy import RotatingSecrets, SealedByOther
from app.application.ports.setup import Tenant
from app.application.ports.tenant_directory import TenantDirectory
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.sealed_parts import PartKind, SealedPart, present, reseal, sealed_parts
from app.application.serial import lock_set_up

OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRotation:
    """What became of a tenant's sealed parts: how many were sealed anew, and which none of our keys opens."""

    tenant: Tenant
    sealed_anew: int
    unopened: tuple[SealedPart, ...]


class RotateSecrets:
    """Seals the credentials and tokens of every endpoint of every tenant anew, each in a unit of work of its own.

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
            unopened = tuple([part for part in older if not await self._seal_anew(tenant.id, part)])
            yield TenantRotation(tenant=tenant, sealed_anew=len(older) - len(unopened), unopened=unopened)

    async def status(self) -> Mapping[str, int]:
        """How many sealed parts there are of each key, by its id."""
        counts: Counter[str] = Counter()
        for tenant in await self._tenants.list():
            async with self._units_of_work(tenant.id) as uow:
                counts.update(self._secrets.sealed_by(each.sealed) for each in await sealed_parts(uow))
        return counts

    async def _sealed_by_older(self, tenant_id: UUID) -> list[SealedPart]:
        """What is to be done. The endpoints are in the audit log before the first is touched."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            older = [each for each in await sealed_parts(uow) if not self._secrets.is_current(each.sealed)]
            if older:
                endpoints = list(dict.fromkeys(each.endpoint for each in older))
                await uow.audit.write(OPERATOR, "secrets.rotate", self._secrets.key_ids()[0], {"endpoints": endpoints})
            await uow.commit()
        return older

    async def _seal_anew(self, tenant_id: UUID, part: SealedPart) -> bool:
        """False where none of our keys opens it. What was changed meanwhile is the newer truth, and is sealed as it should be.

        A consent that no key opens could not be finished any more: it is forgotten, and its link void.
        """
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            now = await present(uow, part)
            if now is None or self._secrets.is_current(now.sealed):
                return True
            context = now.context(tenant_id)
            try:
                plain = self._secrets.open(now.sealed, context)
            except SealedByOther:
                if now.kind is not PartKind.CONSENT:
                    return False
                await uow.consents.forget(now.endpoint)
            else:
                await reseal(uow, now, self._secrets.seal(plain, context))
            await uow.commit()
        return True
