"""GL integration, the start page: what is not in the General Ledger yet, and what is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, format_id, parse_id
from app.api.tables import Cell, Money, Table, table_of
from app.application.operations import Operations
from app.application.ports.batches import BatchProgress
from app.application.ports.journals import Journal
from app.application.ports.worklists import place_of
from app.application.work_through import Work
from app.domain.errors import Invalid
from app.web.exports import FileFormat, file_of
from app.web.paging import ROWS, paged, place
from app.web.parts import Use
from app.web.render import page
from app.web.session import Viewer, Watcher
from app.web.worklist import UNSENT_STATUSES, Asked, AskedQuery, address

router = APIRouter()

MOST_IN_A_FILE = 100_000
COLUMNS = (
    "accounting_date",
    "posting_date",
    "number",
    "reference",
    "description",
    "status",
    "held",
    "transactions",
    "currency",
    "debit_total",
    "base_currency",
    "base_debit_total",
    "problems",
    "id",
)


@router.get("/")
async def gl_integration(
    request: Request,
    person: Viewer,
    use: Use,
    asked: AskedQuery,
    cursor: Annotated[str | None, Query(max_length=50)] = None,
    batch: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    work = await _work(use, person.tenant_id, asked, place(cursor), ROWS + 1)
    progress = None if batch is None else await _progress(use, person.tenant_id, batch)
    return page(
        request,
        "gl.html",
        work=work,
        journals=paged(request, work.journals, place_of),
        progress=progress,
        statuses=UNSENT_STATUSES,
        address=address,
    )


@router.get("/gl-export.{wanted}")
async def export_journals(person: Watcher, use: Use, asked: AskedQuery, wanted: FileFormat) -> Response:
    """All journals that the screen would list, as CSV or XLSX."""
    work = await _work(use, person.tenant_id, asked, None, MOST_IN_A_FILE + 1)
    if len(work.journals) > MOST_IN_A_FILE:
        raise Invalid(f"a file holds at most {MOST_IN_A_FILE:,} journals: choose fewer days")
    return await file_of(_table(work), wanted)


async def _work(use: Operations, tenant_id: UUID, asked: Asked, after_place: int | None, limit: int) -> Work:
    return await use.work_through(
        tenant_id,
        endpoint=asked.endpoint,
        date_from=asked.date_from,
        date_to=asked.date_to,
        settled=asked.settled,
        status=asked.status,
        after_place=after_place,
        limit=limit,
    )


async def _progress(use: Operations, tenant_id: UUID, batch: str) -> BatchProgress:
    progress, _ = await use.read_batch(tenant_id, parse_id(Kind.BATCH, batch), after_position=0, limit=0)
    return progress


def _table(work: Work) -> Table:
    rows = [_cells(journal) for journal in work.journals]
    worklist = work.worklist
    return table_of(
        "journals-sent" if worklist and worklist.settled else "journals-not-sent",
        rows,
        COLUMNS,
        endpoint=worklist.endpoint if worklist else None,
        from_date=worklist.date_from if worklist else None,
        to_date=worklist.date_to if worklist else None,
        journals=work.matching.count,
        base_debit_total=Money(work.matching.total, work.base),
    )


def _cells(journal: Journal) -> dict[str, Cell]:
    return {
        "accounting_date": journal.accounting_date,
        "posting_date": journal.posting_date or journal.accounting_date,
        "number": journal.number or "TBA",
        "reference": journal.reference,
        "description": journal.description,
        "status": str(journal.status),
        "held": journal.held,
        "transactions": journal.transactions,
        "currency": journal.currency.code,
        "debit_total": Money(journal.debit_total, journal.currency),
        "base_currency": journal.base_currency.code,
        "base_debit_total": Money(journal.base_debit_total, journal.base_currency),
        "problems": "; ".join(problem.message for problem in journal.problems) or None,
        "id": format_id(Kind.JOURNAL, journal.id),
    }
