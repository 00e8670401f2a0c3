"""Master data from a file: all of its rows, or none where one breaks a rule."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.csv_body import read_rows
from app.domain.errors import DomainError
from app.web.errors import told
from app.web.formats import number, plural
from app.web.master_forms import FORMS, MasterForm, form_of
from app.web.parts import Setup
from app.web.plain import plain
from app.web.render import page
from app.web.session import SetUp, Viewer
from app.web.words import sentence

router = APIRouter(prefix="/set-up/dissection")

Wrong = tuple[str, str, str]
"""The line of the file, the column, and what is wrong there."""


@router.get("/{path}/load")
async def load_page(request: Request, path: str, _: Viewer) -> Response:
    return _page(request, form_of(path), "", [], "", 200)


@router.post("/{path}/load")
async def load(request: Request, path: str, acting: SetUp, setup: Setup) -> Response:
    """Rows of codes that are there are changed, others stay. Each row that is new or changed has its entry in the audit log."""
    form = form_of(path)
    text = acting.form.exact("file") or acting.form.exact("rows")
    try:
        rows = read_rows(text.encode(), form.model)
        masters, lines = [row.body.to_domain() for row in rows], [row.line for row in rows]
        loaded = await setup.put_masters.many(acting.person.tenant_id, acting.name, form.kind, masters, lines)
    except DomainError as error:
        wrong = [(*_place(fault.pointer), sentence(plain(fault.message))) for fault in error.faults]
        return _page(request, form, text, wrong, sentence(plain(error.detail)), 422)
    told_counts = f"{number(loaded.created)} new, {number(loaded.changed)} changed, {number(loaded.unchanged)} as they were"
    return await told(request, acting, f"Loaded {plural(len(rows), 'row')}: {told_counts}.")


def _place(pointer: str) -> tuple[str, str]:
    """/lines/3/gl_interface → line 3, column gl_interface."""
    parts = [*pointer.strip("/").split("/"), "", ""]
    return parts[1], parts[2]


def _page(request: Request, form: MasterForm, text: str, wrong: list[Wrong], complaint: str, status: int) -> Response:
    return page(request, "dissection/load.html", status=status, form=form, forms=FORMS, text=text, wrong=wrong, complaint=complaint)
