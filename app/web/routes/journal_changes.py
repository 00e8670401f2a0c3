"""What changes a journal itself: another posting date in the ERP, and its mark taken back."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, parse_id
from app.api.json_body import shaped
from app.api.schemas import RedateBody, UnmarkBody
from app.domain.errors import Invalid
from app.web.filled import refused
from app.web.formats import day
from app.web.parts import Use
from app.web.routes.journal import REDATE_DATE, done, show_journal
from app.web.session import Marker, Sender

router = APIRouter(prefix="/journals/{journal_id}")


@router.post("/redate")
async def redate(request: Request, journal_id: str, acting: Sender, use: Use) -> Response:
    """The posting date that is sent, never the accounting date; without one it is the accounting date again."""
    found, values = parse_id(Kind.JOURNAL, journal_id), {name: acting.form.text(name) for name in (REDATE_DATE, "redate/reason")}
    given = {"date": values[REDATE_DATE] or None, "reason": values["redate/reason"]}
    try:
        body = shaped(RedateBody, given, "the journal keeps its date")
    except Invalid as error:
        return await show_journal(request, acting.person, use, found, refused=refused(values, error, "redate"), status=422)
    journal = await use.redate_journal(acting.person.tenant_id, found, body.date, body.reason, acting.name)
    return await done(request, acting, use, journal_id, f"It is to be posted on {day(journal.posting_date or journal.accounting_date)}")


@router.post("/unmark")
async def unmark(request: Request, journal_id: str, acting: Marker, use: Use) -> Response:
    """It is open again, where it stood in its order."""
    found, values = parse_id(Kind.JOURNAL, journal_id), {"unmark/reason": acting.form.text("unmark/reason")}
    try:
        body = shaped(UnmarkBody, {"reason": values["unmark/reason"]}, "the journal stays marked")
    except Invalid as error:
        return await show_journal(request, acting.person, use, found, refused=refused(values, error, "unmark"), status=422)
    await use.mark_as_sent.unmark(acting.person.tenant_id, found, body.reason, acting.name)
    return await done(request, acting, use, journal_id, "The mark is taken back")
