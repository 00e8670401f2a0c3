"""Health: how delivery to each endpoint stands."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.web.bars import Bars
from app.web.parts import Use
from app.web.render import page
from app.web.session import Viewer, Watcher

router = APIRouter()


@router.get("/health")
async def health_page(request: Request, person: Viewer, use: Use) -> Response:
    return page(request, "health.html", health=await use.read_health(person.tenant_id), bars=Bars)


@router.get("/health/now")
async def health_now(request: Request, person: Watcher, use: Use) -> Response:
    """The part that looks again by itself."""
    return page(request, "parts/health.html", health=await use.read_health(person.tenant_id), bars=Bars)
