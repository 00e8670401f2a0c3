"""An endpoint's mapping: seen and changed as lines, with what is wrong at its line and what it lacks."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import status_of
from app.application.configure import Configure
from app.application.people.resume_session import SignedIn
from app.domain.errors import Invalid
from app.domain.mapping import DIMENSIONS_OF
from app.web import mapping_form
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.formats import plural
from app.web.parts import Setup
from app.web.render import page
from app.web.routes.set_up_endpoints import address_of
from app.web.session import SetUp, Viewer

router = APIRouter(prefix="/set-up/endpoints/{name:name}/mapping")


@router.get("")
async def mapping_page(request: Request, name: str, person: Viewer, setup: Setup) -> Response:
    known = await setup.read_mapping(person.tenant_id, name)
    values = mapping_form.values_of(known.endpoint.mapping)
    return await _page(request, setup, person, name, None if values is None else Filled(values=values))


@router.post("")
async def change_mapping(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """All of it at once. The rest of the endpoint stays as it is, and nothing is called."""
    values = {field: acting.form.text(field) for field in mapping_form.FIELDS}
    try:
        mapping, lines = mapping_form.mapping_of(values)
        try:
            lacks = await setup.put_mapping(acting.person.tenant_id, acting.name, name, mapping)
        except Invalid as error:
            raise mapping_form.at_lines(error, lines, values) from error
    except Invalid as error:
        return await _page(request, setup, acting.person, name, refused(values, error), status=status_of(type(error)))
    missing = len(lacks.targets) + len(lacks.account_codes) + len(lacks.charge_codes)
    lacking = f" {plural(missing, 'code does', 'codes do')} not lead to an account of the ERP yet." if missing else ""
    to = f"{address_of(name)}/mapping"
    return await told(request, acting, f"The mapping is saved.{lacking}", failed=bool(missing), to=to)


async def _page(request: Request, setup: Configure, person: SignedIn, name: str, form: Filled | None, *, status: int = 200) -> Response:
    """Without a form the mapping has what lines cannot say: it is shown as it is kept."""
    known = await setup.read_mapping(person.tenant_id, name)
    return page(
        request,
        "set_up/mapping.html",
        status=status,
        name=name,
        form=form,
        kept=json.dumps(known.endpoint.mapping, indent=2, ensure_ascii=False),
        lacks=known.lacks,
        chart=known.chart,
        kinds=mapping_form.KIND_WORDS,
        otherwise=mapping_form.OTHERWISE,
        dimensions=mapping_form.DIMENSIONS,
        dimensions_field=f"mapping/{DIMENSIONS_OF}",
        here_path=address_of(name),
    )
