"""Names in paths, through the whole stack of routing: what the client encoded is what the route gets."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.convertors import StringConvertor

from app.api.application import ROUTERS
from app.api.errors import add_handlers
from app.api.parameters import NamePath
from app.api.paths import EncodedNames, NameConvertor

pytestmark = pytest.mark.anyio

# Ids are opaque and have no slash, so a plain segment is enough for them.
PLAIN_PARAMETERS = {"key_id", "event_id", "transaction_id", "journal_id", "batch_id"}


class Got(BaseModel):
    route: str
    name: str


def _app() -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    add_handlers(app)

    @app.get("/v1/orders/{number:name}")
    async def order(number: NamePath) -> Got:
        return Got(route="order", name=number)

    @app.get("/v1/orders/{number:name}/balances")
    async def balances(number: NamePath) -> Got:
        return Got(route="balances", name=number)

    app.add_middleware(EncodedNames)
    return app


async def _get(raw_path: str, **scope: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=_app()), base_url="http://t") as client:
        return await client.get(raw_path, **scope)


NAMES = ["PO/2026/1", "a b", "ä/ö", "50%", "50%2F", "%252F", "x/balances", "a?b#c", "a+b", "a:b;c=d,e", "日本", "~", "(x)"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_arrives_as_it_was_meant(name: str) -> None:
    assert (await _get(f"/v1/orders/{quote(name, safe='')}")).json() == {"route": "order", "name": name}
    assert (await _get(f"/v1/orders/{quote(name, safe='')}/balances")).json() == {"route": "balances", "name": name}


@pytest.mark.parametrize("name", [".", "..", "...", "./x"])
async def test_dots_are_a_name_like_any_other_once_encoded(name: str) -> None:
    encoded = quote(name, safe="").replace(".", "%2E")
    assert (await _get(f"/v1/orders/{encoded}/balances")).json() == {"route": "balances", "name": name}


async def test_a_slash_that_is_not_encoded_is_structure() -> None:
    assert (await _get("/v1/orders/PO/2026")).status_code == 404
    assert (await _get("/v1/orders/PO/balances")).json() == {"route": "balances", "name": "PO"}
    assert (await _get("/v1/orders/")).status_code == 404


async def test_the_fixed_parts_may_be_encoded_too() -> None:
    assert (await _get("/v1/%6Frders/x")).json() == {"route": "order", "name": "x"}


@pytest.mark.parametrize("raw", ["/v1/orders/a%00b", "/v1/orders/%FF", "/v1/orders/%ED%A0%80", "/v1/orders/x?y=%00", "/%00"])
async def test_what_no_database_could_hold_is_refused(raw: str) -> None:
    answer = await _get(raw)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["x" * 101, "a\x01b", "a\x7fb"])
async def test_a_name_that_breaks_its_shape_is_refused_where_it_is(name: str) -> None:
    answer = await _get(f"/v1/orders/{quote(name, safe='')}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/path/number"


async def test_a_server_that_gives_no_raw_path_is_served_as_far_as_it_can_be() -> None:
    app = EncodedNames(_app())
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/v1/orders/50%/balances", "query_string": b"", "headers": [], "root_path": ""}
    await app(scope, receive, send)
    assert b'"name":"50%"' in messages[1]["body"]


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_the_convertor_undoes_exactly_what_the_middleware_did(name: str) -> None:
    segment = name.replace("%", "%25").replace("/", "%2F")
    assert "/" not in segment
    assert NameConvertor().convert(segment) == name


def test_every_name_in_a_path_of_ours_uses_the_convertor() -> None:
    wrong = [
        f"{route.path}: {name}"
        for router in ROUTERS
        for route in iter_route_contexts(router.routes)
        for name, convertor in route.param_convertors.items()
        if isinstance(convertor, StringConvertor) and name not in PLAIN_PARAMETERS
    ]
    assert not wrong, "write these as {x:name}, or a slash in them is lost"
