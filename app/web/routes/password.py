"""A person's own password."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import status_of
from app.application.people.change_password import MustWait
from app.application.people.manage_users import LONGEST, SHORTEST
from app.domain.errors import DomainError, Fault, Invalid
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.formats import age
from app.web.parts import PREFIX, parts_of
from app.web.render import page
from app.web.session import Anyone, Viewer

router = APIRouter(prefix="/password")

FIELDS = dict.fromkeys(("current", "new", "repeat"), "")
"""What was typed is never sent back."""


@router.get("")
async def password_page(request: Request, _: Viewer) -> Response:
    return _page(request, Filled(values=FIELDS))


@router.post("")
async def change_password(request: Request, acting: Anyone) -> Response:
    """Everybody their own; their other sessions end."""
    typed = {name: acting.form.exact(name) for name in FIELDS}
    people, person = parts_of(request).people, acting.person
    try:
        if typed["new"] != typed["repeat"]:
            raise Invalid("the password was not changed", Fault(pointer="/repeat", message="is not the same as the new password"))
        done = await people.change_password(person.tenant_id, acting.name, acting.token, current=typed["current"], new=typed["new"])
    except DomainError as error:
        return _page(request, refused(FIELDS, error), status=status_of(type(error)))
    if isinstance(done, MustWait):
        waiting = Filled(values=FIELDS, told=f"too many wrong passwords: wait {age(done.wait)}, then try again")
        answer = _page(request, waiting, status=429)
        answer.headers["Retry-After"] = str(int(done.wait.total_seconds()) + 1)
        return answer
    text = "Your password is changed. Wherever else you were signed in, you are not any more."
    return await told(request, acting, text, to=f"{PREFIX}/password")


def _page(request: Request, form: Filled, *, status: int = 200) -> Response:
    return page(request, "password.html", status=status, form=form, shortest=SHORTEST, longest=LONGEST)
