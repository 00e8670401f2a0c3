"""The start page with 5,000 unsent journals answers about as fast as with 50: it reads a page, and counts along an index."""

import time
from datetime import date

import pytest
from sqlalchemy import text

from app.application.work_through import Work
from tests.events import entry
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

FEW, MANY, TRIES = 50, 5_000, 15
COPY = """
WITH template AS (SELECT j.* FROM journal j WHERE j.tenant_id = :tenant_id LIMIT 1), copied AS (
    INSERT INTO journal (tenant_id, journal_id, endpoint, reference, accounting_date, currency, currency_digits, base_currency, base_digits,
        debit_total, base_debit_total, description, lane_key, status, sequence, most_lines, group_number)
    SELECT tenant_id, gen_random_uuid(), endpoint, 'COPY-' || n, accounting_date, currency, currency_digits, base_currency, base_digits,
        debit_total, base_debit_total, description, 'copy:' || n, status, sequence + n, 2, n + 1
    FROM template, generate_series(CAST(:first AS int), CAST(:last AS int)) n RETURNING tenant_id, journal_id, endpoint, group_number
)
INSERT INTO journal_transaction (tenant_id, journal_id, transaction_id, endpoint, part, debit_total, base_debit_total, group_number, lines)
SELECT copied.tenant_id, copied.journal_id, m.transaction_id, copied.endpoint, m.part, m.debit_total, m.base_debit_total,
    copied.group_number, m.lines
FROM copied, (SELECT * FROM journal_transaction WHERE tenant_id = :tenant_id LIMIT 1) m
"""


async def copies(world: World, first: int, last: int) -> None:
    """The one journal there is, again and again."""
    async with world.engine.begin() as connection:
        await connection.execute(text(COPY), {"tenant_id": world.tenant_id, "first": first, "last": last})
    async with world.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("ANALYZE journal, journal_transaction"))


async def start_page(world: World) -> tuple[Work, float]:
    """What it shows, and the seconds of its fastest try."""
    seconds = []
    for _ in range(TRIES):
        began = time.perf_counter()
        work = await world.operations.work_through(
            world.tenant_id,
            endpoint=None,
            date_from=date(2026, 11, 1),
            date_to=date(2026, 11, 30),
            settled=False,
            status=None,
            after_place=None,
            limit=51,
        )
        seconds.append(time.perf_counter() - began)
    return work, min(seconds)


async def test_many_journals_cost_little_more_than_few(world: World) -> None:
    await world.add_endpoint("http://127.0.0.1:9", release="manual")
    await world.record("e1", "entry.recorded", entry())
    await copies(world, 1, FEW - 1)
    work, few = await start_page(world)
    assert (work.matching.count, len(work.journals)) == (FEW, FEW)
    await copies(world, FEW, MANY - 1)
    work, many = await start_page(world)
    assert (work.matching.count, len(work.journals)) == (MANY, 51)
    assert work.summary.transactions_not_posted == 1
    print(f"start page: {few * 1000:.1f} ms with {FEW} journals, {many * 1000:.1f} ms with {MANY}")
    assert many - few < 0.05
