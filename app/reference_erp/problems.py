"""Errors as RFC 9457 `application/problem+json`."""

from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

_CODES = {401: "unauthorised", 404: "not-found", 405: "method-not-allowed"}


class JournalNotFound(Exception):
    """The ledger has no journal of this reference. Its own code tells it from a path that does not exist."""


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, errors: Sequence[object] = ()) -> JSONResponse:
    """`errors` are `{pointer, message}` of the fields at fault."""
    body = {"type": "about:blank", "title": code.replace("-", " ").capitalize(), "status": status, "code": code, "detail": detail}
    content = body | ({"errors": list(errors)} if errors else {})
    return JSONResponse(content, status, dict(headers or {}), "application/problem+json")


def add_handlers(app: FastAPI) -> None:
    """Every error of `app` leaves in this form."""
    app.add_exception_handler(JournalNotFound, _journal_not_found)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _journal_not_found(_: Request, error: Exception) -> JSONResponse:
    return problem(404, "journal-not-found", f"There is no journal with reference {error}")


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, _CODES.get(error.status_code, "refused"), str(error.detail), error.headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(fault["type"] == "json_invalid" for fault in found):
        return problem(400, "malformed", "The body is not JSON")
    errors = [{"pointer": "".join(f"/{part}" for part in fault["loc"][1:]), "message": fault["msg"]} for fault in found[:100]]
    return problem(422, "invalid", "The message has not the agreed form", errors=errors)
