"""What stands in the way of closing a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from app.domain.journal import JournalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsentJournals:
    """Journals of one endpoint in one status. The total is in base minor units."""

    endpoint: str
    status: JournalStatus
    count: int
    base_debit_total: int
    oldest_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event that was not posted. `date` is its document's, or where it names none the day on which it happened."""

    id: UUID
    source: str
    external_id: str
    type: str
    status: str
    date: date
    order_numbers: tuple[str, ...]
    detail: str | None


class PeriodCloseReads(Protocol):
    async def unsent(self, first: date, last: date) -> Sequence[UnsentJournals]:
        """By accounting date, both included."""
        ...

    async def waiting_events(self, first: date, last: date, time_zone: str, limit: int) -> tuple[int, Sequence[WaitingEvent]]:
        """How many are parked or refused, and the oldest of them."""
        ...
