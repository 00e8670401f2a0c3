"""When ERPs are asked for their charts again, in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.chart_pulls import Pull, PullState

PLAN = """
INSERT INTO erp_chart_pull (tenant_id, endpoint, next_at)
SELECT tenant_id, name, CAST(:next_at AS timestamptz) FROM erp_endpoint WHERE tenant_id = :tenant_id AND name = :endpoint
ON CONFLICT DO NOTHING
"""
SETTLE = """
UPDATE erp_chart_pull SET next_at = :next_at, leased_until = NULL, failures = :failures, failed_at = :failed_at, problem = :problem
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND fence = :fence
"""
STATE = "SELECT next_at, failures, failed_at, problem FROM erp_chart_pull WHERE tenant_id = :tenant_id AND endpoint = :endpoint"


class PostgresChartPulls:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def plan(self, endpoint: str, next_at: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "next_at": next_at}
        await self._connection.execute(statement(PLAN), parameters)

    async def settle(self, pull: Pull, state: PullState) -> None:
        parameters = {
            "tenant_id": self._tenant_id,
            "endpoint": pull.endpoint,
            "fence": pull.fence,
            "next_at": state.next_at,
            "failures": state.failures,
            "failed_at": state.failed_at,
            "problem": state.problem,
        }
        await self._connection.execute(statement(SETTLE), parameters)

    async def state(self, endpoint: str) -> PullState | None:
        row = (await self._connection.execute(statement(STATE), {"tenant_id": self._tenant_id, "endpoint": endpoint})).one_or_none()
        if row is None:
            return None
        return PullState(next_at=row.next_at, failures=row.failures, failed_at=row.failed_at, problem=row.problem)
