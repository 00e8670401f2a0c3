"""Posted account transactions: written once, read in commit order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.domain.transaction import AccountTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where a transaction went: one journal per endpoint."""

    endpoint: str
    journal_id: UUID
    status: str
    erp_reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedTransaction:
    """A transaction with what the store added."""

    transaction: AccountTransaction
    place: int
    posted_at: datetime
    delivery: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """What a list is narrowed to; None = not narrowed."""

    order_number: str | None = None
    account: str | None = None
    account_code: str | None = None
    charge_code: str | None = None
    role: str | None = None
    event_type: str | None = None
    debtor: str | None = None
    date_from: date | None = None
    date_to: date | None = None


class Transactions(Protocol):
    async def add(self, transactions: Sequence[AccountTransaction]) -> Sequence[PostedTransaction]:
        """As they were posted, in the same order; they are in no journal yet."""
        ...

    async def of_event(self, event_id: UUID) -> Sequence[PostedTransaction]: ...

    async def of_events(self, event_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PostedTransaction]]:
        """By event; one that posted nothing is not there."""
        ...

    async def get(self, transaction_id: UUID) -> PostedTransaction | None: ...

    async def entries(self, numbers: Collection[str]) -> Collection[str]:
        """Those of these entry numbers that were posted."""
        ...

    async def of_entry(self, number: str) -> Sequence[AccountTransaction]:
        """The transactions of an entry, oldest first: the entry itself, then its reversal."""
        ...

    async def page(self, wanted: TransactionFilter, *, after_place: int, limit: int) -> Sequence[PostedTransaction]:
        """In commit order, never past a row that a writer still open could precede; a list for one order is complete at once."""
        ...
