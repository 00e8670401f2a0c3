"""A procurement document comes in: read, and recorded as the events that it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.ports.procurement import DocumentReader
from app.application.record_event import RecordEvent
from app.application.recorded import EventResult


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResult:
    """What became of each of its events, and what looked odd in the document."""

    payload_id: str
    kind: str
    results: Sequence[EventResult]
    warnings: Sequence[str]


class RecordDocument:
    """Records a document's events in their order. The same document again is answered like the first time; where one of its events
    is refused, the ones before it stay and the document may be sent again once the reason is mended."""

    def __init__(self, reader: DocumentReader, record_event: RecordEvent) -> None:
        self._reader = reader
        self._record_event = record_event

    async def __call__(self, tenant_id: UUID, body: bytes) -> DocumentResult:
        """Raises `Malformed` where it cannot be read, a `DomainError` where it, or one of its events, is refused."""
        document = self._reader.read(body)
        results = [await self._record_event(tenant_id, event) for event in document.events]
        return DocumentResult(payload_id=document.payload_id, kind=document.kind, results=results, warnings=document.warnings)
