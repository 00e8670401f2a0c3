"""Who looks at a screen, and who acts on one: dependencies of the routes."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from app.api.errors import Forbidden
from app.application.people.resume_session import SignedIn
from app.application.ports.users import UserRole
from app.web.forms import Form, read_form
from app.web.origin import is_csrf_token, is_own_origin, is_plain_loopback, local_path
from app.web.parts import PREFIX, parts_of

SECURE_COOKIE, LOOPBACK_COOKIE = "__Host-glint", "glint-session"


FLOW = "-oidc"
"""What the name of the cookie of a sign-in under way has besides."""


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more: they are sent to the sign-in page."""


class Foreign(Forbidden):
    """The form is not one of ours, or of an older session. Nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Somebody who sends a form, with what is in it. `back` is the page that they go back to."""

    person: SignedIn
    form: Form
    token: str
    back: str

    @property
    def name(self) -> str:
        """The actor of what they do."""
        return self.person.user.name


def session_token(request: Request) -> str:
    """As the browser keeps it, empty where it has none."""
    return request.cookies.get(_cookie(request), "")


def set_session(request: Request, response: Response, token: str, ends_at: datetime) -> None:
    """The cookie: not for scripts, not for other sites, and only over TLS but on this very machine."""
    secure = not is_plain_loopback(request)
    response.set_cookie(_cookie(request), token, expires=ends_at, path="/", secure=secure, httponly=True, samesite="lax")


def clear_session(request: Request, response: Response) -> None:
    response.delete_cookie(_cookie(request), path="/", secure=not is_plain_loopback(request), httponly=True, samesite="lax")


def kept_flow(request: Request) -> bytes:
    """The sealed flow of a sign-in under way, as the browser brings it back; empty where it has none."""
    try:
        return base64.urlsafe_b64decode(request.cookies.get(_cookie(request) + FLOW, "").encode("ascii"))
    except ValueError:
        return b""


def keep_flow(request: Request, response: Response, sealed: bytes, ends_at: datetime) -> None:
    """`SameSite=Lax`: it has to come back with a person whom another site sends."""
    kept, secure = base64.urlsafe_b64encode(sealed).decode(), not is_plain_loopback(request)
    response.set_cookie(_cookie(request) + FLOW, kept, expires=ends_at, path="/", secure=secure, httponly=True, samesite="lax")


def forget_flow(request: Request, response: Response) -> None:
    response.delete_cookie(_cookie(request) + FLOW, path="/", secure=not is_plain_loopback(request), httponly=True, samesite="lax")


class _Look:
    """Lets in whoever is signed in, and in one of `roles` where there are any. `notice`: the page says what was left to be said."""

    def __init__(self, *roles: UserRole, notice: bool) -> None:
        self._roles = roles
        self._notice = notice

    async def __call__(self, request: Request) -> SignedIn:
        person = await _person(request, take_notice=self._notice)
        _check_roles(person, self._roles)
        return person


class _Act:
    """Lets in forms of our own pages, sent by somebody in one of `roles`."""

    def __init__(self, *roles: UserRole) -> None:
        self._roles = roles

    async def __call__(self, request: Request) -> Acting:
        if not is_own_origin(request, parts_of(request).public_url):
            raise Foreign("the form was sent from another site")
        person, token = await _person(request, take_notice=False), session_token(request)
        form = await read_form(request)
        if not is_csrf_token(form.text("csrf"), token):
            raise Foreign("the form is of an older session: go back, reload the page and send it again")
        _check_roles(person, self._roles)
        acting = Acting(person=person, form=form, token=token, back=local_path(form.text("back"), f"{PREFIX}/"))
        request.state.acting = acting
        return acting


async def _person(request: Request, *, take_notice: bool) -> SignedIn:
    person = await parts_of(request).people.session(session_token(request), take_notice=take_notice)
    if person is None:
        raise NotSignedIn
    request.state.person = person
    bind_contextvars(tenant_id=str(person.tenant_id))
    return person


def _check_roles(person: SignedIn, roles: tuple[UserRole, ...]) -> None:
    if roles and not set(roles) & set(person.user.roles):
        raise Forbidden(f"this is for people in the role {' or '.join(role.replace('_', '-') for role in roles)}")


def _cookie(request: Request) -> str:
    return LOOPBACK_COOKIE if is_plain_loopback(request) else SECURE_COOKIE


Viewer = Annotated[SignedIn, Depends(_Look(notice=True))]
"""Somebody who looks at a page."""
Watcher = Annotated[SignedIn, Depends(_Look(notice=False))]
"""Somebody whose page asks for a part of itself, or for a file."""


PosterLooks = Annotated[SignedIn, Depends(_Look(UserRole.POSTER, notice=True))]
"""Somebody who looks at the form of what posters do."""


def acting(*roles: UserRole) -> Any:
    """For a route's parameter: `acting: Annotated[Acting, acting(UserRole.SENDER)]`."""
    return Depends(_Act(*roles))


Sender = Annotated[Acting, acting(UserRole.SENDER)]
Marker = Annotated[Acting, acting(UserRole.MARKER)]
SetUp = Annotated[Acting, acting(UserRole.SET_UP)]
Poster = Annotated[Acting, acting(UserRole.POSTER)]
Anyone = Annotated[Acting, acting()]
