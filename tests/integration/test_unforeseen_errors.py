"""Errors that nobody foresaw: told to nobody, logged once, whatever state the answer is in."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.responses import StreamingResponse
from structlog.testing import capture_logs

from app.application.ports.procurement import Malformed
from app.bootstrap import Container
from app.domain.errors import Waiting
from app.main import create_app
from tests.api_fixtures import Api

pytestmark = pytest.mark.anyio


@pytest.fixture
async def broken(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(container)

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("the password is hunter2")

    @app.get("/waiting")
    async def waiting() -> None:
        raise Waiting(("PO-1",))

    @app.get("/malformed")
    async def malformed(request: Request) -> None:
        raise Malformed("this is no cXML")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://glint.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/bug", "/waiting"])
async def test_an_error_nobody_foresaw_tells_nothing_and_is_logged_once(broken: httpx.AsyncClient, path: str) -> None:
    with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        answer = await broken.get(path)
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "/problems/internal-error",
        "title": "An unforeseen error",
        "status": 500,
        "code": "internal-error",
        "detail": "It is logged under this trace_id.",
        "trace_id": answer.headers["x-trace-id"],
    }
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line["trace_id"]) for line in errors] == [("unhandled_error", answer.headers["x-trace-id"])]


async def test_a_document_that_cannot_be_read_is_400(broken: httpx.AsyncClient) -> None:
    answer = await broken.get("/malformed")
    assert (answer.status_code, answer.json()["detail"]) == (400, "this is no cXML")


async def test_an_answer_that_has_begun_is_broken_off(container: Container) -> None:
    app = create_app(container)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        raise RuntimeError("in the middle")

    @app.get("/half", response_model=None)
    async def half() -> StreamingResponse:
        return StreamingResponse(pieces())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://glint.test") as client:
        with pytest.raises(RuntimeError, match="in the middle"):
            await client.get("/half")


async def test_a_client_that_goes_away_is_no_error(container: Container, api: Api) -> None:
    app = create_app(container)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {api.key}".encode()), (b"content-type", b"application/json"), (b"content-length", b"5")]
    path = "/v1/accounts/x"
    scope = {
        "type": "http",
        "method": "PUT",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
    }
    with capture_logs() as logs:
        await app(scope, receive, send)
    assert sent == []
    assert [line["event"] for line in logs] == ["client_gone"]
