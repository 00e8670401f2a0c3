"""Who is told of every call to an ERP, for logs and metrics."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.delivery import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """One call about one journal, without anything that was sent or answered. `reference` is the journal's. `journals` is how many the
    call was about; of these one `counts` as the call itself."""

    tenant_id: UUID
    endpoint: str
    order_number: str | None
    journal_id: UUID
    reference: str
    attempt_id: UUID
    purpose: Purpose
    outcome: str
    duration_ms: int
    journals: int
    counts: bool


class AttemptWitness(Protocol):
    def saw(self, call: MadeCall) -> None: ...
