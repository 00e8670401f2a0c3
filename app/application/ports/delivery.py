"""The dispatcher's tables: lanes in which journals go first in, first out; attempts written before each call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.application.ports.journals import NewJournal
from app.domain.breaker import Breaker
from app.domain.delivery import Purpose

MOST_CALLS = 100
"""A lane is given back after so many calls, so that a long one does not hold its worker from the others."""
MOST_LANES = 128
"""So many lanes does one worker work on at a time."""


@dataclass(slots=True, kw_only=True)
class Allowance:
    """How many calls a lease may still make, and how many it made. `taken_at`: when the endpoint's bucket gave their tokens; None where
    they are charged when the lane is given back."""

    left: int = MOST_CALLS
    made: int = 0
    taken_at: datetime | None = None

    def take(self) -> None:
        """One call is being made."""
        self.left -= 1
        self.made += 1

    @property
    def unpaid(self) -> int:
        """The calls for which the bucket has not given its tokens yet."""
        return self.made if self.taken_at is None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane as leased. `fence` is this lease's token: a word said under an older one is void. One that `rides` has a place in the call
    of another lane only: it has no calls of its own, and takes neither tokens nor a place of the endpoint's concurrency."""

    tenant_id: UUID
    endpoint: str
    lane_key: str
    fence: int
    rides: bool = False
    allowance: Allowance = field(default_factory=Allowance, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttempt:
    """An attempt under a lease whose end nobody wrote."""

    id: UUID
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A journal's place in its lane. `wanted` = released for sending."""

    journal_id: UUID
    wanted: bool
    failures: int
    next_at: datetime
    last_sent_at: datetime | None = None
    open_attempts: tuple[OpenAttempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call about one journal. Written before the call; what came back is added after it. A call about several journals is as many
    attempts with one `call_id`, the id of the first of them; it is stored once, and read with each."""

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
    call_id: UUID | None = None


class Attempts(Protocol):
    async def start(self, attempt: Attempt) -> None: ...

    async def finish(self, attempt: Attempt) -> None: ...

    async def of_journal(self, journal_id: UUID) -> Sequence[Attempt]:
        """Oldest first."""
        ...


class Dispatch(Protocol):
    """Inside a unit of work."""

    async def add(self, journals: Sequence[NewJournal], reference_prefix: str, now: datetime) -> None:
        """New journals at the end of their lanes, given their references as by `Journals.add`; wakes the lanes with something to do."""
        ...

    async def enqueue(self, endpoint: str, items: Sequence[tuple[UUID, str, bool]], now: datetime) -> None:
        """Puts (journal, lane key, wanted) at the end of their lanes and wakes the lanes that have something to do."""
        ...

    async def want(self, journal_id: UUID, now: datetime) -> None:
        """Releases a journal for sending now, its failures forgotten. Workers are not woken: who wants it delivers it in place."""
        ...

    async def wake(self, journal_id: UUID, now: datetime) -> None:
        """Has a worker look at the journal's lane again."""
        ...

    async def hold_lease(self, lane: Lane) -> Breaker | None:
        """Locks the lane's row, and answers its endpoint's breaker; None where the lease is not ours any more."""
        ...

    async def lock_breaker(self, endpoint: str) -> Breaker:
        """As it is now, locked until the unit of work ends."""
        ...

    async def set_breaker(self, endpoint: str, breaker: Breaker) -> None: ...

    async def charge(self, endpoint: str, calls: int, now: datetime) -> None:
        """Takes the tokens of calls that a person asked for. Nothing is refused: workers wait for a bucket in debt."""
        ...

    async def finish(self, journal_id: UUID) -> None: ...

    async def withdraw(self, journal_id: UUID) -> None:
        """It is not to be sent until a person wants it again: the lane stands still behind it."""
        ...


class LaneClaims(Protocol):
    """The worker's claim, which crosses tenants. Outside any unit of work."""

    async def claim(
        self,
        *,
        per_endpoint: int,
        now: datetime,
        lease_seconds: int,
        most: int = MOST_LANES,
        busy: Collection[tuple[UUID, str]] = (),
    ) -> Sequence[Lane]:
        """Leases due lanes, endpoint by endpoint, so that one endpoint's queue never delays another's; none of the busy ones.

        Never more than the endpoint's concurrency, its bucket and its breaker allow, nor more than `most` in all.
        """
        ...

    def ended(self, lane: Lane) -> None:
        """A claimed lane was given back. The calls that it did not make go back into the bucket with the next claim."""
        ...

    async def claim_one(self, tenant_id: UUID, endpoint: str, lane_key: str, *, now: datetime, lease_seconds: int) -> Lane | None:
        """Leases this lane, due or not; None where somebody has it, or the ERP polls."""
        ...
