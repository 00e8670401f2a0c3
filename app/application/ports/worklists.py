"""Journals as people work through them: an endpoint's unsent ones between two dates, or those that are settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from app.application.ports.journals import Journal
from app.domain.journal import JournalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """Which journals: dates are accounting dates, both included. `settled`: those that are sent or marked as sent, the newest first;
    else those that are not, the oldest first."""

    endpoint: str
    date_from: date
    date_to: date
    settled: bool = False
    status: JournalStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many, and what they debit in base minor units."""

    count: int = 0
    total: int = 0


class Worklists(Protocol):
    async def page(self, wanted: Worklist, *, after_place: int | None, limit: int) -> Sequence[Journal]: ...

    async def tallies(self, wanted: Worklist) -> Mapping[JournalStatus, Tally]:
        """By status, whatever status is wanted."""
        ...

    async def unsent_before(self, endpoint: str, day: date) -> Tally: ...

    async def ids(self, wanted: Worklist, limit: int) -> Sequence[UUID]:
        """In the order in which they are sent."""
        ...


def place_of(journal: Journal) -> int:
    """Where it stands in such a list."""
    return journal.accounting_date.toordinal() << 64 | journal.sequence
