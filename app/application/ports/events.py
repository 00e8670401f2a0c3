"""The event log: what came in, what became of it, and in which order it moved balances."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class EventStatus(StrEnum):
    POSTED = "posted"
    PARKED = "parked"
    REFUSED = "refused"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it is kept. `occurred_at` is the sender's time, `received_at` ours; `problem` is the wire's problem object,
    `applied` its position in the log of what moved balances,
    `place` its position in lists."""

    id: UUID
    source: str
    external_id: str
    type: str
    occurred_at: datetime | None
    received_at: datetime
    data: Mapping[str, Any]
    fingerprint: bytes
    status: EventStatus
    subjects: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    problem: Mapping[str, Any] | None = None
    decision: Mapping[str, Any] = field(default_factory=dict)
    applied: int | None = None
    place: int = 0


EventKey = tuple[str, str]
"""Source and the sender's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedEvent:
    """An event that is posted, with the orders it moved and what it was decided with. `document`: the supplier's, by supplier and number,
    that it takes."""

    event: StoredEvent
    orders: Sequence[str]
    accounting_date: date
    decision: Mapping[str, Any]
    document: tuple[str, str] | None = None


class EventLog(Protocol):
    """Idempotency is the unique key on (tenant, source, id), never a look before."""

    async def add(self, event: StoredEvent) -> tuple[UUID, StoredEvent | None]:
        """Inserts it and answers with its id. Where its key is taken, inserts nothing and answers with the one that has it;
        a refused or discarded one gives way and lends its id."""
        ...

    async def add_posted(self, events: Sequence[PostedEvent]) -> bool:
        """Inserts them as `add` and `post` would, one after the other, and takes their documents; `InvoiceExists` where one is taken. False
        where a key was taken: then not all were, and what this unit of work wrote is to be rolled back."""
        ...

    async def known(
        self, keys: Collection[EventKey], order_numbers: Collection[str]
    ) -> tuple[Mapping[EventKey, StoredEvent], Collection[str]]:
        """Those of these events that are there, whatever became of them; and those of these orders that parked events wait for."""
        ...

    async def get(self, event_id: UUID) -> StoredEvent | None: ...

    async def settle(
        self,
        event_id: UUID,
        status: EventStatus,
        *,
        waits_for: tuple[str, ...] = (),
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        """What became of an event that was not posted."""
        ...

    async def post(self, event_id: UUID, accounting_date: date, orders: Sequence[str], decision: Mapping[str, Any]) -> None:
        """Posted: it is given the next position in the log of what moved balances, its own and its orders'."""
        ...

    async def of_order(self, number: str, *, up_to: int | None = None) -> Sequence[StoredEvent]:
        """An order's posted events in the order in which they were applied, up to a position, which is included."""
        ...

    async def waiting(self, order_number: str) -> StoredEvent | None:
        """The oldest parked event that waits for this order."""
        ...

    async def page(
        self, *, status: EventStatus | None, event_type: str | None, order_number: str | None, after_place: int, limit: int
    ) -> Sequence[StoredEvent]: ...
