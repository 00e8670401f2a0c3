"""A history as years of purchasing leave it: one order, received, invoiced, and its journals booked by an ERP, again and again.

The first order goes the whole way through the service. Its copies have the same rows in the same tables, each with numbers, ids, places in
lists and days of its own: over three years, of 50 suppliers and 60 charge codes. The triggers that checked the first are off meanwhile.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.delivery import sink
from tests.events import invoice, order, receipt
from tests.world import World

PER_ORDER = 3
"""Account transactions: what was committed, received and invoiced."""
AT_ONCE, WRITERS = 5_000, 2
STRIDE = 1_000
"""Places in lists that a copy has for itself; the first order took fewer."""
DAYS, SUPPLIERS, CODES = 997, 50, 60
MARK = "DONE"
FIRST = f"PO-{MARK}"
TABLES = (
    "subject_lock",
    "event",
    "purchase_order",
    "purchase_order_line",
    "order_invoice",
    "order_event",
    "supplier_document",
    "account_transaction",
    "account_transaction_line",
    "journal",
    "journal_transaction",
    "lane",
    "delivery",
)
"""Not what was said and asked about each journal, which is read by the journal alone."""
ASIDE = "first_order"
PLACES = ("sequence", "arrival", "applied", "position")
SUPPLIER = f"'S' || made.n % {SUPPLIERS}"
CODE = f"CASE WHEN t.{{0}} = 'E1' THEN 'E' || made.n % {CODES} ELSE t.{{0}} END"
RENAMED = {
    ("purchase_order", "supplier_code"): SUPPLIER,
    ("order_invoice", "supplier_code"): SUPPLIER,
    ("supplier_document", "supplier_code"): SUPPLIER,
    ("account_transaction", "supplier_code"): SUPPLIER,
    ("account_transaction_line", "account_code"): CODE.format("account_code"),
    ("account_transaction_line", "charge_code"): CODE.format("charge_code"),
    ("journal", "number"): "t.number || '-' || made.n",
    ("journal", "reference"): f"left(t.reference, -12) || lpad((t.sequence + made.n * {STRIDE})::text, 12, '0')",
}
MADE = f"""
(SELECT n, {DAYS} - CAST(n * {DAYS} / CAST(:orders AS bigint) AS int) AS days
 FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n) made
"""  # noqa: S608 - built from constants, like all statements here
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = :table AND is_generated = 'NEVER' AND is_identity = 'NO'
  AND column_name NOT IN ('tenant_id', 'written_in')
ORDER BY ordinal_position
"""


async def make_history(world: World, orders: int) -> None:
    """In a world without events. Afterwards its endpoint is one that polls, and there is nothing yet for it to fetch."""
    with sink() as url:
        endpoint = await world.add_endpoint(url)
        await world.record(f"{MARK}-1", "order.created", order(FIRST, quantity="1"))
        await world.record(f"{MARK}-2", "goods.received", receipt(FIRST, receipt_number=f"R-{MARK}"))
        await world.record(f"{MARK}-3", "invoice.matched", invoice(FIRST, invoice_number=f"I-{MARK}"))
        await world.deliver()
    if (statuses := await world.statuses()) != ["sent"] * PER_ORDER:
        raise RuntimeError(f"the first order's journals are {statuses}")
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.endpoints.put(replace(endpoint, delivery="poll"))
        await uow.commit()
    of_tenant = {"tenant_id": world.tenant_id}
    async with world.engine.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {ASIDE}"))
        statements = [await _copying(connection, table, of_tenant) for table in TABLES]
    await _triggers(world, "DISABLE")
    chunks = iter(range(1, orders, AT_ONCE))
    await asyncio.gather(*(_copy(world, statements, of_tenant | {"orders": orders}, chunks) for _ in range(WRITERS)))
    await _triggers(world, "ENABLE")
    async with world.engine.begin() as connection:
        await connection.execute(text("SELECT setval('ledger_sequence', :last)"), {"last": (orders + 1) * STRIDE})
        await connection.execute(text(f"DROP SCHEMA {ASIDE} CASCADE"))


async def vacuum(world: World) -> None:
    """As a database that runs has done by itself."""
    async with world.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))


async def _copy(world: World, statements: Sequence[str], parameters: Mapping[str, Any], chunks: Iterator[int]) -> None:
    """All tables of some orders, then those of the next."""
    for first in chunks:
        made = {"first": first, "last": min(first + AT_ONCE, parameters["orders"]) - 1}
        async with world.engine.begin() as connection:
            for sql in statements:
                await connection.execute(text(sql), {**parameters, **made})


async def _triggers(world: World, change: str) -> None:
    async with world.engine.begin() as connection:
        for table in TABLES:
            await connection.execute(text(f"ALTER TABLE {table} {change} TRIGGER USER"))


async def _copying(connection: AsyncConnection, table: str, of_tenant: Mapping[str, Any]) -> str:
    """Keeps the first order's rows aside, and answers the statement that makes many orders' rows of them."""
    columns = {row.column_name: row.data_type for row in await connection.execute(text(COLUMNS), {"table": table})}
    await connection.execute(text(f"CREATE TABLE {ASIDE}.{table} AS SELECT * FROM {table} WHERE tenant_id = :tenant_id"), of_tenant)  # noqa: S608
    marks = ", ".join(f"coalesce(bool_or({column}::text LIKE '%{MARK}%'), false)" for column in columns)
    marked = (await connection.execute(text(f"SELECT {marks} FROM {ASIDE}.{table}"))).one()  # noqa: S608
    values = [_value(table, column, kind, marked=named) for (column, kind), named in zip(columns.items(), marked, strict=True)]
    return (
        f"INSERT INTO {table} (tenant_id, {', '.join(columns)})"  # noqa: S608
        f" SELECT :tenant_id, {', '.join(values)} FROM {ASIDE}.{table} t, {MADE} ORDER BY made.n"
    )


def _value(table: str, column: str, kind: str, *, marked: bool) -> str:
    """What a copy has in this column. Ids keep their order: the copy's number stands in place of the time."""
    value = f"t.{column}"
    if (table, column) in RENAMED:
        return RENAMED[table, column]
    if marked:
        return f"CAST(replace({value}::text, '{MARK}', made.n::text) AS {'text[]' if kind == 'ARRAY' else kind})"
    if kind == "uuid":
        return f"CAST(lpad(to_hex(made.n), 12, '0') || substr(replace({value}::text, '-', ''), 13) AS uuid)"
    if column in PLACES:
        return f"{value} + made.n * {STRIDE}"
    if kind == "date":
        return f"{value} - made.days"
    if kind == "timestamp with time zone":
        return f"{value} - made.days * interval '1 day'"
    return value
