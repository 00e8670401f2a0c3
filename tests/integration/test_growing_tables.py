"""Statistics of tables that grow fast: keys are looked up by their own index long before PostgreSQL analyses by itself."""

import asyncio

import pytest
from sqlalchemy import text

from app.adapters.postgres import growing_tables
from app.adapters.postgres.growing_tables import analyse_grown, keep_analysing
from tests.events import entry
from tests.world import World

pytestmark = pytest.mark.anyio

TABLES = "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
FOREIGN_KEY = "EXPLAIN SELECT 1 FROM ONLY journal x WHERE tenant_id = :tenant_id AND journal_id = :tenant_id FOR KEY SHARE OF x"


@pytest.fixture
async def filling(world: World) -> World:
    """A database that does not analyse by itself meanwhile."""
    async with world.engine.begin() as connection:
        for table in (await connection.execute(text(TABLES))).scalars().all():
            await connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
    await world.add_endpoint("http://127.0.0.1:9/gl")
    return world


async def fill(world: World, first: int, last: int) -> None:
    await asyncio.gather(*(world.record(f"e-{each}", "entry.recorded", entry(f"T-{each}")) for each in range(first, last)))


async def known(world: World) -> dict[str, float]:
    """Tables with their rows as the planner knows them; −1 is what was never analysed."""
    async with world.engine.connect() as connection:
        return {row.relname: row.reltuples for row in await connection.execute(text(TABLES))}


async def plan(world: World) -> str:
    async with world.engine.connect() as connection:
        return "\n".join((await connection.execute(text(FOREIGN_KEY), {"tenant_id": world.tenant_id})).scalars())


async def test_a_table_is_analysed_when_it_has_grown_fourfold(filling: World) -> None:
    assert (await known(filling))["journal"] == -1
    await fill(filling, 0, 120)
    await analyse_grown(filling.engine)
    found = await known(filling)
    assert (found["journal"], found["event"], found["account_transaction_line"]) == (120, 120, 240)
    assert found["debtor_document"] == -1, "what is empty tells nothing yet"

    await fill(filling, 120, 150)
    await analyse_grown(filling.engine)
    assert (await known(filling))["journal"] == 120, "it has hardly grown"

    await fill(filling, 150, 1_200)
    await analyse_grown(filling.engine)
    assert (await known(filling))["journal"] == 1_200
    assert "journal_pkey" in await plan(filling)


async def test_it_goes_on_until_it_is_cancelled(filling: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing_tables, "LOOK_SECONDS", 0.01)
    analysing = asyncio.create_task(keep_analysing(filling.engine))
    seen, filled = {(await known(filling))["journal"]}, 0
    while len(seen) < 3 and filled < 3_000:
        await fill(filling, filled, filled + 100)
        filled += 100
        await asyncio.sleep(0.05)
        seen.add((await known(filling))["journal"])
    assert len(seen) == 3, "analysed twice while it grew"
    analysing.cancel()
    await asyncio.gather(analysing, return_exceptions=True)
    assert analysing.cancelled()
