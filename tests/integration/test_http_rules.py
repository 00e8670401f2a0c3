"""What holds for every request: keys, problems, limits, traces, and that nothing of the inside gets out."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from fastapi.routing import iter_route_contexts

from app.api.application import ROUTERS
from app.api.errors import STATUS
from app.api.errors import answer as answer_of
from app.api.sign_in_redirect import CALLBACK_PATH
from app.bootstrap import Container
from tests.api_fixtures import ADMIN_KEY, Api

pytestmark = pytest.mark.anyio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ACCOUNT = {"account_code": "2100", "type": "liability"}


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic Zm9vOmJhcg==", "Bearer wrong", "Bearer glint_" + "x" * 43, "Bearer \xe4"]
)
async def test_without_a_key_in_force_nothing_is_said(anonymous: Api, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    for method, path in (("GET", "/v1/accounts"), ("PUT", "/v1/accounts/x"), ("POST", "/v1/tenants"), ("POST", "/v1/events")):
        answer = await anonymous.http.request(method, path, headers=headers, content=b"not even json")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="glint"'
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unauthenticated"


async def test_the_scheme_is_read_as_the_standard_has_it(api: Api) -> None:
    for scheme in ("bearer", "BEARER", "Bearer "):
        assert (await api.http.get("/v1/tenant", headers={"authorization": f"{scheme} {api.key}"})).status_code == 200


async def test_every_route_but_health_needs_a_key(anonymous: Api) -> None:
    """And but the page that vendors send people back to: what they must bring is a state."""
    tried = 0
    for router in ROUTERS:
        for route in iter_route_contexts(router.routes):
            path = (route.path_format or "").replace("{", "").replace("}", "")
            for method in route.methods or ():
                answer = await anonymous.http.request(method, path)
                expected = 200 if path in ("/healthz", "/readyz", "/metrics") else 400 if path == CALLBACK_PATH else 401
                assert answer.status_code == expected, f"{method} {path}"
                tried += 1
    assert tried > 30


async def test_health_needs_no_key(anonymous: Api, container: Container) -> None:
    assert (await anonymous("GET", "/healthz")).json() == {"status": "ok"}
    assert (await anonymous("GET", "/readyz")).json() == {"status": "ready"}
    await anonymous("GET", "/v1/accounts/some-name")
    counted = await anonymous("GET", "/metrics")
    assert counted.headers["content-type"].startswith("text/plain")
    assert 'route="/v1/accounts/{name}",status="401"' in counted.text
    assert "some-name" not in counted.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/v1/accounts/", 404, "not-found"),
        ("GET", "/v1/accounts/a/b", 404, "not-found"),
        ("GET", "/docs", 404, "not-found"),
        ("PATCH", "/v1/accounts/a", 405, "method-not-allowed"),
        ("GET", "/v1/tenants", 405, "method-not-allowed"),
    ],
)
async def test_what_the_router_refuses_is_a_problem_too(api: Api, method: str, path: str, status: int, code: str) -> None:
    answer = await api(method, path)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        allowed = answer.headers["allow"]
        assert allowed == ("DELETE, GET, PUT" if path == "/v1/accounts/a" else "POST")


@pytest.mark.parametrize("body", [b"", b"{", b"[NaN]", b'{"a":1,"a":2}', b"\xff", b"[" * 10_000, b"1" * 100])
async def test_a_body_that_is_not_json_is_400(api: Api, body: bytes) -> None:
    for method, path in (("PUT", "/v1/accounts/x"), ("POST", "/v1/events")):
        answer = await api(method, path, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "not-json"), answer.text


async def test_half_a_surrogate_pair_and_nul_are_422_wherever_they_are(api: Api) -> None:
    for text in ("\\ud800", "\\u0000"):
        bodies = (f'{{"account_code": "{text}", "type": "asset"}}', f'{{"account_code": "1", "type": "asset", "{text}": 1}}')
        for body in (*bodies, f'{{"account_code": "1", "type": "{text}"}}'):
            answer = await api("PUT", "/v1/accounts/x", content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"]
    for path in ("/v1/accounts/%00", "/v1/accounts/%ED%A0%80", "/v1/keys/%00", "/v1/orders/%00", "/v1/orders?supplier=%00"):
        assert (await api("GET", path)).status_code == 422, path


async def test_another_media_type_is_415(api: Api) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = await api("PUT", "/v1/accounts/x", content=b"{}", headers={"content-type": media_type})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_a_body_that_is_announced_too_large_is_not_read(api: Api) -> None:
    answer = await api("PUT", "/v1/accounts/x", content=b" " * 1_000_001, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.headers["x-trace-id"]) == 32


async def test_a_body_that_is_not_announced_is_read_up_to_the_limit(api: Api) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield b" " * 10_000

    for method, path in (("PUT", "/v1/accounts/x"), ("POST", "/v1/events"), ("POST", "/v1/tenants")):
        caller = api.holding(ADMIN_KEY) if path == "/v1/tenants" else api
        answer = await caller(method, path, content=chunks(), headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_a_body_within_the_limit_passes_in_pieces(api: Api) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in json.dumps(ACCOUNT).encode().split(b" "):
            yield piece

    answer = await api("PUT", "/v1/accounts/x", content=chunks(), headers={"content-type": "application/json"})
    assert answer.status_code == 201


async def test_the_callers_trace_goes_on_through_answer_and_problem(api: Api) -> None:
    answer = await api("GET", "/v1/accounts/nothing", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    assert answer.headers["x-trace-id"] == TRACE
    assert answer.json()["trace_id"] == TRACE
    other = await api("GET", "/v1/accounts/nothing", headers={"traceparent": "nonsense"})
    assert other.json()["trace_id"] == other.headers["x-trace-id"] != TRACE


async def test_traces_of_requests_at_the_same_time_do_not_mix(api: Api) -> None:
    traces = [f"{number:032x}" for number in range(1, 21)]
    calls = [api("GET", "/v1/accounts/nothing", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}) for trace in traces]
    assert [answer.json()["trace_id"] for answer in await asyncio.gather(*calls)] == traces


async def test_problems_have_the_shape_of_the_contract(api: Api) -> None:
    answer = await api("PUT", "/v1/accounts/x", {"type": "liability"})
    problem = answer.json()
    assert problem == {
        "type": "/problems/invalid",
        "title": "The request breaks a rule",
        "status": 422,
        "code": "invalid",
        "detail": "the body breaks its shape",
        "errors": [{"pointer": "/account_code", "message": "Field required"}],
        "trace_id": answer.headers["x-trace-id"],
    }


async def test_every_status_that_is_answered_is_in_the_table() -> None:
    for error, status in STATUS.items():
        response = answer_of(error("detail"))
        assert response.status_code == status
        assert json.loads(bytes(response.body))["status"] == status
