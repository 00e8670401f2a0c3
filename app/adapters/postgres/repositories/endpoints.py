"""ERP endpoints in PostgreSQL. Credentials pass through sealed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.tables import endpoint_flow, erp_endpoint, journal
from app.application.ports.setup import Endpoint
from app.domain.errors import InUse

AS_THEY_ARE = (
    "adapter",
    "url",
    "environment",
    "starts_on",
    "credentials",
    "delivery",
    "grouping",
    "release",
    "commitments",
    "minimum_validation",
    "description_template",
    "rate_limit_per_minute",
    "max_concurrency",
    "max_lines",
    "paused",
    "paused_reason",
    "awaits_sign_in",
)
"""Columns that hold an attribute of the same name without translation."""


class PostgresEndpoints:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def get(self, name: str, *, lock: bool = False) -> Endpoint | None:
        found = select(erp_endpoint).where(erp_endpoint.c.tenant_id == self._tenant_id, erp_endpoint.c.name == name)
        if lock:
            found = found.with_for_update(key_share=True)  # journals may still be made for it
        row = (await self._connection.execute(found)).one_or_none()
        return None if row is None else endpoint_of(row)

    async def list(self) -> Sequence[Endpoint]:
        mine = select(erp_endpoint).where(erp_endpoint.c.tenant_id == self._tenant_id)
        return [endpoint_of(row) for row in await self._connection.execute(mine.order_by(erp_endpoint.c.name))]

    async def put(self, endpoint: Endpoint) -> bool:
        values: dict[str, Any] = {column: getattr(endpoint, column) for column in AS_THEY_ARE}
        values |= {"settings": dict(endpoint.settings), "mapping": dict(endpoint.mapping), "omit": list(endpoint.omit)}
        statement = upsert(erp_endpoint).values(tenant_id=self._tenant_id, name=endpoint.name, **values)
        done = statement.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=values)
        new = bool((await self._connection.execute(done.returning(literal_column("xmax = 0")))).scalar_one())
        flow = upsert(endpoint_flow).values(tenant_id=self._tenant_id, endpoint=endpoint.name)
        await self._connection.execute(flow.on_conflict_do_nothing())
        return new

    async def reseal(self, name: str, credentials: bytes) -> None:
        mine = update(erp_endpoint).where(erp_endpoint.c.tenant_id == self._tenant_id, erp_endpoint.c.name == name)
        await self._connection.execute(mine.values(credentials=credentials))

    async def delete(self, name: str) -> None:
        """`InUse` where a journal was made for it, by a writer that commits at this moment too."""
        gone = delete(erp_endpoint).where(erp_endpoint.c.tenant_id == self._tenant_id, erp_endpoint.c.name == name)
        try:
            await self._connection.execute(gone)
        except IntegrityError as error:
            raise InUse(f"{name} has journals") from error

    async def has_journals(self, name: str) -> bool:
        found = exists().where(journal.c.tenant_id == self._tenant_id, journal.c.endpoint == name)
        return bool((await self._connection.execute(select(found))).scalar_one())

    async def pause(self, name: str, *, paused: bool, reason: str | None, awaits_sign_in: bool = False) -> None:
        mine = update(erp_endpoint).where(erp_endpoint.c.tenant_id == self._tenant_id, erp_endpoint.c.name == name)
        await self._connection.execute(mine.values(paused=paused, paused_reason=reason, awaits_sign_in=awaits_sign_in))


def endpoint_of(row: Row[Any]) -> Endpoint:
    plain = {column: getattr(row, column) for column in AS_THEY_ARE}
    return Endpoint(name=row.name, settings=row.settings, mapping=row.mapping, omit=tuple(row.omit), **plain)
