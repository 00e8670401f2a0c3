"""The worker's claim: with the key look-up one of the two statements that cross tenants."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.statements import statement
from app.application.ports.delivery import Lane

CLAIM = """
WITH picked AS (
    SELECT due.tenant_id, due.endpoint, due.lane_key
    FROM erp_endpoint e
    CROSS JOIN LATERAL (
        SELECT l.tenant_id, l.endpoint, l.lane_key FROM lane l
        WHERE l.tenant_id = e.tenant_id AND l.endpoint = e.name AND l.due_at <= :now
          AND (l.leased_until IS NULL OR l.leased_until <= :now)
        ORDER BY l.due_at LIMIT :per_endpoint
        FOR UPDATE SKIP LOCKED
    ) due
    WHERE NOT e.paused AND e.delivery = 'push'
)
UPDATE lane SET leased_until = :leased_until, fence = lane.fence + 1
FROM picked
WHERE lane.tenant_id = picked.tenant_id AND lane.endpoint = picked.endpoint AND lane.lane_key = picked.lane_key
RETURNING lane.tenant_id, lane.endpoint, lane.lane_key, lane.fence
"""


class PostgresLaneClaims:
    """Endpoint by endpoint, at most so many lanes each: a long queue of one endpoint costs the others nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(self, *, per_endpoint: int, now: datetime, lease_seconds: int) -> Sequence[Lane]:
        parameters = {"now": now, "per_endpoint": per_endpoint, "leased_until": now + timedelta(seconds=lease_seconds)}
        async with self._engine.begin() as connection:
            rows = await connection.execute(statement(CLAIM), parameters)
            return [Lane(tenant_id=row.tenant_id, endpoint=row.endpoint, lane_key=row.lane_key, fence=row.fence) for row in rows]
