"""The look-up of a key by its hash: with the worker's claim one of the two statements that cross tenants."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import outages_told
from app.adapters.postgres.repositories.access import key_from
from app.adapters.postgres.tables import api_key
from app.application.ports.setup import ApiKey


class PostgresKeyDirectory:
    """One round trip: it needs no transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def find(self, secret_hash: bytes) -> ApiKey | None:
        wanted = select(api_key).where(api_key.c.hash == secret_hash, api_key.c.revoked_at.is_(None))
        with outages_told():
            async with self._engine.connect() as connection:
                row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else key_from(row)
