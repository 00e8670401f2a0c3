"""OAuth 2.0 as the standards write it: what is asked for, how the client shows who it is, what an answer means, what a token is worth."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.adapters.clock import TimeOrderedIds
from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.http import HttpClient
from app.adapters.erp.oauth import ASSERTION, OAuthSignIn
from app.adapters.erp.oauth_answers import FOR_GOOD, LONGEST_SECONDS, TO_BE_MENDED, USUAL_SECONDS, read_grant
from app.adapters.erp.sign_in_flow import SignInFlow
from app.adapters.secrets import RandomTokens
from app.application.ports.authorisations import Authorisation, AuthorisationStatus
from app.application.ports.erp import Connection
from app.application.ports.sign_in import AccessToken, NotAuthorised
from app.application.ports.vendor_sign_in import Granted, GrantRefused, NoGrant, Organisation, OrganisationsUnknown
from app.application.sign_in.consent_state import new_state, tenant_of
from app.application.sign_in.sealed_tokens import TokenPair
from app.application.sign_in.token_state import Renew, Wait, state_of
from tests.contract.faulty_server import FaultyServer

NOW = datetime(2026, 11, 16, 3, tzinfo=UTC)
FLOW: Mapping[str, Any] = {
    "client_id": "s6BhdRkqt3",
    "client_secret": "gX1f BAt3/bV+",
    "authorise_url": "https://vendor.example/authorize",
    "token_url": "https://vendor.example/token",
    "scopes": ("books", "offline_access"),
}


WHOLE = {"access_token": "a", "token_type": "Bearer", "expires_in": 1800, "refresh_token": "r", "scope": "x y"}


def sign_in(url: str = "https://erp.example/api", adapter: str = "books", http: HttpClient | None = None, **change: Any) -> OAuthSignIn:
    flow = SignInFlow(**{**FLOW, **change})
    return OAuthSignIn(http or HttpClient(), flow, adapter=adapter, connection=Connection(url=url))


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def answer(content: object, status: int = 200, *, truncated: bool = False) -> HttpAnswer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HttpAnswer(status=status, headers={}, content=body, truncated=truncated, duration_ms=1, received_at=NOW)


def test_the_challenge_of_rfc_7636_appendix_b() -> None:
    url = sign_in().consent_url(state="s", verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", redirect_uri="https://glint.example/cb")
    assert asked(url)["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert asked(url)["code_challenge_method"] == "S256"


def test_the_link_is_written_once_and_well() -> None:
    flow = sign_in(
        authorise_url="https://vendor.example/authorize?tenant=1",
        authorise_parameters={"prompt": "consent", "state": "mine", "client_id": "mine"},
        pkce=False,
    )
    url = flow.consent_url(state="a&b=c", verifier="v", redirect_uri="https://glint.example/cb?x=1&y")
    assert url.startswith("https://vendor.example/authorize?tenant=1&")
    assert asked(url) == {
        "tenant": "1",
        "prompt": "consent",
        "state": "a&b=c",
        "client_id": "s6BhdRkqt3",
        "response_type": "code",
        "redirect_uri": "https://glint.example/cb?x=1&y",
        "scope": "books offline_access",
    }
    assert "scope=books%20offline_access" in url
    assert all(len(values) == 1 for values in parse_qs(urlsplit(url).query).values())


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"client_secret": "new"}, True),
        ({"scopes": ("more",)}, True),
        ({"url": "https://ERP.example/other"}, True),
        ({"url": "https://erp.example:8443/api"}, False),
        ({"client_id": "other"}, False),
        ({"token_url": "https://other.example/token"}, False),
        ({"grant": "client_credentials"}, False),
        ({"adapter": "other"}, False),
    ],
)
def test_what_an_authorisation_is_for(change: dict[str, Any], same: bool) -> None:
    assert (sign_in(**change).client == sign_in().client) is same


@pytest.mark.parametrize(
    ("content", "granted"),
    [
        (
            {"access_token": "a", "token_type": "Bearer", "expires_in": 1800, "refresh_token": "r", "scope": "x y"},
            ("a", "r", 1800, ("x", "y")),
        ),
        ({"access_token": "a", "token_type": "bearer", "expires_in": "3600"}, ("a", None, 3600, None)),
        ({"access_token": "a"}, ("a", None, USUAL_SECONDS, None)),
        ({"access_token": "a", "expires_in": "soon", "refresh_token": "", "scope": 7}, ("a", None, USUAL_SECONDS, None)),
        ({"access_token": "a", "expires_in": True, "refresh_token": "r\nx"}, ("a", None, USUAL_SECONDS, None)),
        ({"access_token": "a", "expires_in": -5}, ("a", None, 0, None)),
        ({"access_token": "a", "expires_in": 10**30}, ("a", None, LONGEST_SECONDS, None)),
        ({"access_token": "a", "expires_in": 10.5}, ("a", None, USUAL_SECONDS, None)),
    ],
)
def test_tokens(content: object, granted: tuple[Any, ...]) -> None:
    found = read_grant(answer(content))
    assert isinstance(found, Granted)
    assert (found.access, found.refresh, found.expires_in, found.scopes) == granted


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        b"",
        b"<html>",
        b"\xff",
        b"[" * 100_000,
        {"access_token": ""},
        {"access_token": "a b"},
        {"access_token": "a\r\nx: y"},
        {"access_token": "ä"},
        {"access_token": "a" * 16_001},
        {"access_token": 7},
        {"access_token": "a", "token_type": "mac"},
        {"access_token": "a", "token_type": None},
        {"error": "invalid_grant"},
    ],
)
def test_a_success_that_is_none_says_nothing(content: object) -> None:
    assert isinstance(read_grant(answer(content)), NoGrant)


def test_half_an_answer_says_nothing() -> None:
    assert isinstance(read_grant(answer({"access_token": "a"}, truncated=True)), NoGrant)


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        *[(status, {"error": code}, True) for status in (400, 401) for code in sorted(FOR_GOOD)],
        *[(400, {"error": code}, False) for code in sorted(TO_BE_MENDED)],
        (401, {}, False),
        (400, {}, None),
        (400, {"error": "new_word"}, None),
        (400, {"error": ["invalid_grant"]}, None),
        (403, {}, None),
        (404, {"error": "invalid_grant"}, None),
        (429, {"error": "invalid_grant"}, None),
        (500, {"error": "invalid_grant"}, None),
        (503, {}, None),
        (302, {}, None),
    ],
)
def test_refusals_are_told_from_trouble(status: int, content: object, expected: bool | None) -> None:
    found = read_grant(answer(content, status))
    assert isinstance(found, NoGrant if expected is None else GrantRefused)
    assert not isinstance(found, GrantRefused) or found.for_good is expected


@given(st.sampled_from([200, 400, 401, 500]), st.text(min_size=8), st.text(min_size=8))
def test_no_reason_repeats_an_answer(status: int, error: str, description: str) -> None:
    found = read_grant(answer({"error": error, "error_description": description}, status))
    assert isinstance(found, NoGrant | GrantRefused)
    assert error not in found.reason or error in FOR_GOOD | TO_BE_MENDED
    assert description not in found.reason


@pytest.mark.parametrize(
    ("kind", "refused"), [(FailureKind.FORBIDDEN, True), (FailureKind.BEFORE_SENT, False), (FailureKind.TIMEOUT, False)]
)
def test_no_answer_at_all(kind: FailureKind, refused: bool) -> None:
    found = read_grant(HttpFailure(kind=kind, reason="why", duration_ms=1))
    assert isinstance(found, GrantRefused if refused else NoGrant)
    assert found.reason == "the vendor's sign-in: why"


@pytest.mark.anyio
async def test_how_the_client_shows_who_it_is() -> None:
    seen: list[tuple[dict[str, str], str | None, str]] = []

    async def take(request: Request) -> Response:
        body = (await request.body()).decode()
        fields = json.loads(body) if "json" in request.headers["content-type"] else dict(parse_qsl(body))
        seen.append((fields, request.headers.get("authorization"), request.headers["content-type"]))
        return JSONResponse({"access_token": "a"})

    app = Starlette(routes=[Route("/token", take, methods=["POST"]), Route("/revoke", take, methods=["POST"])])
    with FaultyServer(app, lambda *_: None) as server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),), clock=lambda: NOW) as http:
            where: dict[str, Any] = {"token_url": f"{server.url}/token", "revoke_url": f"{server.url}/revoke", "http": http}
            await sign_in(**where).renew("r1")
            await sign_in(**where, client_authentication="post", token_parameters={"resource": "x"}).renew("r1")
            await sign_in(**where, client_authentication="post", client_secret="").redeem(code="c", verifier="v", redirect_uri="u")
            by_itself: dict[str, Any] = {"grant": "client_credentials", "client_authentication": "assertion"}
            await sign_in(**where, **by_itself, client_assertion=lambda at: f"jwt of {at:%H}").renew(None)
            assert await sign_in(**where, revoke_as="json").revoke("r1") is None
    grant = {"grant_type": "refresh_token", "refresh_token": "r1"}
    form, basic = "application/x-www-form-urlencoded", "Basic czZCaGRSa3F0MzpnWDFmJTIwQkF0MyUyRmJWJTJC"  # of the two, percent-encoded
    assert seen == [
        (grant, basic, form),
        (grant | {"client_id": "s6BhdRkqt3", "client_secret": "gX1f BAt3/bV+", "resource": "x"}, None, form),
        (
            {"grant_type": "authorization_code", "code": "c", "redirect_uri": "u", "code_verifier": "v", "client_id": "s6BhdRkqt3"},
            None,
            form,
        ),
        (
            {
                "grant_type": "client_credentials",
                "scope": "books offline_access",
                "client_assertion_type": ASSERTION,
                "client_assertion": "jwt of 03",
            },
            None,
            form,
        ),
        ({"token": "r1"}, basic, "application/json"),
    ]


@pytest.mark.anyio
async def test_organisations_whose_ids_could_break_a_header_are_left_out() -> None:
    async def listed(_: HttpClient, __: str) -> tuple[Organisation, ...]:
        return tuple(Organisation(id=each, name=each) for each in ("good-1", "b/../d", "x\r\ny", "", "ä", "9" * 101))

    async def failed(_: HttpClient, __: str) -> OrganisationsUnknown:
        return OrganisationsUnknown(reason="away")

    assert await sign_in(organisations=listed).organisations("a", {}) == (Organisation(id="good-1", name="good-1"),)
    assert await sign_in(organisations=failed).organisations("a", {}) == OrganisationsUnknown(reason="away")
    assert await sign_in().organisations("a", {}) is None
    assert isinstance(await sign_in(organisation_parameter="realmId").organisations("a", {"realmID": "1"}), OrganisationsUnknown)


ROW = Authorisation(endpoint="erp", client="c", status=AuthorisationStatus.AUTHORISED, access_expires_at=NOW + timedelta(seconds=100))
PAIR = TokenPair(access="a", refresh="r")


@pytest.mark.parametrize(
    ("lasts", "refreshing", "refused", "expected"),
    [
        (61, None, None, AccessToken),
        (60, None, None, Renew),
        (60, 5, None, AccessToken),
        (11, 5, None, AccessToken),
        (10, 5, None, Wait),
        (61, None, "a", Renew),
        (61, 5, "a", Wait),
        (61, None, "older", AccessToken),
        (-1, 0, None, Renew),
        (-1, -5, None, Renew),
        (-1, 5, None, Wait),
    ],
)
def test_what_a_stored_token_is_worth(lasts: int, refreshing: int | None, refused: str | None, expected: type) -> None:
    until = None if refreshing is None else NOW + timedelta(seconds=refreshing)
    row = Authorisation(
        endpoint="erp",
        client="c",
        status=AuthorisationStatus.AUTHORISED,
        access_expires_at=NOW + timedelta(seconds=lasts),
        refreshing_until=until,
    )
    assert isinstance(state_of(row, PAIR, by_itself=False, refused=refused, now=NOW), expected)


@pytest.mark.parametrize("status", [each for each in AuthorisationStatus if each is not AuthorisationStatus.AUTHORISED])
def test_only_what_is_authorised_gives_tokens(status: AuthorisationStatus) -> None:
    row = Authorisation(endpoint="erp", client="c", status=status, access_expires_at=NOW + timedelta(hours=1), reason="why")
    assert isinstance(state_of(row, PAIR, by_itself=False, refused=None, now=NOW), NotAuthorised)
    assert isinstance(state_of(None, None, by_itself=False, refused=None, now=NOW), NotAuthorised)


def test_an_application_by_itself_needs_nobody() -> None:
    assert isinstance(state_of(None, None, by_itself=True, refused=None, now=NOW), Renew)
    ended = Authorisation(endpoint="erp", client="c", reason="revoked", refreshing_until=NOW + timedelta(seconds=1))
    assert isinstance(state_of(ended, None, by_itself=True, refused=None, now=NOW), Wait)


def test_a_state_names_its_tenant() -> None:
    tenant_id = TimeOrderedIds().new()
    state = new_state(tenant_id, RandomTokens())
    assert tenant_of(state) == tenant_id
    assert 22 <= len(state) <= 1024, "NetSuite's bounds"
    assert state.isascii()
    assert state != new_state(tenant_id, RandomTokens())


@pytest.mark.parametrize("state", ["", ".", "x" * 32 + ".", "0" * 32, "0" * 31 + ".x", "{" + "0" * 30 + "}.x", "0" * 32 + "." + "x" * 200])
def test_what_is_no_state_names_nobody(state: str) -> None:
    assert tenant_of(state) is None


def test_nothing_secret_is_in_a_repr() -> None:
    parts = [
        SignInFlow(**FLOW),
        Granted(access="secret-1", refresh="secret-2", expires_in=1),
        TokenPair(access="secret-1", refresh="secret-2"),
        AccessToken(value="secret-1"),
    ]
    assert not any("secret-" in repr(each) or "gX1f" in repr(each) for each in parts)
