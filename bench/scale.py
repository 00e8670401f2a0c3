"""How far one machine goes with several processes against one PostgreSQL, and what an event waits under a steady load.

Events in through 1, 2 and 4 services; deliveries out by 1, 2, 4 and 8 workers to a sink on loopback; beside each how many processors
PostgreSQL, Glint and the measuring itself kept busy: where they come to all there are, the machine is the limit and not the design. Then
the same once more with PostgreSQL held to a part of one processor, so that the database is the limit.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import asyncpg
import httpx
import psutil

from bench import results
from bench.delivery import sink
from bench.events import CONNECTIONS, KINDS, Purchase, purchases, set_up
from bench.figures import Figure
from bench.fleet import Fleet, fleet
from bench.held import CannotHold, held
from bench.http_client import Connection
from bench.open_loop import interleaved, steady
from bench.processors import Processors, postgres
from bench.run import measured
from bench.server import Server, a_server
from tests.events import entry, event

SERVICES, WORKERS = (1, 2, 4), (1, 2, 4, 8)
ROUNDS, PURCHASES = 3, 160
ERPS, ENTRIES = 4, 500
SHARE, STEADY_SECONDS = 0.7, 20
MOST_SECONDS, LOOK_SECONDS = 300, 0.02
EVENTS_IN = f"Events in, {CONNECTIONS} connections to each service"
HELD = 0.2
HELD_BACK = f"with PostgreSQL held to {HELD} processors"
STEADY = f"One event under a steady load of {SHARE:.0%}"
DELIVERIES = f"Deliveries to {ERPS} ERPs, a call each"
PROCESSORS = f"processors of {os.cpu_count()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Per second, and processors kept busy by each side meanwhile."""

    rate: float
    busy: Mapping[str, float]


def told(subject: str, what: str, unit: str, rounds: Mapping[int, Sequence[Round]]) -> list[Figure]:
    """For each number of processes the rate, and the processors that each side kept busy. The first round warms up: it is left out."""
    found: list[Figure] = []
    for number, (_, *taken) in rounds.items():
        name = f"{number} {what}{'s' if number > 1 else ''}"
        found.append(Figure(subject=subject, name=name, ours=[each.rate for each in taken], unit=unit))
        for side in taken[0].busy:
            found.append(Figure(subject=subject, name=f"{name}: {side}", ours=[each.busy[side] for each in taken], unit=PROCESSORS))
    return found


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
    """Rounds of 1, 2 and 4 services in turn, then the steady load on one of them; then the rounds again, with PostgreSQL held back."""
    left = purchases("s")
    async with a_database(server, "services") as (database_url, database):
        with fleet(database_url, server.folder, services=max(SERVICES)) as all_of_them:
            service = await set_up(all_of_them.urls[0])

            async def in_turn(subject: str) -> list[Figure]:
                rounds: dict[int, list[Round]] = {number: [] for number in SERVICES}
                for _ in range(ROUNDS + 1):
                    for number, taken in rounds.items():
                        some = Fleet(urls=all_of_them.urls[:number], services=all_of_them.services[:number], workers=())
                        processors = Processors(server, Glint=some.processes, measuring=[psutil.Process()])
                        taken.append(await events_in(some, service.headers, left, processors))
                    await vacuum(database)
                return told(subject, "service", "events/s", rounds)

            found = await in_turn(EVENTS_IN)
            rate = SHARE * statistics.median(found[0].ours)
            waits = await steady(service.url, service.headers, interleaved(left), rate=rate, seconds=STEADY_SECONDS)
            for name, value in (("p50", statistics.median(waits)), ("p99", statistics.quantiles(waits, n=100)[-1])):
                found.append(Figure(subject=STEADY, name=f"{name}, {rate:.0f} events/s", ours=[value], unit="ms"))
            return found + await held_back(server, lambda: in_turn(f"{EVENTS_IN}, {HELD_BACK}"))


async def held_back(server: Server, measure: Callable[[], Awaitable[list[Figure]]]) -> list[Figure]:
    """What is measured while PostgreSQL gets no more than its part. Nothing, and a word why, where it cannot be held."""
    if not server.is_embedded:
        print(f"not measured {HELD_BACK}: only the embedded one can be held")
        return []
    try:
        with held(postgres(server), HELD):
            return await measure()
    except CannotHold as error:
        print(f"not measured {HELD_BACK}: {error}")
        return []


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
    """1, 2, 4 and 8 workers one after the other; then again, with PostgreSQL held back."""
    async with a_database(server, "workers") as (database_url, database):
        with fleet(database_url, server.folder, services=1) as first:
            service = await set_up(first.urls[0])
            async with httpx.AsyncClient(base_url=service.url, headers=service.headers, timeout=60, trust_env=False) as http:
                await put_erps(http, sink_url)

        turns = count()

        async def one_after_the_other(subject: str) -> list[Figure]:
            rounds: dict[int, list[Round]] = {}
            for number in WORKERS:
                with fleet(database_url, server.folder, services=1, workers=number) as all_of_them:
                    (url,) = all_of_them.urls
                    async with httpx.AsyncClient(base_url=url, headers=service.headers, timeout=60, trust_env=False) as http:
                        processors = Processors(server, Glint=all_of_them.processes, measuring=[psutil.Process()])
                        rounds[number] = [await deliveries(http, database, str(next(turns)), processors) for _ in range(ROUNDS + 1)]
            return told(subject, "worker", "journals/s", rounds)

        found = await one_after_the_other(DELIVERIES)
        return found + await held_back(server, lambda: one_after_the_other(f"{DELIVERIES}, {HELD_BACK}"))


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
