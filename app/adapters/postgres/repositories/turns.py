"""Turns of many lanes in PostgreSQL. Rows are locked in one order: journals by sequence, each with its delivery, then lanes by key."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.endpoints import endpoint_of
from app.adapters.postgres.repositories.journal_rows import journal_of, problem_json
from app.adapters.postgres.repositories.journal_statements import MEMBERS, WHOLE
from app.adapters.postgres.repositories.journals import PostgresJournals
from app.adapters.postgres.statements import statement
from app.application.ports.delivery import Attempt, DeliveryRow, Lane, OpenAttempt
from app.application.ports.journals import GATHERING, WORKER, Journal
from app.application.ports.turns import Head, Leases, TurnWrites
from app.domain.breaker import Breaker
from app.domain.delivery import Purpose

HEADS = f"""
WITH next AS MATERIALIZED (
    SELECT asked.lane_key, n.journal_id, n.position FROM unnest(CAST(:lane_keys AS text[])) AS asked(lane_key)
    CROSS JOIN LATERAL (
        SELECT n.journal_id, n.position FROM delivery n
        WHERE n.tenant_id = :tenant_id AND n.endpoint = :endpoint AND n.lane_key = asked.lane_key AND NOT n.done
        ORDER BY n.position LIMIT 2
    ) n
    ORDER BY n.position
)
SELECT d.wanted, d.failures, d.next_at, {WHOLE},
    (SELECT max(a.started_at) FROM attempt a
     WHERE a.tenant_id = :tenant_id AND a.journal_id = d.journal_id AND a.purpose = 'send') AS last_sent_at,
    (SELECT json_object_agg(a.attempt_id, a.purpose) FROM attempt a
     WHERE a.tenant_id = :tenant_id AND a.journal_id = d.journal_id AND a.finished_at IS NULL AND a.fence <> 0) AS open_attempts
FROM next
CROSS JOIN LATERAL (
    SELECT * FROM journal WHERE journal.tenant_id = :tenant_id AND journal.journal_id = next.journal_id FOR UPDATE
) journal
CROSS JOIN LATERAL (
    SELECT * FROM delivery WHERE delivery.tenant_id = :tenant_id AND delivery.endpoint = :endpoint AND delivery.lane_key = next.lane_key
      AND delivery.position = next.position AND delivery.journal_id = journal.journal_id AND NOT delivery.done FOR UPDATE
) d
{MEMBERS}
ORDER BY next.position
"""  # noqa: S608
"""Each row is fetched and locked by its key, one after the other. A plain join is planned by how many journals wait, as the statistics have
it: where these are older than a backlog, every waiting journal would be compared with every lane."""
HOLD = """
SELECT l.lane_key, l.fence, f.failures, f.open_until, f.batch_max, e.*
FROM lane l
JOIN endpoint_flow f ON f.tenant_id = l.tenant_id AND f.endpoint = l.endpoint
JOIN erp_endpoint e ON e.tenant_id = l.tenant_id AND e.name = l.endpoint
WHERE l.tenant_id = :tenant_id AND l.endpoint = :endpoint AND l.lane_key = ANY(:lane_keys)
ORDER BY l.lane_key FOR UPDATE OF l
"""
WRITE = """
WITH ended AS (
    UPDATE attempt SET finished_at = e.finished_at, status_code = e.status_code, response = e.response, duration_ms = e.duration_ms,
        outcome = e.outcome, detail = e.detail
    FROM jsonb_to_recordset(:ended) AS e(attempt_id uuid, finished_at timestamptz, status_code int, response text, duration_ms int,
        outcome text, detail jsonb)
    WHERE attempt.tenant_id = :tenant_id AND attempt.attempt_id = ANY (ARRAY[e.attempt_id])
), started AS (
    INSERT INTO attempt (tenant_id, attempt_id, journal_id, purpose, fence, started_at, request, call_id)
    SELECT :tenant_id, s.* FROM jsonb_to_recordset(:started)
        AS s(attempt_id uuid, journal_id uuid, purpose text, fence bigint, started_at timestamptz, request text,
            call_id uuid)
), moved AS (
    UPDATE delivery SET done = p.done, wanted = p.wanted, failures = p.failures, next_at = p.next_at
    FROM jsonb_to_recordset(:places) AS p(journal_id uuid, done boolean, wanted boolean, failures int, next_at timestamptz)
    WHERE delivery.tenant_id = :tenant_id AND delivery.journal_id = ANY (ARRAY[p.journal_id])
), step AS (
    SELECT * FROM jsonb_to_recordset(:steps) AS step(place int, journal_id uuid, action text, status text, number text,
        validation_level text, problems jsonb, finished_at timestamptz, gathering boolean, debit_total bigint, base_debit_total bigint)
), kept AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status)
    SELECT :tenant_id, journal_id, :actor, action, status FROM step ORDER BY place
), newest AS (
    SELECT DISTINCT ON (journal_id) *, count(*) OVER (PARTITION BY journal_id) AS steps FROM step ORDER BY journal_id, place DESC
)
UPDATE journal SET status = n.status, number = n.number, validation_level = n.validation_level, problems = n.problems,
    finished_at = n.finished_at, gathering = n.gathering, debit_total = n.debit_total, base_debit_total = n.base_debit_total,
    version = version + n.steps
