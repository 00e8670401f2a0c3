"""The gauges of all endpoints in one statement, one of those that cross tenants. Partial indexes keep history out of it."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.readiness import PATIENCE_SECONDS, UNREACHABLE
from app.adapters.postgres.statements import statement
from app.application.ports.clock import Clock
from app.application.ports.delivery_gauges import EndpointGauge

GAUGES = """
SELECT e.tenant_id, e.name AS endpoint, e.paused, coalesce(f.open_until > :now, false) AS breaker_open,
    lanes.due AS lanes_due, lanes.waiting AS lanes_waiting, unknown.journals AS unknown,
    coalesce(extract(epoch FROM :now - unsent.oldest), 0)::float8 AS oldest_unsent_seconds
FROM erp_endpoint e
LEFT JOIN endpoint_flow f ON f.tenant_id = e.tenant_id AND f.endpoint = e.name
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE l.due_at <= :now) AS due, count(*) FILTER (WHERE l.due_at > :now) AS waiting FROM lane l
    WHERE l.tenant_id = e.tenant_id AND l.endpoint = e.name AND l.due_at IS NOT NULL
) lanes
CROSS JOIN LATERAL (
    SELECT count(*) AS journals FROM journal j WHERE j.tenant_id = e.tenant_id AND j.endpoint = e.name AND j.status = 'unknown'
) unknown
CROSS JOIN LATERAL (
    SELECT min(j.created_at) AS oldest FROM journal j
    WHERE j.tenant_id = e.tenant_id AND j.endpoint = e.name AND j.status NOT IN ('sent', 'marked_as_sent')
) unsent
ORDER BY e.tenant_id, e.name
"""

log = structlog.get_logger(__name__)


class PostgresDeliveryGauges:
    """One round trip: it needs no transaction of its own."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock

    async def read(self) -> Sequence[EndpointGauge] | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._engine.connect() as connection:
                rows = (await connection.execute(statement(GAUGES), {"now": self._clock.now()})).all()
        except UNREACHABLE as error:
            log.warning("gauges_left_out", error=type(error).__name__)
            return None
        return [
            EndpointGauge(
                tenant_id=row.tenant_id,
                endpoint=row.endpoint,
                oldest_unsent_seconds=max(0.0, row.oldest_unsent_seconds),
                lanes_due=row.lanes_due,
                lanes_waiting=row.lanes_waiting,
                unknown=row.unknown,
                breaker_open=row.breaker_open,
                paused=row.paused,
            )
            for row in rows
        ]
