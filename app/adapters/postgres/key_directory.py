"""The look-up of keys by their hashes: with the worker's claim one of the two statements that cross tenants."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import outages_told
from app.adapters.postgres.repositories.access import key_from
from app.adapters.postgres.statements import statement
from app.application.ports.setup import ApiKey

FIND = "SELECT tenant_id, key_id, name, scopes, created_at, hash FROM api_key WHERE hash = ANY(:hashes) AND revoked_at IS NULL"


class PostgresKeyDirectory:
    """One round trip: it needs no transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def find(self, hashes: Sequence[bytes]) -> Sequence[ApiKey | None]:
        with outages_told():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(statement(FIND), {"hashes": list(hashes)})).all()
        found = {row.hash: key_from(row) for row in rows}
        return [found.get(each) for each in hashes]
