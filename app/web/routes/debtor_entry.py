"""Entry of a debtor transaction: the form, what it would post, and saving it."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, format_id
from app.application.configure import Configure
from app.application.configure.master_kinds import DEBTOR
from app.application.debtor_batches.read_batches import VerificationList
from app.application.people.resume_session import SignedIn
from app.application.preview_debtor_transaction import Preview
from app.domain.debtors import Debtor, Dissection, WarehouseKey
from app.domain.errors import DomainError, EventIdReused, Invalid, NotFound
from app.web.choices import MASTERS, choices, lists
from app.web.debtor_entry import CHOSEN, MORE_ROWS, Typed, blank, typed
from app.web.errors import told
from app.web.filled import Filled
from app.web.parts import PREFIX, Setup, Use, parts_of
from app.web.render import page
from app.web.session import Poster, PosterLooks, Watcher
from app.web.words import DEBTOR_KIND

router = APIRouter(prefix="/debtor-transactions")

LISTED = {"gl_interface": "gl-interfaces", "gl_account": "line-accounts"}
MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryContext:
    """What the form depends on besides what was typed. `batch` is that of the transaction, None where it is on its own; the form is
    sent to `target`, and to the addresses under it."""

    tenant_id: UUID
    dissection: Dissection
    base: str
    batch: VerificationList | None = None
    target: str = f"{PREFIX}/debtor-transactions"

    @property
    def currency(self) -> str:
        """What a fresh form begins with."""
        return self.batch.batch.currency.code if self.batch else self.base

    @property
    def asks_warehouse(self) -> bool:
        return self.dissection.warehouse_key is WarehouseKey.WAREHOUSE

    @property
    def chosen(self) -> str | None:
        """What a line chooses: a record or an account, or nothing."""
        return CHOSEN.get(self.dissection.option)


@router.get("/new")
async def new_page(request: Request, person: PosterLooks, setup: Setup) -> Response:
    form = await form_for(setup, person)
    return await form_page(request, setup, form, fresh(request, person, form.base), None)


@router.get("/warehouse")
async def warehouse_part(request: Request, person: Watcher, setup: Setup, debtor: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The field with the default one of a debtor, once somebody has chosen it."""
    found = await _debtor(setup, person.tenant_id, debtor)
    filled = Filled(values={"warehouse": (found.default_warehouse or "") if found else ""})
    return page(request, "debtors/warehouse.html", filled=filled)


@router.post("/form")
async def again(request: Request, acting: Poster, setup: Setup) -> Response:
    """The form once more: with more lines, or to be changed after all."""
    what, form = typed(acting.form), await form_for(setup, acting.person)
    rows = len(what.rows) + (MORE_ROWS if acting.form.text("more") else 0)
    return await form_page(request, setup, form, what.with_rows(rows), None)


@router.post("/preview")
async def preview(request: Request, acting: Poster, setup: Setup, use: Use) -> Response:
    """Which record and accounts it would take, and why, and the double entry. Nothing is posted."""
    what, form = typed(acting.form), await form_for(setup, acting.person)
    what, wrong = await looked_over(setup, form, what)
    if wrong is not None:
        return await form_page(request, setup, form, what, wrong)
    try:
        shown = await use.preview_debtor_transaction.of_json(form.tenant_id, what.data(form.dissection.option))
    except DomainError as error:
        return await form_page(request, setup, form, what, what.refused(error))
    return await preview_page(request, setup, form, what, shown)


@router.post("")
async def save(request: Request, acting: Poster, setup: Setup, use: Use) -> Response:
    """Posted once, however often the form is sent."""
    what, form = typed(acting.form), await form_for(setup, acting.person)
    what, wrong = await looked_over(setup, form, what)
    if wrong is not None:
        return await form_page(request, setup, form, what, wrong)
    try:
        data = what.data(form.dissection.option)
        posted = await use.enter_debtor_transaction.save(form.tenant_id, acting.name, what.entry_id, data)
    except EventIdReused as error:
        raise Invalid("this form was saved before, with other content: look at the list, and begin a new one") from error
    except DomainError as error:
        return await form_page(request, setup, form, what, what.refused(error))
    place = f"{PREFIX}/debtor-transactions/{format_id(Kind.TRANSACTION, posted.transaction.id)}"
    return await told(request, replace(acting, back=place), f"Saved and posted: {posted.transaction.description}.")


