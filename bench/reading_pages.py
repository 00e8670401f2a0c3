"""What accountants' pages read with 300,000 transactions of history, against the same with 3,000 and as many open lines: each follows an
index and stops at its page. In turn."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import date
from functools import partial

from sqlalchemy import text

from app.application.ports.order_lists import OrderSearch
from app.application.ports.reports import LedgerKey, Narrowing, Selector
from app.application.reports.open_lines import OpenFilter
from app.domain.transaction import Subject
from bench.figures import Figure
from bench.run import run
from bench.server import Server
from tests.events import entry, invoice, order, receipt
from tests.world import World, make_world

FEW, MANY, OPEN, TRIES = 1_000, 100_000, 50, 15
GOAL = 1.5
ROWS = 51
Page = Callable[[], Awaitable[object]]
RENAMED = "CASE WHEN {column} = 'E1' THEN 'E' || made.n % 500 ELSE {column} END"
COPY = (
    """
CREATE TEMPORARY TABLE made AS
SELECT n, 'C-' || n AS number, CAST(n % 997 AS int) AS days, 'S' || n % 200 AS supplier FROM generate_series(1, :copies) n
""",
    """
INSERT INTO purchase_order (tenant_id, order_number, supplier_code, supplier_name, currency, status, version, manager_version, state,
    posted, outstanding)
SELECT tenant_id, number, made.supplier, supplier_name, currency, status, version, manager_version, state, posted, outstanding
FROM purchase_order, made WHERE tenant_id = :tenant_id AND order_number = 'PO-DONE'
""",
    """
INSERT INTO purchase_order_line (tenant_id, order_number, line_number, state, posted, outstanding)
SELECT tenant_id, number, line_number, state, posted, outstanding
FROM purchase_order_line, made WHERE tenant_id = :tenant_id AND order_number = 'PO-DONE'
""",
    """
INSERT INTO order_event (tenant_id, order_number, applied, event_id, accounting_date)
SELECT tenant_id, number, applied, event_id, accounting_date - days
FROM order_event, made WHERE tenant_id = :tenant_id AND order_number = 'PO-DONE'
""",
    """
CREATE TEMPORARY TABLE copied AS
SELECT gen_random_uuid() AS copy_id, t.transaction_id, made.* FROM account_transaction t, made
WHERE t.tenant_id = :tenant_id AND t.subject_number = 'PO-DONE'
""",
    """
INSERT INTO account_transaction (tenant_id, transaction_id, event_id, event_type, subject_type, subject_number, supplier_code,
    document_type, document_number, document_date, accounting_date, currency, currency_digits, base_currency, base_digits, description)
SELECT t.tenant_id, made.copy_id, event_id, event_type, subject_type, made.number, made.supplier,
    document_type, document_number, document_date, accounting_date - days, currency, currency_digits, base_currency, base_digits,
    description
FROM account_transaction t JOIN copied made USING (transaction_id) WHERE t.tenant_id = :tenant_id
""",
    f"""
INSERT INTO account_transaction_line (tenant_id, transaction_id, line, role, ledger, account, account_code, side, amount, base_amount,
    order_line, charge_code, description)
SELECT l.tenant_id, made.copy_id, line, role, ledger, account, {RENAMED.format(column="account_code")}, side, amount, base_amount,
    order_line, {RENAMED.format(column="charge_code")}, description
FROM account_transaction_line l JOIN copied made USING (transaction_id) WHERE l.tenant_id = :tenant_id
""",  # noqa: S608 - built from constants
)


async def filled(world: World, copies: int) -> None:
    """Orders that are open, and one that is done, again and again: over three years, 500 charge codes and 200 suppliers."""
    await world.add_endpoint("http://127.0.0.1:9", release="manual")
    await world.record("club", "entry.recorded", entry())
    await world.record("done-1", "order.created", order("PO-DONE", quantity="1"))
    await world.record("done-2", "goods.received", receipt("PO-DONE", receipt_number="R-DONE"))
    await world.record("done-3", "invoice.matched", invoice("PO-DONE", invoice_number="I-DONE"))
    for number in range(OPEN):
        await world.record(f"o{number}", "order.created", order(f"PO-{number}"))
        await world.record(f"r{number}", "goods.received", receipt(f"PO-{number}", receipt_number=f"R-{number}"))
    async with world.engine.begin() as connection:
        for sql in COPY:
            await connection.execute(text(sql), {"tenant_id": world.tenant_id, "copies": copies} if ":" in sql else {})
    async with world.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    await world.operations.reports.trial_balance(world.tenant_id, None)
    async with world.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))


def pages(world: World) -> Mapping[str, Page]:
    use, tenant = world.operations, world.tenant_id
    find, ledger = use.find_orders, partial(use.reports.ledger, tenant, date_to=None, limit=ROWS)
    ap, done = Selector(kind="account_code", value="2000"), Narrowing(subject=Subject(type="order", number="PO-DONE"))
    month, middle = date(2026, 10, 1), LedgerKey(date(2025, 6, 1), 0, 0)
    newest, by_number = partial(find.newest, tenant, before_place=None, limit=ROWS), partial(find.by_number, tenant, after=None, limit=ROWS)
    return {
        "newest orders": partial(newest, OrderSearch()),
        "orders of a supplier": partial(newest, OrderSearch(supplier="S7")),
        "orders by number": partial(by_number, OrderSearch(begins="c-9")),
        "an order": partial(use.read_order, tenant, "PO-DONE", after_place=0, limit=ROWS),
        "balances": partial(use.reports.trial_balance, tenant, None),
        "AP from its beginning": partial(ledger, ap, date_from=None, after=None),
        "AP, last month": partial(ledger, ap, date_from=month, after=None),
        "AP, a page in the middle": partial(ledger, ap, date_from=None, after=middle),
        "AP of an order": partial(ledger, ap, done, date_from=None, after=None),
        "a charge code's account": partial(ledger, Selector(kind="account_code", value="E7"), date_from=None, after=None),
        "AP of a charge code": partial(ledger, ap, Narrowing(charge_code="E7"), date_from=None, after=None),
        "an account with one line": partial(ledger, Selector(kind="account_code", value="4000"), date_from=None, after=None),
        "GRNI": partial(use.reports.grni, tenant, None, OpenFilter()),
        "commitments": partial(use.reports.commitments, tenant, None, OpenFilter()),
    }


async def seconds(page: Page) -> float:
    began = time.perf_counter()
    await page()
    return time.perf_counter() - began


async def measure(server: Server) -> Mapping[str, Mapping[int, list[float]]]:
    """Milliseconds of each reading, by page and by the number of orders."""
    async with AsyncExitStack() as stack:
        found: dict[int, Mapping[str, Page]] = {}
        for copies in (FEW, MANY):
            url = await stack.enter_async_context(server.database(f"reading_{copies}"))
            world = await stack.enter_async_context(make_world(url))
            await filled(world, copies)
            found[copies] = pages(world)
        taken: dict[str, dict[int, list[float]]] = {name: {FEW: [], MANY: []} for name in found[FEW]}
        for _ in range(TRIES):
            for name in taken:
                for copies, each in found.items():
                    taken[name][copies].append(await seconds(each[name]) * 1e3)
        return taken


def figures(server: Server) -> list[Figure]:
    return [
        Figure(
            subject=f"Reading, with a history of {MANY:,} orders",
            name=name,
            ours=taken[MANY],
            unit="ms",
            against=f"{FEW:,} orders",
            others=taken[FEW],
            goal=GOAL,
        )
        for name, taken in asyncio.run(measure(server)).items()
    ]


if __name__ == "__main__":
    run(figures)
