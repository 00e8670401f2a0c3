"""Set-up: what there is, what is missing for a first journal, and where each of it is set up."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.web.checklist import steps
from app.web.parts import Setup
from app.web.render import page
from app.web.session import Viewer

router = APIRouter(prefix="/set-up")


@router.get("")
async def set_up_page(request: Request, person: Viewer, setup: Setup) -> Response:
    found = await setup.read_set_up_progress(person.tenant_id)
    return page(request, "set_up/index.html", steps=steps(found))
