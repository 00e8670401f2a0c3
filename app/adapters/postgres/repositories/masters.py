"""Master data of the debtors ledger in PostgreSQL: the same few statements for each kind."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Row as Record
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import contains, statement
from app.domain.debtors import Debtor, GlInterface, Master, Pair, SalesTerritory, Warehouse

Row = TypeVar("Row", bound=Master)

NAMED = "SELECT * FROM {table} WHERE tenant_id = :tenant_id AND code = ANY(:codes)"
KEPT = f"{NAMED} ORDER BY code FOR KEY SHARE"
LOCKED = f"{NAMED} FOR UPDATE"
PAGE = r"""
SELECT * FROM {table} WHERE tenant_id = :tenant_id AND code > :after
  AND (CAST(:pattern AS text) IS NULL OR code ILIKE :pattern OR {label} ILIKE :pattern)
ORDER BY code LIMIT :limit
"""
PUT = """
INSERT INTO {table} (tenant_id, {columns}) SELECT :tenant_id, {columns} FROM jsonb_to_recordset(:rows) AS given({types})
ON CONFLICT (tenant_id, code) DO UPDATE SET {updates}
"""
USED = "EXISTS (SELECT 1 FROM {table} WHERE tenant_id = :tenant_id AND {condition})"
DELETE = "DELETE FROM {table} WHERE tenant_id = :tenant_id AND code = :code"
FOR_PAIR = "SELECT * FROM gl_interface WHERE tenant_id = :tenant_id AND for_warehouse = :warehouse AND for_debtors = :debtors"
CONTROLS = "SELECT DISTINCT trade_debtors_account AS name FROM gl_interface WHERE tenant_id = :tenant_id"
EVERY = "SELECT * FROM gl_interface WHERE tenant_id = :tenant_id ORDER BY code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Generic[Row]):
    """How one kind is kept. `label` is what besides the code is searched; `used`: in which tables it is named, and by
    what condition."""

    table: str
    columns: tuple[str, ...]
    label: str
    read: Callable[[Record[Any]], Row]
    write: Callable[[Row], dict[str, Any]]
    used: tuple[tuple[str, str], ...]

    def sql(self, template: str) -> str:
        names = ", ".join(self.columns)
        types = ", ".join(f"{name} text" for name in self.columns)
        updates = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name != "code")
        return template.format(table=self.table, columns=names, types=types, updates=updates, label=self.label)

    @property
    def in_use(self) -> str:
        return f"SELECT {' OR '.join(USED.format(table=table, condition=condition) for table, condition in self.used)} AS used"


class PostgresMasters(Generic[Row]):
    def __init__(self, connection: AsyncConnection, tenant_id: UUID, shape: Shape[Row]) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._shape = shape

    async def named(self, codes: Collection[str], *, keep: bool = False) -> Mapping[str, Row]:
        if not codes:
            return {}
        rows = await self._run(self._shape.sql(KEPT if keep else NAMED), codes=sorted(codes))
        return {row.code: self._shape.read(row) for row in rows}

    async def lock(self, code: str) -> None:
        await self._run(self._shape.sql(LOCKED), codes=[code])

    async def page(self, search: str | None, *, after: str | None, limit: int) -> Sequence[Row]:
        pattern = None if search is None else contains(search)
        rows = await self._run(self._shape.sql(PAGE), after=after or "", pattern=pattern, limit=limit)
        return [self._shape.read(row) for row in rows]

    async def put(self, rows: Sequence[Row]) -> None:
        given = [self._shape.write(row) for row in rows]
        await self._connection.execute(statement(self._shape.sql(PUT), "rows"), {"tenant_id": self._tenant_id, "rows": given})

    async def delete(self, code: str) -> None:
        await self._connection.execute(statement(self._shape.sql(DELETE)), {"tenant_id": self._tenant_id, "code": code})

    async def is_in_use(self, code: str) -> bool:
        return bool((await self._run(self._shape.in_use, code=code))[0].used)

    async def _run(self, sql: str, **parameters: Any) -> Sequence[Record[Any]]:
        return (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).all()


class PostgresGlInterfaces(PostgresMasters[GlInterface]):
    async def for_pair(self, pair: Pair) -> GlInterface | None:
        rows = await self._run(FOR_PAIR, warehouse=pair.warehouse, debtors=pair.debtors)
        return self._shape.read(rows[0]) if rows else None

    async def controls(self) -> frozenset[str]:
        return frozenset(row.name for row in await self._run(CONTROLS))

    async def every(self) -> Sequence[GlInterface]:
        return [self._shape.read(row) for row in await self._run(EVERY)]


def _plain(kind: type[Row], columns: tuple[str, ...]) -> dict[str, Any]:
    return {
        "columns": columns,
        "read": lambda row: kind(**{name: getattr(row, name) for name in columns}),
        "write": lambda given: {name: getattr(given, name) for name in columns},
    }


RECORD = ("code", "description", "trade_debtors_account", "invoice_account", "journal_account", "tax_account")


def _record(row: Record[Any]) -> GlInterface:
    pair = Pair(warehouse=row.for_warehouse, debtors=row.for_debtors) if row.for_warehouse is not None else None
    return GlInterface(pair=pair, **{name: getattr(row, name) for name in RECORD})


def _record_row(record: GlInterface) -> dict[str, Any]:
    pair = {"for_warehouse": record.pair and record.pair.warehouse, "for_debtors": record.pair and record.pair.debtors}
    return {name: getattr(record, name) for name in RECORD} | pair


GL_INTERFACES = Shape(
    table="gl_interface",
    columns=(*RECORD, "for_warehouse", "for_debtors"),
    label="description",
    read=_record,
    write=_record_row,
    used=(
        ("warehouse", "gl_interface = :code"),
        ("sales_territory", "gl_interface = :code"),
        ("debtor", "gl_interface = :code"),
        ("debtor_document", "gl_interfaces @> ARRAY[CAST(:code AS text)]"),
    ),
)
WAREHOUSES: Shape[Warehouse] = Shape(
    table="warehouse",
    label="name",
    used=(
        ("debtor", "default_warehouse = :code"),
        ("gl_interface", "for_warehouse = :code"),
        ("debtor_document", "warehouse = :code"),
    ),
    **_plain(Warehouse, ("code", "name", "gl_interface")),
)
SALES_TERRITORIES: Shape[SalesTerritory] = Shape(
    table="sales_territory",
    label="name",
    used=(
        ("debtor", "sales_territory = :code"),
        ("gl_interface", "for_debtors = :code"),
        ("debtor_document", "sales_territory = :code"),
    ),
    **_plain(SalesTerritory, ("code", "name", "gl_interface")),
)
DEBTORS: Shape[Debtor] = Shape(
    table="debtor",
    label="name",
    used=(("gl_interface", "for_debtors = :code"), ("debtor_document", "debtor = :code")),
    **_plain(Debtor, ("code", "name", "sales_territory", "gl_interface", "default_warehouse")),
)
