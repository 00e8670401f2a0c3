"""Batches: many journals that a person had validated or sent at once, and what became of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from app.application.ports.delivery import Lane
from app.domain.journal import JournalStatus


class BatchKind(StrEnum):
    VALIDATE = "validate"
    SEND = "send"


WAITING = "waiting"
REFUSED = "refused"
ASKED = "asked"
"""The outcome of a journal whose ERP polls: it answers when it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    id: UUID
    kind: BatchKind
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """`counts` by outcome; `finished_at` is None while something is under way."""

    batch: Batch
    counts: Mapping[str, int]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """A journal of a batch. In a send batch its outcome is the journal's own status, in a validate batch the status that its validation
    led to, `waiting` before it, or `refused` with the problem where it could not be validated."""

    position: int
    journal_id: UUID
    reference: str
    outcome: str
    problem: Mapping[str, Any] | None


class Batches(Protocol):
    async def add(self, batch: Batch, ids: Sequence[UUID]) -> int:
        """With its journals, in this order; answers with how many of them there are."""
        ...

    async def ask_pollers(self, batch_id: UUID, checkable: Collection[JournalStatus], otherwise: Mapping[str, Any], now: datetime) -> None:
        """Where the ERP polls: it is to be asked about journals in these states when it comes; the others are refused with this
        problem."""
        ...

    async def waiting_at(self, endpoint: str) -> Sequence[UUID]:
        """The validate batches in which something waits for this endpoint."""
        ...

    async def put_to_work(self, batch_id: UUID, now: datetime) -> None:
        """A lane of its own, due now, for each endpoint whose journals wait."""
        ...

    async def get(self, batch_id: UUID) -> Batch | None: ...

    async def progress(self, batch_id: UUID) -> BatchProgress | None: ...

    async def items(self, batch_id: UUID, *, after_position: int, limit: int) -> Sequence[BatchItem]: ...

    async def waiting(self, lane: Lane, limit: int) -> Sequence[tuple[int, UUID]]:
        """Position and journal of the items of a batch's lane that were not worked on, in their order."""
        ...

    async def settle(self, lane: Lane, position: int, outcome: str, problem: Mapping[str, Any] | None, now: datetime) -> None:
        """What became of an item. One that has an outcome keeps it."""
        ...

    async def release(self, lane: Lane, due_at: datetime) -> None:
        """Gives the lease back; due again then where items wait, else never."""
        ...


LANE_PREFIX = "batch:"


def batch_lane_key(batch_id: UUID) -> str:
    """The lane in which a batch's journals are validated."""
    return f"{LANE_PREFIX}{batch_id}"


def batch_of(lane: Lane) -> UUID:
    """The batch that a lane of this kind is of."""
    return UUID(lane.lane_key.removeprefix(LANE_PREFIX))
