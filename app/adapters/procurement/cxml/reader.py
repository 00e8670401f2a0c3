"""The adapter itself: a cXML document in, the events of the contract out."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import localcontext

from app.adapters.procurement.cxml.check import check_figures
from app.adapters.procurement.cxml.envelope import open_envelope
from app.adapters.procurement.cxml.invoice import read_invoice
from app.adapters.procurement.cxml.money import PRECISION, warn_of_empty_money
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.order import read_order
from app.adapters.procurement.cxml.reading import Notes, attribute, child
from app.adapters.procurement.cxml.receipt import read_receipt
from app.adapters.procurement.cxml.response import response
from app.adapters.procurement.cxml.xml import parse
from app.application.ports.procurement import ReadDocument

_READERS = {"OrderRequest": read_order, "ReceiptRequest": read_receipt, "InvoiceDetailRequest": read_invoice}


@dataclass(frozen=True, slots=True, kw_only=True)
class CxmlDocumentReader:
    """Implements `DocumentReader` for cXML 1.2 without a clock, a network or state."""

    options: Options = field(default_factory=Options)

    def read(self, body: bytes) -> ReadDocument:
        """Raises `Malformed` or `Invalid`, and nothing else, whatever the bytes are."""
        notes = Notes()
        with localcontext(prec=PRECISION):
            envelope = open_envelope(parse(body), notes)
            reader = _READERS.get(envelope.kind)
            if reader is None:
                notes.fault(envelope.request, f"{envelope.kind[:60]} is not read here, only {', '.join(_READERS)}")
                notes.check()
            if attribute(child(envelope.root, "Request"), "deploymentMode").lower() == "test":
                notes.warn(envelope.request, "The document is marked as a test (deploymentMode) and is taken like any other")
            warn_of_empty_money(envelope.request, notes)
            drafts = reader(envelope, self.options, notes) if reader else []
            check_figures(envelope.request, drafts, notes)
        notes.check()
        return ReadDocument(
            payload_id=envelope.payload_id, kind=envelope.kind, events=envelope.events(drafts), warnings=tuple(notes.warnings)
        )

    def response(self, payload_id: str, code: int, text: str, detail: str, *, timestamp: datetime) -> bytes:
        """A cXML Response with one Status; `payload_id` and `timestamp` are the answer's own."""
        return response(payload_id, code, text, detail, timestamp=timestamp)
