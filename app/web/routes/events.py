"""Events that wait for a person, and a trial of one that would come."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import problem_body
from app.api.ids import Kind, parse_id
from app.api.json_body import parse_json
from app.application.operations import Operations
from app.application.ports.events import EventStatus
from app.application.recorded import EventResult
from app.domain.errors import DomainError, Invalid
from app.web.errors import told
from app.web.paging import ROWS, paged, place
from app.web.parts import Use
from app.web.render import page
from app.web.session import Acting, Anyone, Sender, Viewer

router = APIRouter()

TABS = (EventStatus.PARKED, EventStatus.REFUSED)
EXAMPLE = """{
  "specversion": "1.0",
  "id": "trial-1",
  "source": "/trial",
  "type": "entry.recorded",
  "data": {
    "transaction_number": "TRIAL-1",
    "date": "2026-11-02",
    "description": "A trial",
    "currency": "NZD",
    "lines": [
      {"account_code": "1000", "side": "debit", "amount": "120.00"},
      {"account_code": "4000", "side": "credit", "amount": "120.00"}
    ]
  }
}
"""


@router.get("/events")
async def events_page(
    request: Request,
    person: Viewer,
    use: Use,
    tab: Annotated[str, Query(max_length=10)] = "parked",
    cursor: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """Parked: they wait for what has not come yet. Refused: they broke a rule and moved nothing."""
    wanted = EventStatus(tab) if tab in TABS else EventStatus.PARKED
    found = await use.browse.events(
        person.tenant_id, status=wanted, event_type=None, order_number=None, after_place=place(cursor) or 0, limit=ROWS + 1
    )
    return page(request, "events.html", tab=wanted, tabs=TABS, events=paged(request, found, lambda event: event.place))


@router.get("/events/trial")
async def trial_page(request: Request, _: Viewer) -> Response:
    return page(request, "trial.html", text=EXAMPLE, result=None, problem=None)


@router.post("/events/trial")
async def trial(request: Request, acting: Anyone, use: Use) -> Response:
    """What an event would post, by the very code that would post it; nothing is kept."""
    text = acting.form.exact("event")
    result, problem = await _tried(use, acting, text)
    return page(request, "trial.html", text=text, result=result, problem=problem)


@router.get("/events/{event_id}")
async def event_page(request: Request, event_id: str, person: Viewer, use: Use) -> Response:
    """An event as it came, with what became of it."""
    event = await use.browse.event(person.tenant_id, parse_id(Kind.EVENT, event_id))
    return page(request, "event.html", event=event, waits=event.status in TABS)


@router.post("/events/{event_id}/retry")
async def retry(request: Request, event_id: str, acting: Sender, use: Use) -> Response:
    """As it came: its order, account or period is there meanwhile."""
    result = await use.resolve_event.retry(acting.person.tenant_id, parse_id(Kind.EVENT, event_id), acting.name)
    return await _settled(request, acting, result, "Tried again")


@router.post("/events/{event_id}/discard")
async def discard(request: Request, event_id: str, acting: Sender, use: Use) -> Response:
    """Out of the queue for good; what waits behind it goes on."""
    reason = acting.form.needed("reason", "the reason")
    result = await use.resolve_event.discard(acting.person.tenant_id, parse_id(Kind.EVENT, event_id), reason, acting.name)
    return await _settled(request, acting, result, "Discarded")


async def _settled(request: Request, acting: Acting, result: EventResult, what: str) -> Response:
    problem = result.problem or {}
    if result.status is EventStatus.REFUSED:
        return await told(request, acting, f"{what}, and refused again: {problem.get('detail') or problem.get('title')}", failed=True)
    if result.status is EventStatus.PARKED:
        return await told(request, acting, f"{what}; it still waits.", failed=True)
    return await told(request, acting, f"{what}: the event is {result.status}.")


async def _tried(use: Operations, acting: Acting, text: str) -> tuple[EventResult | None, dict[str, object] | None]:
    try:
        raw = parse_json(text.encode())
        if isinstance(raw, list):
            raise Invalid("try one event at a time, not a list of them")
        return await use.record_event(acting.person.tenant_id, raw, dry_run=True), None
    except DomainError as error:
        return None, problem_body(error)
