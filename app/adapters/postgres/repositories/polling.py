"""Leases of an ERP that polls, in PostgreSQL. Lanes are taken with SKIP LOCKED, and so are their heads: while lanes are locked nothing
is waited for, so that this cannot be half of a deadlock. A lane's head is read again once the lane is ours, since it may have moved; a
lane whose head cannot be had is left as it was, its fence too, since nobody was told of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.delivery import Lane
from app.application.ports.polling import PollLease, PollPurpose

CAN_BE_OFFERED = """NOT j.held AND (head.wanted AND j.status IN ('open', 'valid', 'queued', 'sending', 'unknown')
    OR head.validation_wanted AND j.status = 'open')"""
LEASE = f"""
WITH picked AS (
    SELECT l.lane_key FROM delivery head
    CROSS JOIN LATERAL (
        SELECT held, status FROM journal WHERE journal.tenant_id = :tenant_id AND journal.journal_id = head.journal_id LIMIT 1
    ) j
    CROSS JOIN LATERAL (
        SELECT lane.lane_key FROM lane
        WHERE lane.tenant_id = :tenant_id AND lane.endpoint = :endpoint AND lane.lane_key = head.lane_key AND lane.due_at <= :now
          AND (lane.leased_until IS NULL OR lane.leased_until <= :now)
        FOR UPDATE SKIP LOCKED
    ) l
    WHERE head.tenant_id = :tenant_id AND head.endpoint = :endpoint AND NOT head.done AND (head.wanted OR head.validation_wanted)
      AND head.next_at <= :now AND {CAN_BE_OFFERED}
      AND head.position = (
        SELECT first.position FROM delivery first
        WHERE first.tenant_id = :tenant_id AND first.endpoint = :endpoint AND first.lane_key = head.lane_key AND NOT first.done
        ORDER BY first.position LIMIT 1)
    ORDER BY head.position LIMIT :limit
)
UPDATE lane SET leased_until = :until, fence = lane.fence + 1
FROM picked
WHERE lane.tenant_id = :tenant_id AND lane.endpoint = :endpoint AND lane.lane_key = ANY (ARRAY[picked.lane_key])
RETURNING lane.lane_key, lane.fence
"""  # noqa: S608 - built from constants, like all statements here
"""Goes through what is wanted from the oldest on, and no further than the limit. What is wanted is said twice: the index is of it."""
HEADS = f"""
SELECT head.journal_id, head.lane_key FROM delivery head
JOIN journal j ON j.tenant_id = head.tenant_id AND j.journal_id = head.journal_id
WHERE head.tenant_id = :tenant_id AND head.endpoint = :endpoint AND head.lane_key = ANY(CAST(:lane_keys AS text[])) AND NOT head.done
  AND head.next_at <= :now AND {CAN_BE_OFFERED}
  AND NOT EXISTS (
    SELECT 1 FROM delivery earlier
    WHERE earlier.tenant_id = head.tenant_id AND earlier.endpoint = head.endpoint AND earlier.lane_key = head.lane_key
      AND NOT earlier.done AND earlier.position < head.position)
ORDER BY head.position
FOR NO KEY UPDATE OF head, j SKIP LOCKED
"""  # noqa: S608
NEVER_LEASED = """
UPDATE lane SET leased_until = NULL, fence = fence - 1
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = ANY(CAST(:lane_keys AS text[]))
"""
RELEASE = f"""
UPDATE lane SET leased_until = NULL, due_at = (
    SELECT CASE WHEN {CAN_BE_OFFERED} THEN head.next_at END FROM delivery head
    JOIN journal j ON j.tenant_id = head.tenant_id AND j.journal_id = head.journal_id
    WHERE head.tenant_id = lane.tenant_id AND head.endpoint = lane.endpoint AND head.lane_key = lane.lane_key AND NOT head.done
    ORDER BY head.position LIMIT 1)
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key
  AND fence = (SELECT max(fence) FROM poll_lease WHERE tenant_id = :tenant_id AND journal_id = :journal_id)
"""  # noqa: S608
FORGET = """
UPDATE attempt SET finished_at = :now, outcome = 'unknown', detail = '{"reason": "the lease ran out without an answer"}'
WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:journal_ids AS uuid[])) AND finished_at IS NULL
"""
FORGET_EXPIRED = f"""{FORGET}  AND attempt_id IN (
    SELECT p.lease_id FROM poll_lease p
    WHERE p.tenant_id = :tenant_id AND p.journal_id = attempt.journal_id AND p.answered_at IS NULL AND p.leased_until <= :now)
"""  # noqa: S608
OFFER = """
INSERT INTO poll_lease (tenant_id, lease_id, endpoint, lane_key, fence, journal_id, purpose, leased_until)
SELECT :tenant_id, wanted.* FROM jsonb_to_recordset(:rows) AS wanted(lease_id uuid, endpoint text, lane_key text, fence bigint,
    journal_id uuid, purpose text, leased_until timestamptz)
