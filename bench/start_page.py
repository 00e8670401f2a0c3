"""The start page's reading with 5,000 journals not sent, against the same with 50: it reads a page, and counts along an index. In turn."""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from datetime import date

from sqlalchemy import text

from app.adapters.postgres.embedded import EmbeddedPostgres
from app.adapters.postgres.migrate import upgrade
from tests.databases import enterable_folder, with_database
from tests.databases import execute as run_sql
from tests.events import entry
from tests.world import World, make_world

FEW, MANY, TRIES = 50, 5_000, 100
GOAL = 1.5
ROWS = 51
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


async def page_seconds(world: World, journals: int) -> float:
    began = time.perf_counter()
    work = await world.operations.work_through(
        world.tenant_id,
        endpoint=None,
        date_from=date(2026, 11, 1),
        date_to=date(2026, 11, 30),
        settled=False,
        status=None,
        after_place=None,
        limit=ROWS,
    )
    taken = time.perf_counter() - began
    if (work.matching.count, len(work.journals)) != (journals, min(journals, ROWS)):
        raise AssertionError("the page must tell of every journal")
    return taken


async def measure(server_url: str) -> dict[int, list[float]]:
    """Seconds of each reading, by the number of journals."""
    async with AsyncExitStack() as stack:
        worlds = {}
        for journals in (FEW, MANY):
            await asyncio.to_thread(run_sql, server_url, f"CREATE DATABASE bench_{journals}")
            url = with_database(server_url, f"bench_{journals}")
            await upgrade(url)
            worlds[journals] = await stack.enter_async_context(make_world(url))
            await filled(worlds[journals], journals)
            await page_seconds(worlds[journals], journals)
        rounds = [{journals: await page_seconds(world, journals) for journals, world in worlds.items()} for _ in range(TRIES)]
    return {journals: [each[journals] for each in rounds] for journals in (FEW, MANY)}


def main() -> None:
    with enterable_folder() as folder:
        postgres = EmbeddedPostgres(folder, system_dir=folder / "system")
        found = asyncio.run(measure(postgres.start()))
        postgres.stop()
    few = statistics.median(found[FEW])
    for journals, taken in found.items():
        low, *_, high = statistics.quantiles(taken, n=20)
        middle, spread = statistics.median(taken), f"({low * 1e3:.2f} to {high * 1e3:.2f})"
        ratio = "" if journals == FEW else f"; {middle / few:.2f} × (goal {GOAL})"
        print(f"start page       {middle * 1e3:>10.2f} ms         {spread}, {journals:,} journals{ratio}")


if __name__ == "__main__":
    main()
