"""What was delivered to an endpoint, for reconciliation."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from app.application.ports.journals import Journal
from app.domain.journal import JournalStatus


class DeliveredJournals(Protocol):
    async def page(self, endpoint: str, since: date, as_of: date, after_place: int, limit: int) -> Sequence[Journal]:
        """Journals that the ERP booked, or that a person booked there by hand, on posting dates from `since` to `as_of`, both included;
        in the order of their sequence past `after_place`."""
        ...

    async def statuses(self, endpoint: str, references: Collection[str]) -> Mapping[str, JournalStatus]:
        """Of those references that are ours."""
        ...
