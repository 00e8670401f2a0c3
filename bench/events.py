"""Events in: one per request, and batches of 500, through a service of one process, against the barest way to write as many rows.

One per request: purchases of an order, a receipt and an invoice, over 16 connections, against a bare FastAPI service that inserts the same
rows with asyncpg. A batch: against COPY of the same rows into the same tables and indexes, without triggers and foreign keys. Each round
measures both sides one right after the other, and the ratio is the median of the rounds' own.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.demo.ports import HOST, free_port
from app.demo.program import ROOT, Program
from bench.figures import Figure
from bench.http_client import Connection
from bench.run import run
from bench.server import Server
from bench.written_rows import Written, make_bare_tables, next_transaction, written_since
from tests.events import ACCOUNTS, POSTING_MANAGER, event, invoice, order, receipt

CONNECTIONS, PURCHASES, BATCH, ROUNDS = 16, 160, 500, 5
MOST_WAITS = 300
GOALS = {"one": 0.5, "batch": 0.3}
ADMIN_KEY = "bench-admin-key"
STARTS_ON = "2026-01-01"
"""Of endpoints: before the events' dates, whatever day it is."""
WAITING = {
    "adapter": "json",
    "url": "https://erp.invalid",
    "credentials": {"token": "none"},
    "release": "manual",
    "starts_on": STARTS_ON,
}
KINDS = ("order.created", "goods.received", "invoice.matched")
Purchase = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service with a tenant that is set up; `headers` carry its key."""

    url: str
    headers: dict[str, str]
    tenant_id: UUID


def purchases(prefix: str) -> Iterator[Purchase]:
    """Orders of two lines with two splits each, received and invoiced in part."""
    for number in count():
        name = f"{prefix}-{number}"
        codes = [{"code": "E1", "percentage": "60"}, {"code": "E2", "percentage": "40"}]
        line = {"description": "Widget", "quantity": "10", "unit_price": "12.34", "account_codes": codes}
        lines = [line | {"line_number": 1}, line | {"line_number": 2}]
        events = (order(name, lines=lines), receipt(name, receipt_number=f"R-{name}"), invoice(name, invoice_number=f"I-{name}"))
        yield [event(f"{name}-{kind}", kind, data) for kind, data in zip(KINDS, events, strict=True)]


@contextmanager
def glint(database_url: str, folder: Path, *, worker: bool = False) -> Iterator[str]:
    """A service on this database, without a worker unless told; its URL."""
    url = f"http://{HOST}:{free_port(18081)}"
    settings = {"GLINT_DATABASE_URL": database_url, "GLINT_DATA_DIR": str(folder / "data"), "GLINT_ADMIN_KEY": ADMIN_KEY}
    arguments = ["serve", "--host", HOST, "--port", url.rsplit(":", 1)[1]]
    program = Program(
        "The service",
        arguments if worker else [*arguments, "--no-worker"],
        ready_url=f"{url}/readyz",
        log=folder / "service.log",
        environment=settings | {"GLINT_LOG_LEVEL": "WARNING", "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8"},
    )
    program.start()
    try:
        yield url
    finally:
        program.stop()


@contextmanager
def bare_service(database_url: str, rows: Path) -> Iterator[str]:
    """Its URL."""
    port = free_port(18082)
    with subprocess.Popen([sys.executable, "-m", "bench.bare_service", str(port), database_url, str(rows)], cwd=ROOT) as process:
        try:
            wait_for(port)
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    """Until something listens there."""
    for _ in range(MOST_WAITS):
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


async def set_up(url: str, endpoint: Mapping[str, object] = WAITING) -> Service:
    """A tenant with accounts, a posting manager, and an endpoint: unless told, one whose journals wait for a person."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        body = {"name": "Bench", "base_currency": "NZD", "time_zone": "Pacific/Auckland"}
        made = (await http.post("/v1/tenants", json=body, headers={"authorization": f"Bearer {ADMIN_KEY}"})).raise_for_status().json()
        headers = {"authorization": f"Bearer {made['key']}"}
        http.headers.update(headers)
        changes = {f"/v1/accounts/{name}": account for name, account in ACCOUNTS.items()}
        for path, body in (changes | {"/v1/posting-manager": POSTING_MANAGER, "/v1/erp-endpoints/erp": dict(endpoint)}).items():
            answer = await http.put(path, json=body)
            if not answer.is_success:
                raise RuntimeError(f"{path}: {answer.text}")
    return Service(url=url, headers=headers, tenant_id=UUID(hex=made["tenant"]["id"].partition("_")[2]))


