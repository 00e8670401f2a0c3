"""The list of all tenants, for the operator's command line alone: it crosses the tenant wall and no request may reach it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.statements import statement
from app.application.ports.setup import Tenant

LIST = "SELECT tenant_id, name, base_currency, time_zone, reference_prefix FROM tenant ORDER BY name"


class PostgresTenantDirectory:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self) -> Sequence[Tenant]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(statement(LIST))
            return [
                Tenant(
                    id=row.tenant_id,
                    name=row.name,
                    base_currency=row.base_currency,
                    time_zone=row.time_zone,
                    reference_prefix=row.reference_prefix,
                )
                for row in rows
            ]
