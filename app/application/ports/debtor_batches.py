"""Debtor transactions that people enter together, and post once they come to what was added up beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.debtor_batch import Total
from app.domain.events import DebtorKind
from app.domain.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorBatch:
    """`number` is counted per tenant, for people. Its transactions are in one currency. `posted_by` and `posted_at`: None while open."""

    id: UUID
    number: int
    description: str
    currency: Currency
    control: Total
    opened_by: str
    created_at: datetime
    posted_by: str | None = None
    posted_at: datetime | None = None

    @property
    def is_posted(self) -> bool:
        return self.posted_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEntry:
    """A transaction as it was entered: `data` is that of the event that it becomes under the id `id`, `amount` its signed one with tax.
    `transaction_id`: what it was posted as."""

    id: UUID
    position: int
    kind: DebtorKind
    number: str
    amount: int
    data: Mapping[str, Any]
    entered_by: str
    transaction_id: UUID | None = None


class DebtorBatches(Protocol):
    """What is posted stays: the database refuses every change of it, and to post what differs from the control total."""

    async def add(self, batch: DebtorBatch) -> None: ...

    async def next_number(self) -> int:
        """The next one, until the unit of work ends."""
        ...

    async def get(self, batch_id: UUID, *, lock: bool = False) -> DebtorBatch | None:
        """`lock`: nobody else changes it or its entries until this unit of work ends."""
        ...

    async def change(self, batch_id: UUID, description: str, control: Total) -> None: ...

    async def delete(self, batch_id: UUID) -> None:
        """With its entries."""
        ...

    async def page(self, *, before: int | None, limit: int) -> Sequence[tuple[DebtorBatch, Total]]:
        """The newest first, from below a number, with what is entered in each."""
        ...

    async def entries(self, batch_id: UUID) -> Sequence[BatchEntry]:
        """In the order in which they were entered."""
        ...

    async def put(self, batch_id: UUID, entry: BatchEntry) -> None:
        """Adds it, or replaces that of its id where it stands. Raises `DebtorTransactionExists` where another has its kind and number."""
        ...

    async def remove(self, batch_id: UUID, entry_id: UUID) -> None: ...

    async def post(self, batch_id: UUID, posted_by: str, posted_at: datetime, transactions: Mapping[UUID, UUID]) -> None:
        """`transactions`: by entry, what each was posted as."""
        ...
