"""Batches in PostgreSQL. What became of a journal that was sent is read from the journal itself."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.batch_statements import (
    ADD,
    ASK_POLLERS,
    BY_ID,
    COUNTS,
    ITEMS,
    LAST_STEP,
    LOCK_LANES,
    LOCK_TO_ASK,
    PUT_TO_WORK,
    REFUSE_POLLERS,
    RELEASE,
    SETTLE,
    WAITING,
    WAITING_AT,
)
from app.adapters.postgres.statements import statement
from app.application.ports.batches import Batch, BatchItem, BatchKind, BatchProgress, batch_lane_key, batch_of
from app.application.ports.delivery import Lane
from app.domain.journal import JournalStatus


class PostgresBatches:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, batch: Batch, ids: Sequence[UUID]) -> int:
        values = {"kind": str(batch.kind), "actor": batch.actor, "created_at": batch.created_at, "ids": list(ids)}
        return (await self._connection.execute(statement(ADD), self._of(batch.id, **values))).rowcount

    async def ask_pollers(self, batch_id: UUID, checkable: Collection[JournalStatus], otherwise: Mapping[str, Any], now: datetime) -> None:
        parameters = self._of(batch_id, checkable=[str(each) for each in checkable], now=now)
        locked = self._of(batch_id, checkable=parameters["checkable"])
        for lock in (LOCK_TO_ASK, LOCK_LANES):
            await self._connection.execute(statement(lock), locked)
        await self._connection.execute(statement(ASK_POLLERS), parameters)
        await self._connection.execute(statement(REFUSE_POLLERS, "problem"), self._of(batch_id, problem=otherwise, now=now))

    async def waiting_at(self, endpoint: str) -> Sequence[UUID]:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint}
        return list((await self._connection.execute(statement(WAITING_AT), parameters)).scalars())

    async def put_to_work(self, batch_id: UUID, now: datetime) -> None:
        await self._connection.execute(statement(PUT_TO_WORK), self._of(batch_id, lane_key=batch_lane_key(batch_id), now=now))

    async def get(self, batch_id: UUID) -> Batch | None:
        row = (await self._connection.execute(statement(BY_ID), self._of(batch_id))).one_or_none()
        return None if row is None else Batch(id=batch_id, kind=BatchKind(row.kind), actor=row.actor, created_at=row.created_at)

    async def progress(self, batch_id: UUID) -> BatchProgress | None:
        batch = await self.get(batch_id)
        if batch is None:
            return None
        sends = batch.kind is BatchKind.SEND
        counts = (await self._connection.execute(statement(COUNTS), self._of(batch_id, sends=sends))).all()
        finished_at = None
        if not any(each.under_way for each in counts):
            finished_at = max((each.finished_at for each in counts if each.finished_at), default=None)
            if sends:
                finished_at = (await self._connection.execute(statement(LAST_STEP), self._of(batch_id))).scalar_one()
        return BatchProgress(
            batch=batch,
            counts={each.outcome: each.journals for each in counts},
            finished_at=finished_at,
        )

    async def items(self, batch_id: UUID, *, after_position: int, limit: int) -> Sequence[BatchItem]:
        rows = await self._connection.execute(statement(ITEMS), self._of(batch_id, after_position=after_position, limit=limit))
        return [
            BatchItem(position=row.position, journal_id=row.journal_id, reference=row.reference, outcome=row.outcome, problem=row.problem)
            for row in rows
        ]

    async def waiting(self, lane: Lane, limit: int) -> Sequence[tuple[int, UUID]]:
        rows = await self._connection.execute(statement(WAITING), self._of(batch_of(lane), endpoint=lane.endpoint, limit=limit))
        return [(row.position, row.journal_id) for row in rows]

    async def settle(self, lane: Lane, position: int, outcome: str, problem: Mapping[str, Any] | None, now: datetime) -> None:
        values = {"position": position, "outcome": outcome, "problem": problem, "now": now}
        await self._connection.execute(statement(SETTLE, "problem"), self._of(batch_of(lane), **values))

    async def release(self, lane: Lane, due_at: datetime) -> None:
        values = {"endpoint": lane.endpoint, "lane_key": lane.lane_key, "fence": lane.fence, "due_at": due_at}
        await self._connection.execute(statement(RELEASE), self._of(batch_of(lane), **values))

    def _of(self, batch_id: UUID, **more: Any) -> dict[str, Any]:
        return {"tenant_id": self._tenant_id, "batch_id": batch_id, **more}
