"""Journals: looked at, validated, sent, marked as sent, and what else a person may do with one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from app.api.batches import BATCH_ANSWERS, accepted
from app.api.ids import Kind, format_id, parse_id
from app.api.json_body import JsonBody
from app.api.openapi_problems import may_fail
from app.api.operations import Use
from app.api.paging import PageQuery
from app.api.presenters import show_journal, show_journal_details, show_listed_journal, show_summary
from app.api.schemas import JournalRef, MarkBody, ReasonBody, RedateBody, SelectionBody, UnmarkBody
from app.api.security import Principal, require
from app.application.operations import Operations
from app.application.ports.batches import Batch
from app.application.ports.journal_sets import Mark
from app.application.ports.journals import Journal
from app.application.ports.setup import Scope
from app.application.select_journals import Selection
from app.domain.journal import JournalStatus

router = APIRouter(prefix="/v1/journals", tags=["journals"])

Operator = Annotated[Principal, require(Scope.JOURNALS_OPERATE)]
SelectionJson = Annotated[SelectionBody, Depends(JsonBody(SelectionBody))]
ReasonJson = Annotated[ReasonBody, Depends(JsonBody(ReasonBody, optional=True))]


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
    answer = page.answer(found.journals, lambda each: show_listed_journal(each, found.blocked_by), lambda journal: journal.sequence)
    return JSONResponse({**answer, "summary": show_summary(found.summary, found.base)})


@router.post("/validate", responses=BATCH_ANSWERS)
async def validate_journals(principal: Operator, use: Use, body: SelectionJson) -> JSONResponse:
    """Checks each journal by our own rules, by what the ERP told of itself, and asks the ERP: valid, or invalid with its problems, and
    how far the check went. More than 50 are put to work as a batch."""
    return _answer(await use.validate_journals(principal.tenant_id, _selection(body), principal.key_name))


@router.post("/send", responses=BATCH_ANSWERS)
async def send_journals(principal: Operator, use: Use, body: SelectionJson) -> JSONResponse:
    """Sends valid journals, all or none; refused where one is not valid, was sent, or would skip an earlier unsent one of its order. More
    than 50 are left to the workers as a batch."""
    return _answer(await use.send_journals(principal.tenant_id, _selection(body), principal.key_name))


@router.post("/mark-as-sent", responses=may_fail(409))
async def mark_as_sent(principal: Operator, use: Use, body: Annotated[MarkBody, Depends(JsonBody(MarkBody))]) -> JSONResponse:
    """Takes journals out of delivery, all or none: not required, or booked by hand under the ERP's own reference. Nothing goes to the
    ERP. What is unknown is looked up there first; what it has is sent instead, and named in `found_in_erp`. `items` are the first 50."""
    ids = [parse_id(Kind.JOURNAL, each) for each in body.journal_ids]
    mark = Mark(reason_code=body.reason_code, reason=body.reason, number=body.erp_reference)
    marked = await use.mark_as_sent(principal.tenant_id, ids, mark, principal.key_name)
    found = [format_id(Kind.JOURNAL, each) for each in marked.found]
    return JSONResponse({"marked": marked.count, "found_in_erp": found, "items": [show_journal(each) for each in marked.journals]})


@router.get("/{journal_id}")
async def get_journal(journal_id: str, principal: Operator, use: Use) -> JSONResponse:
    """Header, transactions with their lines, problems, and every attempt with what was sent and answered."""
    details = await use.read_journal(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id))
    transactions = await use.browse.transactions_by_id(principal.tenant_id, details.transaction_ids)
    return JSONResponse(show_journal_details(details, transactions))


@router.post("/{journal_id}/retry", responses=may_fail(409))
async def retry_journal(journal_id: str, principal: Operator, use: Use, body: ReasonJson) -> JSONResponse:
    """Tries again what is invalid, rejected, failed or unknown; unknown is looked up in the ERP before anything is sent."""
    journal = await use.send_journals.retry(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id), principal.key_name, body.reason)
    return JSONResponse(show_journal(journal))


@router.post("/{journal_id}/hold", responses=may_fail(409))
async def hold_journal(journal_id: str, principal: Operator, use: Use, body: ReasonJson) -> JSONResponse:
    """Holds a journal back, and with it the later ones of its order."""
    return await _hold(journal_id, principal, use, body, held=True)


@router.post("/{journal_id}/release", responses=may_fail(409))
async def release_journal(journal_id: str, principal: Operator, use: Use, body: ReasonJson) -> JSONResponse:
    """Lets a held journal go again."""
    return await _hold(journal_id, principal, use, body, held=False)


@router.post("/{journal_id}/unmark", responses=may_fail(409))
async def unmark_journal(
    journal_id: str, principal: Operator, use: Use, body: Annotated[UnmarkBody, Depends(JsonBody(UnmarkBody))]
) -> JSONResponse:
    """Takes back that a journal was marked as sent: it is open again, where it stood in its order."""
    journal = await use.mark_as_sent.unmark(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id), body.reason, principal.key_name)
    return JSONResponse(show_journal(journal))


@router.post("/{journal_id}/redate", responses=may_fail(409))
async def redate_journal(
    journal_id: str, principal: Operator, use: Use, body: Annotated[RedateBody, Depends(JsonBody(RedateBody))]
) -> JSONResponse:
    """Changes the posting date that is sent, never the accounting date; the journal is open again."""
    journal = await use.redate_journal(principal.tenant_id, parse_id(Kind.JOURNAL, journal_id), body.date, body.reason, principal.key_name)
    return JSONResponse(show_journal(journal))


async def _hold(journal_id: str, principal: Principal, use: Operations, body: ReasonBody, *, held: bool) -> JSONResponse:
    found = parse_id(Kind.JOURNAL, journal_id)
    journal = await use.send_journals.hold(principal.tenant_id, found, principal.key_name, held=held, reason=body.reason)
    return JSONResponse(show_journal(journal))


def _answer(done: Sequence[Journal] | Batch) -> JSONResponse:
    if isinstance(done, Batch):
        return accepted(done)
    return JSONResponse({"items": [show_journal(journal) for journal in done]})


def _selection(body: SelectionBody) -> Selection:
    named = body.journal_ids or []
    return Selection(
        journal_ids=tuple(parse_id(Kind.JOURNAL, each.id if isinstance(each, JournalRef) else each) for each in named),
        versions=tuple(each.version if isinstance(each, JournalRef) else None for each in named),
        endpoint=body.endpoint,
        date_from=body.date_from,
        date_to=body.date_to,
    )
