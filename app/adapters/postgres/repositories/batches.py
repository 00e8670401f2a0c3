"""Batches in PostgreSQL. What became of a journal that was sent is read from the journal itself."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.batches import Batch, BatchItem, BatchKind, BatchProgress, batch_lane_key, batch_of
from app.application.ports.delivery import Lane
from app.domain.journal import JournalStatus

ADD = """
WITH added AS (
    INSERT INTO batch (tenant_id, batch_id, kind, actor, created_at) VALUES (:tenant_id, :batch_id, :kind, :actor, :created_at)
)
INSERT INTO batch_item (tenant_id, batch_id, position, journal_id, endpoint)
SELECT :tenant_id, :batch_id, wanted.position, j.journal_id, j.endpoint
FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS wanted(journal_id, position)
JOIN journal j ON j.tenant_id = :tenant_id AND j.journal_id = wanted.journal_id
"""
PUT_TO_WORK = """
INSERT INTO lane (tenant_id, endpoint, lane_key, due_at)
SELECT DISTINCT tenant_id, endpoint, CAST(:lane_key AS text), CAST(:now AS timestamptz)
FROM batch_item WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND outcome IS NULL
"""
ASK_POLLERS = """
WITH asked AS (
    UPDATE batch_item i SET outcome = 'asked', finished_at = :now
    FROM journal j JOIN erp_endpoint e ON e.tenant_id = j.tenant_id AND e.name = j.endpoint
    WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND j.tenant_id = i.tenant_id AND j.journal_id = i.journal_id
      AND e.delivery = 'poll' AND j.status = ANY(CAST(:checkable AS text[]))
    RETURNING i.journal_id
)
UPDATE delivery SET validation_wanted = true
WHERE tenant_id = :tenant_id AND journal_id IN (SELECT journal_id FROM asked) AND NOT done
"""
REFUSE_POLLERS = """
UPDATE batch_item i SET outcome = 'refused', problem = :problem, finished_at = :now
FROM erp_endpoint e
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.outcome IS NULL
  AND e.tenant_id = i.tenant_id AND e.name = i.endpoint AND e.delivery = 'poll'
"""
BY_ID = "SELECT kind, actor, created_at FROM batch WHERE tenant_id = :tenant_id AND batch_id = :batch_id"
COUNTS = """
SELECT CASE WHEN CAST(:sends AS boolean) THEN j.status ELSE coalesce(i.outcome, 'waiting') END AS outcome,
       count(*) AS journals, max(i.finished_at) AS finished_at,
       bool_or(CASE WHEN CAST(:sends AS boolean) THEN j.status IN ('queued', 'sending') OR (j.status = 'unknown' AND d.wanted)
                    ELSE i.outcome IS NULL END) AS under_way
FROM batch_item i
JOIN journal j ON j.tenant_id = i.tenant_id AND j.journal_id = i.journal_id
LEFT JOIN delivery d ON d.tenant_id = i.tenant_id AND d.journal_id = i.journal_id
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id
GROUP BY 1 ORDER BY 1
"""
LAST_STEP = """
SELECT max(s.at) FROM batch_item i
JOIN journal_step s ON s.tenant_id = i.tenant_id AND s.journal_id = i.journal_id
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id
"""
ITEMS = """
SELECT i.position, i.journal_id, j.reference, i.problem,
       CASE WHEN b.kind = 'send' THEN j.status ELSE coalesce(i.outcome, 'waiting') END AS outcome
