"""What a field's list shows while somebody types."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.web.choices import choices
from app.web.parts import Setup
from app.web.render import page
from app.web.session import Watcher

router = APIRouter()


@router.get("/choices/{what}")
async def filtered(request: Request, what: str, person: Watcher, setup: Setup) -> Response:
    """The options that match. The field sends itself under its own name, so whatever parameter there is holds the text."""
    search = next(iter(request.query_params.values()), "")
    return page(request, "parts/choices.html", choices=await choices(setup, person.tenant_id, what, search))
