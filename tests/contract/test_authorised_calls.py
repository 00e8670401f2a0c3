"""Calls with an access token: renewed once, repeated once, and never kept."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.adapters.erp.answers import HttpAnswer, Timeouts
from app.adapters.erp.authorised import AuthorisedCalls, outcome_without_token
from app.adapters.erp.http import HttpClient
from app.application.ports.sign_in import NotAuthorised, NoTokenNow
from app.domain.delivery import Retryable, Unauthorised
from tests.contract.faulty_server import FaultyServer
from tests.fake_sign_in import FakeSignIn

pytestmark = pytest.mark.anyio


async def echo(request: Request) -> Response:
    """Shows what it was sent, as some gateways do; takes the token `good` only."""
    bearer = request.headers["authorization"]
    return PlainTextResponse(f"you said {bearer}", 200 if bearer == "Bearer good" else 401)


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    with FaultyServer(Starlette(routes=[Route("/", echo)]), lambda method, path, body: None) as running:
        yield running


def calls(http: HttpClient, sign_in: FakeSignIn | None) -> AuthorisedCalls:
    return AuthorisedCalls(http, sign_in, Timeouts(read=2, total=5))


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as client:
        yield client


async def test_a_refused_token_is_renewed_and_the_newer_one_stays(server: FaultyServer, http: HttpClient) -> None:
    sign_in = FakeSignIn(["stale", "good"])
    made = calls(http, sign_in)

    for _ in range(2):
        result = await made.request("GET", f"{server.url}/", label="read", headers={})
        assert isinstance(result, HttpAnswer)
        assert result.status == 200

    assert sign_in.refusals == ["stale"]
    assert [headers["authorization"] for _, _, headers, _ in server.requests] == ["Bearer stale", "Bearer good", "Bearer good"]


async def test_an_answer_that_shows_the_token_is_kept_without_it(server: FaultyServer, http: HttpClient) -> None:
    made = calls(http, FakeSignIn(["stale", "good"]))
    await made.request("GET", f"{server.url}/", label="read", headers={})

    kept = made.calls.exchange.body

    assert kept.count("you said Bearer [redacted]") == 2
    assert "stale" not in kept
    assert "good" not in kept


async def test_a_newer_token_that_is_refused_too_ends_it(server: FaultyServer, http: HttpClient) -> None:
    sign_in = FakeSignIn(["stale", "also stale", "good"])

    result = await calls(http, sign_in).request("GET", f"{server.url}/", label="read", headers={})

    assert isinstance(result, HttpAnswer)
    assert result.status == 401
    assert len(server.requests) == 2


async def test_without_a_token_nothing_is_sent(server: FaultyServer, http: HttpClient) -> None:
    for sign_in, outcome in (
        (None, Unauthorised),
        (FakeSignIn([], instead=NotAuthorised(reason="a person must consent")), Unauthorised),
        (FakeSignIn([], instead=NoTokenNow(reason="the vendor is away")), Retryable),
    ):
        made = calls(http, sign_in)
        result = await made.request("GET", f"{server.url}/", label="read", headers={})
        assert isinstance(result, NotAuthorised | NoTokenNow)
        assert isinstance(outcome_without_token(result), outcome)
        assert not made.reached
    assert server.requests == []
