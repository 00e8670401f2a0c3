"""What is entered in a batch: the same form as that of a single transaction, one after another."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, parse_id
from app.application.configure import Configure
from app.application.debtor_batches.read_batches import VerificationList
from app.application.operations import Operations
from app.application.people.resume_session import SignedIn
from app.domain.errors import DomainError, NotFound
from app.web.debtor_entry import MORE_ROWS, entered, typed
from app.web.errors import told
from app.web.formats import money
from app.web.parts import Setup, Use
from app.web.routes.debtor_batches import batch_address
from app.web.routes.debtor_entry import EntryContext, form_for, form_page, fresh, looked_over, preview_page
from app.web.session import Poster, PosterLooks
from app.web.words import DEBTOR_KIND

router = APIRouter(prefix="/debtor-transactions/batches/{batch_id}/entries")


@router.get("/new")
async def new_entry(request: Request, batch_id: str, person: PosterLooks, setup: Setup, use: Use) -> Response:
    """An empty form in the batch's currency."""
    context = await _context(setup, use, person, batch_id)
    return await form_page(request, setup, context, fresh(request, person, context.currency), None)


@router.get("/{entry_id}")
async def entry_page(request: Request, batch_id: str, entry_id: str, person: PosterLooks, setup: Setup, use: Use) -> Response:
    """One that is entered, to be changed."""
    context, shown = await _context_and_list(setup, use, person, batch_id)
    found = next((each.entry for each in shown.entries if each.entry.id.hex == entry_id), None)
    if found is None:
        raise NotFound("there is no such transaction in the batch")
    return await form_page(request, setup, context, entered(found.id, found.data), None)


@router.post("/form")
async def again(request: Request, batch_id: str, acting: Poster, setup: Setup, use: Use) -> Response:
    """The form once more: with more lines, or to be changed after all."""
    what = typed(acting.form)
    rows = len(what.rows) + (MORE_ROWS if acting.form.text("more") else 0)
    return await form_page(request, setup, await _context(setup, use, acting.person, batch_id), what.with_rows(rows), None)


@router.post("/preview")
async def preview(request: Request, batch_id: str, acting: Poster, setup: Setup, use: Use) -> Response:
    """What it would post. Nothing is entered yet."""
    context = await _context(setup, use, acting.person, batch_id)
    what, wrong = await looked_over(setup, context, typed(acting.form))
    if wrong is not None:
        return await form_page(request, setup, context, what, wrong)
    try:
        shown = await use.preview_debtor_transaction.of_json(context.tenant_id, what.data(context.dissection.option))
    except DomainError as error:
        return await form_page(request, setup, context, what, what.refused(error))
    return await preview_page(request, setup, context, what, shown)


@router.post("")
async def enter(request: Request, batch_id: str, acting: Poster, setup: Setup, use: Use) -> Response:
    """Looked over as posting would, and kept until the batch is posted."""
    found = parse_id(Kind.DEBTOR_BATCH, batch_id)
    context = await _context(setup, use, acting.person, batch_id)
    what, wrong = await looked_over(setup, context, typed(acting.form))
    if wrong is not None:
        return await form_page(request, setup, context, what, wrong)
    try:
        data = what.data(context.dissection.option)
        entry = await use.debtor_batches.entries.put(context.tenant_id, acting.name, found, what.entry_id, data)
    except DomainError as error:
        return await form_page(request, setup, context, what, what.refused(error))
    shown = await use.debtor_batches.read.one(context.tenant_id, found)
    place = batch_address(found)
    back = place if shown.entered.count >= shown.batch.control.count else f"{place}/entries/new"
    return await told(request, replace(acting, back=back), f"Entered {DEBTOR_KIND[entry.kind].lower()} {entry.number}. {_stand(shown)}")


@router.post("/{entry_id}/remove")
async def remove(request: Request, batch_id: str, entry_id: str, acting: Poster, use: Use) -> Response:
    found = parse_id(Kind.DEBTOR_BATCH, batch_id)
    try:
        wanted = UUID(hex=entry_id)
    except ValueError:
        raise NotFound("there is no such transaction in the batch") from None
    entry = await use.debtor_batches.entries.remove(acting.person.tenant_id, acting.name, found, wanted)
    return await told(request, replace(acting, back=batch_address(found)), f"Removed {DEBTOR_KIND[entry.kind].lower()} {entry.number}.")


async def _context(setup: Configure, use: Operations, person: SignedIn, batch_id: str) -> EntryContext:
    return (await _context_and_list(setup, use, person, batch_id))[0]


async def _context_and_list(setup: Configure, use: Operations, person: SignedIn, batch_id: str) -> tuple[EntryContext, VerificationList]:
    shown = await use.debtor_batches.read.one(person.tenant_id, parse_id(Kind.DEBTOR_BATCH, batch_id))
    context = await form_for(setup, person)
    return replace(context, batch=shown, target=f"{batch_address(shown.batch.id)}/entries"), shown


def _stand(shown: VerificationList) -> str:
    """How far the batch is."""
    left = shown.batch.control.amount - shown.entered.amount
    counted = f"{shown.entered.count} of {shown.batch.control.count} are entered"
    if shown.agrees:
        return f"{counted}, and they come to the control total."
    return f"{counted}; {shown.batch.currency.code} {money(left, shown.batch.currency)} is left."
