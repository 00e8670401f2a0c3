"""Many journals at a time, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.journal_set_statements import (
    BLOCKED_BY,
    LANES,
    LOCK,
    MARK,
    NOT_SENDABLE,
    OUT_OF_REACH,
    PUT_BACK,
    QUEUE,
    SEIZE,
    SKIPPED,
    STATES,
    TO_LOOK_UP,
)
from app.adapters.postgres.statements import statement
from app.application.ports.journal_sets import JournalState, Mark
from app.domain.journal import JournalStatus


class PostgresJournalSets:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def take(self, ids: Sequence[UUID]) -> int:
        parameters = self._of(ids)
        found = int((await self._connection.execute(statement(LOCK), parameters)).scalar_one())
        await self._connection.execute(statement(LANES), parameters)
        await self._connection.execute(statement(SEIZE), parameters)
        return found

    async def states(self, ids: Sequence[UUID], limit: int, *, other_than: Sequence[JournalStatus] = ()) -> Sequence[JournalState]:
        parameters = self._of(ids, other_than=[str(each) for each in other_than], limit=limit)
        return [_state(row) for row in await self._connection.execute(statement(STATES), parameters)]

    async def out_of_reach(self, ids: Sequence[UUID], limit: int, now: datetime) -> Sequence[JournalState]:
        rows = await self._connection.execute(statement(OUT_OF_REACH), self._of(ids, limit=limit, now=now))
        return [replace(_state(row), in_hand_until=row.until) for row in rows]

    async def to_look_up(self, ids: Sequence[UUID], limit: int) -> Sequence[JournalState]:
        return [_state(row) for row in await self._connection.execute(statement(TO_LOOK_UP), self._of(ids, limit=limit))]

    async def not_sendable(self, ids: Sequence[UUID], versions: Mapping[UUID, int], limit: int) -> Sequence[JournalState]:
        looked_at = [{"journal_id": str(journal_id), "version": version} for journal_id, version in versions.items()]
        parameters = self._of(ids, versions=looked_at, limit=limit)
        return [_state(row) for row in await self._connection.execute(statement(NOT_SENDABLE, "versions"), parameters)]

    async def skipped(self, ids: Sequence[UUID], limit: int) -> Sequence[UUID]:
        return list((await self._connection.execute(statement(SKIPPED), self._of(ids, limit=limit))).scalars())

    async def blocked_by(self, ids: Sequence[UUID], limit: int) -> Mapping[UUID, Sequence[UUID]]:
        rows = await self._connection.execute(statement(BLOCKED_BY), self._of(ids, limit=limit))
        return {row.journal_id: row.ids for row in rows}

    async def queue(self, ids: Sequence[UUID], *, actor: str, now: datetime) -> None:
        parameters = self._of(ids, actor=actor, action="send", reason=None, now=now)
        await self._connection.execute(statement(QUEUE), parameters)

    async def mark(self, ids: Sequence[UUID], mark: Mark, *, actor: str, now: datetime) -> None:
        parameters = self._of(ids, actor=actor, action="mark_as_sent", now=now)
        parameters |= {"reason_code": mark.reason_code, "reason": mark.reason, "number": mark.number}
        await self._connection.execute(statement(MARK), parameters)

    async def put_back(self, journal_id: UUID, *, wanted: bool, now: datetime) -> None:
        parameters = {"tenant_id": self._tenant_id, "journal_id": journal_id, "wanted": wanted, "now": now}
        await self._connection.execute(statement(PUT_BACK), parameters)

    def _of(self, ids: Sequence[UUID], **more: Any) -> dict[str, Any]:
        return {"tenant_id": self._tenant_id, "ids": list(ids), **more}


def _state(row: Row[Any]) -> JournalState:
    return JournalState(id=row.journal_id, reference=row.reference, status=JournalStatus(row.status), version=row.version, held=row.held)
