"""The start page with 5,000 journals not sent, against the same with 50: it shows a page of them, and counts them all. In turn."""

import asyncio
import base64
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy import text

from app.application.ports.users import UserRole
from app.bootstrap import build
from app.config import Settings
from app.main import create_app
from bench.figures import Figure
from bench.run import run
from bench.server import Server
from tests.events import entry
from tests.world import World, make_world

FEW, MANY, TRIES = 50, 5_000, 100
GOAL = 1.5
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
ORIGIN = "https://glint.test"
SECRET_KEY = base64.b64encode(bytes(32)).decode()
COPY = """
WITH template AS (SELECT j.* FROM journal j WHERE j.tenant_id = :tenant_id LIMIT 1), copied AS (
    INSERT INTO journal (tenant_id, journal_id, endpoint, reference, accounting_date, currency, currency_digits, base_currency, base_digits,
        debit_total, base_debit_total, description, lane_key, status, sequence, most_lines, group_number)
    SELECT tenant_id, gen_random_uuid(), endpoint, 'COPY-' || n, accounting_date, currency, currency_digits, base_currency, base_digits,
        debit_total, base_debit_total, description, 'copy:' || n, status, sequence + n, 2, n + 1
    FROM template, generate_series(1, CAST(:copies AS int)) n RETURNING tenant_id, journal_id, endpoint, group_number
)
INSERT INTO journal_transaction (tenant_id, journal_id, transaction_id, endpoint, part, debit_total, base_debit_total, group_number, lines)
SELECT copied.tenant_id, copied.journal_id, m.transaction_id, copied.endpoint, m.part, m.debit_total, m.base_debit_total,
    copied.group_number, m.lines
FROM copied, (SELECT * FROM journal_transaction WHERE tenant_id = :tenant_id LIMIT 1) m
"""


async def filled(world: World, journals: int) -> None:
    """One journal, again and again."""
    await world.add_endpoint("http://127.0.0.1:9", release="manual")
    await world.record("e1", "entry.recorded", entry())
    async with world.engine.begin() as connection:
        await connection.execute(text(COPY), {"tenant_id": world.tenant_id, "copies": journals - 1})
    async with world.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))


async def signed_in(url: str, folder: Path, stack: AsyncExitStack) -> httpx.AsyncClient:
    """Somebody in a browser, before a service of its own."""
    settings = Settings(database_url=url, data_dir=folder, admin_key=SecretStr("bench"), secret_key=SecretStr(SECRET_KEY))
    container = await build(settings)
    stack.push_async_callback(container.close)
    tenant_id = await container.tenant_names.find("")
    if tenant_id is None:
        raise RuntimeError("there is no tenant")
    await container.people.users.add(tenant_id, "bench", name="anna", roles=[UserRole.SENDER], password=PASSWORD)
    transport = httpx.ASGITransport(app=create_app(container))
    http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=ORIGIN))
    form = {"organisation": "", "name": "anna", "password": PASSWORD}
    answer = await http.post("/app/sign-in", data=form, headers={"origin": ORIGIN})
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise RuntimeError(answer.text)
    return http


async def page_seconds(http: httpx.AsyncClient, journals: int) -> float:
    """What the whole page took, as HTML."""
    began = time.perf_counter()
    answer = await http.get("/app/", params={"from": "2026-11-01", "to": "2026-11-30"})
    taken = time.perf_counter() - began
    if answer.status_code != httpx.codes.OK or f"Select all {journals:,} that match" not in answer.text:
        raise AssertionError("the page must tell of every journal")
    return taken


async def measure(server: Server) -> dict[int, list[float]]:
    """Milliseconds of each page, by the number of journals."""
    async with AsyncExitStack() as stack:
        browsers = {}
        for journals in (FEW, MANY):
            url = await stack.enter_async_context(server.database(f"page_{journals}"))
            await filled(await stack.enter_async_context(make_world(url)), journals)
            browsers[journals] = await signed_in(url, server.folder, stack)
            await page_seconds(browsers[journals], journals)
        rounds = [{journals: await page_seconds(http, journals) * 1e3 for journals, http in browsers.items()} for _ in range(TRIES)]
    return {journals: [each[journals] for each in rounds] for journals in (FEW, MANY)}


def figures(server: Server) -> list[Figure]:
    found = asyncio.run(measure(server))
    name, against = (f"{journals:,} journals not sent" for journals in (MANY, FEW))
    return [Figure(subject="The start page", name=name, ours=found[MANY], unit="ms", against=against, others=found[FEW], goal=GOAL)]


if __name__ == "__main__":
    run(figures)
