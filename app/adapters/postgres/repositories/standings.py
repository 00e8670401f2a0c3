"""How delivery stands for one tenant, in PostgreSQL. Partial indexes keep history out of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.standings import EndpointStanding, SentInHour
from app.domain.journal import JournalStatus

NOW = """
SELECT e.name AS endpoint, e.adapter, e.environment, e.delivery, e.release, e.paused, e.paused_reason,
    coalesce(f.failures, 0) AS failures, CASE WHEN f.open_until > :now THEN f.open_until END AS open_until,
    lanes.due, lanes.waiting, unsent.journals, unsent.oldest
FROM erp_endpoint e
LEFT JOIN endpoint_flow f ON f.tenant_id = e.tenant_id AND f.endpoint = e.name
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE l.due_at <= :now) AS due, count(*) FILTER (WHERE l.due_at > :now) AS waiting FROM lane l
    WHERE l.tenant_id = e.tenant_id AND l.endpoint = e.name AND l.due_at IS NOT NULL
) lanes
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(by_status.status, by_status.journals), '{}') AS journals, min(by_status.oldest) AS oldest
    FROM (
        SELECT j.status, count(*) AS journals, min(j.created_at) AS oldest FROM journal j
        WHERE j.tenant_id = e.tenant_id AND j.endpoint = e.name AND j.status NOT IN ('sent', 'marked_as_sent')
        GROUP BY j.status
    ) by_status
) unsent
WHERE e.tenant_id = :tenant_id ORDER BY e.name
"""
SENT_SINCE = """
SELECT endpoint, date_trunc('hour', finished_at, 'UTC') AS hour, count(*) AS journals FROM journal
WHERE tenant_id = :tenant_id AND finished_at >= :since AND status = 'sent'
GROUP BY endpoint, hour ORDER BY endpoint, hour
"""


class PostgresStandings:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def now(self, moment: datetime) -> Sequence[EndpointStanding]:
        rows = await self._connection.execute(statement(NOW), {"tenant_id": self._tenant_id, "now": moment})
        return [
            EndpointStanding(
                endpoint=row.endpoint,
                adapter=row.adapter,
                environment=row.environment,
                delivery=row.delivery,
                release=row.release,
                paused=row.paused,
                paused_reason=row.paused_reason,
                failures=row.failures,
                open_until=row.open_until,
                due=row.due,
                waiting=row.waiting,
                unsent={JournalStatus(status): count for status, count in row.journals.items()},
                oldest_unsent_at=row.oldest,
            )
            for row in rows
        ]

    async def sent_since(self, moment: datetime) -> Sequence[SentInHour]:
        rows = await self._connection.execute(statement(SENT_SINCE), {"tenant_id": self._tenant_id, "since": moment})
        return [SentInHour(endpoint=row.endpoint, hour=row.hour, journals=row.journals) for row in rows]
