"""Delivery to a sink on loopback, through the real worker and a durable PostgreSQL, against bare httpx that makes the same calls.

Medians of several rounds, each side in turn. A ratio of 1 would say that attempts, leases and ledgers cost nothing.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.adapters.postgres.embedded import EmbeddedPostgres
from app.adapters.postgres.migrate import upgrade
from app.observability import configure_logging
from app.worker import PER_ENDPOINT
from tests.databases import enterable_folder
from tests.events import entry
from tests.world import World, make_world

JOURNALS = 200
ROUNDS = 5
GOAL = 0.6


@contextmanager
def sink() -> Iterator[str]:
    """Its URL."""
    with subprocess.Popen([sys.executable, "-m", "bench.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the sink has no output")
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


async def ours(world: World, turn: int) -> float:
    """Journals per second from the first claim to the last booking."""
    for number in range(JOURNALS):
        await world.record(f"{turn}-{number}", "entry.recorded", entry(f"T-{turn}-{number}"))
    worker = world.worker()
    booked = world.metrics.attempts.labels(str(world.tenant_id), "erp", "send", "booked")
    started, before = time.perf_counter(), booked._value.get()
    running = asyncio.create_task(worker.run())
    while booked._value.get() < before + JOURNALS:  # noqa: ASYNC110 - the worker tells nobody
        await asyncio.sleep(0.01)
    worker.stop()
    await running
    return JOURNALS / (time.perf_counter() - started)


async def bare(url: str, body: bytes) -> float:
    """The same calls with the same bodies and as many at a time, and nothing else."""
    left = iter(range(JOURNALS))
    headers = {"content-type": "application/json", "authorization": "Bearer erp-token"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:

        async def deliver() -> None:
            for _ in left:
                for path in ("/journals/validate", "/journals"):
                    (await http.post(url + path, content=body)).raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(deliver() for _ in range(PER_ENDPOINT)))
        return JOURNALS / (time.perf_counter() - started)


async def measure(database_url: str, url: str) -> tuple[list[float], list[float]]:
    await upgrade(database_url)
    async with make_world(database_url) as world:
        await world.add_endpoint(url, rate_limit_per_minute=60_000, max_concurrency=PER_ENDPOINT)
        await ours(world, 0)
        async with world.units_of_work(world.tenant_id) as uow:
            (attempt, *_) = await uow.attempts.of_journal((await world.journals())[0].id)
        pairs = [(await ours(world, turn), await bare(url, attempt.request.encode())) for turn in range(1, ROUNDS + 1)]
    return [our for our, _ in pairs], [plain for _, plain in pairs]


def main() -> None:
    with Path(os.devnull).open("w") as nowhere, enterable_folder() as folder, sink() as url:
        configure_logging("INFO", nowhere)
        postgres = EmbeddedPostgres(folder, system_dir=folder / "system")
        our, plain = asyncio.run(measure(postgres.start(), url))
        postgres.stop()
    middle, best = statistics.median(our), statistics.median(plain)
    print(f"delivery         {middle:>10,.0f} journals/s ({min(our):,.0f} to {max(our):,.0f})")
    print(f"bare httpx       {best:>10,.0f} journals/s ({min(plain):,.0f} to {max(plain):,.0f})")
    print(f"                 {middle / best:>10.2f} of the bare rate (goal {GOAL})")


if __name__ == "__main__":
    main()
