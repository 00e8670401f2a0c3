"""Events of one batch, and how a large batch is divided so that no part has to come after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from app.application.events_in.envelope import Envelope
from app.domain.events import EntryRecorded, EntryReversed, Event, InvoiceMatched
from app.domain.posting import touched_orders

Subject = tuple[str, str]
"""The kind and number of what an event locks."""

LEAST_IN_A_PART, MOST_PARTS = 50, 4
"""Of a batch: fewer events take longer in parts than the time that is won by deciding one while another is being stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An event that was sent, with its place among the others."""

    place: int
    envelope: Envelope
    event: Event
    orders: tuple[str, ...]
    subjects: frozenset[Subject]

    @classmethod
    def of(cls, place: int, envelope: Envelope, event: Event) -> Self:
        orders = touched_orders(event)
        if isinstance(event, EntryRecorded | EntryReversed):
            subjects = frozenset({("entry", event.transaction_number)})
        else:
            subjects = frozenset(("order", number) for number in orders)
        return cls(place=place, envelope=envelope, event=event, orders=orders, subjects=subjects)

    @property
    def key(self) -> tuple[str, str]:
        return (self.envelope.source, self.envelope.id)

    @property
    def ties(self) -> frozenset[tuple[str, ...]]:
        """What ties it to others of a batch: of two that have one in common the later has to come after the earlier."""
        document = {("document", self.event.invoice_number)} if isinstance(self.event, InvoiceMatched) else set()
        return self.subjects | {("event", *self.key)} | document


def in_parts(sent: Sequence[Sent]) -> list[list[Sent]]:
    """Parts of about the same size, none of which has to come after another; each in the order in which its events came."""
    if len(sent) <= LEAST_IN_A_PART:
        return [list(sent)]
    size = max(LEAST_IN_A_PART, -(-len(sent) // MOST_PARTS))
    groups: dict[tuple[str, ...], list[Sent]] = {}
    for each in sent:
        tied = {id(group): group for tie in each.ties if (group := groups.get(tie)) is not None}
        group = max(tied.values(), key=len, default=[])
        for other in tied.values():
            if other is not group:
                group += other
                groups |= {tie: group for member in other for tie in member.ties}
        group.append(each)
        groups |= dict.fromkeys(each.ties, group)
    parts: list[list[Sent]] = []
    for group in {id(group): group for group in groups.values()}.values():
        if not parts or len(parts[-1]) >= size:
            parts.append([])
        parts[-1] += group
    return [sorted(part, key=lambda each: each.place) for part in parts]
