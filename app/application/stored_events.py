"""A stored event, read again."""

from datetime import date

from app.application.events_in.envelope import Envelope, read_event
from app.application.ports.currencies import Currencies
from app.application.ports.events import StoredEvent
from app.domain.events import Event


def envelope_of(stored: StoredEvent) -> Envelope:
    """A stored event as it came in."""
    return Envelope(
        source=stored.source,
        id=stored.external_id,
        type=stored.type,
        time=stored.occurred_at,
        data=dict(stored.data),
        fingerprint=stored.fingerprint,
    )


def read_stored(stored: StoredEvent, time_zone: str, currencies: Currencies) -> Event:
    """A stored event in the domain's terms; one that was posted has the document date that it was posted with."""
    decided = stored.decision.get("document_date")
    return read_event(
        envelope_of(stored),
        received_at=stored.received_at,
        time_zone=time_zone,
        currencies=currencies,
        decided_day=date.fromisoformat(decided) if decided else None,
    )
