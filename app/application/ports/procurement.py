"""The port to procurement documents: bytes of a document in, the events of the contract out. One adapter per format."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Malformed(Exception):
    """The body is not a document of this format at all: HTTP 400. `detail` is a sentence for the sender."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """What a document says: CloudEvents as a client would POST them, in the order to record them, and what looked odd.

    `payload_id` is the document's own id and `kind` its request, such as `OrderRequest`. Reading the same bytes again gives
    the same ids, so that a document sent twice is a duplicate. `warnings` are sentences for a person; none of them changes an event.
    """

    payload_id: str
    kind: str
    events: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]


class DocumentReader(Protocol):
    """Pure: no clock, no network, no state; safe to share between threads."""

    def read(self, body: bytes) -> ReadDocument:
        """Raises `Malformed` where the body is no such document, `Invalid` with its faults where a rule is broken, and nothing else."""
        ...

    def response(self, payload_id: str, code: int, text: str, detail: str, *, timestamp: datetime) -> bytes:
        """The document that answers: `payload_id` and `timestamp` are the answer's own."""
        ...
