"""The tenant itself, its keys, and the log of who changed what."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.adapters.postgres.tables import api_key, audit_log, tenant
from app.application.ports.setup import ApiKey, AuditEntry, Scope, Tenant
from app.domain.errors import Conflict

WRITE_EACH = """
INSERT INTO audit_log (tenant_id, actor, command, subject, detail)
SELECT :tenant_id, :actor, :command, subject, detail FROM jsonb_to_recordset(:rows) AS given(subject text, detail jsonb)
"""


class PostgresTenants:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, added: Tenant) -> None:
        """A name that is taken comes out as `TenantExists`, by its constraint."""
        row = {
            "tenant_id": self._tenant_id,
            "name": added.name,
            "base_currency": added.base_currency,
            "time_zone": added.time_zone,
            "reference_prefix": added.reference_prefix,
        }
        statement = upsert(tenant).values(row).on_conflict_do_nothing(index_elements=["reference_prefix"]).returning(tenant.c.tenant_id)
        if (await self._connection.execute(statement)).one_or_none() is None:
            raise Conflict("the reference prefix drawn for this tenant is taken, by chance: send the request again")

    async def get(self) -> Tenant | None:
        row = (await self._connection.execute(select(tenant).where(tenant.c.tenant_id == self._tenant_id))).one_or_none()
        if row is None:
            return None
        return Tenant(
            id=row.tenant_id,
            name=row.name,
            base_currency=row.base_currency,
            time_zone=row.time_zone,
            reference_prefix=row.reference_prefix,
        )

    async def update(self, changed: Tenant) -> None:
        """Name and time zone; what postings were made with stays."""
        values = {"name": changed.name, "time_zone": changed.time_zone}
        await self._connection.execute(update(tenant).where(tenant.c.tenant_id == self._tenant_id).values(values))


class PostgresApiKeys:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, key: ApiKey, secret_hash: bytes) -> None:
        row = {
            "tenant_id": self._tenant_id,
            "key_id": key.id,
            "name": key.name,
            "hash": secret_hash,
            "scopes": [str(scope) for scope in key.scopes],
            "created_at": key.created_at or func.now(),
        }
        await self._connection.execute(insert(api_key).values(row))

    async def list(self) -> Sequence[ApiKey]:
        """The keys in force, oldest first."""
        mine = select(api_key).where(api_key.c.tenant_id == self._tenant_id, api_key.c.revoked_at.is_(None))
        rows = await self._connection.execute(mine.order_by(api_key.c.created_at, api_key.c.key_id))
        return [key_from(row) for row in rows]

    async def revoke(self, key_id: UUID) -> bool:
        in_force = (api_key.c.tenant_id == self._tenant_id) & (api_key.c.key_id == key_id) & api_key.c.revoked_at.is_(None)
        statement = update(api_key).where(in_force).values(revoked_at=func.now()).returning(api_key.c.key_id)
        return (await self._connection.execute(statement)).one_or_none() is not None


class PostgresAuditLog:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def write(self, actor: str, command: str, subject: str, detail: Mapping[str, Any]) -> None:
        row = {"tenant_id": self._tenant_id, "actor": actor, "command": command, "subject": subject, "detail": dict(detail)}
        await self._connection.execute(insert(audit_log).values(row))

    async def write_each(self, actor: str, command: str, details: Mapping[str, Mapping[str, Any]]) -> None:
        given = [{"subject": subject, "detail": dict(detail)} for subject, detail in details.items()]
        parameters = {"tenant_id": self._tenant_id, "actor": actor, "command": command, "rows": given}
        await self._connection.execute(statement(WRITE_EACH, "rows"), parameters)

    async def page(self, before: int | None, limit: int) -> Sequence[AuditEntry]:
        wanted = select(audit_log).where(audit_log.c.tenant_id == self._tenant_id)
        if before is not None:
            wanted = wanted.where(audit_log.c.audit_id < before)
        rows = await self._connection.execute(wanted.order_by(audit_log.c.audit_id.desc()).limit(limit))
        return [
            AuditEntry(id=row.audit_id, at=row.at, actor=row.actor, command=row.command, subject=row.subject, detail=row.detail)
            for row in rows
        ]


def key_from(row: Row[Any]) -> ApiKey:
    """A key from its row."""
    scopes = tuple(Scope(scope) for scope in row.scopes)
    return ApiKey(id=row.key_id, tenant_id=row.tenant_id, name=row.name, scopes=scopes, created_at=row.created_at)
