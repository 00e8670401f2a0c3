"""Which tenant a person says they belong to: one of the statements that cross tenants, and it tells nothing but the id."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import outages_told
from app.adapters.postgres.statements import statement

FIND = "SELECT tenant_id FROM tenant WHERE name = :name OR (:name = '' AND (SELECT count(*) FROM tenant) = 1)"


class PostgresTenantNames:
    """One round trip: it needs no transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def find(self, name: str) -> UUID | None:
        with outages_told():
            async with self._engine.connect() as connection:
                found: UUID | None = (await connection.execute(statement(FIND), {"name": name})).scalar_one_or_none()
        return found
