"""An ERP endpoint: how it stands, its tests, its pause, and its sign-in at the vendor."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import status_of
from app.api.json_body import shaped
from app.api.masters import decode_code, encode_code
from app.api.sign_in_redirect import redirect_uri
from app.api.trial_shapes import TestMessagesBody, show_test_message
from app.application.configure import Configure
from app.application.people.resume_session import SignedIn
from app.application.ports.authorisations import Authorisation
from app.application.ports.erp import AdapterDescription
from app.domain.errors import DomainError, Invalid, NoPostingManager, NotFound
from app.web.endpoint_form import form_of
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.paging import ROWS, paged_by
from app.web.parts import Setup
from app.web.render import page
from app.web.routes.set_up_endpoints import LIST, address_of
from app.web.session import SetUp, Viewer

router = APIRouter(prefix="/set-up/endpoints/{name:name}")

TRIAL = {"account_code": "", "amount": "", "purpose": ""}


@router.get("")
async def endpoint_page(request: Request, name: str, person: Viewer, setup: Setup) -> Response:
    return await _page(request, setup, person, name, Filled(values=TRIAL))


@router.post("/test")
async def test(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """Calls the ERP; nothing is posted. What it tells is kept."""
    found = await setup.check_endpoint(acting.person.tenant_id, acting.name, name)
    return page(request, "set_up/endpoint_test.html", name=name, found=found, here_path=address_of(name))


@router.post("/test-messages")
async def send_test_messages(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """A made-up purchase through the present set-up and on to the ERP, with request and answer of each."""
    values = {each: acting.form.text(each) for each in TRIAL}
    try:
        body = shaped(TestMessagesBody, {each: value for each, value in values.items() if value}, "the test cannot be made so")
        purpose, messages = await setup.send_test_messages(
            acting.person.tenant_id, acting.name, name, account_code=body.account_code, amount=body.amount, purpose=body.purpose
        )
    except NoPostingManager:
        return await told(request, acting, "Set up the posting manager first: the purchase goes through it.", failed=True)
    except Invalid as error:
        return await _page(request, setup, acting.person, name, refused(values, error), status=status_of(type(error)))
    shown = [show_test_message(message) for message in messages]
    return page(request, "set_up/test_messages.html", name=name, purpose=purpose, messages=shown, here_path=address_of(name))


@router.post("/pause")
async def pause(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    await setup.pause_endpoint(acting.person.tenant_id, acting.name, name, acting.form.text("reason")[:500] or None)
    return await told(request, acting, f"{name} is paused, and holds its journals.", to=address_of(name))


@router.post("/resume")
async def resume(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    await setup.resume_endpoint(acting.person.tenant_id, acting.name, name)
    return await told(request, acting, f"{name} goes on.", to=address_of(name))


@router.post("/delete")
async def delete(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """Only one that never had a journal."""
    await setup.delete_endpoint(acting.person.tenant_id, acting.name, name)
    return await told(request, acting, f"The endpoint {name} is deleted.", to=LIST)


@router.post("/authorise")
async def authorise(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """A page with the link to the vendor: a form of ours leads nowhere else by itself."""
    link = await setup.begin_consent(acting.person.tenant_id, acting.name, name, redirect_uri(request, None))
    return page(request, "set_up/authorise.html", name=name, link=link, here_path=address_of(name))


@router.post("/organisation")
async def choose_organisation(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    wanted = acting.form.needed("organisation", "the organisation")
    chosen = await setup.choose_organisation(acting.person.tenant_id, acting.name, name, wanted)
    of = "" if chosen.organisation is None else f" {chosen.organisation.name}"
    return await told(request, acting, f"{name} is for{of} now.", to=address_of(name))


@router.post("/revoke")
async def revoke(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """The tokens are forgotten whatever the vendor says, and the endpoint pauses."""
    done = await setup.revoke_authorisation(acting.person.tenant_id, acting.name, name)
    vendor = "and the vendor was told" if done.vendor_reason is None else f"but the vendor was not told: {done.vendor_reason}"
    return await told(request, acting, f"The authorisation is forgotten, {vendor}. {name} is paused.", to=address_of(name))


@router.get("/chart")
async def chart_page(
    request: Request,
    name: str,
    person: Viewer,
    setup: Setup,
    search: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The ERP's accounts as they were last read or loaded."""
    wanted, after = search.strip(), decode_code(cursor) if cursor else None
    found = await setup.read_erp_chart(person.tenant_id, name, search=wanted or None, after=after, limit=ROWS + 1)
    accounts = paged_by(request, found.accounts, lambda account: encode_code(account.code))
    return page(request, "set_up/chart.html", name=name, chart=found, accounts=accounts, search=wanted, here_path=address_of(name))


async def _page(request: Request, setup: Configure, person: SignedIn, name: str, trial: Filled, *, status: int = 200) -> Response:
    view = await setup.get_endpoint(person.tenant_id, name)
    adapter = _adapter(setup, view.endpoint.adapter)
    return page(
        request,
        "set_up/endpoint.html",
        status=status,
        view=view,
        endpoint=view.endpoint,
        adapter=adapter,
        fields=None if adapter is None else form_of(adapter, view.credentials),
        authorisation=await _authorisation(setup, person, name),
        chart=await setup.read_erp_chart(person.tenant_id, name, search=None, after=None, limit=0),
        entries={kind: len((view.endpoint.mapping.get(kind) or {}).get("table") or {}) for kind in ("account_codes", "charge_codes")},
        form=trial,
        here_path=address_of(name),
    )


def _adapter(setup: Configure, name: str) -> AdapterDescription | None:
    """None where it is not installed any more."""
    try:
        return setup.describe_adapters(name)
    except DomainError:
        return None


async def _authorisation(setup: Configure, person: SignedIn, name: str) -> Authorisation | None:
    try:
        return await setup.read_authorisation(person.tenant_id, name)
    except NotFound:
        return None
