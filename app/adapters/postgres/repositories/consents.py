"""Consents under way, in PostgreSQL: of each the hash of its state, and its verifier sealed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.tables import erp_consent
from app.application.ports.authorisations import Consent

COLUMNS = ("state_hash", "client", "verifier", "redirect_uri", "asked_by", "expires_at")


class PostgresConsents:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def put(self, consent: Consent) -> None:
        values = {name: getattr(consent, name) for name in COLUMNS}
        statement = upsert(erp_consent).values(tenant_id=self._tenant_id, endpoint=consent.endpoint, **values)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "endpoint"], set_=values))

    async def take(self, state_hash: bytes) -> Consent | None:
        taken = delete(erp_consent).where(erp_consent.c.tenant_id == self._tenant_id, erp_consent.c.state_hash == state_hash)
        row = (await self._connection.execute(taken.returning(erp_consent))).one_or_none()
        return None if row is None else _consent(row)

    async def list(self) -> Sequence[Consent]:
        mine = select(erp_consent).where(erp_consent.c.tenant_id == self._tenant_id)
        return [_consent(row) for row in await self._connection.execute(mine.order_by(erp_consent.c.endpoint))]

    async def reseal(self, endpoint: str, verifier: bytes) -> None:
        mine = update(erp_consent).where(erp_consent.c.tenant_id == self._tenant_id, erp_consent.c.endpoint == endpoint)
        await self._connection.execute(mine.values(verifier=verifier))

    async def forget(self, endpoint: str) -> None:
        mine = delete(erp_consent).where(erp_consent.c.tenant_id == self._tenant_id, erp_consent.c.endpoint == endpoint)
        await self._connection.execute(mine)


def _consent(row: Row[Any]) -> Consent:
    return Consent(endpoint=row.endpoint, **{name: getattr(row, name) for name in COLUMNS})
