"""A worker's claim with 100,000 lanes due behind another, dead endpoint, against the same claim without them. Medians, in turn."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.lanes import PostgresLaneClaims
from app.domain.breaker import Breaker
from bench.figures import Figure
from bench.run import run
from bench.server import Server
from tests.world import LEASE_SECONDS, World, make_world

STUCK = 100_000
LANES = 8
CLAIMS = 300
GOAL = 1.5
SUBJECT = "A worker's claim, while lanes of another endpoint are stuck"
KINDS = ("none", "its breaker is open", "it is paused")
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


async def measure(server: Server) -> Mapping[str, list[float]]:
    """Milliseconds. Each kind has a database of its own; the claims take turns, so that what disturbs one disturbs all."""
    async with AsyncExitStack() as stack:
        worlds = {}
        for number, kind in enumerate(KINDS):
            worlds[kind] = await prepared(await stack.enter_async_context(server.database(f"claims_{number}")), stack)
        now = worlds[KINDS[0]].clock.now()
        await stuck_behind(worlds[KINDS[1]], "dead", breaker=Breaker(failures=9, open_until=now.replace(year=2100)))
        await stuck_behind(worlds[KINDS[2]], "dead")
        for world in worlds.values():
            await claim_seconds(world)
        rounds = [{kind: await claim_seconds(world) * 1e3 for kind, world in worlds.items()} for _ in range(CLAIMS)]
    return {kind: [each[kind] for each in rounds] for kind in KINDS}


def figures(server: Server) -> list[Figure]:
    found = asyncio.run(measure(server))
    none = KINDS[0]
    return [
        Figure(
            subject=SUBJECT,
            name=f"{STUCK:,} stuck, {kind}",
            ours=found[kind],
            unit="ms",
            against="none stuck",
            others=found[none],
            goal=GOAL,
        )
        for kind in KINDS
        if kind != none
    ]


if __name__ == "__main__":
    run(figures)
