"""Commitments and accruals in PostgreSQL. Every statement starts from named orders or from a day on: none reads all of history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.accruals import Dated, PostedSums, StoredReceipt
from app.domain.money import Amounts, millionths
from app.domain.transaction import Role

MOVED_AFTER = """
SELECT order_number FROM order_event WHERE tenant_id = :tenant_id AND accounting_date > :day
UNION SELECT subject_number FROM account_transaction
WHERE tenant_id = :tenant_id AND accounting_date > :day AND subject_type = 'order'
"""
POSTED = """
SELECT t.subject_number, l.order_line, l.role, l.charge_code,
       sum(CASE l.side WHEN 'credit' THEN l.amount ELSE -l.amount END) AS amount,
       sum(CASE l.side WHEN 'credit' THEN l.base_amount ELSE -l.base_amount END) AS base_amount
FROM account_transaction t
JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id
WHERE t.tenant_id = :tenant_id AND t.subject_number = ANY(:orders) AND t.subject_type = 'order'
  AND t.accounting_date <= :as_of AND l.role IN ('estimate', 'grni')
GROUP BY t.subject_number, l.order_line, l.role, l.charge_code
"""
ORDER_DATES = """
SELECT wanted.number, e.data ->> 'order_date' AS day, coalesce(e.occurred_at, e.received_at) AS at
FROM unnest(CAST(:orders AS text[])) AS wanted(number)
CROSS JOIN LATERAL (
    SELECT event_id FROM order_event
    WHERE tenant_id = :tenant_id AND order_number = wanted.number ORDER BY applied LIMIT 1
) AS first
JOIN event e ON e.tenant_id = :tenant_id AND e.event_id = first.event_id
"""
RECEIPTS = """
SELECT o.order_number, e.type, e.data ->> 'receipt_date' AS day, coalesce(e.occurred_at, e.received_at) AS at,
       (received ->> 'line_number')::int AS line_number, coalesce(received ->> 'quantity', received ->> 'amount') AS units
FROM order_event o
JOIN event e ON e.tenant_id = o.tenant_id AND e.event_id = o.event_id
CROSS JOIN LATERAL jsonb_array_elements(e.data -> 'lines') AS received
WHERE o.tenant_id = :tenant_id AND o.order_number = ANY(:orders) AND o.accounting_date <= :as_of
  AND e.type IN ('goods.received', 'goods.returned')
ORDER BY o.applied
"""


class PostgresAccruals:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def moved_after(self, day: date) -> frozenset[str]:
        return frozenset(row.order_number for row in await self._rows(MOVED_AFTER, day=day))

    async def posted(self, orders: Sequence[str], as_of: date) -> Mapping[tuple[str, int | None], PostedSums]:
        found: dict[tuple[str, int | None], dict[str, dict[str | None, Amounts]]] = defaultdict(lambda: {Role.ESTIMATE: {}, Role.GRNI: {}})
        for row in await self._rows(POSTED, orders=list(orders), as_of=as_of):
            if row.amount or row.base_amount:
                amounts = Amounts(int(row.amount), int(row.base_amount))
                found[row.subject_number, row.order_line][row.role][row.charge_code] = amounts
        return {key: PostedSums(committed=sums[Role.ESTIMATE], accrued=sums[Role.GRNI]) for key, sums in found.items()}

    async def order_dates(self, orders: Sequence[str]) -> Mapping[str, Dated]:
        return {row.number: _dated(row) for row in await self._rows(ORDER_DATES, orders=list(orders))}

    async def receipts(self, orders: Sequence[str], as_of: date) -> Sequence[StoredReceipt]:
        return [
            StoredReceipt(
                order_number=row.order_number,
                line_number=row.line_number,
                dated=_dated(row),
                units=millionths(Decimal(row.units)) * (1 if row.type == "goods.received" else -1),
            )
            for row in await self._rows(RECEIPTS, orders=list(orders), as_of=as_of)
        ]

    async def _rows(self, sql: str, **parameters: object) -> Sequence[Row[Any]]:
        return (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).all()


def _dated(row: Row[Any]) -> Dated:
    return Dated(day=None if row.day is None else date.fromisoformat(row.day), at=row.at)
