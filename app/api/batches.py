"""Batches of journals: how far they are, and what became of each journal."""

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from app.api.errors import stored_problem
from app.api.ids import Kind, format_id, parse_id
from app.api.openapi_problems import may_fail
from app.api.operations import Use
from app.api.paging import PageQuery
from app.api.presenters import instant
from app.api.security import Principal, require
from app.application.ports.batches import Batch, BatchItem
from app.application.ports.setup import Scope

router = APIRouter(prefix="/v1/batches", tags=["journals"])

Operator = Annotated[Principal, require(Scope.JOURNALS_OPERATE)]

BATCH_ANSWERS: dict[int | str, dict[str, Any]] = {202: {"description": "A batch; `Location` is where it is"}, **may_fail(409)}
"""For routes that answer few journals in place and make a batch of many."""

MOST_POSITION = 2**31 - 1


def accepted(batch: Batch) -> JSONResponse:
    """Many journals are being worked on."""
    batch_id = format_id(Kind.BATCH, batch.id)
    return JSONResponse({"batch_id": batch_id, "kind": batch.kind}, status_code=202, headers={"Location": f"/v1/batches/{batch_id}"})


@router.get("/{batch_id}")
async def get_batch(batch_id: str, principal: Operator, use: Use, page: PageQuery) -> JSONResponse:
    """A batch's progress by outcome, and its journals, each with its own. In a send batch an outcome is the journal's status; in a
    validate batch what its validation led to, `waiting` before it, or `refused` with the problem. `finished_at` is null meanwhile."""
    progress, items = await use.read_batch(
        principal.tenant_id,
        parse_id(Kind.BATCH, batch_id),
        after_position=min(page.after or 0, MOST_POSITION),
        limit=page.wanted,
    )
    batch = progress.batch
    return JSONResponse(
        {
            "id": format_id(Kind.BATCH, batch.id),
            "kind": batch.kind,
            "actor": batch.actor,
            "created_at": instant(batch.created_at),
            "finished_at": instant(progress.finished_at),
            "total": sum(progress.counts.values()),
            "counts": dict(progress.counts),
            **page.answer(items, _show_item, lambda item: item.position),
        }
    )


def _show_item(item: BatchItem) -> dict[str, Any]:
    return {
        "journal_id": format_id(Kind.JOURNAL, item.journal_id),
        "reference": item.reference,
        "outcome": item.outcome,
        "problem": None if item.problem is None else stored_problem(item.problem),
    }
