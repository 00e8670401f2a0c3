"""How far one machine goes with several processes against one PostgreSQL, and what an event waits under a steady load.

Events in through 1, 2 and 4 services; deliveries out by 1, 2, 4 and 8 workers to a sink on loopback; beside each how many processors
PostgreSQL, Glint and the measuring itself kept busy: where they come to all there are, the machine is the limit and not the design.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import asyncpg
import httpx
import psutil

from bench import results
from bench.delivery import sink
from bench.events import CONNECTIONS, KINDS, Purchase, purchases, set_up
from bench.figures import Figure
from bench.fleet import Fleet, fleet
from bench.http_client import Connection
from bench.open_loop import interleaved, steady
from bench.processors import Processors
from bench.run import measured
from bench.server import Server, a_server
from tests.events import entry, event

SERVICES, WORKERS = (1, 2, 4), (1, 2, 4, 8)
ROUNDS, PURCHASES = 3, 160
ERPS, ENTRIES = 4, 500
SHARE, STEADY_SECONDS = 0.7, 20
MOST_SECONDS, LOOK_SECONDS = 300, 0.02
EVENTS_IN = f"Events in, {CONNECTIONS} connections to each service"
STEADY = f"One event under a steady load of {SHARE:.0%}"
DELIVERIES = f"Deliveries to {ERPS} ERPs, a call each"
PROCESSORS = f"processors of {os.cpu_count()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Per second, and processors kept busy by each side meanwhile."""

    rate: float
    busy: Mapping[str, float]


def told(subject: str, name: str, unit: str, rounds: Sequence[Round]) -> list[Figure]:
    rates = Figure(subject=subject, name=name, ours=[each.rate for each in rounds], unit=unit)
    return [rates] + [
        Figure(subject=subject, name=f"{name}: {side}", ours=[each.busy[side] for each in rounds], unit=PROCESSORS)
        for side in rounds[0].busy
    ]


async def events_in(found: Fleet, headers: dict[str, str], left: Iterator[Purchase], processors: Processors) -> Round:
    """As many purchases for each service, over as many connections to each."""
    waiting = islice(left, PURCHASES * len(found.urls))

    async def buy(connection: Connection) -> None:
        for purchase in waiting:
            for each in purchase:
                await connection.post_json("/v1/events", each)

    connections = [each for url in found.urls for each in await open_to(url, headers)]
    before = processors.read()
    await asyncio.gather(*(buy(each) for each in connections))
    busy, seconds = processors.busy_since(before), time.perf_counter() - before.at
    for each in connections:
        await each.close()
    return Round(rate=PURCHASES * len(found.urls) * len(KINDS) / seconds, busy=busy)


async def open_to(url: str, headers: dict[str, str]) -> list[Connection]:
    return [await Connection.to(url, headers) for _ in range(CONNECTIONS)]


async def vacuum(database: asyncpg.Connection[Any]) -> None:
    """As a database that runs has done by itself."""
    await database.execute("VACUUM ANALYZE")


async def of_services(server: Server) -> list[Figure]:
    """Rounds of 1, 2 and 4 services in turn, then the steady load on one of them."""
    left = purchases("s")
    async with a_database(server, "services") as (database_url, database):
        with fleet(database_url, server.folder, services=max(SERVICES)) as all_of_them:
            service = await set_up(all_of_them.urls[0])
            rounds: dict[int, list[Round]] = {number: [] for number in SERVICES}
            for _ in range(ROUNDS + 1):
                for number, taken in rounds.items():
                    some = Fleet(urls=all_of_them.urls[:number], services=all_of_them.services[:number], workers=())
                    processors = Processors(server, Glint=some.processes, measuring=[psutil.Process()])
                    taken.append(await events_in(some, service.headers, left, processors))
                await vacuum(database)
            rate = SHARE * statistics.median(each.rate for each in rounds[1][1:])
            waits = await steady(service.url, service.headers, interleaved(left), rate=rate, seconds=STEADY_SECONDS)
    found = []
    for number, taken in rounds.items():
        found += told(EVENTS_IN, f"{number} service{'s' if number > 1 else ''}", "events/s", taken[1:])  # the first round warms up
    for name, value in (("p50", statistics.median(waits)), ("p99", statistics.quantiles(waits, n=100)[-1])):
        found.append(Figure(subject=STEADY, name=f"{name}, {rate:.0f} events/s", ours=[value], unit="ms"))
    return found


