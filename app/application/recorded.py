"""What became of an event, and how it is kept: the same whether it came alone or among many."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.application.debtor_facts import facts_to_json
from app.application.events_in.envelope import Envelope
from app.application.ports.events import EventStatus, StoredEvent
from app.application.ports.transactions import Delivery, PostedTransaction
from app.application.post_event import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """What became of an event. `duplicate`: it came before, and this is the first answer."""

    event_id: UUID
    status: EventStatus
    duplicate: bool
    order_numbers: tuple[str, ...]
    transactions: Sequence[PostedTransaction] = ()
    problem: Mapping[str, Any] | None = None


def result_from(stored: StoredEvent, transactions: Sequence[PostedTransaction], *, duplicate: bool) -> EventResult:
    """Of an event that is in the log, with what it posted."""
    return EventResult(
        event_id=stored.id,
        status=stored.status,
        duplicate=duplicate,
        order_numbers=stored.subjects,
        transactions=transactions,
        problem=stored.problem,
    )


def by_event(posted: Sequence[PostedTransaction], deliveries: Sequence[tuple[UUID, Delivery]]) -> dict[UUID, list[PostedTransaction]]:
    """Transactions that were just posted, with the journals that took them, as a reader would see them."""
    journals: dict[UUID, list[Delivery]] = defaultdict(list)
    for transaction_id, delivery in deliveries:
        journals[transaction_id].append(delivery)
    found: dict[UUID, list[PostedTransaction]] = defaultdict(list)
    for each in posted:
        found[each.transaction.event_id].append(replace(each, delivery=tuple(journals[each.transaction.id])))
    return found


def stored_event(event_id: UUID, envelope: Envelope, now: datetime, status: EventStatus, subjects: tuple[str, ...]) -> StoredEvent:
    """What came in, for the log."""
    return StoredEvent(
        id=event_id,
        source=envelope.source,
        external_id=envelope.id,
        type=envelope.type,
        occurred_at=envelope.time,
        received_at=now,
        data=envelope.data,
        fingerprint=envelope.fingerprint,
        status=status,
        subjects=subjects,
    )


def decision_json(decision: Decision) -> dict[str, Any]:
    """For the log, so that a replay decides alike."""
    kept: dict[str, Any] = {
        "document_date": decision.document_date.isoformat(),
        "accounting_date": decision.accounting_date.isoformat(),
        "manager_versions": dict(decision.manager_versions),
    }
    if decision.next_date:
        kept["next_date"] = decision.next_date.isoformat()
    if decision.debtor:
        kept["debtor"] = facts_to_json(decision.debtor)
    return kept
