"""The debtors ledger's master data: lists, and a form for one row."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.application.configure import Configure
from app.domain.errors import DomainError, Fault, Invalid, NotFound
from app.web.choices import lists
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.master_forms import FORMS, MasterForm, form_of
from app.web.paging import ROWS, code_place, paged_by_code
from app.web.parts import PREFIX, Setup
from app.web.render import page
from app.web.session import Acting, SetUp, Viewer

router = APIRouter(prefix="/set-up/dissection")

Code = Annotated[str, Query(max_length=100)]


@router.get("/{path}")
async def masters_page(
    request: Request,
    path: str,
    person: Viewer,
    setup: Setup,
    search: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Rows by code, searched in code and name."""
    form, text = form_of(path), search.replace("\x00", "").strip()
    found = await setup.browse_masters.page(person.tenant_id, form.kind, text or None, after=code_place(cursor), limit=ROWS + 1)
    return page(request, "dissection/masters.html", form=form, forms=FORMS, rows=paged_by_code(request, found), search=text)


@router.get("/{path}/new")
async def new_row(request: Request, path: str, person: Viewer, setup: Setup) -> Response:
    return await _form_page(request, setup, person.tenant_id, form_of(path), Filled(), new=True)


@router.post("/{path}/new")
async def add_row(request: Request, path: str, acting: SetUp, setup: Setup) -> Response:
    """A code that is there already is not overwritten."""
    form = form_of(path)
    values = form.typed(acting.form)
    if values["code"] and await _is_there(setup, acting, form, values["code"]):
        message = f"there is a {form.one} {values['code']} already"
        return await _again(request, setup, acting, form, values, Invalid(message, Fault(pointer="/code", message=message)), new=True)
    return await _put(request, setup, acting, form, values, new=True)


@router.get("/{path}/row")
async def row_page(request: Request, path: str, person: Viewer, setup: Setup, code: Code) -> Response:
    form = form_of(path)
    row = await setup.browse_masters.one(person.tenant_id, form.kind, code)
    return await _form_page(request, setup, person.tenant_id, form, form.filled(row), new=False)


@router.post("/{path}/row")
async def change_row(request: Request, path: str, acting: SetUp, setup: Setup) -> Response:
    """For later transactions; what is posted keeps its accounts."""
    form = form_of(path)
    return await _put(request, setup, acting, form, form.typed(acting.form), new=False)


@router.post("/{path}/delete")
async def delete_row(request: Request, path: str, acting: SetUp, setup: Setup) -> Response:
    """Only what nothing names and no transaction carries."""
    form, code = form_of(path), acting.form.needed("code", "the code")
    await setup.delete_master(acting.person.tenant_id, acting.name, form.kind, code)
    return await told(request, _on_the_list(acting, form), f"Deleted {form.one} {code}.")


async def _put(request: Request, setup: Configure, acting: Acting, form: MasterForm, values: Mapping[str, str], *, new: bool) -> Response:
    try:
        row = form.row(values)
        await setup.put_masters.one(acting.person.tenant_id, acting.name, form.kind, row)
    except DomainError as error:
        return await _again(request, setup, acting, form, values, error, new=new)
    return await told(request, _on_the_list(acting, form), f"Saved {form.one} {row.code}.")


async def _again(
    request: Request, setup: Configure, acting: Acting, form: MasterForm, values: Mapping[str, str], error: DomainError, *, new: bool
) -> Response:
    filled = refused(values, _for_fields(error))
    return await _form_page(request, setup, acting.person.tenant_id, form, filled, new=new, status=422)


def _for_fields(error: DomainError) -> DomainError:
    """A pair is two fields here."""
    faults = [Fault(pointer="/for_warehouse" if each.pointer == "/for" else each.pointer, message=each.message) for each in error.faults]
    return type(error)(error.detail, *faults)


async def _is_there(setup: Configure, acting: Acting, form: MasterForm, code: str) -> bool:
    try:
        await setup.browse_masters.one(acting.person.tenant_id, form.kind, code)
    except NotFound:
        return False
    return True


async def _form_page(
    request: Request, setup: Configure, tenant_id: Any, form: MasterForm, filled: Filled, *, new: bool, status: int = 200
) -> Response:
    found = await lists(setup, tenant_id, *form.choices)
    return page(request, "dissection/master.html", status=status, form=form, forms=FORMS, filled=filled, lists=found, new=new)


def _on_the_list(acting: Acting, form: MasterForm) -> Acting:
    """What was done is told on the list."""
    return replace(acting, back=f"{PREFIX}/set-up/dissection/{form.path}")