async def form_for(setup: Configure, person: SignedIn) -> EntryContext:
    """By the tenant's option as it is now."""
    tenant = await setup.get_tenant(person.tenant_id)
    dissection = await setup.debtor_dissection.get(person.tenant_id)
    return EntryContext(tenant_id=person.tenant_id, dissection=dissection, base=tenant.base_currency)


def fresh(request: Request, person: SignedIn, currency: str) -> Typed:
    """A form of today, where the tenant is."""
    return blank(parts_of(request).clock.now().astimezone(ZoneInfo(person.time_zone)).date(), currency)


async def looked_over(setup: Configure, form: EntryContext, what: Typed) -> tuple[Typed, Filled | None]:
    """With the debtor and the warehouse by their codes, where a part of their name was typed; and what is wrong, if anything."""
    checked = what.checked(form.dissection.option)
    head, faults = dict(what.head), dict(checked.faults)
    for name, listed in (("debtor", "debtors"), *((("warehouse", "warehouses"),) if form.asks_warehouse else ())):
        if head[name]:
            code, fault = await _resolved(setup, form.tenant_id, listed, head[name])
            head[name] = code
            faults |= {name: (fault,)} if fault else {}
    what = replace(what, head=head)
    wrong = Filled(values=what.values, faults=faults, told=checked.told)
    return what, wrong if wrong.is_refused else None


async def form_page(request: Request, setup: Configure, form: EntryContext, what: Typed, wrong: Filled | None) -> Response:
    """The form; with what is wrong it is an answer of 422."""
    needed = ["debtors", *(["warehouses"] if form.asks_warehouse else []), *([LISTED[form.chosen]] if form.chosen else [])]
    found = await lists(setup, form.tenant_id, *needed)
    filled = wrong or Filled(values=what.values)
    context = {"form": form, "what": what, "filled": filled, "lists": found, "listed": LISTED, "kinds": DEBTOR_KIND.items()}
    return page(request, "debtors/form.html", status=200 if wrong is None else 422, **context)


async def preview_page(request: Request, setup: Configure, form: EntryContext, what: Typed, shown: Preview) -> Response:
    """What would be posted, with all that was typed along."""
    debtor = await _debtor(setup, form.tenant_id, shown.event.debtor)
    return page(request, "debtors/preview.html", form=form, what=what, preview=shown, debtor=debtor, kind=DEBTOR_KIND[shown.event.kind])


async def _resolved(setup: Configure, tenant_id: UUID, listed: str, text: str) -> tuple[str, str]:
    """The code that somebody means, and what to tell them where that is none, or not clear."""
    if await _is_code(setup, tenant_id, listed, text):
        return text, ""
    found = await choices(setup, tenant_id, listed, text)
    if len(found) == 1:
        return found[0].value, ""
    if not found:
        return text, "there is none of this code or name"
    named = ", ".join(f"{each.value} {each.label}" for each in found[:MOST_NAMED])
    return text, f"several match, type the code of one: {named}{' …' if len(found) > MOST_NAMED else ''}"


async def _is_code(setup: Configure, tenant_id: UUID, listed: str, text: str) -> bool:
    try:
        await setup.browse_masters.one(tenant_id, MASTERS[listed], text)
    except NotFound:
        return False
    return True


async def _debtor(setup: Configure, tenant_id: UUID, code: str) -> Debtor | None:
    try:
        return await setup.browse_masters.one(tenant_id, DEBTOR, code)
    except NotFound:
        return None
