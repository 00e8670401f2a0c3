"""A stored event, read again."""

from app.application.events_in.envelope import Envelope
from app.application.ports.events import StoredEvent


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
