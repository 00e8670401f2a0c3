"""The one table from an error's class to its HTTP status, and the handlers that answer with problems."""

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from app.api.problems import ProblemResponse, problem, problem_of
from app.application.ports.procurement import Malformed
from app.application.ports.unit_of_work import StoreUnavailable
from app.domain.errors import Conflict, DomainError, Fault, Invalid, NotFound


class NotJson(DomainError):
    code = "not-json"
    title = "The body is not JSON"


class NotCsv(DomainError):
    code = "not-csv"
    title = "The body is not CSV"


class Unauthenticated(DomainError):
    code = "unauthenticated"
    title = "A valid key is needed"


class Forbidden(DomainError):
    code = "forbidden"
    title = "The key may not do this"


class NotAcceptable(DomainError):
    code = "not-acceptable"
    title = "There is no such format of this"


class BodyTooLarge(DomainError):
    code = "body-too-large"
    title = "The body is too large"


class UnsupportedMediaType(DomainError):
    code = "unsupported-media-type"
    title = "The body's media type is not accepted here"


class NotReady(DomainError):
    code = "not-ready"
    title = "Not ready to serve"


STATUS: Mapping[type[DomainError], int] = {
    NotJson: 400,
    NotCsv: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    NotAcceptable: 406,
    Conflict: 409,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    Invalid: 422,
    NotReady: 503,
}
"""A class that is not here has the status of the nearest ancestor that is."""


HEADERS: Mapping[type[DomainError], Mapping[str, str]] = {
    Unauthenticated: {"WWW-Authenticate": 'Bearer realm="glint"'},
    NotReady: {"Retry-After": "5"},
}


def status_of(error: type[DomainError]) -> int:
    """The HTTP status of an error class."""
    return next(STATUS[ancestor] for ancestor in error.__mro__ if ancestor in STATUS)


def problem_body(error: DomainError) -> dict[str, Any]:
    """The problem that a domain error is, for inside another answer."""
    return problem_of(error, status_of(type(error)))


def stored_problem(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A problem as it was kept with its event (`app.application.problems`), with what only HTTP knows added."""
    return problem(
        status=_statuses().get(stored["code"], 422),
        code=stored["code"],
        title=stored["title"],
        detail=stored.get("detail"),
        errors=stored.get("errors"),
    )


def answer(error: DomainError) -> ProblemResponse:
    """The response that a domain error is."""
    return ProblemResponse(problem_body(error), status_code=status_of(type(error)), headers=HEADERS.get(type(error)))


@cache
def _statuses() -> dict[str, int]:
    return {each.code: status_of(each) for each in descendants(DomainError)}


def descendants(error: type[DomainError]) -> Iterator[type[DomainError]]:
    """All classes under this one."""
    for child in error.__subclasses__():
        yield child
        yield from descendants(child)


def add_handlers(app: FastAPI) -> None:
    """Every error that has a meaning leaves as a problem. What has none is caught in `app.api.boundary`."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(Malformed, _malformed)
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _http_error)


async def _domain_error(_: Request, error: Any) -> ProblemResponse:
    return answer(error)


async def _store_unavailable(_: Request, __: Exception) -> ProblemResponse:
    return answer(NotReady("the database does not answer; send it again"))


async def _malformed(_: Request, error: Any) -> ProblemResponse:
    return ProblemResponse(problem(status=400, code="malformed", title="The body cannot be read", detail=error.detail), status_code=400)


async def _parameters(_: Request, error: Any) -> ProblemResponse:
    """Parameters of path and query; their pointers begin with where they were."""
    faults = [
        Fault(pointer="".join(f"/{part}" for part in each["loc"]), message=str(each["msg"]).removeprefix("Value error, "))
        for each in error.errors()
    ]
    return answer(Invalid("a parameter breaks its shape", *faults))


async def _http_error(request: Request, error: Any) -> ProblemResponse:
    """What the router itself says: no such path, no such method."""
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "-")
    headers = {"Allow": _allowed(request)} if status is HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return ProblemResponse(problem(status=status, code=code, title=status.phrase), status_code=status, headers=headers)


def _allowed(request: Request) -> str:
    """The methods of every route on this path; the router itself knows only those of the first."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    matching = [route for route in iter_route_contexts(request.app.routes) if route.path_regex.match(path)]
    return ", ".join(sorted({method for route in matching for method in route.methods or ()}))
