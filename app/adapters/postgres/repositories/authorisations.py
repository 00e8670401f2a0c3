"""Authorisations at vendors, in PostgreSQL. Tokens pass through sealed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.tables import erp_authorisation
from app.adapters.postgres.tables.sign_in import authorisation_fence
from app.application.ports.authorisations import Authorisation, AuthorisationStatus, Renewal
from app.application.ports.vendor_sign_in import Organisation

NEW_FENCE = authorisation_fence.next_value()
FORGOTTEN: Mapping[str, Any] = {
    "sealed": None,
    "access_expires_at": None,
    "scopes": [],
    "organisation_id": None,
    "organisation_name": None,
    "organisations": [],
    "refreshing_until": None,
    "fence": NEW_FENCE,
}
UNKNOWN = {"status": str(AuthorisationStatus.NOT_AUTHORISED), "authorised_by": None, "authorised_at": None, "reason": None}


class PostgresAuthorisations:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def ensure(self, endpoint: str, client: str) -> bool:
        made = upsert(erp_authorisation).values(tenant_id=self._tenant_id, endpoint=endpoint, client=client)
        forgotten = made.on_conflict_do_update(
            index_elements=["tenant_id", "endpoint"],
            set_={"client": client, **FORGOTTEN, **UNKNOWN},
            where=erp_authorisation.c.client != client,
        )
        return (await self._connection.execute(forgotten.returning(erp_authorisation.c.endpoint))).one_or_none() is not None

    async def get(self, endpoint: str, *, lock: bool = False) -> Authorisation | None:
        wanted = select(erp_authorisation).where(self._one(endpoint))
        row = (await self._connection.execute(wanted.with_for_update() if lock else wanted)).one_or_none()
        return None if row is None else _authorisation(row)

    async def all(self) -> Mapping[str, Authorisation]:
        mine = select(erp_authorisation).where(erp_authorisation.c.tenant_id == self._tenant_id)
        return {row.endpoint: _authorisation(row) for row in await self._connection.execute(mine)}

    async def grant(self, authorisation: Authorisation) -> None:
        chosen = authorisation.organisation
        await self._set(
            self._one(authorisation.endpoint),
            client=authorisation.client,
            status=str(authorisation.status),
            sealed=authorisation.sealed,
            access_expires_at=authorisation.access_expires_at,
            scopes=list(authorisation.scopes),
            organisation_id=None if chosen is None else chosen.id,
            organisation_name=None if chosen is None else chosen.name,
            organisations=[asdict(each) for each in authorisation.organisations],
            authorised_by=authorisation.authorised_by,
            authorised_at=authorisation.authorised_at,
            reason=authorisation.reason,
            refreshing_until=None,
            fence=NEW_FENCE,
        )

    async def claim(self, endpoint: str, until: datetime) -> int:
        claimed = update(erp_authorisation).where(self._one(endpoint)).values(refreshing_until=until, fence=NEW_FENCE)
        return int((await self._connection.execute(claimed.returning(erp_authorisation.c.fence))).scalar_one())

    async def renewed(self, endpoint: str, fence: int, renewal: Renewal) -> bool:
        told = {} if renewal.scopes is None else {"scopes": list(renewal.scopes)}
        return await self._set(
            self._one(endpoint, fence),
            status=str(AuthorisationStatus.AUTHORISED),
            sealed=renewal.sealed,
            access_expires_at=renewal.access_expires_at,
            refreshing_until=None,
            reason=None,
            **told,
        )

    async def release(self, endpoint: str, fence: int, reason: str | None) -> None:
        await self._set(self._one(endpoint, fence), refreshing_until=None, reason=reason)

    async def end(self, endpoint: str, fence: int | None, status: AuthorisationStatus, reason: str) -> bool:
        return await self._set(self._one(endpoint, fence), **{**FORGOTTEN, "status": str(status), "reason": reason})

    async def choose(self, endpoint: str, organisation: Organisation) -> None:
        chosen = {"organisation_id": organisation.id, "organisation_name": organisation.name}
        await self._set(self._one(endpoint), status=str(AuthorisationStatus.AUTHORISED), reason=None, **chosen)

    async def note(self, endpoint: str, reason: str) -> None:
        await self._set(self._one(endpoint) & erp_authorisation.c.sealed.is_(None), reason=reason)

    async def reseal(self, endpoint: str, sealed: bytes) -> None:
        await self._set(self._one(endpoint), sealed=sealed)

    async def drop(self, endpoint: str) -> None:
        await self._connection.execute(delete(erp_authorisation).where(self._one(endpoint)))

    def _one(self, endpoint: str, fence: int | None = None) -> ColumnElement[bool]:
        mine = (erp_authorisation.c.tenant_id == self._tenant_id) & (erp_authorisation.c.endpoint == endpoint)
        return mine if fence is None else mine & (erp_authorisation.c.fence == fence)

    async def _set(self, where: ColumnElement[bool], **values: Any) -> bool:
        changed = update(erp_authorisation).where(where).values(**values).returning(erp_authorisation.c.endpoint)
        return (await self._connection.execute(changed)).one_or_none() is not None


def _authorisation(row: Row[Any]) -> Authorisation:
    chosen = None if row.organisation_id is None else Organisation(id=row.organisation_id, name=row.organisation_name)
    return Authorisation(
        endpoint=row.endpoint,
        client=row.client,
        status=AuthorisationStatus(row.status),
        sealed=row.sealed,
        access_expires_at=row.access_expires_at,
        scopes=tuple(row.scopes),
        organisation=chosen,
        organisations=tuple(Organisation(id=each["id"], name=each["name"]) for each in row.organisations),
        authorised_by=row.authorised_by,
        authorised_at=row.authorised_at,
        reason=row.reason,
        fence=row.fence,
        refreshing_until=row.refreshing_until,
    )
