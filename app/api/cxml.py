"""cXML documents in, as procurement systems send them; the answer is a cXML Response."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import UnsupportedMediaType, status_of
from app.api.ids import Kind, format_id
from app.api.operations import Use
from app.api.security import Principal, require
from app.application.ports.clock import Clock
from app.application.ports.events import EventStatus
from app.application.ports.procurement import DocumentReader, Malformed
from app.application.ports.setup import Scope
from app.application.record_document import DocumentResult
from app.domain.errors import DomainError

router = APIRouter(prefix="/v1/cxml", tags=["events"])

XML = "text/xml; charset=utf-8"
MEDIA_TYPES = ("text/xml", "application/xml", "application/octet-stream", "")

Sender = Annotated[Principal, require(Scope.EVENTS_WRITE)]


@router.post("", responses={200: {"content": {"text/xml": {}}, "description": "A cXML Response, whose Status says what became of it"}})
async def post_cxml(request: Request, principal: Sender, use: Use) -> Response:
    """Takes OrderRequest, ReceiptRequest and InvoiceDetailRequest. The HTTP status is that of the Response's Status."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaType("send the document as text/xml")
    body = await request.body()
    try:
        result = await use.record_document(principal.tenant_id, body)
    except Malformed as error:
        return _respond(request, 400, "Bad Request", error.detail)
    except DomainError as error:
        faults = "".join(f"\n{fault.pointer}: {fault.message}" for fault in error.faults)
        return _respond(request, status_of(type(error)), error.title, error.detail + faults)
    return _respond(request, *_told(result))


def _told(result: DocumentResult) -> tuple[int, str, str]:
    """202 where an event waits, 200 where all are posted; the text names events and transactions."""
    lines = [
        f"{format_id(Kind.EVENT, each.event_id)} {each.status}{' (duplicate)' if each.duplicate else ''}"
        f": {', '.join(format_id(Kind.TRANSACTION, posted.transaction.id) for posted in each.transactions) or 'nothing to post'}"
        for each in result.results
    ] + [f"warning: {warning}" for warning in result.warnings]
    parked = any(each.status is EventStatus.PARKED for each in result.results)
    return (202, "Accepted", "\n".join(lines)) if parked else (200, "OK", "\n".join(lines))


def _respond(request: Request, code: int, text: str, detail: str) -> Response:
    reader: DocumentReader = request.app.state.cxml
    clock: Clock = request.app.state.clock
    body = reader.response(f"{uuid4().hex}@glint", code, text, detail, timestamp=clock.now())
    return Response(body, status_code=code, media_type=XML)
