"""What an ERP that polls was given: lanes leased to it, and a lease per journal that stands at the head of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from app.application.ports.delivery import Lane


class PollPurpose(StrEnum):
    """What the ERP is asked to do with a journal."""

    VALIDATE = "validate"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollLease:
    """A journal offered to the ERP. `id` is its attempt's too; `fence` the lane's at that time; `verdict` as answered."""

    id: UUID
    journal_id: UUID
    lane: Lane
    purpose: PollPurpose
    leased_until: datetime
    verdict: Mapping[str, Any] | None = None


class Polls(Protocol):
    """Inside a unit of work."""

    async def lease(self, endpoint: str, *, limit: int, now: datetime, until: datetime) -> Sequence[tuple[Lane, UUID]]:
        """Leases lanes whose head can be offered, the oldest heads first, and locks these journals. What anybody else has or is
        at work on is left out, never waited for."""
        ...

    async def give_back(self, lanes: Sequence[Lane]) -> None:
        """As if they had never been leased: nobody was told of them."""
        ...

    async def offer(self, leases: Sequence[PollLease], now: datetime) -> None:
        """Keeps the leases, before their attempts are written. Earlier attempts on these journals that nobody answered end unknown."""
        ...

    async def forget(self, journal_ids: Sequence[UUID], now: datetime) -> None:
        """Ends as unknown what was offered of these journals and not answered before its lease ran out."""
        ...

    async def find(self, lease_id: UUID) -> PollLease | None: ...

    async def answer(self, lease: PollLease, verdict: Mapping[str, Any], now: datetime, *, for_all: bool) -> None:
        """Keeps the verdict; `for_all`: as that of every lease on this journal that is still open. A validation is not wanted any more."""
        ...

    async def release(self, lease: PollLease) -> None:
        """Gives the lane back, unless it was leased for another journal since; it is due when its head is."""
        ...

    async def want_validation(self, journal_id: UUID, now: datetime) -> None:
        """Has the journal offered for validation, released for sending or not."""
        ...
