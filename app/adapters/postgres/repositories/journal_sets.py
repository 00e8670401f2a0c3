"""Many journals at a time, in PostgreSQL. Ids travel as one array."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.journal_sets import JournalState, Mark
from app.domain.journal import JournalStatus

CHOSEN = """
chosen AS (
    SELECT j.* FROM unnest(CAST(:ids AS uuid[])) AS wanted(journal_id)
    JOIN journal j ON j.journal_id = wanted.journal_id
    WHERE j.tenant_id = :tenant_id
)"""
LANES = f"""
WITH {CHOSEN}
SELECT 1 FROM lane
WHERE tenant_id = :tenant_id AND (endpoint, lane_key) IN (SELECT endpoint, lane_key FROM chosen)
ORDER BY endpoint, lane_key FOR UPDATE
"""  # noqa: S608 - built from constants, like all statements here
LOCK = """
SELECT count(*) FROM (
    SELECT 1 FROM journal WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) ORDER BY sequence FOR UPDATE
) AS locked
"""
SEIZE = f"""
WITH {CHOSEN}
UPDATE lane SET fence = lane.fence + 1, leased_until = NULL
FROM chosen j JOIN attempt a ON a.tenant_id = j.tenant_id AND a.journal_id = j.journal_id
WHERE lane.tenant_id = :tenant_id AND lane.endpoint = j.endpoint AND lane.lane_key = j.lane_key
  AND a.finished_at IS NULL AND a.fence = lane.fence AND lane.leased_until IS NOT NULL