FROM batch_item i
JOIN batch b ON b.tenant_id = i.tenant_id AND b.batch_id = i.batch_id
JOIN journal j ON j.tenant_id = i.tenant_id AND j.journal_id = i.journal_id
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.position > :after_position
ORDER BY i.position LIMIT :limit
"""
WAITING = """
SELECT position, journal_id FROM batch_item
WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND endpoint = :endpoint AND outcome IS NULL
ORDER BY position LIMIT :limit
"""
SETTLE = """
UPDATE batch_item SET outcome = :outcome, problem = :problem, finished_at = :now
WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND position = :position AND outcome IS NULL
"""
RELEASE = """
UPDATE lane SET leased_until = NULL, due_at = CASE WHEN EXISTS (
    SELECT 1 FROM batch_item i
    WHERE i.tenant_id = lane.tenant_id AND i.batch_id = :batch_id AND i.endpoint = lane.endpoint AND i.outcome IS NULL
) THEN CAST(:due_at AS timestamptz) END
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key AND fence = :fence
"""


class PostgresBatches:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, batch: Batch, ids: Sequence[UUID]) -> int:
        values = {"kind": str(batch.kind), "actor": batch.actor, "created_at": batch.created_at, "ids": list(ids)}
        return (await self._connection.execute(statement(ADD), self._of(batch.id, **values))).rowcount

    async def ask_pollers(self, batch_id: UUID, checkable: Collection[JournalStatus], otherwise: Mapping[str, Any], now: datetime) -> None:
        parameters = self._of(batch_id, checkable=[str(each) for each in checkable], now=now)
        await self._connection.execute(statement(ASK_POLLERS), parameters)
        await self._connection.execute(statement(REFUSE_POLLERS, "problem"), self._of(batch_id, problem=otherwise, now=now))

    async def put_to_work(self, batch_id: UUID, now: datetime) -> None:
        await self._connection.execute(statement(PUT_TO_WORK), self._of(batch_id, lane_key=batch_lane_key(batch_id), now=now))

    async def get(self, batch_id: UUID) -> Batch | None:
        row = (await self._connection.execute(statement(BY_ID), self._of(batch_id))).one_or_none()
        return None if row is None else Batch(id=batch_id, kind=BatchKind(row.kind), actor=row.actor, created_at=row.created_at)

    async def progress(self, batch_id: UUID) -> BatchProgress | None:
        batch = await self.get(batch_id)
        if batch is None:
            return None
        sends = batch.kind is BatchKind.SEND
        counts = (await self._connection.execute(statement(COUNTS), self._of(batch_id, sends=sends))).all()
        finished_at = None
        if not any(each.under_way for each in counts):
            finished_at = max((each.finished_at for each in counts if each.finished_at), default=None)
            if sends:
                finished_at = (await self._connection.execute(statement(LAST_STEP), self._of(batch_id))).scalar_one()
        return BatchProgress(
            batch=batch,
            counts={each.outcome: each.journals for each in counts},
            finished_at=finished_at,
        )

    async def items(self, batch_id: UUID, *, after_position: int, limit: int) -> Sequence[BatchItem]:
        rows = await self._connection.execute(statement(ITEMS), self._of(batch_id, after_position=after_position, limit=limit))
        return [
            BatchItem(position=row.position, journal_id=row.journal_id, reference=row.reference, outcome=row.outcome, problem=row.problem)
            for row in rows
        ]

    async def waiting(self, lane: Lane, limit: int) -> Sequence[tuple[int, UUID]]:
        rows = await self._connection.execute(statement(WAITING), self._of(batch_of(lane), endpoint=lane.endpoint, limit=limit))
        return [(row.position, row.journal_id) for row in rows]

    async def settle(self, lane: Lane, position: int, outcome: str, problem: Mapping[str, Any] | None, now: datetime) -> None:
        values = {"position": position, "outcome": outcome, "problem": problem, "now": now}
        await self._connection.execute(statement(SETTLE, "problem"), self._of(batch_of(lane), **values))

    async def release(self, lane: Lane, due_at: datetime) -> None:
        values = {"endpoint": lane.endpoint, "lane_key": lane.lane_key, "fence": lane.fence, "due_at": due_at}
        await self._connection.execute(statement(RELEASE), self._of(batch_of(lane), **values))

    def _of(self, batch_id: UUID, **more: Any) -> dict[str, Any]:
        return {"tenant_id": self._tenant_id, "batch_id": batch_id, **more}
