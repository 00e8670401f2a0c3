"""Lanes, deliveries and attempts in PostgreSQL. Locks are taken in one order: journal, delivery, lane, flow. A lane's row is locked
before it is given back, so that a journal that is being added meanwhile is either seen or wakes the lane again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.gathering_statements import ADD_TO_LANES, INTO_LANES
from app.adapters.postgres.repositories.journal_rows import new_row
from app.adapters.postgres.statements import statement
from app.application.ports.delivery import Attempt, Lane
from app.application.ports.journals import NewJournal
from app.domain.breaker import Breaker
from app.domain.delivery import Purpose

ENQUEUE = f"""
WITH wanted AS (
    SELECT CAST(:endpoint AS text) AS endpoint, wanted.*
    FROM jsonb_to_recordset(:rows) AS wanted(journal_id uuid, lane_key text, wanted boolean)
), queued AS (
    INSERT INTO delivery (tenant_id, journal_id, endpoint, lane_key, position, wanted, next_at)
    SELECT :tenant_id, w.journal_id, w.endpoint, w.lane_key, j.sequence, w.wanted, :now
    FROM wanted w JOIN journal j ON j.tenant_id = :tenant_id AND j.journal_id = w.journal_id
)
{INTO_LANES}
"""  # noqa: S608 - built from constants
WANT = """
UPDATE delivery SET wanted = true, failures = 0, next_at = :now
WHERE tenant_id = :tenant_id AND journal_id = :journal_id AND NOT done
"""
WAKE = """
UPDATE lane SET due_at = :now FROM delivery d
WHERE d.tenant_id = :tenant_id AND d.journal_id = :journal_id
  AND lane.tenant_id = d.tenant_id AND lane.endpoint = d.endpoint AND lane.lane_key = d.lane_key
"""
HOLD_LEASE = """
SELECT l.fence = :fence AS ours, f.failures, f.open_until
FROM lane l JOIN endpoint_flow f ON f.tenant_id = l.tenant_id AND f.endpoint = l.endpoint
WHERE l.tenant_id = :tenant_id AND l.endpoint = :endpoint AND l.lane_key = :lane_key FOR UPDATE OF l
"""
LOCK_BREAKER = "SELECT failures, open_until FROM endpoint_flow WHERE tenant_id = :tenant_id AND endpoint = :endpoint FOR UPDATE"
SET_BREAKER = """
UPDATE endpoint_flow SET failures = :failures, open_until = :open_until WHERE tenant_id = :tenant_id AND endpoint = :endpoint
"""
CHARGE = """
UPDATE endpoint_flow f
SET bucket_full_at = greatest(f.bucket_full_at, :now) + make_interval(secs => :calls * 60.0 / e.rate_limit_per_minute)
FROM erp_endpoint e
WHERE f.tenant_id = :tenant_id AND f.endpoint = :endpoint AND e.tenant_id = f.tenant_id AND e.name = f.endpoint
"""
FINISH = "UPDATE delivery SET done = true WHERE tenant_id = :tenant_id AND journal_id = :journal_id"
WITHDRAW = "UPDATE delivery SET wanted = false WHERE tenant_id = :tenant_id AND journal_id = :journal_id"
START = """
INSERT INTO attempt (tenant_id, attempt_id, journal_id, purpose, fence, started_at, request)
VALUES (:tenant_id, :attempt_id, :journal_id, :purpose, :fence, :started_at, :request)
"""
END = """
UPDATE attempt SET finished_at = :finished_at, status_code = :status_code, response = :response, duration_ms = :duration_ms,
    outcome = :outcome, detail = :detail
WHERE tenant_id = :tenant_id AND attempt_id = :attempt_id
"""
OF_JOURNAL = """
SELECT a.attempt_id, a.journal_id, a.purpose, a.fence, a.started_at, a.finished_at, a.status_code, a.duration_ms, a.outcome, a.detail,
    a.call_id, coalesce(first.request, a.request) AS request,
    CASE WHEN a.response IS NOT NULL OR a.call_id IS NULL OR a.duration_ms IS NULL THEN a.response ELSE (
        SELECT same.response FROM attempt same
        WHERE same.tenant_id = a.tenant_id AND same.call_id = a.call_id AND same.response IS NOT NULL LIMIT 1
    ) END AS response
