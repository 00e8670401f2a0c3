"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.application.people.start_session import Started, TooManyTries
from app.web.formats import age
from app.web.forms import read_form
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
    return sign_in_form(request, wanted=local_path(wanted, START), organisation=organisation)


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
        return await signed_in(request, done, wanted)
    organisation, name = form.text("organisation"), form.text("name")
    if isinstance(done, TooManyTries):
        return too_many(request, done, wanted=wanted, organisation=organisation, name=name)
    return sign_in_form(request, status=401, wanted=wanted, organisation=organisation, name=name, failed=WRONG)


@router.post("/sign-out")
async def sign_out(request: Request, acting: Anyone) -> Response:
    await parts_of(request).people.session.end(acting.token)
    answer = RedirectResponse(f"{PREFIX}/sign-in", status_code=303)
    clear_session(request, answer)
    return answer


def sign_in_form(
    request: Request,
    *,
    wanted: str,
    status: int = 200,
    organisation: str = "",
    name: str = "",
    failed: str | None = None,
    which_organisation: bool = False,
) -> Response:
    """The page, with what is known already. `which_organisation`: it asks for that alone, for signing in at the issuer."""
    by_identity = parts_of(request).people.by_identity
    typed = {"wanted": wanted, "organisation": organisation, "name": name}
    label = None if by_identity is None else by_identity.label
    return page(request, "sign_in.html", status=status, failed=failed, label=label, which_organisation=which_organisation, **typed)


async def signed_in(request: Request, started: Started, wanted: str) -> Response:
    """On to where they want to be; the session that the browser had before is over."""
    if before := session_token(request):
        await parts_of(request).people.session.end(before)
    answer = RedirectResponse(wanted, status_code=303)
    set_session(request, answer, started.token, started.ends_at)
    return answer


def too_many(request: Request, tries: TooManyTries, *, wanted: str, organisation: str, name: str = "") -> Response:
    told = f"Too many tries. Wait {age(tries.wait)}, then try again."
    refused = sign_in_form(request, status=429, wanted=wanted, organisation=organisation, name=name, failed=told)
    refused.headers["Retry-After"] = str(int(tries.wait.total_seconds()) + 1)
    return refused
