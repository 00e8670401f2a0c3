"""Many journals at a time: every method is a fixed number of statements, however many journals there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.journal import JournalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """What decides whether something may be done to a journal. `in_hand_until`: when the lease of an ERP that polls and has not answered
    runs out, asked for by `out_of_reach` only."""

    id: UUID
    reference: str
    status: JournalStatus
    version: int
    held: bool
    in_hand_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Why journals count as sent. `number` is the ERP's own, where a person booked it there."""

    reason_code: str
    reason: str
    number: str | None


class JournalSets(Protocol):
    async def take(self, ids: Sequence[UUID]) -> int:
        """Locks the journals, then their lanes: the order in which a worker and an event lock them. Takes a lane away from a worker that
        has a call about one of them under way, so that its word on it is void, but not while it is sending: what may be booked is not
        void. Answers with how many of the journals there are."""
        ...

    async def states(self, ids: Sequence[UUID], limit: int, *, other_than: Sequence[JournalStatus] = ()) -> Sequence[JournalState]:
        """In the order in which they are sent; only those in other states than these."""
        ...

    async def out_of_reach(self, ids: Sequence[UUID], limit: int, now: datetime) -> Sequence[JournalState]:
        """Those that are sent, marked or being sent. What an ERP that polls let its lease run out on is not being sent any more."""
        ...

    async def to_look_up(self, ids: Sequence[UUID], limit: int) -> Sequence[JournalState]:
        """Those that are unknown and whose ERP can be asked: one that polls cannot."""
        ...

    async def not_sendable(self, ids: Sequence[UUID], versions: Mapping[UUID, int], limit: int) -> Sequence[JournalState]:
        """Those that are not valid, are held, or are not in the version that was looked at."""
        ...

    async def skipped(self, ids: Sequence[UUID], limit: int) -> Sequence[UUID]:
        """Unsent journals outside the set that stand in a lane before one of it."""
        ...

    async def blocked_by(self, ids: Sequence[UUID], limit: int) -> Mapping[UUID, Sequence[UUID]]:
        """For those that are unsent, the earlier unsent journals of their lanes, so many of each."""
        ...

    async def queue(self, ids: Sequence[UUID], *, actor: str, now: datetime) -> None:
        """They become queued, released for sending, their lanes due."""
        ...

    async def mark(self, ids: Sequence[UUID], mark: Mark, *, actor: str, now: datetime) -> None:
        """They count as sent and leave their lanes, which go on behind them."""
        ...

    async def put_back(self, journal_id: UUID, *, wanted: bool, now: datetime) -> None:
        """It stands in its lane again, where it stood."""
        ...