FROM attempt a
LEFT JOIN attempt first ON first.tenant_id = a.tenant_id AND first.attempt_id = a.call_id
WHERE a.tenant_id = :tenant_id AND a.journal_id = :journal_id ORDER BY a.started_at, a.attempt_id
"""


class PostgresDispatch:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self.has_woken = False

    async def add(self, journals: Sequence[NewJournal], reference_prefix: str, now: datetime) -> None:
        rows = [new_row(each.journal, each.member) | {"wanted": each.wanted} for each in journals]
        parameters = {"tenant_id": self._tenant_id, "rows": rows, "prefix": reference_prefix, "now": now}
        await self._connection.execute(statement(ADD_TO_LANES, "rows"), parameters)
        self.has_woken = self.has_woken or any(each.wanted for each in journals)

    async def enqueue(self, endpoint: str, items: Sequence[tuple[UUID, str, bool]], now: datetime) -> None:
        rows = [{"journal_id": str(journal_id), "lane_key": lane_key, "wanted": wanted} for journal_id, lane_key, wanted in items]
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "rows": rows, "now": now}
        await self._connection.execute(statement(ENQUEUE, "rows"), parameters)
        self.has_woken = self.has_woken or any(wanted for _, _, wanted in items)

    async def want(self, journal_id: UUID, now: datetime) -> None:
        await self._on_journal(WANT, journal_id, now=now)
        await self._on_journal(WAKE, journal_id, now=now)

    async def wake(self, journal_id: UUID, now: datetime) -> None:
        await self._on_journal(WAKE, journal_id, now=now)
        self.has_woken = True

    async def hold_lease(self, lane: Lane) -> Breaker | None:
        row = (await self._connection.execute(statement(HOLD_LEASE), {**_key(lane), "fence": lane.fence})).one_or_none()
        return Breaker(failures=row.failures, open_until=row.open_until) if row is not None and row.ours else None

    async def lock_breaker(self, endpoint: str) -> Breaker:
        row = (await self._connection.execute(statement(LOCK_BREAKER), {"tenant_id": self._tenant_id, "endpoint": endpoint})).one()
        return Breaker(failures=row.failures, open_until=row.open_until)

    async def set_breaker(self, endpoint: str, breaker: Breaker) -> None:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "failures": breaker.failures, "open_until": breaker.open_until}
        await self._connection.execute(statement(SET_BREAKER), parameters)

    async def charge(self, endpoint: str, calls: int, now: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "calls": calls, "now": now}
        await self._connection.execute(statement(CHARGE), parameters)

    async def finish(self, journal_id: UUID) -> None:
        await self._on_journal(FINISH, journal_id)

    async def withdraw(self, journal_id: UUID) -> None:
        await self._on_journal(WITHDRAW, journal_id)

    async def _on_journal(self, sql: str, journal_id: UUID, **more: Any) -> None:
        await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, "journal_id": journal_id, **more})


class PostgresAttempts:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def start(self, attempt: Attempt) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "attempt_id": attempt.id,
            "journal_id": attempt.journal_id,
            "purpose": str(attempt.purpose),
            "fence": attempt.fence,
            "started_at": attempt.started_at,
            "request": attempt.request,
        }
        await self._connection.execute(statement(START), values)

    async def finish(self, attempt: Attempt) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "attempt_id": attempt.id,
            "finished_at": attempt.finished_at,
            "status_code": attempt.status_code,
            "response": attempt.response,
            "duration_ms": attempt.duration_ms,
            "outcome": attempt.outcome,
            "detail": attempt.detail,
        }
        await self._connection.execute(statement(END, "detail"), values)

    async def of_journal(self, journal_id: UUID) -> Sequence[Attempt]:
        rows = await self._connection.execute(statement(OF_JOURNAL), {"tenant_id": self._tenant_id, "journal_id": journal_id})
        return [
            Attempt(
                id=row.attempt_id,
                journal_id=row.journal_id,
                purpose=Purpose(row.purpose),
                fence=row.fence,
                started_at=row.started_at,
                request=row.request,
                finished_at=row.finished_at,
                status_code=row.status_code,
                response=row.response,
                duration_ms=row.duration_ms,
                outcome=row.outcome,
                detail=row.detail,
                call_id=row.call_id,
            )
            for row in rows
        ]


def _key(lane: Lane) -> dict[str, Any]:
    return {"tenant_id": lane.tenant_id, "endpoint": lane.endpoint, "lane_key": lane.lane_key}
