"""The dispatcher's tables: lanes in which journals go first in, first out; attempts written before each call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.delivery import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane as leased. `fence` is this lease's token: a word said under an older one is void."""

    tenant_id: UUID
    endpoint: str
    lane_key: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A journal's place in its lane. `wanted` = released for sending."""

    journal_id: UUID
    wanted: bool
    failures: int
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call about one journal. Written before the call; what came back is added after it."""

    id: UUID
    journal_id: UUID
    purpose: Purpose
    fence: int
    started_at: datetime
    request: str
    finished_at: datetime | None = None
    status_code: int | None = None
    response: str | None = None
    duration_ms: int | None = None
    outcome: str | None = None
    detail: Mapping[str, Any] | None = None


class Attempts(Protocol):
    async def start(self, attempt: Attempt) -> None: ...

    async def finish(self, attempt: Attempt) -> None: ...

    async def of_journal(self, journal_id: UUID) -> Sequence[Attempt]:
        """Oldest first."""
        ...


class Dispatch(Protocol):
    """Inside a unit of work."""

    async def enqueue(self, endpoint: str, items: Sequence[tuple[UUID, str, bool]], now: datetime) -> None:
        """Puts (journal, lane key, wanted) at the end of their lanes and wakes the lanes that have something to do."""
        ...

    async def want(self, journal_id: UUID, now: datetime) -> None:
        """Releases a journal for sending now, its failures forgotten."""
        ...

    async def wake(self, journal_id: UUID, now: datetime) -> None:
        """Has a worker look at the journal's lane again."""
        ...

    async def hold_lease(self, lane: Lane) -> bool:
        """Locks the lane's row; False where the lease is not ours any more."""
        ...

    async def head(self, lane: Lane) -> DeliveryRow | None:
        """The first journal of the lane that is not done."""
        ...

    async def finish(self, journal_id: UUID) -> None: ...

    async def postpone(self, journal_id: UUID, *, failures: int, until: datetime) -> None: ...

    async def withdraw(self, journal_id: UUID) -> None:
        """It is not to be sent until a person wants it again: the lane stands still behind it."""
        ...

    async def release(self, lane: Lane) -> None:
        """Gives the lease back; the lane is due when its new head is, or not at all."""
        ...


class LaneClaims(Protocol):
    """The worker's claim, which crosses tenants. Outside any unit of work."""

    async def claim(
        self, *, per_endpoint: int, now: datetime, lease_seconds: int, busy: Collection[tuple[UUID, str]] = ()
    ) -> Sequence[Lane]:
        """Leases due lanes, endpoint by endpoint, so that one endpoint's queue never delays another's; none of the busy ones."""
        ...

    async def claim_one(self, tenant_id: UUID, endpoint: str, lane_key: str, *, now: datetime, lease_seconds: int) -> Lane | None:
        """Leases this lane, due or not; None where somebody has it, or the ERP polls."""
        ...
