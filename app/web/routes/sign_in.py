"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.application.people.start_session import Started, TooManyTries
from app.web.formats import age
from app.web.forms import Form, read_form
from app.web.origin import is_own_origin, local_path
from app.web.parts import PREFIX, parts_of
from app.web.render import page
from app.web.session import Anyone, Foreign, clear_session, session_token, set_session

router = APIRouter()

START = f"{PREFIX}/"
WRONG = "Organisation, name or password is not right."


@router.get("/sign-in")
async def sign_in_page(
    request: Request, wanted: Annotated[str, Query(alias="next", max_length=2_000)] = START, organisation: str = ""
) -> Response:
    """Where people sign in. A link may name their organisation: `?organisation=University`."""
    return page(request, "sign_in.html", wanted=local_path(wanted, START), organisation=organisation, name="", failed=None)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """A right password starts a session of its own; whatever session the browser had before is over."""
    if not is_own_origin(request, parts_of(request).public_url):
        raise Foreign("the form was sent from another site")
    form = await read_form(request)
    address = "" if request.client is None else request.client.host
    people, wanted = parts_of(request).people, local_path(form.text("next"), START)
    done = await people.start_session(form.text("organisation"), form.text("name"), form.exact("password"), address)
    if isinstance(done, Started):
        if before := session_token(request):
            await people.session.end(before)
        answer: Response = RedirectResponse(wanted, status_code=303)
        set_session(request, answer, done.token, done.ends_at)
        return answer
    if isinstance(done, TooManyTries):
        refused = _refused(request, form, wanted, 429, f"Too many tries. Wait {age(done.wait)}, then try again.")
        refused.headers["Retry-After"] = str(int(done.wait.total_seconds()) + 1)
        return refused
    return _refused(request, form, wanted, 401, WRONG)


@router.post("/sign-out")
async def sign_out(request: Request, acting: Anyone) -> Response:
    await parts_of(request).people.session.end(acting.token)
    answer = RedirectResponse(f"{PREFIX}/sign-in", status_code=303)
    clear_session(request, answer)
    return answer


def _refused(request: Request, form: Form, wanted: str, status: int, text: str) -> Response:
    known = {"organisation": form.text("organisation"), "name": form.text("name")}
    return page(request, "sign_in.html", status=status, wanted=wanted, failed=text, **known)
