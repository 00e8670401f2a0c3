"""Which ERP a worker asks for its chart: statements that cross tenants, like the claim of lanes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import outages_told
from app.adapters.postgres.statements import statement
from app.application.ports.chart_pulls import Pull, Unplanned

UNPLANNED = """
SELECT e.tenant_id, e.name, t.time_zone FROM erp_endpoint e
JOIN tenant t ON t.tenant_id = e.tenant_id
WHERE e.delivery = 'push'
  AND NOT EXISTS (SELECT 1 FROM erp_chart_pull p WHERE p.tenant_id = e.tenant_id AND p.endpoint = e.name)
ORDER BY e.tenant_id, e.name LIMIT :limit
"""
CLAIM = """
WITH due AS (
    SELECT p.tenant_id, p.endpoint, t.time_zone FROM erp_chart_pull p
    JOIN erp_endpoint e ON e.tenant_id = p.tenant_id AND e.name = p.endpoint
    JOIN tenant t ON t.tenant_id = p.tenant_id
    WHERE p.next_at <= :now AND (p.leased_until IS NULL OR p.leased_until <= :now) AND e.delivery = 'push' AND NOT e.paused
    ORDER BY p.next_at LIMIT 1 FOR UPDATE OF p SKIP LOCKED
)
UPDATE erp_chart_pull SET leased_until = :until, fence = erp_chart_pull.fence + 1
FROM due WHERE erp_chart_pull.tenant_id = due.tenant_id AND erp_chart_pull.endpoint = due.endpoint
RETURNING erp_chart_pull.tenant_id, erp_chart_pull.endpoint, due.time_zone, erp_chart_pull.fence, erp_chart_pull.failures
"""


class PostgresPullClaims:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def unplanned(self, limit: int) -> Sequence[Unplanned]:
        with outages_told():
            async with self._engine.connect() as connection:
                rows = await connection.execute(statement(UNPLANNED), {"limit": limit})
                return [Unplanned(tenant_id=row.tenant_id, endpoint=row.name, time_zone=row.time_zone) for row in rows]

    async def claim(self, now: datetime, until: datetime) -> Pull | None:
        with outages_told():
            async with self._engine.begin() as connection:
                row = (await connection.execute(statement(CLAIM), {"now": now, "until": until})).one_or_none()
        if row is None:
            return None
        return Pull(tenant_id=row.tenant_id, endpoint=row.endpoint, time_zone=row.time_zone, fence=row.fence, failures=row.failures)
