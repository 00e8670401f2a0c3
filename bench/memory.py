"""Memory of a service and a worker under a steady load: it should be flat.

`make bench-memory MINUTES=60` prints every minute how much memory each keeps resident, and in the end the first, the last and the slope.
Purchases come in one after the other, and their journals are delivered to a sink on loopback, so that both have their ordinary work.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence

import asyncpg
import httpx
import psutil

from bench.delivery import sink
from bench.events import purchases, set_up
from bench.fleet import fleet
from bench.open_loop import interleaved, steady
from bench.scale import a_database, put_erps
from bench.server import Server, a_server

EVERY_SECONDS = 60
RATE = 15
MEGABYTE, HOUR = 2**20, 3_600
HEAD = f"{'minute':>8} {'service MB':>12} {'worker MB':>12} {'journals waiting':>18}"
WAITING = "SELECT count(*) FROM delivery WHERE NOT done"

Samples = Mapping[str, list[tuple[float, float]]]
"""By process: seconds since the beginning, and megabytes."""


async def sampled(processes: Mapping[str, psutil.Process], database: "asyncpg.Connection[asyncpg.Record]", minutes: float) -> Samples:
    """The first minute warms up: it is not among them."""
    found: Samples = {name: [] for name in processes}
    print(HEAD, flush=True)
    began = time.monotonic()
    for number in range(1, int(minutes * 60 / EVERY_SECONDS) + 1):
        await asyncio.sleep(began + number * EVERY_SECONDS - time.monotonic())
        for name, process in processes.items():
            found[name].append((time.monotonic() - began, process.memory_info().rss / MEGABYTE))
        service, worker = (found[name][-1][1] for name in ("service", "worker"))
        waiting = await database.fetchval(WAITING)
        print(f"{number * EVERY_SECONDS / 60:>8.0f} {service:>12.1f} {worker:>12.1f} {waiting:>18,}", flush=True)
    return found


def told(name: str, samples: Sequence[tuple[float, float]]) -> str:
    """The slope of all, and of the later half, when what is kept for reuse has been filled."""
    first, last = samples[0][1], samples[-1][1]
    return f"{name:<8} first {first:.1f} MB, last {last:.1f} MB, {slope(samples)}, in the later half {slope(samples[len(samples) // 2 :])}"


def slope(samples: Sequence[tuple[float, float]]) -> str:
    if len(samples) < 2:
        return "too short for a slope"
    seconds, megabytes = zip(*samples, strict=True)
    return f"{statistics.linear_regression(seconds, megabytes).slope * HOUR:+.2f} MB/hour"


async def measure(server: Server, sink_url: str, minutes: float, rate: float) -> Samples:
    async with a_database(server, "memory") as (database_url, database):
        with fleet(database_url, server.folder, services=1, workers=1) as found:
            service = await set_up(found.urls[0])
            async with httpx.AsyncClient(base_url=service.url, headers=service.headers, timeout=60, trust_env=False) as http:
                await put_erps(http, sink_url, how_many=1)
            processes = {"service": found.services[0], "worker": found.workers[0]}
            async with asyncio.TaskGroup() as together:
                sampling = together.create_task(sampled(processes, database, minutes))
                load = steady(service.url, service.headers, interleaved(purchases("m")), rate=rate, seconds=minutes * 60)
                together.create_task(load)
            return sampling.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=RATE, help="events a second")
    given = parser.parse_args()
    with a_server() as server, sink() as url:
        found = asyncio.run(measure(server, url, given.minutes, given.rate))
    print(f"{given.rate:g} events/s for {given.minutes:g} minutes")
    for name, samples in found.items():
        print(told(name, samples))


if __name__ == "__main__":
    main()
