"""What is still to be done before a period is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.ports.period_close import UnsentJournals, WaitingEvent
from app.application.reports.books import Books
from app.domain.errors import NotFound
from app.domain.money import Currency
from app.domain.periods import Period

MOST_EVENTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCloseReport:
    """`events` are the oldest of `event_count`."""

    period: Period
    base: Currency
    unsent: Sequence[UnsentJournals]
    event_count: int
    events: Sequence[WaitingEvent]


class PeriodClose:
    """What is still unsent in a period, unknown included, per endpoint and status by accounting date; and the events that are parked or
    refused, by the date of their document."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(self, tenant_id: UUID, name: str) -> PeriodCloseReport:
        """`NotFound` where there is no such period."""
        async with self._books.open(tenant_id) as books:
            period = await books.uow.periods.get(name)
            if period is None:
                raise NotFound(f"there is no period {name}")
            reads, (first, last) = books.uow.period_close, (period.starts_on, period.ends_on)
            count, events = await reads.waiting_events(first, last, books.tenant.time_zone, MOST_EVENTS)
            return PeriodCloseReport(
                period=period, base=books.base, unsent=await reads.unsent(first, last), event_count=count, events=events
            )
