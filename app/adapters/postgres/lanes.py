"""The worker's claim: with the key look-up one of the two statements that cross tenants."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

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
    WHERE NOT e.paused AND e.delivery = 'push' AND e.tenant_id::text || '/' || e.name <> ALL(:busy)
)
UPDATE lane SET leased_until = :leased_until, fence = lane.fence + 1
FROM picked
WHERE lane.tenant_id = picked.tenant_id AND lane.endpoint = picked.endpoint AND lane.lane_key = picked.lane_key
RETURNING lane.tenant_id, lane.endpoint, lane.lane_key, lane.fence
"""
CLAIM_ONE = """
UPDATE lane SET leased_until = :leased_until, fence = fence + 1
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key AND (leased_until IS NULL OR leased_until <= :now)
  AND EXISTS (SELECT 1 FROM erp_endpoint e WHERE e.tenant_id = lane.tenant_id AND e.name = lane.endpoint AND e.delivery = 'push')
RETURNING tenant_id, endpoint, lane_key, fence
"""


class PostgresLaneClaims:
    """Endpoint by endpoint, at most so many lanes each: a long queue of one endpoint costs the others nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(
        self, *, per_endpoint: int, now: datetime, lease_seconds: int, busy: Collection[tuple[UUID, str]] = ()
    ) -> Sequence[Lane]:
        parameters: dict[str, Any] = {"now": now, "per_endpoint": per_endpoint, "leased_until": now + timedelta(seconds=lease_seconds)}
        parameters |= {"busy": [f"{tenant_id}/{name}" for tenant_id, name in busy]}
        async with self._engine.begin() as connection:
            rows = await connection.execute(statement(CLAIM), parameters)
            return [Lane(tenant_id=row.tenant_id, endpoint=row.endpoint, lane_key=row.lane_key, fence=row.fence) for row in rows]

    async def claim_one(self, tenant_id: UUID, endpoint: str, lane_key: str, *, now: datetime, lease_seconds: int) -> Lane | None:
        leased_until = now + timedelta(seconds=lease_seconds)
        parameters = {"tenant_id": tenant_id, "endpoint": endpoint, "lane_key": lane_key, "now": now, "leased_until": leased_until}
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement(CLAIM_ONE), parameters)).one_or_none()
        return None if row is None else Lane(tenant_id=tenant_id, endpoint=endpoint, lane_key=lane_key, fence=row.fence)
