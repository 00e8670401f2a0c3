"""Workers wake when lanes become due, in other processes too, and go on without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.adapters.clock import TimeOrderedIds
from app.adapters.currencies import IsoCurrencies
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.adapters.postgres.waking import CHANNEL, PostgresWaking
from app.application.record_event import RecordEvent
from app.domain.journal import JournalStatus
from app.worker import Worker
from tests.events import entry, event
from tests.world import World

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"
PATIENCE = 20
"""Seconds: far longer than anything takes here, and far shorter than the waits that must be cut short."""


@pytest.fixture
def address(database_url: str) -> str:
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def listening(database_url: str) -> AsyncIterator[PostgresWaking]:
    """As a process of its own has it."""
    engine = create_async_engine(database_url)
    async with asyncio.timeout(PATIENCE), PostgresWaking(engine) as waking:
        await waking.listening.wait()
        await waking.wait(0)
        yield waking
    await engine.dispose()


async def record_telling(waking: PostgresWaking, world: World) -> None:
    """An entry, by a use case that tells these wake-ups."""
    units_of_work = PostgresUnitsOfWork(world.engine, IsoCurrencies(), waking)
    record = RecordEvent(units_of_work, world.clock, TimeOrderedIds(), IsoCurrencies())
    await record(world.tenant_id, event("e1", "entry.recorded", entry()))


async def test_another_process_wakes_at_once_after_the_commit(world: World, database_url: str) -> None:
    await world.add_endpoint(NOWHERE)
    async with listening(database_url) as theirs, listening(database_url) as ours:
        waiting = asyncio.create_task(theirs.wait(3600))
        await record_telling(ours, world)
        await waiting


async def test_what_makes_nothing_due_wakes_nobody(world: World, database_url: str, address: str) -> None:
    await world.add_endpoint(NOWHERE, release="manual")
    told: list[object] = []
    witness = await asyncpg.connect(address)
    await witness.add_listener(CHANNEL, lambda *heard: told.append(heard[3]))
    async with listening(database_url) as ours:
        await record_telling(ours, world)
        await witness.execute(f"NOTIFY {CHANNEL}, 'the end'")
        while not told:
            await asyncio.sleep(0.01)
    await witness.close()
    assert told == ["the end"]


async def test_many_wake_ups_are_few_notifications(database_url: str, address: str) -> None:
    told: list[object] = []
    witness = await asyncpg.connect(address)
    await witness.add_listener(CHANNEL, lambda *_: told.append(1))
    async with listening(database_url) as ours:
        for _ in range(500):
            ours.wake()
            await asyncio.sleep(0)
        while not told:
            await asyncio.sleep(0.01)
    await witness.close()
    assert len(told) < 50


async def test_a_lost_connection_is_made_again(database_url: str) -> None:
    async with listening(database_url) as theirs:
        engine = create_async_engine(database_url)
        async with engine.connect() as connection:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        await engine.dispose()
        while theirs.listening.is_set():
            await asyncio.sleep(0.01)
        await theirs.listening.wait()
        await theirs.wait(0)
        waiting = asyncio.create_task(theirs.wait(3600))
        async with listening(database_url) as ours:
            ours.wake()
            await waiting


async def test_without_a_connection_the_process_still_wakes_itself(database_url: str) -> None:
    alone = PostgresWaking(create_async_engine(database_url))
    alone.wake()
    async with asyncio.timeout(PATIENCE):
        await alone.wait(3600)


async def test_a_worker_that_nobody_wakes_polls(world: World) -> None:
    """Nothing tells it: the lane is there before it starts, and its waits are what a poll is."""
    await world.add_endpoint(NOWHERE)
    worker: Worker = world.worker()
    running = asyncio.create_task(worker.run())
    await world.record("e1", "entry.recorded", entry())
    async with asyncio.timeout(PATIENCE):
        while world.metrics.registry.get_sample_value("glint_delivery_attempts_total", _labels(world)) is None:
            await asyncio.sleep(0.02)
    worker.stop()
    await running
    assert await world.statuses() == [JournalStatus.OPEN]


def _labels(world: World) -> dict[str, str]:
    return {"tenant": str(world.tenant_id), "endpoint": "erp", "purpose": "validate", "outcome": "retryable"}
