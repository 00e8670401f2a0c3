"""What one goods.received costs over HTTP where things have grown, against the same where they are small: it should cost what it touches.

One connection, one request at a time, to the grown and to the small in turn. How it grows with history is measured by reading_pages, beside
the pages that are read from the same two databases.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from itertools import count, cycle, repeat
from typing import Any

import asyncpg

from app.application.token_hash import token_hash
from bench.events import Service, connected, glint, set_up
from bench.figures import Figure
from bench.http_client import Connection
from bench.run import run
from bench.server import Server
from tests.events import event, order, receipt

SUBJECT = "A receipt over HTTP, where things have grown"
TRIES, WARM_UP = 200, 20
LINES, RECEIPTS, TENANTS, BATCH = 1_000, 1_000, 1_000, 500
GOAL = 1.5
PLENTY = "1000000"
COPY_TENANT = """
INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('tenant_id', made.tenant_id) || {changes})).*
FROM {table} t, unnest($2::uuid[], $3::text[], $4::bytea[]) AS made(tenant_id, name, hash) WHERE t.tenant_id = $1
"""
SET_UP = {
    "tenant": "jsonb_build_object('name', made.name, 'reference_prefix', made.name)",
    "account": "'{}'",
    "posting_manager_version": "'{}'",
    "erp_endpoint": "'{}'",
    "endpoint_flow": "'{}'",
    "api_key": "jsonb_build_object('hash', made.hash)",
}
"""The tables of a tenant's set-up, and what is another tenant's own in them."""

Order = tuple[str, Mapping[str, str]]
"""Its number, and the headers that carry its tenant's key."""


class Receipts:
    """Goods received of these orders in turn, over one connection that is there inside `async with`."""

    def __init__(self, url: str, orders: Iterator[Order], name: str) -> None:
        self._url = url
        self._orders = orders
        self._numbers = (f"{name}-{number}" for number in count())

    async def __aenter__(self) -> None:
        self._connection = await Connection.to(self._url)

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def next(self) -> float:
        """Milliseconds until its transaction was answered."""
        number, (order_number, headers) = next(self._numbers), next(self._orders)
        body = json.dumps(received(order_number, number)).encode()
        began = time.perf_counter()
        answer = await self._connection.post("/v1/events", body, headers)
        taken = time.perf_counter() - began
        if json.loads(answer)["status"] != "posted":
            raise AssertionError(answer.decode())
        return taken * 1e3


def received(order_number: str, name: str) -> dict[str, Any]:
    return event(name, "goods.received", receipt(order_number, receipt_number=name))


def ordered(number: str, lines: int = 1) -> dict[str, Any]:
    """An order of which there is plenty to receive."""
    data = order(number, quantity=PLENTY)
    (line,) = data["lines"]
    return event(number, "order.created", data | {"lines": [line | {"line_number": each} for each in range(1, lines + 1)]})


async def in_turn(grown: Receipts, small: Receipts) -> tuple[list[float], list[float]]:
    """Milliseconds of each try, after some that warm up."""
    async with grown, small:
        tries = [(await grown.next(), await small.next()) for _ in range(WARM_UP + TRIES)][WARM_UP:]
    return [each for each, _ in tries], [each for _, each in tries]


def figure(name: str, against: str, taken: tuple[Sequence[float], Sequence[float]]) -> Figure:
    grown, small = taken
    return Figure(subject=SUBJECT, name=name, ours=grown, unit="ms", against=against, others=small, goal=GOAL)


async def recorded(service: Service, events: Sequence[dict[str, Any]]) -> None:
    """In batches."""
    async with connected(service.url, 1, service.headers) as (connection,):
        for first in range(0, len(events), BATCH):
            answer = await connection.post_json("/v1/events", events[first : first + BATCH])
            if {each["status"] for each in answer} != {"posted"}:
                raise AssertionError("not every event was posted")


async def vacuum(database_url: str) -> None:
    """As a database that runs has done by itself."""
    database = await asyncpg.connect(database_url)
    await database.execute("VACUUM ANALYZE")
    await database.close()


@contextmanager
def served(server: Server, database_url: str, name: str) -> Iterator[str]:
    """The URL of a service of its own on this database."""
    folder = server.folder / name
    folder.mkdir()
    with glint(database_url, folder) as url:
        yield url


async def of_one_order(server: Server) -> list[Figure]:
    """Its lines, and what was received of one of them before. A small order is received once and once more, another one each time."""
    async with server.database("growth") as database_url:
        plain = database_url.replace("+asyncpg", "")
        with served(server, plain, "growth") as url:
            service = await set_up(url)
            fresh = [f"PO-{number}" for number in range(WARM_UP + TRIES)]
            orders = [ordered("PO-LINES", LINES), ordered("PO-LINE"), ordered("PO-RECEIPTS"), *map(ordered, fresh)]
            await recorded(service, orders)
            before = [received("PO-RECEIPTS", f"B-{number}") for number in range(RECEIPTS)]
            await recorded(service, before + [received(number, f"B-{number}") for number in fresh])
            await vacuum(plain)

            def receipts(name: str, orders: Iterator[str]) -> Receipts:
                return Receipts(url, ((number, service.headers) for number in orders), name)

            lines = await in_turn(receipts("L", repeat("PO-LINES")), receipts("l", repeat("PO-LINE")))
            again = await in_turn(receipts("R", repeat("PO-RECEIPTS")), receipts("r", iter(fresh)))
    return [
        figure(f"an order of {LINES:,} lines", "of 1 line", lines),
        figure(f"a line after {RECEIPTS:,} receipts", "after 1", again),
    ]


async def of_tenants(server: Server) -> Figure:
    """Each receipt is another tenant's; each tenant has been there before."""
    async with AsyncExitStack() as stack:
        found = []
        for name, tenants in (("tenants", TENANTS), ("tenant", 1)):
            database_url = (await stack.enter_async_context(server.database(name))).replace("+asyncpg", "")
            url = stack.enter_context(served(server, database_url, name))
            service = await set_up(url)
            keys = [service.headers, *await more_tenants(database_url, service, tenants - 1)]
            async with connected(url, 1, {}) as (connection,):
                for headers in keys:
                    await connection.post("/v1/events", json.dumps(ordered("PO-1")).encode(), headers)
            await vacuum(database_url)
            found.append(Receipts(url, cycle([("PO-1", headers) for headers in keys]), name))
        return figure(f"a database of {TENANTS:,} tenants", "of 1 tenant", await in_turn(*found))


async def more_tenants(database_url: str, service: Service, wanted: int) -> list[dict[str, str]]:
    """So many tenants set up like the service's: the headers with each one's key."""
    database = await asyncpg.connect(database_url)
    ids = await database.fetch("SELECT gen_random_uuid() FROM generate_series(1, $1)", wanted)
    names = [f"T{number}" for number in range(wanted)]
    columns = [each[0] for each in ids], names, [token_hash(name) for name in names]
    for table, changes in SET_UP.items():
        await database.execute(COPY_TENANT.format(table=table, changes=changes), service.tenant_id, *columns)
    await database.close()
    return [{"authorization": f"Bearer {name}"} for name in names]


async def measure(server: Server) -> list[Figure]:
    return [*await of_one_order(server), await of_tenants(server)]


def figures(server: Server) -> list[Figure]:
    return asyncio.run(measure(server))


if __name__ == "__main__":
    run(figures)
