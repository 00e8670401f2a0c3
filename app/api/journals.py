"""Journals: looked at, validated with the ERP, sent."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from app.api.ids import Kind, parse_id
from app.api.json_body import JsonBody
from app.api.operations import Use
from app.api.paging import PageQuery
from app.api.presenters import show_journal, show_journal_details, show_summary
from app.api.schemas import JournalRef, SelectionBody
from app.api.security import Principal, require
from app.application.ports.setup import Scope
from app.application.select_journals import Selection
from app.domain.journal import JournalStatus

router = APIRouter(prefix="/v1/journals", tags=["journals"])

Operator = Annotated[Principal, require(Scope.JOURNALS_OPERATE)]
SelectionJson = Annotated[SelectionBody, Depends(JsonBody(SelectionBody))]


@router.get("")
async def list_journals(
    principal: Operator,
    use: Use,
    page: PageQuery,
    endpoint: Annotated[str | None, Query(max_length=100)] = None,
    status: JournalStatus | None = None,
    date_from: Annotated[date | None, Query(alias="from")] = None,
    date_to: Annotated[date | None, Query(alias="to")] = None,
) -> JSONResponse:
    """Journals by accounting date, from and to included, by default the last seven days; the summary is over all history."""
    found = await use.browse.journals(
        principal.tenant_id,
        endpoint=endpoint,
        date_from=date_from,
        date_to=date_to,
        status=status,
        after_place=page.after or 0,
        limit=page.wanted,
    )
    answer = page.answer(found.journals, show_journal, lambda journal: journal.sequence)
    return JSONResponse({**answer, "summary": show_summary(found.summary, found.base)})


@router.post("/validate")
async def validate_journals(principal: Operator, use: Use, body: SelectionJson) -> JSONResponse:
    """Asks the ERP about each journal: valid, or invalid with its problems, and how far the check went."""
    journals = await use.validate_journals(principal.tenant_id, _selection(body), principal.key_name)
    return JSONResponse({"items": [show_journal(journal) for journal in journals]})


@router.post("/send")
async def send_journals(principal: Operator, use: Use, body: SelectionJson) -> JSONResponse:
    """Sends valid journals; refused where one is not valid, was sent, or would skip an earlier unsent one of its order."""
    journals = await use.send_journals(principal.tenant_id, _selection(body), principal.key_name)
    return JSONResponse({"items": [show_journal(journal) for journal in journals]})


@router.get("/{journal_id}")
async def get_journal(journal_id: str, principal: Operator, use: Use) -> JSONResponse:
    """Header, transactions with their lines, problems, and every attempt with what was sent and answered."""
    details = await use.read_journal(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id))
    transactions = await use.browse.transactions_by_id(principal.tenant_id, details.transaction_ids)
    return JSONResponse(show_journal_details(details, transactions))


@router.post("/{journal_id}/retry")
async def retry_journal(journal_id: str, principal: Operator, use: Use) -> JSONResponse:
    """Tries again what is invalid, rejected, failed or unknown; unknown is looked up in the ERP before anything is sent."""
    journal = await use.send_journals.retry(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id), principal.key_name)
    return JSONResponse(show_journal(journal))


@router.post("/{journal_id}/hold")
async def hold_journal(journal_id: str, principal: Operator, use: Use) -> JSONResponse:
    """Holds a journal back, and with it the later ones of its order."""
    journal = await use.send_journals.hold(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id), principal.key_name, held=True)
    return JSONResponse(show_journal(journal))


@router.post("/{journal_id}/release")
async def release_journal(journal_id: str, principal: Operator, use: Use) -> JSONResponse:
    """Lets a held journal go again."""
    journal = await use.send_journals.hold(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id), principal.key_name, held=False)
    return JSONResponse(show_journal(journal))


def _selection(body: SelectionBody) -> Selection:
    named = body.journal_ids or []
    return Selection(
        journal_ids=tuple(parse_id(Kind.JOURNAL, each.id if isinstance(each, JournalRef) else each) for each in named),
        versions=tuple(each.version if isinstance(each, JournalRef) else None for each in named),
        endpoint=body.endpoint,
        date_from=body.date_from,
        date_to=body.date_to,
    )
