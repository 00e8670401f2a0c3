"""A worker's claim with 100,000 lanes due behind another, dead endpoint, against the same claim without them. Medians, in turn."""

import asyncio
import statistics
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.embedded import EmbeddedPostgres
from app.adapters.postgres.lanes import PostgresLaneClaims
from app.adapters.postgres.migrate import upgrade
from app.domain.breaker import Breaker
from tests.databases import enterable_folder, with_database
from tests.databases import execute as run_sql
from tests.world import LEASE_SECONDS, World, make_world

STUCK = 100_000
LANES = 8
CLAIMS = 300
GOAL = 1.5
NOWHERE = "http://127.0.0.1:9"
FILL = """
INSERT INTO lane (tenant_id, endpoint, lane_key, due_at)
SELECT :tenant_id, :endpoint, 'order:' || n, CAST(:now AS timestamptz) - n * interval '1 second' FROM generate_series(1, :lanes) n
"""
GIVE_BACK = "UPDATE lane SET leased_until = NULL WHERE tenant_id = :tenant_id AND endpoint = 'alive' AND leased_until IS NOT NULL"
REFILL = "UPDATE endpoint_flow SET bucket_full_at = NULL WHERE tenant_id = :tenant_id"


async def execute(engine: AsyncEngine, sql: str, **parameters: object) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(sql), parameters)


async def prepared(database_url: str, stack: AsyncExitStack) -> World:
    """A world with an endpoint that is alive and has lanes to claim."""
    world = await stack.enter_async_context(make_world(database_url))
    await world.add_endpoint(NOWHERE, name="alive", credentials=None, max_concurrency=LANES)
    await execute(world.engine, FILL, tenant_id=world.tenant_id, endpoint="alive", now=world.clock.now(), lanes=LANES)
    return world


async def stuck_behind(world: World, name: str, *, breaker: Breaker | None = None) -> None:
    """Another endpoint that may not be called, by its breaker or because it is paused, and its lanes."""
    await world.add_endpoint(NOWHERE, name=name, credentials=None, paused=breaker is None)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.dispatch.set_breaker(name, breaker or Breaker())
        await uow.commit()
    await execute(world.engine, FILL, tenant_id=world.tenant_id, endpoint=name, now=world.clock.now(), lanes=STUCK)
    await execute(world.engine, "ANALYZE")


async def claim_seconds(world: World) -> float:
    """What a claim took that found the lanes of the endpoint that is alive; they are given back afterwards."""
    claims, started = PostgresLaneClaims(world.engine), time.perf_counter()
    lanes = await claims.claim(per_endpoint=LANES, now=world.clock.now(), lease_seconds=LEASE_SECONDS)
    taken = time.perf_counter() - started
    if [lane.endpoint for lane in lanes] != ["alive"] * LANES:
        raise AssertionError("the claim must find what is due, and nothing of what is stuck")
    await execute(world.engine, GIVE_BACK, tenant_id=world.tenant_id)
    await execute(world.engine, REFILL, tenant_id=world.tenant_id)
    return taken


async def measure(server_url: str) -> Mapping[str, list[float]]:
    """Each kind has a database of its own; the claims take turns, so that what disturbs one disturbs all."""
    kinds = ("none", "its breaker is open", "it is paused")
    async with AsyncExitStack() as stack:
        worlds = {}
        for number, kind in enumerate(kinds):
            await asyncio.to_thread(run_sql, server_url, f"CREATE DATABASE bench_{number}")
            url = with_database(server_url, f"bench_{number}")
            await upgrade(url)
            worlds[kind] = await prepared(url, stack)
        now = worlds["none"].clock.now()
        await stuck_behind(worlds[kinds[1]], "dead", breaker=Breaker(failures=9, open_until=now.replace(year=2100)))
        await stuck_behind(worlds[kinds[2]], "dead")
        for world in worlds.values():
            await claim_seconds(world)
        rounds = [{kind: await claim_seconds(world) for kind, world in worlds.items()} for _ in range(CLAIMS)]
    return {kind: [each[kind] for each in rounds] for kind in kinds}


def main() -> None:
    with enterable_folder() as folder:
        postgres = EmbeddedPostgres(folder, system_dir=folder / "system")
        found = asyncio.run(measure(postgres.start()))
        postgres.stop()
    bare = statistics.median(found["none"])
    for stuck, taken in found.items():
        low, *_, high = statistics.quantiles(taken, n=20)
        middle = statistics.median(taken)
        spread = f"({low * 1e3:.2f} to {high * 1e3:.2f})"
        if stuck == "none":
            print(f"claim            {middle * 1e3:>10.2f} ms         {spread}")
        else:
            ratio = f"{middle / bare:.2f} × with {STUCK:,} stuck, {stuck} (goal {GOAL})"
            print(f"claim            {middle * 1e3:>10.2f} ms         {spread}; {ratio}")


if __name__ == "__main__":
    main()