FROM newest n WHERE journal.tenant_id = :tenant_id AND journal.journal_id = ANY (ARRAY[n.journal_id])
"""
LEARN = "UPDATE endpoint_flow SET batch_max = :batch_max WHERE tenant_id = :tenant_id AND endpoint = :endpoint"
RELEASE = """
UPDATE lane SET leased_until = NULL, due_at = (
    SELECT CASE WHEN d.wanted AND NOT j.held THEN d.next_at END FROM delivery d
    JOIN journal j ON j.tenant_id = d.tenant_id AND j.journal_id = d.journal_id
    WHERE d.tenant_id = lane.tenant_id AND d.endpoint = lane.endpoint AND d.lane_key = lane.lane_key AND NOT d.done
    ORDER BY d.position LIMIT 1)
FROM jsonb_to_recordset(:lanes) AS given(endpoint text, lane_key text, fence bigint)
WHERE lane.tenant_id = :tenant_id AND lane.endpoint = ANY (ARRAY[given.endpoint]) AND lane.lane_key = ANY (ARRAY[given.lane_key])
  AND lane.fence = ANY (ARRAY[given.fence])
"""


class PostgresTurns:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID, journals: PostgresJournals) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._journals = journals

    async def heads(self, endpoint: str, lane_keys: Collection[str]) -> Mapping[str, Sequence[Head]]:
        rows = (await self._connection.execute(statement(HEADS), self._lanes(endpoint, lane_keys))).all()
        gathering = [row.journal_id for row in rows if row.gathering]
        # A statement that waited for the lock of a daily journal has counted its transactions before.
        counted = await self._journals.get_all(gathering) if gathering else {}
        found: dict[str, list[Head]] = {}
        for row in rows:
            journal = counted.get(row.journal_id) or journal_of(row)
            found.setdefault(row.lane_key, []).append(Head(row=_delivery_row(row), journal=journal))
        return found

    async def hold(self, endpoint: str, lane_keys: Collection[str]) -> Leases | None:
        rows = (await self._connection.execute(statement(HOLD), self._lanes(endpoint, lane_keys))).all()
        if not rows:
            return None
        first = rows[0]
        return Leases(
            fences={row.lane_key: row.fence for row in rows},
            breaker=Breaker(failures=first.failures, open_until=first.open_until),
            endpoint=endpoint_of(first),
            batch_max=first.batch_max,
        )

    async def write(self, writes: TurnWrites) -> None:
        parameters = {
            "tenant_id": self._tenant_id,
            "actor": WORKER,
            "ended": [_ended(attempt) for attempt in writes.ended],
            "started": [_started(attempt) for attempt in writes.started],
            "places": [
                {
                    "journal_id": str(place.journal_id),
                    "done": place.done,
                    "wanted": place.wanted,
                    "failures": place.failures,
                    "next_at": place.next_at.isoformat(),
                }
                for place in writes.places
            ],
            "steps": [_step(number, journal, action) for number, (journal, action) in enumerate(writes.steps)],
        }
        await self._connection.execute(statement(WRITE, "ended", "started", "places", "steps"), parameters)

    async def learn(self, endpoint: str, batch_max: int) -> None:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "batch_max": batch_max}
        await self._connection.execute(statement(LEARN), parameters)

    async def release(self, lanes: Sequence[Lane]) -> None:
        rows = [{"endpoint": lane.endpoint, "lane_key": lane.lane_key, "fence": lane.fence} for lane in lanes]
        await self._connection.execute(statement(RELEASE, "lanes"), {"tenant_id": self._tenant_id, "lanes": rows})

    def _lanes(self, endpoint: str, lane_keys: Collection[str]) -> dict[str, Any]:
        return {"tenant_id": self._tenant_id, "endpoint": endpoint, "lane_keys": sorted(set(lane_keys))}


def _delivery_row(row: Row[Any]) -> DeliveryRow:
    opened = row.open_attempts or {}
    return DeliveryRow(
        journal_id=row.journal_id,
        wanted=row.wanted,
        failures=row.failures,
        next_at=row.next_at,
        last_sent_at=row.last_sent_at,
        open_attempts=tuple(OpenAttempt(id=UUID(attempt_id), purpose=Purpose(purpose)) for attempt_id, purpose in opened.items()),
    )


def _started(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": str(attempt.id),
        "journal_id": str(attempt.journal_id),
        "purpose": attempt.purpose,
        "fence": attempt.fence,
        "started_at": attempt.started_at.isoformat(),
        "request": attempt.request,
        "call_id": attempt.call_id and str(attempt.call_id),
    }


def _ended(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": str(attempt.id),
        "finished_at": _moment(attempt.finished_at),
        "status_code": attempt.status_code,
        "response": attempt.response,
        "duration_ms": attempt.duration_ms,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
    }


def _step(place: int, journal: Journal, action: str) -> dict[str, Any]:
    return {
        "place": place,
        "journal_id": str(journal.id),
        "action": action,
        "status": journal.status,
        "number": journal.number,
        "validation_level": journal.validation_level,
        "problems": [problem_json(problem) for problem in journal.problems],
        "finished_at": _moment(journal.finished_at),
        "gathering": journal.gathering and journal.status in GATHERING,
        "debit_total": journal.debit_total,
        "base_debit_total": journal.base_debit_total,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