"""
FIND = "SELECT * FROM poll_lease WHERE tenant_id = :tenant_id AND lease_id = :lease_id"
ANSWER = """
UPDATE poll_lease SET verdict = :verdict, answered_at = :now
WHERE tenant_id = :tenant_id AND journal_id = :journal_id AND answered_at IS NULL AND (lease_id = :lease_id OR :for_all)
"""
VALIDATED = "UPDATE delivery SET validation_wanted = false WHERE tenant_id = :tenant_id AND journal_id = :journal_id AND validation_wanted"
WANT_VALIDATION = """
WITH wanted AS (
    UPDATE delivery SET validation_wanted = true, next_at = :now
    WHERE tenant_id = :tenant_id AND journal_id = :journal_id AND NOT done
    RETURNING endpoint, lane_key
)
UPDATE lane SET due_at = :now FROM wanted
WHERE lane.tenant_id = :tenant_id AND lane.endpoint = wanted.endpoint AND lane.lane_key = wanted.lane_key
"""


class PostgresPolls:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def lease(self, endpoint: str, *, limit: int, now: datetime, until: datetime) -> Sequence[tuple[Lane, UUID]]:
        here = {"tenant_id": self._tenant_id, "endpoint": endpoint}
        rows = await self._connection.execute(statement(LEASE), {**here, "limit": limit, "now": now, "until": until})
        fences = {row.lane_key: row.fence for row in rows}
        if not fences:
            return []
        heads = (await self._connection.execute(statement(HEADS), {**here, "lane_keys": list(fences), "now": now})).all()
        headless = fences.keys() - {row.lane_key for row in heads}
        if headless:
            await self._never_leased(endpoint, list(headless))
        return [
            (Lane(tenant_id=self._tenant_id, endpoint=endpoint, lane_key=row.lane_key, fence=fences[row.lane_key]), row.journal_id)
            for row in heads
        ]

    async def give_back(self, lanes: Sequence[Lane]) -> None:
        for endpoint in {lane.endpoint for lane in lanes}:
            await self._never_leased(endpoint, [lane.lane_key for lane in lanes if lane.endpoint == endpoint])

    async def _never_leased(self, endpoint: str, lane_keys: Sequence[str]) -> None:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "lane_keys": list(lane_keys)}
        await self._connection.execute(statement(NEVER_LEASED), parameters)

    async def offer(self, leases: Sequence[PollLease], now: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "journal_ids": [lease.journal_id for lease in leases], "now": now}
        await self._connection.execute(statement(FORGET), parameters)
        rows = [
            {
                "lease_id": str(lease.id),
                "endpoint": lease.lane.endpoint,
                "lane_key": lease.lane.lane_key,
                "fence": lease.lane.fence,
                "journal_id": str(lease.journal_id),
                "purpose": str(lease.purpose),
                "leased_until": lease.leased_until.isoformat(),
            }
            for lease in leases
        ]
        await self._connection.execute(statement(OFFER, "rows"), {"tenant_id": self._tenant_id, "rows": rows})

    async def forget(self, journal_ids: Sequence[UUID], now: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "journal_ids": list(journal_ids), "now": now}
        await self._connection.execute(statement(FORGET_EXPIRED), parameters)

    async def find(self, lease_id: UUID) -> PollLease | None:
        row = (await self._connection.execute(statement(FIND), {"tenant_id": self._tenant_id, "lease_id": lease_id})).one_or_none()
        if row is None:
            return None
        return PollLease(
            id=row.lease_id,
            journal_id=row.journal_id,
            lane=Lane(tenant_id=self._tenant_id, endpoint=row.endpoint, lane_key=row.lane_key, fence=row.fence),
            purpose=PollPurpose(row.purpose),
            leased_until=row.leased_until,
            verdict=row.verdict,
        )

    async def answer(self, lease: PollLease, verdict: Mapping[str, Any], now: datetime, *, for_all: bool) -> None:
        journal = {"tenant_id": self._tenant_id, "journal_id": lease.journal_id}
        parameters = {**journal, "lease_id": lease.id, "for_all": for_all, "verdict": verdict, "now": now}
        await self._connection.execute(statement(ANSWER, "verdict"), parameters)
        await self._connection.execute(statement(VALIDATED), journal)

    async def release(self, lease: PollLease) -> None:
        lane = {"tenant_id": self._tenant_id, "endpoint": lease.lane.endpoint, "lane_key": lease.lane.lane_key}
        await self._connection.execute(statement(RELEASE), {**lane, "journal_id": lease.journal_id})

    async def want_validation(self, journal_id: UUID, now: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "journal_id": journal_id, "now": now}
        await self._connection.execute(statement(WANT_VALIDATION), parameters)