"""  # noqa: S608
STATE = "SELECT chosen.journal_id, reference, status, chosen.version, held FROM chosen"
STATES = f"WITH {CHOSEN} {STATE} WHERE status <> ALL(CAST(:other_than AS text[])) ORDER BY sequence LIMIT :limit"
NOT_SENDABLE = f"""
WITH {CHOSEN}, looked_at AS (SELECT * FROM jsonb_to_recordset(:versions) AS looked_at(journal_id uuid, version int))
{STATE} LEFT JOIN looked_at l ON l.journal_id = chosen.journal_id
WHERE status <> 'valid' OR held OR l.version <> chosen.version
ORDER BY sequence LIMIT :limit
"""  # noqa: S608
SKIPPED = f"""
WITH {CHOSEN}, last AS (SELECT endpoint, lane_key, max(sequence) AS sequence FROM chosen GROUP BY endpoint, lane_key)
SELECT j.journal_id FROM last
JOIN journal j ON j.tenant_id = :tenant_id AND j.endpoint = last.endpoint AND j.lane_key = last.lane_key AND j.sequence < last.sequence
WHERE j.status NOT IN ('sent', 'marked_as_sent') AND NOT EXISTS (SELECT 1 FROM chosen WHERE chosen.journal_id = j.journal_id)
ORDER BY j.sequence LIMIT :limit
"""  # noqa: S608
BLOCKED_BY = f"""
WITH {CHOSEN}
SELECT chosen.journal_id, earlier.ids FROM chosen
CROSS JOIN LATERAL (
    SELECT array_agg(first.journal_id ORDER BY first.sequence) AS ids FROM (
        SELECT j.journal_id, j.sequence FROM journal j
        WHERE j.tenant_id = :tenant_id AND j.endpoint = chosen.endpoint AND j.lane_key = chosen.lane_key
          AND j.sequence < chosen.sequence AND j.status NOT IN ('sent', 'marked_as_sent')
        ORDER BY j.sequence LIMIT :limit
    ) AS first
) AS earlier
WHERE chosen.status NOT IN ('sent', 'marked_as_sent') AND earlier.ids IS NOT NULL
"""  # noqa: S608
CLOSED = """gathering = false,
        debit_total = CASE WHEN gathering THEN (SELECT sum(m.debit_total) FROM journal_transaction m
            WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id) ELSE debit_total END,
        base_debit_total = CASE WHEN gathering THEN (SELECT sum(m.base_debit_total) FROM journal_transaction m
            WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id) ELSE base_debit_total END"""
"""A daily journal takes no more transactions: its totals are what it carries by now."""
STEP = """
step AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status, reason)
    SELECT tenant_id, journal_id, CAST(:actor AS text), CAST(:action AS text), status, CAST(:reason AS text) FROM changed
), due AS (
    UPDATE lane SET due_at = :now
    WHERE tenant_id = :tenant_id AND (endpoint, lane_key) IN (SELECT endpoint, lane_key FROM changed)
)"""
QUEUE = f"""
WITH changed AS (
    UPDATE journal SET status = 'queued', {CLOSED}, version = version + 1
    WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) RETURNING *
), {STEP}
UPDATE delivery SET wanted = true, failures = 0, next_at = :now
WHERE tenant_id = :tenant_id AND journal_id IN (SELECT journal_id FROM changed) AND NOT done
"""  # noqa: S608
MARK = f"""
WITH changed AS (
    UPDATE journal SET status = 'marked_as_sent', reason_code = :reason_code, reason = :reason, number = :number, finished_at = :now,
        problems = '[]', held = false, {CLOSED}, version = version + 1
    WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) RETURNING *
), {STEP}
UPDATE delivery SET done = true WHERE tenant_id = :tenant_id AND journal_id IN (SELECT journal_id FROM changed)
"""  # noqa: S608
PUT_BACK = """
WITH lane_of AS (
    INSERT INTO lane (tenant_id, endpoint, lane_key, due_at)
    SELECT tenant_id, endpoint, lane_key, CASE WHEN CAST(:wanted AS boolean) THEN CAST(:now AS timestamptz) END
    FROM journal WHERE tenant_id = :tenant_id AND journal_id = :journal_id
    ON CONFLICT (tenant_id, endpoint, lane_key) DO UPDATE SET due_at = coalesce(excluded.due_at, lane.due_at)
)
INSERT INTO delivery (tenant_id, journal_id, endpoint, lane_key, position, wanted, next_at)
SELECT tenant_id, journal_id, endpoint, lane_key, sequence, :wanted, :now
FROM journal WHERE tenant_id = :tenant_id AND journal_id = :journal_id
ON CONFLICT (tenant_id, journal_id) DO UPDATE
SET done = false, wanted = excluded.wanted, failures = 0, next_at = excluded.next_at, validation_wanted = false
"""
ASK_WHEN_POLLED = """
UPDATE delivery SET validation_wanted = true
WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) AND NOT done
"""


class PostgresJournalSets:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def take(self, ids: Sequence[UUID]) -> int:
        parameters = self._of(ids)
        found = int((await self._connection.execute(statement(LOCK), parameters)).scalar_one())
        await self._connection.execute(statement(LANES), parameters)
        await self._connection.execute(statement(SEIZE), parameters)
        return found

    async def states(self, ids: Sequence[UUID], limit: int, *, other_than: Sequence[JournalStatus] = ()) -> Sequence[JournalState]:
        parameters = self._of(ids, other_than=[str(each) for each in other_than], limit=limit)
        return [_state(row) for row in await self._connection.execute(statement(STATES), parameters)]

    async def not_sendable(self, ids: Sequence[UUID], versions: Mapping[UUID, int], limit: int) -> Sequence[JournalState]:
        looked_at = [{"journal_id": str(journal_id), "version": version} for journal_id, version in versions.items()]
        parameters = self._of(ids, versions=looked_at, limit=limit)
        return [_state(row) for row in await self._connection.execute(statement(NOT_SENDABLE, "versions"), parameters)]

    async def skipped(self, ids: Sequence[UUID], limit: int) -> Sequence[UUID]:
        return list((await self._connection.execute(statement(SKIPPED), self._of(ids, limit=limit))).scalars())

    async def blocked_by(self, ids: Sequence[UUID], limit: int) -> Mapping[UUID, Sequence[UUID]]:
        rows = await self._connection.execute(statement(BLOCKED_BY), self._of(ids, limit=limit))
        return {row.journal_id: row.ids for row in rows}

    async def queue(self, ids: Sequence[UUID], *, actor: str, now: datetime) -> None:
        parameters = self._of(ids, actor=actor, action="send", reason=None, now=now)
        await self._connection.execute(statement(QUEUE), parameters)

    async def mark(self, ids: Sequence[UUID], mark: Mark, *, actor: str, now: datetime) -> None:
        parameters = self._of(ids, actor=actor, action="mark_as_sent", now=now)
        parameters |= {"reason_code": mark.reason_code, "reason": mark.reason, "number": mark.number}
        await self._connection.execute(statement(MARK), parameters)

    async def put_back(self, journal_id: UUID, *, wanted: bool, now: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "journal_id": journal_id, "wanted": wanted, "now": now}
        await self._connection.execute(statement(PUT_BACK), parameters)

    async def ask_when_polled(self, ids: Sequence[UUID]) -> None:
        await self._connection.execute(statement(ASK_WHEN_POLLED), self._of(ids))

    def _of(self, ids: Sequence[UUID], **more: Any) -> dict[str, Any]:
        return {"tenant_id": self._tenant_id, "ids": list(ids), **more}


def _state(row: Row[Any]) -> JournalState:
    return JournalState(id=row.journal_id, reference=row.reference, status=JournalStatus(row.status), version=row.version, held=row.held)
