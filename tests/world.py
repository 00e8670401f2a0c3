"""The use cases on a real database, with a clock that tests move: one tenant, its accounts, and an endpoint to a real ERP."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.adapters.clock import TimeOrderedIds
from app.adapters.currencies import IsoCurrencies
from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.adapters.postgres.waking import PostgresWaking
from app.adapters.secrets import AesGcmSecrets
from app.application.connect_endpoint import credentials_context
from app.application.operations import Operations
from app.application.ports.batches import Batch
from app.application.ports.journals import Journal
from app.application.ports.setup import Endpoint, Tenant
from app.application.recorded import EventResult
from app.domain.accounts import Account, AccountType
from app.domain.journal import JournalStatus
from app.domain.posting_manager import posting_manager
from app.observability import Metrics
from app.wiring import wire_operations, wire_worker
from app.witness import LoggingWitness
from app.worker import Worker
from tests.events import ACCOUNTS, POSTING_MANAGER, event
from tests.fakes import FakeClock

LEASE_SECONDS = 60
MOST_ROUNDS = 20
CHART = {each["account_code"]: each["type"] for each in ACCOUNTS.values()} | {"E1": "expense", "E2": "expense"}


@dataclass
class World:
    engine: AsyncEngine
    units_of_work: PostgresUnitsOfWork
    operations: Operations
    clock: FakeClock
    secrets: AesGcmSecrets
    metrics: Metrics
    tenant_id: UUID
    wired: Callable[[], Operations]

    def service(self) -> "World":
        """The same database as another service sees it: what comes to it does not go together with what comes to this one."""
        return replace(self, operations=self.wired())

    async def record(self, event_id: str, event_type: str, data: dict[str, Any]) -> EventResult:
        return await self.operations.record_event(self.tenant_id, event(event_id, event_type, data))

    async def add_endpoint(self, url: str, **changes: Any) -> Endpoint:
        """A `json` endpoint that sends by itself, unless told otherwise."""
        sealed = self.secrets.seal(b'{"token": "erp-token"}', credentials_context(self.tenant_id, "erp"))
        plain = Endpoint(
            name="erp",
            adapter="json",
            url=url,
            environment="test",
            starts_on=date(2026, 1, 1),
            settings={"time_limit_seconds": 5, "timeout_seconds": 2},
            credentials=sealed,
            release="automatic",
            rate_limit_per_minute=6_000,
        )
        endpoint = replace(plain, **changes)
        async with self.units_of_work(self.tenant_id) as uow:
            await uow.endpoints.put(endpoint)
            await uow.commit()
        return endpoint

    def worker(self) -> Worker:
        return wire_worker(self.engine, self.operations, PostgresWaking(self.engine), self.clock, LEASE_SECONDS)

    async def deliver(self) -> None:
        """What a worker does until nothing is due at this moment."""
        worker = self.worker()
        for _ in range(MOST_ROUNDS):
            if not await worker.start_due():
                return
            await worker.finish()
        raise AssertionError(f"lanes are still due after {MOST_ROUNDS} rounds: a worker would spin")

    async def journals(self) -> list[Journal]:
        """All of them, oldest first."""
        async with self.units_of_work(self.tenant_id) as uow:
            found = await uow.journals.page(endpoint=None, date_from=date.min, date_to=date.max, status=None, after_place=0, limit=10_000)
            return list(found)

    async def statuses(self) -> list[JournalStatus]:
        return [journal.status for journal in await self.journals()]


def in_place(done: Sequence[Journal] | Batch) -> Sequence[Journal]:
    """Journals that were few enough to be answered at once."""
    assert not isinstance(done, Batch)
    return done


@asynccontextmanager
async def make_world(database_url: str) -> AsyncIterator[World]:
    """A world with one tenant, `ACCOUNTS` and `POSTING_MANAGER`."""
    engine = create_async_engine(database_url)
    clock, currencies, secrets, metrics = FakeClock(), IsoCurrencies(), AesGcmSecrets(bytes(32)), Metrics()
    units_of_work = PostgresUnitsOfWork(engine, currencies)
    async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as http:
        wired = partial(
            wire_operations,
            engine=engine,
            units_of_work=units_of_work,
            clock=clock,
            ids=TimeOrderedIds(),
            currencies=currencies,
            secrets=secrets,
            erp_adapters=InstalledAdapters(http),
            witness=LoggingWitness(metrics),
            lease_seconds=LEASE_SECONDS,
        )
        world = World(engine, units_of_work, wired(), clock, secrets, metrics, TimeOrderedIds().new(), wired)
        try:
            await set_up_tenant(world, "Tests", "T3STS1")
            yield world
        finally:
            await engine.dispose()


async def set_up_tenant(world: World, name: str, reference_prefix: str) -> None:
    """With `ACCOUNTS` and `POSTING_MANAGER`."""
    chart = {name: Account(name=name, code=each["account_code"], type=AccountType(each["type"])) for name, each in ACCOUNTS.items()}
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.tenants.add(
            Tenant(id=world.tenant_id, name=name, base_currency="NZD", time_zone="Pacific/Auckland", reference_prefix=reference_prefix)
        )
        for account in chart.values():
            await uow.accounts.put(account)
        await uow.posting_managers.add(posting_manager(POSTING_MANAGER, chart, 1))
        await uow.commit()
