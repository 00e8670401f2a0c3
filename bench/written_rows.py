"""The rows that an event or a batch writes, and tables like ours that keep nothing but them: the bare minimum of the same work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

SCHEMA = "bare"
TABLES = """
SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position) AS columns
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' AND c.column_name <> 'written_in'
GROUP BY c.table_name HAVING bool_or(c.column_name = 'tenant_id')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written to one table: its columns but the tenant's, and the rows."""

    table: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    @property
    def insert(self) -> tuple[str, list[Any]]:
        """One statement for all rows, for tables without triggers and foreign keys; its first parameter is the tenant."""
        width = len(self.columns)
        marks = (", ".join(f"${row * width + column + 2}" for column in range(width)) for row in range(len(self.rows)))
        values = ", ".join(f"($1, {each})" for each in marks)
        columns = ", ".join(("tenant_id", *self.columns))
        return f"INSERT INTO {SCHEMA}.{self.table} ({columns}) VALUES {values}", [value for row in self.rows for value in row]  # noqa: S608

    async def copy(self, connection: asyncpg.Connection[Any], tenant: UUID) -> None:
        rows = [(tenant, *row) for row in self.rows]
        await connection.copy_records_to_table(self.table, schema_name=SCHEMA, columns=["tenant_id", *self.columns], records=rows)


async def make_bare_tables(connection: asyncpg.Connection[Any]) -> None:
    """Like ours, with the same defaults and indexes, without triggers and foreign keys."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    for row in await connection.fetch(TABLES):
        await connection.execute(f"CREATE TABLE {SCHEMA}.{row['table_name']} (LIKE public.{row['table_name']} INCLUDING ALL)")


async def next_transaction(connection: asyncpg.Connection[Any]) -> int:
    """The database transaction that would be the next to write."""
    return int(await connection.fetchval("SELECT pg_current_xact_id()::text"))


async def written_since(connection: asyncpg.Connection[Any], transaction: int, tenant: UUID) -> list[Written]:
    """The rows that a tenant has inserted or changed since then, as they are now."""
    found = []
    for row in await connection.fetch(TABLES):
        columns = tuple(column for column in row["columns"] if column != "tenant_id")
        sql = f"SELECT {', '.join(columns)} FROM {row['table_name']} WHERE tenant_id = $1 AND xmin::text::bigint >= $2"  # noqa: S608
        if rows := await connection.fetch(sql, tenant, transaction):
            found.append(Written(table=row["table_name"], columns=columns, rows=[tuple(each) for each in rows]))
    return found
