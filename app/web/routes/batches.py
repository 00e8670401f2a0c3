"""Progress of a batch: a page, and the part of it that looks again by itself."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, parse_id
from app.web.paging import ROWS, paged, place
from app.web.parts import Use
from app.web.render import page
from app.web.session import Viewer, Watcher

router = APIRouter()

MOST_POSITION = 2**31 - 1


@router.get("/batches/{batch_id}")
async def batch_page(
    request: Request, batch_id: str, person: Viewer, use: Use, cursor: Annotated[str | None, Query(max_length=50)] = None
) -> Response:
    """What became of each journal."""
    after = min(place(cursor) or 0, MOST_POSITION)
    progress, items = await use.read_batch(person.tenant_id, parse_id(Kind.BATCH, batch_id), after_position=after, limit=ROWS + 1)
    return page(request, "batch.html", progress=progress, items=paged(request, items, lambda item: item.position))


@router.get("/batches/{batch_id}/progress")
async def batch_progress(request: Request, batch_id: str, person: Watcher, use: Use) -> Response:
    """The part that looks again while the batch runs."""
    progress, _ = await use.read_batch(person.tenant_id, parse_id(Kind.BATCH, batch_id), after_position=0, limit=0)
    return page(request, "parts/progress.html", progress=progress)
