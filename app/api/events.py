"""Events in: CloudEvents, one or a batch; and what ops do with those that are parked or refused."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import JSONResponse

from app.api.answers import FastJson
from app.api.errors import problem_body
from app.api.ids import Kind, parse_id
from app.api.json_body import JsonBody, read_json
from app.api.operations import Use
from app.api.paging import PageQuery
from app.api.presenters import show_event, show_result
from app.api.schemas import DiscardBody
from app.api.security import Principal, require
from app.application.operations import Operations
from app.application.ports.events import EventStatus
from app.application.ports.setup import Scope
from app.application.recorded import EventResult
from app.domain.errors import DomainError, Fault, Invalid

router = APIRouter(prefix="/v1/events", tags=["events"])

MOST_IN_A_BATCH = 1_000
BATCH_TYPE = "application/cloudevents-batch+json"
STATUS_CODES = {EventStatus.POSTED: 201, EventStatus.PARKED: 202}

Sender = Annotated[Principal, require(Scope.EVENTS_WRITE)]
Operator = Annotated[Principal, require(Scope.JOURNALS_OPERATE, Scope.EVENTS_WRITE)]


@router.post(
    "", responses={200: {"description": "A duplicate, or a batch"}, 201: {"description": "Posted"}, 202: {"description": "Parked"}}
)
async def post_events(
    request: Request,
    principal: Sender,
    use: Use,
    dry_run: Annotated[bool, Query(description="Answer what would be posted, and keep nothing")] = False,
) -> JSONResponse:
    """Records one CloudEvent, or a batch of them as an array, and answers what each posted."""
    body = await read_json(request)
    if isinstance(body, list):
        return FastJson(await _batch(use, principal.tenant_id, body, dry_run=dry_run))
    if request.headers.get("content-type", "").startswith(BATCH_TYPE):
        raise Invalid("a batch is an array of events", Fault(pointer="", message="must be an array"))
    result = await use.record_event(principal.tenant_id, body, dry_run=dry_run)
    return FastJson(show_result(result), status_code=200 if result.duplicate or dry_run else STATUS_CODES[result.status])


@router.get("")
async def list_events(
    principal: Operator,
    use: Use,
    page: PageQuery,
    status: EventStatus | None = None,
    type: Annotated[str | None, Query(max_length=100)] = None,  # noqa: A002 - the wire's name
    order_number: Annotated[str | None, Query(max_length=100)] = None,
) -> JSONResponse:
    """The event log, oldest first; `status=parked` or `refused` is what waits for a person."""
    found = await use.browse.events(
        principal.tenant_id, status=status, event_type=type, order_number=order_number, after_place=page.after or 0, limit=page.wanted
    )
    return JSONResponse(page.answer(found, show_event, lambda event: event.place))


@router.get("/{event_id}")
async def get_event(event_id: str, principal: Operator, use: Use) -> JSONResponse:
    """An event as it came, with what became of it."""
    return JSONResponse(show_event(await use.browse.event(principal.tenant_id, parse_id(Kind.EVENT, event_id))))


@router.post("/{event_id}/retry")
async def retry_event(event_id: str, principal: Operator, use: Use) -> JSONResponse:
    """Applies a parked or refused event again, as it came."""
    result = await use.resolve_event.retry(principal.tenant_id, parse_id(Kind.EVENT, event_id), principal.key_name)
    return JSONResponse(show_result(result))


@router.post("/{event_id}/discard")
async def discard_event(
    event_id: str, principal: Operator, use: Use, body: Annotated[DiscardBody, Depends(JsonBody(DiscardBody))]
) -> JSONResponse:
    """Takes a parked or refused event out of the queue; the reason is kept."""
    result = await use.resolve_event.discard(principal.tenant_id, parse_id(Kind.EVENT, event_id), body.reason, principal.key_name)
    return JSONResponse(show_result(result))


async def _batch(use: Operations, tenant_id: UUID, events: list[Any], *, dry_run: bool) -> list[dict[str, Any]]:
    """One result per event, in order; a bad one does not sink the others."""
    if len(events) > MOST_IN_A_BATCH:
        message = f"at most {MOST_IN_A_BATCH} events in a batch"
        raise Invalid(message, Fault(pointer="", message=message))
    answers = await use.record_batch(tenant_id, events, dry_run=dry_run)
    return [_show_one(event, answer) for event, answer in zip(events, answers, strict=True)]


def _show_one(event: object, answer: EventResult | DomainError) -> dict[str, Any]:
    if isinstance(answer, DomainError):
        sent = event if isinstance(event, dict) else {}
        return {
            "status": "refused",
            "duplicate": False,
            "id": sent.get("id"),
            "transactions": [],
            "problem": problem_body(answer),
        }
    shown = show_result(answer)
    if answer.duplicate:
        shown["first_status"], shown["status"] = shown["status"], "duplicate"
    return shown
