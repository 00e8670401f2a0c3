"""Accounting periods: which day an event is posted on (POSTING.md 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.errors import PeriodClosed
from app.domain.posting_manager import ClosedPeriod


class PeriodStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A run of days, both ends included. A day that no period covers is open."""

    name: str
    starts_on: date
    ends_on: date
    status: PeriodStatus

    def is_closed(self, today: date, cutoff_days: int) -> bool:
        """Closed for posting: its status says so, and the cut-off days after its end are over."""
        return self.status is PeriodStatus.CLOSED and (today - self.ends_on).days > cutoff_days


def accounting_date(document_date: date, periods: Iterable[Period], *, policy: ClosedPeriod, cutoff_days: int, today: date) -> date:
    """The document date where it is open, else the first open day after it, or `PeriodClosed` where the policy is to reject."""
    day = document_date
    for period in sorted(periods, key=lambda each: each.starts_on):
        if period.starts_on <= day <= period.ends_on and period.is_closed(today, cutoff_days):
            if policy is ClosedPeriod.REJECT:
                raise PeriodClosed(f"{document_date} lies in period {period.name}, which is closed")
            day = period.ends_on + timedelta(days=1)
    return day
