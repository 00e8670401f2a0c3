"""Delivery to a sink on loopback, through the real worker and a durable PostgreSQL, against bare httpx that makes the same calls.

Twice: a call for each journal, and calls about as many journals as the worker has at a time. Each round measures both sides one right after
the other, and the ratio is the median of the rounds' own, so that a machine that is busier in one round than in another disturbs neither.
A ratio of 1 would say that attempts, leases and ledgers cost nothing.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import text

from app.worker import PER_ENDPOINT
from bench.figures import Figure
from bench.run import run
from bench.server import Server
from tests.events import entry
from tests.world import World, make_world

JOURNALS = 200
ROUNDS = 5
GOAL = 0.6
PATHS = {"validate": "/journals/validate", "send": "/journals"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Journals per second of each side."""

    ours: float
    bare: float


@contextmanager
def sink() -> Iterator[str]:
    """Its URL."""
    with subprocess.Popen([sys.executable, "-m", "bench.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the sink has no output")
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


async def record(world: World, turn: str) -> None:
    for number in range(JOURNALS):
        await world.record(f"{turn}-{number}", "entry.recorded", entry(f"T-{turn}-{number}"))


async def ours(world: World) -> float:
    """Journals per second from the first claim to the last booking."""
    worker = world.worker()
    booked = world.metrics.attempts.labels(str(world.tenant_id), "erp", "send", "booked")
    started, before = time.perf_counter(), booked._value.get()
    running = asyncio.create_task(worker.run())
    while booked._value.get() < before + JOURNALS:  # noqa: ASYNC110 - the worker tells nobody
        await asyncio.sleep(0.01)
    worker.stop()
    await running
    return JOURNALS / (time.perf_counter() - started)


async def calls_made(world: World) -> list[tuple[str, bytes]]:
    """Path and body of each call about the newest journals, in the order in which they began."""
    async with world.units_of_work(world.tenant_id) as uow:
        journals = [journal.id for journal in (await world.journals())[-JOURNALS:]]
        attempts = [attempt for journal_id in journals for attempt in await uow.attempts.of_journal(journal_id)]
    first = [attempt for attempt in attempts if attempt.call_id in (None, attempt.id)]
    return [(PATHS[attempt.purpose], attempt.request.encode()) for attempt in sorted(first, key=lambda each: (each.started_at, each.id))]


async def bare(url: str, calls: Sequence[tuple[str, bytes]]) -> float:
    """The same calls with the same bodies and as many at a time, and nothing else."""
    left = iter(calls)
    headers = {"content-type": "application/json", "authorization": "Bearer erp-token"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:

        async def deliver() -> None:
            for path, body in left:
                (await http.post(url + path, content=body)).raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(deliver() for _ in range(PER_ENDPOINT)))
        return JOURNALS / (time.perf_counter() - started)


async def rounds(world: World, url: str, batch_max: int) -> list[Round]:
    await world.add_endpoint(url, rate_limit_per_minute=60_000, max_concurrency=PER_ENDPOINT, settings={"batch_max": batch_max})
    found = []
    for number in range(ROUNDS + 1):
        if number == 1:
            async with world.engine.begin() as connection:
                await connection.execute(text("ANALYZE"))  # as a database that runs has done by itself
        turn = f"{batch_max}-{number}"
        await record(world, turn)
        rate = await ours(world)
        found.append(Round(ours=rate, bare=await bare(url, await calls_made(world))))
    return found[1:]  # the first warms up, and claims learn how much a call carries


async def measure(server: Server, url: str) -> dict[str, list[Round]]:
    async with server.database("delivery") as database_url, make_world(database_url) as world:
        return {"a call each": await rounds(world, url, 1), "in batches": await rounds(world, url, PER_ENDPOINT)}


def figures(server: Server) -> list[Figure]:
    with sink() as url:
        found = asyncio.run(measure(server, url))
    return [
        Figure(
            subject="Delivery to a sink",
            name=kind,
            ours=[each.ours for each in found[kind]],
            unit="journals/s",
            against="bare httpx",
            others=[each.bare for each in found[kind]],
            goal=GOAL if kind == "a call each" else None,
            at_least=True,
        )
        for kind in found
    ]


if __name__ == "__main__":
    run(figures)
