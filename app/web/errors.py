"""What people see when something cannot be done: a page of its own for a page, and a notice on the page they were on for a form."""

from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import status_of
from app.application.ports.unit_of_work import StoreUnavailable
from app.domain.errors import DomainError
from app.observability import current_trace_id
from app.web.parts import PREFIX, parts_of
from app.web.plain import plain
from app.web.render import page
from app.web.session import Acting, NotSignedIn, session_token
from app.web.words import sentence

TITLES = {
    403: "Not for you",
    404: "Not found",
    409: "Not possible now",
    422: "Not understood",
    500: "Something went wrong",
    503: "Not ready",
}
MOST_DETAILS = 10

log = structlog.get_logger(__name__)


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    app.add_exception_handler(HTTPException, _http_error)


async def told(
    request: Request, acting: Acting, text: str, *, failed: bool = False, details: list[str] | None = None, to: str | None = None
) -> Response:
    """Back to the page they came from, or on to another one, which says it in plain words."""
    notice = {"failed": failed, "text": plain(text), "details": [plain(each) for each in (details or [])[:MOST_DETAILS]]}
    await parts_of(request).people.session.tell(acting.token, notice)
    return RedirectResponse(to or acting.back, status_code=303)


async def _not_signed_in(request: Request, _: Exception) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = here if request.method == "GET" and "hx-request" not in request.headers else f"{PREFIX}/"
    address = f"{PREFIX}/sign-in?next={quote(wanted, safe='')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


async def _domain_error(request: Request, error: Any) -> Response:
    acting: Acting | None = getattr(request.state, "acting", None)
    if acting is not None:
        details = [fault.message for fault in error.faults if fault.message != error.detail]
        return await told(request, acting, sentence(error.detail), failed=True, details=details)
    return _page(request, status_of(type(error)), sentence(plain(error.detail)))


async def _parameters(request: Request, error: Any) -> Response:
    told = "; ".join(f"{'/'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in error.errors())
    return _page(request, 422, sentence(told))


async def _store_unavailable(request: Request, _: Exception) -> Response:
    return _page(request, 503, "The database does not answer. Nothing was changed; try again in a moment.")


async def _http_error(request: Request, error: Any) -> Response:
    await _known(request)
    detail = "There is no such page." if error.status_code == 404 else "This cannot be asked for here."
    return _page(request, error.status_code, detail)


async def _known(request: Request) -> None:
    """Whoever is signed in keeps the menu on a page that is not there."""
    if (token := session_token(request)) and getattr(request.state, "person", None) is None:
        request.state.person = await parts_of(request).people.session(token)


def _page(request: Request, status: int, detail: str) -> Response:
    return page(request, "error.html", status=status, title=TITLES.get(status, "Not possible"), detail=detail, trace_id=current_trace_id())


class Unforeseen:
    """ASGI middleware, the innermost ring that catches what nobody foresaw: logged once, under the trace that the page shows."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            log.exception("unhandled_error", method=scope["method"], route="screens")
            request = Request(scope)
            await _page(request, 500, "It was not your doing, and it is written down.")(scope, receive, send)
