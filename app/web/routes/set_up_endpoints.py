"""ERP endpoints: the list, a new one, and the settings of one."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import status_of
from app.application.ports.erp import AdapterDescription
from app.domain.delivery import ValidationLevel
from app.domain.errors import DomainError
from app.web.endpoint_form import OMITTABLE, EndpointForm, form_of
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.formats import segment
from app.web.parts import PREFIX, Setup
from app.web.render import page
from app.web.session import SetUp, Viewer
from app.web.words import LEVEL

router = APIRouter(prefix="/set-up")

LIST = f"{PREFIX}/set-up/endpoints"
NEW = f"{PREFIX}/set-up/new-endpoint"
LEVELS = tuple(ValidationLevel)


def address_of(name: str) -> str:
    """The page of an endpoint."""
    return f"{LIST}/{segment(name)}"


@router.get("/endpoints")
async def endpoints_page(request: Request, person: Viewer, setup: Setup) -> Response:
    """By name, with their state."""
    found = await setup.read_set_up_progress(person.tenant_id)
    titles = {each.name: each.title for each in setup.describe_adapters.all()}
    return page(request, "set_up/endpoints.html", endpoints=found.endpoints, titles=titles)


@router.get("/new-endpoint")
async def new_endpoint_page(request: Request, _: Viewer, setup: Setup, adapter: Annotated[str, Query(max_length=100)] = "") -> Response:
    """First which ERP it is, then its settings."""
    if not adapter:
        return page(request, "set_up/adapters.html", adapters=setup.describe_adapters.all())
    form = form_of(setup.describe_adapters(adapter))
    return _page(request, form, Filled(values=form.empty()), name=None)


@router.post("/new-endpoint")
async def add_endpoint(request: Request, acting: SetUp, setup: Setup) -> Response:
    """Added, and not written over one of the same name. Nothing is called."""
    form = form_of(setup.describe_adapters(acting.form.text("adapter")))
    values = form.typed(acting.form)
    try:
        draft, name = form.draft(values, new=True), values["name"]
        await setup.put_endpoint(acting.person.tenant_id, acting.name, name, draft, add=True)
    except DomainError as error:
        return _page(request, form, refused(form.shown_again(values), error), name=None, status=status_of(type(error)))
    return await told(request, acting, f"The endpoint {name} is set up. Test it next.", to=address_of(name))


@router.get("/endpoints/{name:name}/settings")
async def settings_page(request: Request, name: str, person: Viewer, setup: Setup) -> Response:
    view = await setup.get_endpoint(person.tenant_id, name)
    form = form_of(setup.describe_adapters(view.endpoint.adapter), view.credentials)
    return _page(request, form, Filled(values=form.values_of(view)), name=name)


@router.post("/endpoints/{name:name}/settings")
async def change_settings(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """Its mapping, its pause and the credentials that were not typed stay what they are."""
    view = await setup.get_endpoint(acting.person.tenant_id, name)
    form = form_of(setup.describe_adapters(view.endpoint.adapter), view.credentials)
    values = form.typed(acting.form) | {"name": name}
    try:
        await setup.put_endpoint(acting.person.tenant_id, acting.name, name, form.draft(values, new=False))
    except DomainError as error:
        return _page(request, form, refused(form.shown_again(values), error), name=name, status=status_of(type(error)))
    return await told(request, acting, f"The endpoint {name} is changed.", to=address_of(name))


def _page(request: Request, form: EndpointForm, filled: Filled, *, name: str | None, status: int = 200) -> Response:
    return page(
        request,
        "set_up/endpoint_settings.html",
        status=status,
        fields=form,
        form=filled,
        name=name,
        action=NEW if name is None else f"{address_of(name)}/settings",
        cancel=LIST if name is None else address_of(name),
        levels=_levels(form.adapter),
        omittable=OMITTABLE,
    )


def _levels(adapter: AdapterDescription) -> list[tuple[str, str]]:
    """As far as the adapter gets."""
    reached = LEVELS[: LEVELS.index(adapter.capabilities.highest_validation) + 1]
    return [(str(level), LEVEL[level]) for level in reached]
