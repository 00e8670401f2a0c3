"""Orders as people look for them, in PostgreSQL: each list walks an index and stops at its limit."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import position, statement
from app.application.ports.order_lists import Movement, OrderSearch
from app.application.ports.orders import OrderSummary
from app.domain.money import Amounts
from app.domain.transaction import Role

BEYOND = "\U0010ffff"
"""Sorts after whatever may follow the beginning of a number."""

COLUMNS = "order_number, sequence, written_in::text AS written_in_number, supplier_code, supplier_name, currency, status, version"
OF_SUPPLIER = " AND supplier_code = :supplier"
OF_STATUS = " AND status = :status"
NEWEST = f"""
SELECT {COLUMNS} FROM purchase_order
WHERE tenant_id = :tenant_id AND (written_in, sequence) < (CAST(CAST(:before_written_in AS text) AS xid8), :before_sequence) {{narrowed}}
ORDER BY written_in DESC, sequence DESC LIMIT :limit
"""  # noqa: S608 - built from constants, like all statements here
FOLDED = 'lower(order_number COLLATE "C")'
"""As the index has it: in an order that a beginning is a range of, whatever the database's own is. It folds a to z."""
BY_NUMBER = f"""
SELECT {COLUMNS} FROM purchase_order
WHERE tenant_id = :tenant_id AND ({FOLDED}, order_number) > (lower(:start COLLATE "C"), :after)
  AND {FOLDED} < lower(:begins COLLATE "C") || CAST(:beyond AS text) {{narrowed}}
ORDER BY {FOLDED}, order_number LIMIT :limit
"""  # noqa: S608
MOVEMENTS = """
SELECT t.accounting_date, l.role,
       sum(CASE l.side WHEN 'credit' THEN l.amount ELSE -l.amount END) AS amount,
       sum(CASE l.side WHEN 'credit' THEN l.base_amount ELSE -l.base_amount END) AS base_amount
FROM account_transaction t
JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id
WHERE t.tenant_id = :tenant_id AND t.subject_number = :number AND t.subject_type = 'order'
GROUP BY t.accounting_date, l.role ORDER BY t.accounting_date
"""
LAST = (2**64 - 1, 2**63 - 1)


class PostgresOrderLists:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def newest(self, wanted: OrderSearch, *, before_place: int | None, limit: int) -> Sequence[OrderSummary]:
        written_in, sequence = LAST if before_place is None else (before_place >> 64, min(before_place & (2**64 - 1), LAST[1]))
        return await self._found(NEWEST, wanted, before_written_in=str(written_in), before_sequence=sequence, limit=limit)

    async def by_number(self, wanted: OrderSearch, *, after: str | None, limit: int) -> Sequence[OrderSummary]:
        begins = wanted.begins or ""
        return await self._found(BY_NUMBER, wanted, begins=begins, beyond=BEYOND, start=after or begins, after=after or "", limit=limit)

    async def movements(self, number: str) -> Sequence[Movement]:
        found: dict[date, dict[Role, Amounts]] = defaultdict(dict)
        for row in await self._rows(MOVEMENTS, number=number):
            found[row.accounting_date][Role(row.role)] = Amounts(int(row.amount), int(row.base_amount))
        return [Movement(day, changes) for day, changes in found.items()]

    async def _found(self, sql: str, wanted: OrderSearch, **parameters: object) -> list[OrderSummary]:
        narrowed = (OF_SUPPLIER if wanted.supplier else "") + (OF_STATUS if wanted.status else "")
        if wanted.supplier:
            parameters["supplier"] = wanted.supplier
        if wanted.status:
            parameters["status"] = wanted.status
        return [_summary(row) for row in await self._rows(sql.format(narrowed=narrowed), **parameters)]

    async def _rows(self, sql: str, **parameters: object) -> Sequence[Row[Any]]:
        return (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).all()


def _summary(row: Row[Any]) -> OrderSummary:
    return OrderSummary(
        number=row.order_number,
        place=position(row),
        supplier_code=row.supplier_code,
        supplier_name=row.supplier_name,
        currency=row.currency,
        status=row.status,
        version=row.version,
    )
