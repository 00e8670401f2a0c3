"""A journal as its endpoint's ERP is to get it: on today's mapping."""

from app.application.ports.setup import Endpoint
from app.domain.journal import JournalDocument
from app.domain.mapping import Mapped, map_document


def mapped(endpoint: Endpoint, document: JournalDocument) -> Mapped:
    """Built at each attempt, so that a wrong mapping is cured by mending it and trying again. Where it has problems it is never sent."""
    return map_document(endpoint.mapping, document)
