"""Audit log: who did what, and when."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.paging import ROWS, paged, place
from app.web.parts import Setup
from app.web.render import page
from app.web.session import Viewer

router = APIRouter()


@router.get("/audit-log")
async def audit_log_page(
    request: Request, person: Viewer, setup: Setup, cursor: Annotated[str | None, Query(max_length=50)] = None
) -> Response:
    """Every command of people and keys, newest first."""
    before = place(cursor)
    found = await setup.list_audit_log(person.tenant_id, before=None if before is None else min(before, 2**63 - 1), limit=ROWS + 1)
    return page(request, "audit_log.html", entries=paged(request, found, lambda entry: entry.id))
