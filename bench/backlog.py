"""The next poll of an ERP for which many journals wait, against the same where few do. In turn."""

import asyncio
import time
from contextlib import AsyncExitStack

from sqlalchemy import text

from bench.figures import Figure
from bench.pages import poll
from bench.run import run
from bench.server import Server
from tests.events import entry
from tests.world import World, make_world

MANY, FEW = 10_000, 50
TRIES, WARM_UP, AT_ONCE = 60, 5, 500
GOAL = 1.5


async def with_waiting(database_url: str, stack: AsyncExitStack, journals: int) -> World:
    """A world whose ERP polls, and has so many journals to fetch, each in a lane of its own."""
    world = await stack.enter_async_context(make_world(database_url))
    await world.add_endpoint("", delivery="poll", credentials=None)
    for first in range(0, journals, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, journals))
        await asyncio.gather(*(world.record(f"e-{each}", "entry.recorded", entry(f"T-{each}")) for each in numbers))
        async with world.engine.begin() as connection:
            await connection.execute(text("ANALYZE"))  # as services see to
    return world


async def poll_milliseconds(world: World) -> float:
    began = time.perf_counter()
    await poll(world)
    return (time.perf_counter() - began) * 1e3


async def measure(server: Server) -> list[tuple[float, float]]:
    """Of each try with many and with few."""
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(server.database(f"backlog_{number}")) for number in (MANY, FEW)]
        many, few = [await with_waiting(url, stack, number) for url, number in zip(urls, (MANY, FEW), strict=True)]
        return [(await poll_milliseconds(many), await poll_milliseconds(few)) for _ in range(WARM_UP + TRIES)][WARM_UP:]


def figures(server: Server) -> list[Figure]:
    ours, others = zip(*asyncio.run(measure(server)), strict=True)
    against = f"{FEW} wait"
    name = f"{MANY:,} journals wait"
    return [Figure(subject="The next poll", name=name, ours=ours, unit="ms", against=against, others=others, goal=GOAL)]


if __name__ == "__main__":
    run(figures)
