"""Dissection: how a debtor transaction finds its GL interface record."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.application.configure.master_kinds import GL_INTERFACE
from app.domain.debtors import STANDARD, DebtorsKey, Dissection, Option, WarehouseKey
from app.domain.errors import Invalid
from app.web.errors import told
from app.web.master_forms import FORMS
from app.web.parts import Setup
from app.web.render import page
from app.web.session import SetUp, Viewer
from app.web.words import OPTION

router = APIRouter()

MOST = 500


@router.get("/set-up/dissection")
async def dissection_page(request: Request, person: Viewer, setup: Setup) -> Response:
    """The option in force, with its keys."""
    standard = await setup.browse_masters.page(person.tenant_id, GL_INTERFACE, STANDARD, after=None, limit=MOST)
    return page(
        request,
        "dissection/option.html",
        now=await setup.debtor_dissection.get(person.tenant_id),
        forms=FORMS,
        options=Option,
        has_standard=any(record.code == STANDARD for record in standard),
    )


@router.post("/set-up/dissection")
async def set_dissection(request: Request, acting: SetUp, setup: Setup) -> Response:
    """For later transactions; what is posted keeps its accounts. Keys count with a combination alone."""
    try:
        option = Option(acting.form.text("option"))
        keys = WarehouseKey(acting.form.text("warehouse_key")), DebtorsKey(acting.form.text("debtors_key"))
    except ValueError:
        raise Invalid("choose one of the options, and its keys from their lists") from None
    wanted = Dissection(option=option)
    if option is Option.COMBINATION:
        wanted = Dissection(option=option, warehouse_key=keys[0], debtors_key=keys[1])
    await setup.debtor_dissection.put(acting.person.tenant_id, acting.name, wanted)
    return await told(request, acting, f"Debtor transactions are dissected by: {OPTION[option][0]}.")