@asynccontextmanager
async def connected(url: str, connections: int, headers: dict[str, str]) -> AsyncIterator[list[Connection]]:
    found = [await Connection.to(url, headers) for _ in range(connections)]
    yield found
    for each in found:
        await each.close()


async def one_by_one(url: str, headers: dict[str, str], left: Iterator[Purchase], path: Callable[[str], str]) -> float:
    """Events per second; a purchase's own one after the other, those of the connections side by side."""
    sent = [[(path(each["type"]), json.dumps(each).encode()) for each in purchase] for purchase in islice(left, PURCHASES)]
    waiting = iter(sent)

    async def buy(connection: Connection) -> None:
        for purchase in waiting:
            for where, body in purchase:
                await connection.post(where, body)

    async with connected(url, CONNECTIONS, headers) as connections:
        began = time.perf_counter()
        await asyncio.gather(*(buy(each) for each in connections))
        return PURCHASES * len(KINDS) / (time.perf_counter() - began)


async def in_a_batch(service: Service, left: Iterator[Purchase]) -> float:
    """Events per second of one batch, in which everything is posted."""
    body = json.dumps([each for purchase in islice(left, BATCH) for each in purchase][:BATCH]).encode()
    async with connected(service.url, 1, service.headers) as (connection,):
        began = time.perf_counter()
        answer = await connection.post("/v1/events", body)
        taken = time.perf_counter() - began
    if [each["status"] for each in json.loads(answer)] != ["posted"] * BATCH:
        raise RuntimeError("not every event was posted")
    return BATCH / taken


async def sample(database: asyncpg.Connection[Any], service: Service) -> dict[str, list[Written]]:
    """What each event of a purchase writes."""
    written = {}
    async with connected(service.url, 1, service.headers) as (connection,):
        for each in next(purchases("sample")):
            before = await next_transaction(database)
            await connection.post_json("/v1/events", each)
            written[each["type"]] = await written_since(database, before, service.tenant_id)
    return written


async def copied(database: asyncpg.Connection[Any], written: list[Written], tenant: UUID) -> float:
    """Events per second, of a batch's."""
    began = time.perf_counter()
    async with database.transaction():
        for each in written:
            await each.copy(database, tenant)
    return BATCH / (time.perf_counter() - began)


async def measure(server: Server) -> dict[str, list[tuple[float, float]]]:
    """Ours and the bare rate of each round, by kind."""
    found: dict[str, list[tuple[float, float]]] = {"one": [], "batch": []}
    left, rows = purchases("p"), server.folder / "rows"
    async with server.database("events") as database_url:
        plain_url = database_url.replace("+asyncpg", "")
        with glint(plain_url, server.folder) as url:
            service = await set_up(url)
            database = await asyncpg.connect(plain_url)
            await make_bare_tables(database)
            written = await sample(database, service)
            rows.write_bytes(pickle.dumps({kind: [each.insert for each in tables] for kind, tables in written.items()}))
            with bare_service(plain_url, rows) as bare_url:
                for turn in range(ROUNDS + 1):
                    rate = await one_by_one(url, service.headers, left, lambda _: "/v1/events")
                    found["one"].append((rate, await one_by_one(bare_url, {}, left, lambda kind: f"/events/{kind}")))
                    before = await next_transaction(database)
                    rate = await in_a_batch(service, left)
                    batch = await written_since(database, before, service.tenant_id)
                    found["batch"].append((rate, await copied(database, batch, UUID(int=2**100 + turn))))
            await database.close()
    return {kind: each[1:] for kind, each in found.items()}  # the first round warms up


def figures(server: Server) -> list[Figure]:
    names = {"one": ("one event a request", "bare FastAPI + asyncpg"), "batch": (f"a batch of {BATCH}", "COPY of its rows")}
    found = []
    for kind, rates in asyncio.run(measure(server)).items():
        ours, others = zip(*rates, strict=True)
        name, against = names[kind]
        found.append(
            Figure(
                subject="Events in",
                name=name,
                ours=ours,
                unit="events/s",
                against=against,
                others=others,
                goal=GOALS[kind],
                at_least=True,
            )
        )
    return found


if __name__ == "__main__":
    run(figures)
