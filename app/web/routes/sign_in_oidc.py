"""Signing in at the issuer: leaving for it, and coming back."""

from collections.abc import Mapping
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.api.sign_in_page import callback_parameters
from app.application.people.begin_by_identity import Leaving, WhichOrganisation
from app.application.people.by_identity import ByIdentity
from app.application.people.start_session import Started, TooManyTries
from app.application.people.start_session_by_identity import Refused
from app.application.ports.identity import Refusal
from app.web.origin import local_path
from app.web.parts import PREFIX, parts_of
from app.web.routes.sign_in import START, sign_in_form, signed_in, too_many
from app.web.session import forget_flow, keep_flow, kept_flow

CALLBACK = "/sign-in/oidc/callback"
TELL = "if it stays so, tell whoever looks after Glint."

SAID: Mapping[Refusal, tuple[int, str]] = {
    Refusal.STALE: (400, "This sign-in was begun too long ago or in another window, or was used before. Start again."),
    Refusal.DENIED: (403, "You are not signed in: over there it was broken off, or not allowed."),
    Refusal.UNAVAILABLE: (502, f"The sign-in service does not answer as it should. Try again in a moment; {TELL}"),
    Refusal.UNTRUSTED: (502, f"What the sign-in service answered cannot be trusted, so nobody is signed in. Start again; {TELL}"),
    Refusal.UNVERIFIED: (
        403,
        "The sign-in service says that your e-mail address is not verified. Have it verified there, then sign in here.",
    ),
    Refusal.UNNAMED: (
        403,
        "The sign-in service does not tell who you are in a way that Glint is set up for. Tell whoever looks after Glint.",
    ),
    Refusal.UNKNOWN: (
        403,
        "Over there you are {name}. Nobody is let in here under that name in this organisation: ask whoever looks after Glint.",
    ),
}
"""What people are told, and with which status."""

router = APIRouter()
log = structlog.get_logger(__name__)


async def _by_identity(request: Request) -> ByIdentity:
    """No such page where the installation has no issuer."""
    if (found := parts_of(request).people.by_identity) is None:
        raise HTTPException(404)
    return found


Issuer = Annotated[ByIdentity, Depends(_by_identity)]


@router.get("/sign-in/oidc")
async def leave(
    request: Request, issuer: Issuer, wanted: Annotated[str, Query(alias="next", max_length=2_000)] = START, organisation: str = ""
) -> Response:
    """Off to the issuer."""
    wanted, organisation = local_path(wanted, START), organisation.strip()
    done = await issuer.begin(organisation, wanted, _redirect_uri(request))
    if isinstance(done, Leaving):
        answer = RedirectResponse(done.url, status_code=303)
        keep_flow(request, answer, done.sealed, done.ends_at)
        return answer
    if isinstance(done, WhichOrganisation):
        return sign_in_form(request, status=422, wanted=wanted, failed="Say which organisation you belong to.", which_organisation=True)
    return _refused(request, Refused(reason=done.reason, detail=done.detail), wanted, organisation)


@router.get(CALLBACK)
async def come_back(request: Request, issuer: Issuer) -> Response:
    """Where the issuer sends people back to, with `state` and `code` or `error`."""
    address = "" if request.client is None else request.client.host
    done = await issuer.start_session(kept_flow(request), callback_parameters(request), address, _redirect_uri(request))
    wanted, organisation = local_path(done.errand.wanted, START), done.errand.organisation
    if isinstance(done.outcome, Started):
        answer = await signed_in(request, done.outcome, wanted)
    elif isinstance(done.outcome, TooManyTries):
        answer = too_many(request, done.outcome, wanted=wanted, organisation=organisation)
    else:
        answer = _refused(request, done.outcome, wanted, organisation)
    forget_flow(request, answer)
    return answer


def _refused(request: Request, refused: Refused, wanted: str, organisation: str) -> Response:
    status, told = SAID[refused.reason]
    log.warning("oidc_refused", reason=str(refused.reason), detail=refused.detail, **({"identity": refused.name} if refused.name else {}))
    failed = told.format(name=refused.name[:320])
    return sign_in_form(request, status=status, wanted=wanted, organisation=organisation, failed=failed)


def _redirect_uri(request: Request) -> str:
    """Registered at the issuer, letter by letter."""
    return f"{parts_of(request).public_url}{PREFIX}{CALLBACK}"
