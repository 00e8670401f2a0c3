"""Debtor transactions that people enter at a screen."""

from datetime import date
from typing import Any
from uuid import UUID

from app.application.events_in.envelope import entry_envelope
from app.application.ports.clock import Clock
from app.application.ports.transactions import PostedTransaction
from app.application.record_event import Entered, RecordEvent
from app.domain.events import DebtorKind


class EnterDebtorTransaction:
    """Posts what a person entered, or its mirror, as any event is posted: its source names the person, and so does the audit log, in the
    same unit of work. What is refused is told to them at once and is not kept among the refused events."""

    def __init__(self, record_event: RecordEvent, clock: Clock) -> None:
        self._record_event = record_event
        self._clock = clock

    async def save(self, tenant_id: UUID, actor: str, entry_id: UUID, data: dict[str, Any]) -> PostedTransaction:
        """`data` is that of a `debtor.transaction`; `entry_id` is the form's, so that a form sent twice posts once. Raises a
        `DomainError` with pointers into /data."""
        detail = {name: data.get(name) for name in ("debtor", "date", "currency")}
        return await self._record(tenant_id, actor, entry_id, "debtor.transaction", data, "debtor_transaction.enter", detail)

    async def reverse(
        self, tenant_id: UUID, actor: str, entry_id: UUID, *, kind: DebtorKind, number: str, reason: str, day: date
    ) -> PostedTransaction:
        """The mirror, once. Raises `DebtorTransactionReversed` or `NotFound`."""
        data = {"transaction_number": number, "kind": str(kind), "reason": reason, "date": day.isoformat()}
        detail = {"reason": reason, "date": day.isoformat()}
        return await self._record(tenant_id, actor, entry_id, "debtor.reversed", data, "debtor_transaction.reverse", detail)

    async def _record(
        self, tenant_id: UUID, actor: str, entry_id: UUID, event_type: str, data: dict[str, Any], command: str, detail: dict[str, Any]
    ) -> PostedTransaction:
        envelope = entry_envelope(actor, entry_id, event_type, self._clock.now(), data)
        subject = f"{data.get('kind')} {data.get('transaction_number')}"
        entered = Entered(actor=actor, command=command, subject=subject, detail=detail)
        (posted,) = (await self._record_event.record(tenant_id, envelope, entered=entered)).transactions
        return posted
