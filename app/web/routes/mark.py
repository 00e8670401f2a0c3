"""Mark as sent: a page of its own, since it takes journals out of delivery for good."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.application.mark_as_sent import BY_HAND
from app.application.ports.journal_sets import Mark
from app.domain.errors import Invalid
from app.domain.journal import FINISHED
from app.web.errors import told
from app.web.formats import plural
from app.web.parts import Use
from app.web.render import page
from app.web.session import Marker
from app.web.worklist import selection

router = APIRouter()

REASONS = {"not_required": "Not required in the GL", BY_HAND: "Booked in the ERP by hand"}
MOST_LISTED, MOST_MARKED = 100, 10_000


@router.post("/mark-as-sent/choose")
async def mark_page(request: Request, acting: Marker, use: Use) -> Response:
    """Which journals, when not to do it, and why it is done. Nothing is marked yet."""
    chosen = await selection(use, acting.person.tenant_id, acting.form)
    if len(chosen.journal_ids) > MOST_MARKED:
        raise Invalid(f"at most {MOST_MARKED:,} journals are marked at a time: choose fewer days")
    journals = await use.work_through.chosen(acting.person.tenant_id, chosen.journal_ids)
    waiting = [journal for journal in journals if journal.status not in FINISHED]
    if not waiting:
        raise Invalid("these journals are sent or marked already")
    return page(
        request,
        "mark.html",
        journals=waiting,
        listed=waiting[:MOST_LISTED],
        total=sum(journal.base_debit_total for journal in waiting),
        reasons=REASONS,
        by_hand=BY_HAND,
        back=acting.back,
    )


@router.post("/mark-as-sent")
async def mark_as_sent(request: Request, acting: Marker, use: Use) -> Response:
    """All or none. What is unknown is looked up in the ERP first, and is sent where it is there."""
    chosen = await selection(use, acting.person.tenant_id, acting.form)
    code = acting.form.text("reason_code")
    if code not in REASONS:
        raise Invalid("choose why they need not be sent")
    reason, number = acting.form.needed("reason", "the reason"), acting.form.text("erp_reference") or None
    mark = Mark(reason_code=code, reason=reason, number=number)
    marked = await use.mark_as_sent(acting.person.tenant_id, chosen.journal_ids, mark, acting.name)
    found = f" {plural(len(marked.found), 'journal')} turned out to be in the ERP and counts as sent." if marked.found else ""
    return await told(request, acting, f"Marked as sent: {plural(marked.count, 'journal')}.{found}")