async def put_erps(http: httpx.AsyncClient, url: str, how_many: int = ERPS) -> None:
    """In place of the endpoint that waits for a person."""
    (await http.delete("/v1/erp-endpoints/erp")).raise_for_status()
    flow = {"rate_limit_per_minute": 60_000, "max_concurrency": 64, "starts_on": "2026-01-01", "release": "automatic"}
    endpoint = {"adapter": "json", "url": url, "credentials": {"token": "erp-token"}, **flow}
    for number in range(how_many):
        (await http.put(f"/v1/erp-endpoints/erp-{number}", json=endpoint)).raise_for_status()


async def pause(http: httpx.AsyncClient, *, paused: bool) -> None:
    for number in range(ERPS):
        body = {"reason": "bench"} if paused else None
        (await http.post(f"/v1/erp-endpoints/erp-{number}/{'pause' if paused else 'resume'}", json=body)).raise_for_status()


async def deliveries(http: httpx.AsyncClient, database: asyncpg.Connection[Any], turn: str, processors: Processors) -> Round:
    """Journals gather while the ERPs are paused. From the first that is booked until the last is."""
    await pause(http, paused=True)
    entries = [event(name, "entry.recorded", entry(name)) for name in (f"{turn}-{number}" for number in range(ENTRIES))]
    (await http.post("/v1/events", json=entries)).raise_for_status()
    await vacuum(database)
    await pause(http, paused=False)
    total = await waiting(database)
    while (left := await waiting(database)) == total:  # noqa: ASYNC110 - the workers tell nobody
        await asyncio.sleep(LOOK_SECONDS)
    before = processors.read()
    while await waiting(database):
        if time.perf_counter() - before.at > MOST_SECONDS:
            raise RuntimeError("the journals are not delivered")
        await asyncio.sleep(LOOK_SECONDS)
    busy, seconds = processors.busy_since(before), time.perf_counter() - before.at
    return Round(rate=left / seconds, busy=busy)


async def waiting(database: asyncpg.Connection[Any]) -> int:
    """Journals that are not booked."""
    return int(await database.fetchval("SELECT count(*) FROM delivery WHERE NOT done"))


async def of_workers(server: Server, sink_url: str) -> list[Figure]:
    found: list[Figure] = []
    service = None
    async with a_database(server, "workers") as (database_url, database):
        for number in WORKERS:
            with fleet(database_url, server.folder, services=1, workers=number) as all_of_them:
                (url,) = all_of_them.urls
                fresh, service = service is None, service or await set_up(url)
                async with httpx.AsyncClient(base_url=url, headers=service.headers, timeout=60, trust_env=False) as http:
                    if fresh:
                        await put_erps(http, sink_url)
                    processors = Processors(server, Glint=all_of_them.processes, measuring=[psutil.Process()])
                    rounds = [await deliveries(http, database, f"{number}-{turn}", processors) for turn in range(ROUNDS + 1)]
            found += told(DELIVERIES, f"{number} worker{'s' if number > 1 else ''}", "journals/s", rounds[1:])
    return found


@asynccontextmanager
async def a_database(server: Server, name: str) -> AsyncIterator[tuple[str, asyncpg.Connection[Any]]]:
    """A database of Glint's, by its URL and with a connection to it."""
    async with server.database(name) as for_alchemy:
        database_url = for_alchemy.replace("+asyncpg", "")
        database = await asyncpg.connect(database_url)
        yield database_url, database
        await database.close()


def figures(server: Server) -> list[Figure]:
    with sink() as url:
        return [*asyncio.run(of_services(server)), *asyncio.run(of_workers(server, url))]


if __name__ == "__main__":
    found = measured(figures)
    with a_server() as server:
        results.write(found, server, "make bench-scale", "scale.md")
