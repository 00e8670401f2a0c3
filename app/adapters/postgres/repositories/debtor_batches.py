"""Batches of debtor transactions in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.debtor_batches import BatchEntry, DebtorBatch
from app.domain.debtor_batch import Total
from app.domain.events import DebtorKind
from app.domain.money import Currency

ADD = """
INSERT INTO debtor_batch
    (tenant_id, batch_id, number, description, currency, currency_digits, control_count, control_amount, opened_by, created_at)
VALUES (:tenant_id, :batch_id, :number, :description, :currency, :digits, :count, :amount, :opened_by, :created_at)
"""
LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM debtor_batch WHERE tenant_id = :tenant_id"
GET = "SELECT * FROM debtor_batch WHERE tenant_id = :tenant_id AND batch_id = :batch_id"
CHANGE = """
UPDATE debtor_batch SET description = :description, control_count = :count, control_amount = :amount
WHERE tenant_id = :tenant_id AND batch_id = :batch_id
"""
DELETE = "DELETE FROM debtor_batch WHERE tenant_id = :tenant_id AND batch_id = :batch_id"
PAGE = """
SELECT b.*, e.entered_count, e.entered_amount
FROM (
    SELECT * FROM debtor_batch WHERE tenant_id = :tenant_id AND number < coalesce(CAST(:before AS bigint), number + 1)
    ORDER BY number DESC LIMIT :limit
) b
CROSS JOIN LATERAL (
    SELECT count(*) AS entered_count, coalesce(sum(i.amount), 0) AS entered_amount
    FROM debtor_batch_item i WHERE i.tenant_id = :tenant_id AND i.batch_id = b.batch_id
) e ORDER BY b.number DESC
"""
ENTRIES = "SELECT * FROM debtor_batch_item WHERE tenant_id = :tenant_id AND batch_id = :batch_id ORDER BY position"
PUT = """
INSERT INTO debtor_batch_item (tenant_id, batch_id, item_id, position, kind, number, amount, data, entered_by)
VALUES (:tenant_id, :batch_id, :item_id, :position, :kind, :number, :amount, :data, :entered_by)
ON CONFLICT (tenant_id, batch_id, item_id) DO UPDATE
SET kind = excluded.kind, number = excluded.number, amount = excluded.amount, data = excluded.data, entered_by = excluded.entered_by
"""
REMOVE = "DELETE FROM debtor_batch_item WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND item_id = :item_id"
POSTED_AS = """
UPDATE debtor_batch_item i SET transaction_id = p.transaction_id
FROM unnest(CAST(:items AS uuid[]), CAST(:transactions AS uuid[])) AS p(item_id, transaction_id)
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.item_id = p.item_id
"""
POST = """
UPDATE debtor_batch SET status = 'posted', posted_by = :posted_by, posted_at = :posted_at
WHERE tenant_id = :tenant_id AND batch_id = :batch_id
"""


class PostgresDebtorBatches:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, batch: DebtorBatch) -> None:
        await self._run(
            ADD,
            batch_id=batch.id,
            number=batch.number,
            description=batch.description,
            currency=batch.currency.code,
            digits=batch.currency.digits,
            count=batch.control.count,
            amount=batch.control.amount,
            opened_by=batch.opened_by,
            created_at=batch.created_at,
        )

    async def next_number(self) -> int:
        """Whoever asks holds the lock on the numbers."""
        last: int = (await self._run(LAST_NUMBER)).scalar_one()
        return last + 1

    async def get(self, batch_id: UUID, *, lock: bool = False) -> DebtorBatch | None:
        row = (await self._run(f"{GET} FOR UPDATE" if lock else GET, batch_id=batch_id)).one_or_none()
        return None if row is None else _batch(row)

    async def change(self, batch_id: UUID, description: str, control: Total) -> None:
        await self._run(CHANGE, batch_id=batch_id, description=description, count=control.count, amount=control.amount)

    async def delete(self, batch_id: UUID) -> None:
        await self._run(DELETE, batch_id=batch_id)

    async def page(self, *, before: int | None, limit: int) -> Sequence[tuple[DebtorBatch, Total]]:
        rows = (await self._run(PAGE, before=before, limit=limit)).all()
        return [(_batch(row), Total(count=row.entered_count, amount=int(row.entered_amount))) for row in rows]

    async def entries(self, batch_id: UUID) -> Sequence[BatchEntry]:
        return [_entry(row) for row in (await self._run(ENTRIES, batch_id=batch_id)).all()]

    async def put(self, batch_id: UUID, entry: BatchEntry) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "batch_id": batch_id,
            "item_id": entry.id,
            "position": entry.position,
            "kind": str(entry.kind),
            "number": entry.number,
            "amount": entry.amount,
            "data": entry.data,
            "entered_by": entry.entered_by,
        }
        await self._connection.execute(statement(PUT, "data"), values)

    async def remove(self, batch_id: UUID, entry_id: UUID) -> None:
        await self._run(REMOVE, batch_id=batch_id, item_id=entry_id)

    async def post(self, batch_id: UUID, posted_by: str, posted_at: datetime, transactions: Mapping[UUID, UUID]) -> None:
        await self._run(POSTED_AS, batch_id=batch_id, items=list(transactions), transactions=list(transactions.values()))
        await self._run(POST, batch_id=batch_id, posted_by=posted_by, posted_at=posted_at)

    async def _run(self, sql: str, **parameters: Any) -> Any:
        return await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})


def _batch(row: Row[Any]) -> DebtorBatch:
    return DebtorBatch(
        id=row.batch_id,
        number=row.number,
        description=row.description,
        currency=Currency(code=row.currency, digits=row.currency_digits),
        control=Total(count=row.control_count, amount=row.control_amount),
        opened_by=row.opened_by,
        created_at=row.created_at,
        posted_by=row.posted_by,
        posted_at=row.posted_at,
    )


def _entry(row: Row[Any]) -> BatchEntry:
    return BatchEntry(
        id=row.item_id,
        position=row.position,
        kind=DebtorKind(row.kind),
        number=row.number,
        amount=row.amount,
        data=row.data,
        entered_by=row.entered_by,
        transaction_id=row.transaction_id,
    )
