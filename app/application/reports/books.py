"""What every report begins with: the tenant's books at one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ports.clock import Clock
from app.application.ports.currencies import Currencies
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.replay import Replay
from app.domain.errors import NotFound
from app.domain.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBooks:
    """One tenant's books inside one unit of work, all of whose reads see the same moment. `today` is in the tenant's time zone."""

    uow: UnitOfWork
    tenant: Tenant
    base: Currency
    today: date
    replay: Replay


class Books:
    """Opens the books of a tenant. The ledger summed by day is brought up to date first, in a unit of work of its own."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies
        self._clock = clock

    @asynccontextmanager
    async def open(self, tenant_id: UUID) -> AsyncIterator[OpenBooks]:
        async with self._units_of_work(tenant_id) as uow:
            if await uow.reports.fold():
                await uow.commit()
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            tenant = await uow.tenants.get()
            base = self._currencies.get(tenant.base_currency) if tenant else None
            if tenant is None or base is None:
                raise NotFound("there is no such tenant")
            today = self._clock.now().astimezone(ZoneInfo(tenant.time_zone)).date()
            yield OpenBooks(uow=uow, tenant=tenant, base=base, today=today, replay=Replay(uow, tenant, self._currencies))
