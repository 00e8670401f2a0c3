"""A journal: its lines, its transactions, its problems where they are, and every attempt to deliver it."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, parse_id
from app.application.operations import Operations
from app.application.people.resume_session import SignedIn
from app.application.redate_journal import OUT_OF_REACH
from app.application.select_journals import JournalDetails, Selection
from app.domain.delivery import Problem
from app.domain.journal import FINISHED, JournalLine, JournalStatus
from app.web.double_entry import entry_of
from app.web.errors import told
from app.web.filled import Filled
from app.web.parts import Use
from app.web.render import page
from app.web.session import Acting, Sender, Viewer
from app.web.words import ACTION, status

router = APIRouter()

RETRIABLE = frozenset({JournalStatus.INVALID, JournalStatus.REJECTED, JournalStatus.FAILED, JournalStatus.UNKNOWN})
MOST_SHOWN = 500
"""A page shows so many lines and transactions; the API has all."""
REDATE_DATE = "redate/date"


@router.get("/journals/{journal_id}")
async def journal_page(request: Request, journal_id: str, person: Viewer, use: Use) -> Response:
    return await show_journal(request, person, use, parse_id(Kind.JOURNAL, journal_id))


async def show_journal(
    request: Request, person: SignedIn, use: Operations, journal_id: UUID, *, refused: Filled | None = None, status: int = 200
) -> Response:
    """The page, or with a form that was refused the page with that form."""
    details = await use.read_journal(person.tenant_id, journal_id)
    transactions = await use.browse.transactions_by_id(person.tenant_id, details.transaction_ids[:MOST_SHOWN])
    journal, problems = details.journal, _problems(details)
    return page(
        request,
        "journal.html",
        status=status,
        details=details,
        journal=journal,
        entry=entry_of(details.lines[:MOST_SHOWN], problems, _sent_lines(details)),
        general=[problem for problem in problems if problem.line is None],
        hidden=max(0, len(details.lines) - MOST_SHOWN, len(details.transaction_ids) - MOST_SHOWN),
        transactions=transactions,
        waiting_for=await use.work_through.chosen(person.tenant_id, details.blocked_by[:10]),
        may_retry=journal.status in RETRIABLE and not journal.held,
        may_hold=journal.status not in FINISHED and journal.status is not JournalStatus.SENDING,
        may_redate=journal.status not in OUT_OF_REACH,
        redating=refused or Filled(values={REDATE_DATE: (journal.posting_date or journal.accounting_date).isoformat()}),
        unmarking=refused or Filled(),
    )


@router.post("/journals/{journal_id}/validate")
async def validate(request: Request, journal_id: str, acting: Sender, use: Use) -> Response:
    chosen = Selection(journal_ids=(parse_id(Kind.JOURNAL, journal_id),))
    await use.validate_journals(acting.person.tenant_id, chosen, acting.name)
    return await done(request, acting, use, journal_id, "Validated")


@router.post("/journals/{journal_id}/retry")
async def retry(request: Request, journal_id: str, acting: Sender, use: Use) -> Response:
    """Unknown is looked up in the ERP before anything is sent."""
    found, reason = parse_id(Kind.JOURNAL, journal_id), acting.form.text("reason") or None
    await use.send_journals.retry(acting.person.tenant_id, found, acting.name, reason)
    return await done(request, acting, use, journal_id, "Tried again")


@router.post("/journals/{journal_id}/hold")
async def hold(request: Request, journal_id: str, acting: Sender, use: Use) -> Response:
    return await _hold(request, journal_id, acting, use, held=True)


@router.post("/journals/{journal_id}/release")
async def release(request: Request, journal_id: str, acting: Sender, use: Use) -> Response:
    return await _hold(request, journal_id, acting, use, held=False)


async def _hold(request: Request, journal_id: str, acting: Acting, use: Operations, *, held: bool) -> Response:
    found, reason = parse_id(Kind.JOURNAL, journal_id), acting.form.text("reason") or None
    await use.send_journals.hold(acting.person.tenant_id, found, acting.name, held=held, reason=reason)
    return await done(request, acting, use, journal_id, ACTION["hold" if held else "release"].capitalize())


async def done(request: Request, acting: Acting, use: Operations, journal_id: str, what: str) -> Response:
    """Says what was done, and how the journal stands now."""
    details = await use.read_journal(acting.person.tenant_id, parse_id(Kind.JOURNAL, journal_id))
    bad = details.journal.status in RETRIABLE
    return await told(request, acting, f"{what}. The journal is now: {status(details.journal.status).lower()}.", failed=bad)


def _problems(details: JournalDetails) -> list[Problem]:
    """The ERP's and our own, and what the mapping lacks today, each once."""
    mapping = details.sent.problems if details.sent else ()
    return list(dict.fromkeys([*details.journal.problems, *mapping]))


def _sent_lines(details: JournalDetails) -> dict[int, JournalLine]:
    """The lines as the ERP would get them, where the mapping leads anywhere."""
    if details.sent is None:
        return {}
    unmapped = {problem.line for problem in details.sent.problems}
    return {line.line: line for line in details.sent.document.lines if line.line not in unmapped}
