"""Signing in to the screens by OpenID Connect, over HTTP: a browser's part of it, an issuer on loopback, and all that can go wrong."""

import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse, Response
from structlog.testing import capture_logs

from app.adapters.erp.http import HttpClient
from app.adapters.oidc.provider import Client, OidcIdentityProvider
from app.application.ports.users import UserRole
from app.bootstrap import Container, build
from app.main import create_app
from app.web.origin import csrf_token
from tests.api_fixtures import Api
from tests.fakes import FakeClock
from tests.oidc_issuer import ANNA, CLIENT_ID, CLIENT_SECRET, OidcIssuer
from tests.signed_tokens import hmac_token, new_key, unsigned_token

pytestmark = pytest.mark.anyio

OURS = "https://glint.test"
CALLBACK = f"{OURS}/app/sign-in/oidc/callback"
COOKIE, FLOW = "__Host-glint", "__Host-glint-oidc"
PASSWORD = "correct horse battery"
STALE = "was begun too long ago or in another window, or was used before"
UNAVAILABLE, UNTRUSTED = "does not answer as it should", "cannot be trusted"


@dataclass
class Door:
    """The way in: our service, an issuer, a browser, and a tenant in which anna is known there."""

    api: Api
    issuer: OidcIssuer
    clock: FakeClock
    container: Container
    browser: httpx.AsyncClient
    tenant_id: UUID
    logs: list[Any] = field(default_factory=list)

    async def leave(self, path: str | None = None) -> str:
        """Off to the issuer: its address."""
        answer = await self.browser.get(path or f"/app/sign-in/oidc?organisation={self.api.name}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def at_issuer(self, url: str) -> str:
        """What the browser does there: the address that it is sent back to."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(url)
        assert answer.status_code == 303, answer.text
        back = answer.headers["location"]
        assert back.startswith(CALLBACK + "?")
        return back

    async def come(self, path: str, **headers: Any) -> httpx.Response:
        """To a page of ours, keeping what is logged meanwhile."""
        with capture_logs() as logs:
            answer = await self.browser.get(path, **headers)
        self.logs = list(logs)
        return answer

    async def sign_in(self, path: str | None = None) -> httpx.Response:
        return await self.come(await self.at_issuer(await self.leave(path)))

    async def refused(self, status: int, told: str, answer: httpx.Response | None = None) -> str:
        """Nobody is signed in; the page says why, the log more. Neither holds a code or token. What the log says."""
        answer = answer or await self.sign_in()
        assert (answer.status_code, told in answer.text) == (status, True), answer.text
        assert 'role="alert"' in answer.text
        assert f"Sign in with {LABEL}" in answer.text
        assert "set-cookie" not in answer.headers or f"{COOKIE}=" not in answer.headers["set-cookie"]
        assert (await self.browser.get("/app/")).status_code == 303
        entries = json.dumps([each for each in self.logs if each["event"] == "oidc_refused"])
        assert entries != "[]"
        secrets = [*self.issuer.issued, CLIENT_SECRET, *self.issuer.codes]
        assert not [each for each in secrets if each in entries or each in answer.text]
        return entries

    async def audit(self) -> list[Any]:
        """The two newest entries."""
        return list((await self.api("GET", "/v1/audit-log?limit=2")).json()["items"])


LABEL = "your university account"


@pytest.fixture
async def door(api: Api, container: Container) -> AsyncIterator[Door]:
    clock = FakeClock(datetime.now(UTC))  # the browser's is real, and drops cookies of the past
    issuer = OidcIssuer(clock.now, redirect_uris={CALLBACK})
    with issuer.server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),), clock=clock.now) as http:
            made = await make_door(api, container, issuer, clock, http)
            yield made
            await made.browser.aclose()


async def make_door(api: Api, container: Container, issuer: OidcIssuer, clock: FakeClock, http: HttpClient, claim: str = "email") -> Door:
    provider = OidcIdentityProvider(http, issuer.url, Client(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, claim=claim))
    settings = container.settings.model_copy(update={"public_url": OURS, "oidc_label": LABEL})
    mine = replace(container, clock=clock, settings=settings, identity_provider=provider)
    tenant_id = await container.tenant_names.find(api.name)
    assert tenant_id is not None
    users = mine.people.users
    await users.add(tenant_id, "operator", name="anna", roles=[UserRole.SENDER], oidc_name="anna@uni.example")
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(mine)), base_url=OURS)
    return Door(api, issuer, clock, mine, browser, tenant_id)


async def test_a_person_signs_in_as_whom_the_issuer_says_they_are(door: Door) -> None:
    page = (await door.browser.get(f"/app/sign-in?organisation={door.api.name}&next=/app/events")).text
    link = re.search(r'<a class="button" href="(/app/sign-in/oidc[^"]*)"', page)
    assert link is not None
    assert f"Sign in with {LABEL}" in page
    answer = await door.sign_in(link[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/events")
    assert (await door.browser.get("/app/events")).status_code == 200
    entry = (await door.audit())[0]
    assert (entry["actor"], entry["command"], entry["detail"]["by"]) == ("anna", "session.start", "oidc")
    signed_in = await door.container.people.session(door.browser.cookies[COOKIE])
    assert signed_in is not None
    assert (signed_in.user.name, signed_in.user.roles, signed_in.user.password_hash) == ("anna", (UserRole.SENDER,), None)


async def test_what_is_asked_of_the_issuer(door: Door) -> None:
    url = await door.leave()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{door.issuer.url}/authorize?")
    assert {name: asked[name] for name in ("response_type", "client_id", "redirect_uri", "scope", "code_challenge_method")} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "code_challenge_method": "S256",
    }
    other = {name: values[0] for name, values in parse_qs(urlsplit(await door.leave()).query).items()}
    for secret in ("state", "nonce", "code_challenge"):
        assert len(asked[secret]) >= 43
        assert asked[secret] != other[secret]


async def test_the_cookie_of_the_flow_is_sealed_short_lived_and_goes_afterwards(door: Door) -> None:
    answer = await door.browser.get("/app/sign-in/oidc?organisation=" + door.api.name)
    cookie = answer.headers["set-cookie"]
    for part in (f"{FLOW}=", "HttpOnly", "Secure", "SameSite=lax", "Path=/", "expires="):
        assert part in cookie
    assert "Domain" not in cookie
    assert len(cookie) < 4_096
    state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]
    assert state not in cookie
    assert FLOW in door.browser.cookies
    await door.browser.get(await door.at_issuer(answer.headers["location"]))
    assert FLOW not in door.browser.cookies
    assert COOKIE in door.browser.cookies


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test/app/", "/app//evil.test", "/v1/keys"])
async def test_afterwards_people_are_on_our_own_pages_only(door: Door, wanted: str) -> None:
    answer = await door.sign_in(f"/app/sign-in/oidc?organisation={door.api.name}&next={wanted}")
    assert answer.headers["location"] == "/app/"


async def test_a_long_way_to_go_fits_into_the_cookie(door: Door) -> None:
    path = "/app/?text=" + "%C3%A4" * 300
    answer = await door.browser.get("/app/sign-in/oidc", params={"organisation": "ä" * 300, "next": path})
    assert answer.status_code == 303
    assert len(answer.headers["set-cookie"]) < 4_096


async def test_the_session_of_before_ends(door: Door) -> None:
    await door.sign_in()
    before = door.browser.cookies[COOKIE]
    await door.sign_in()
    assert door.browser.cookies[COOKIE] != before
    assert await door.container.people.session(before) is None


@pytest.mark.parametrize("authentication", ["client_secret_basic", "client_secret_post"])
async def test_both_ways_of_a_client_to_prove_itself(door: Door, authentication: Any) -> None:
    door.issuer.authentication = authentication
    assert (await door.sign_in()).status_code == 303
    token = next(each for each in door.issuer.server.requests if each[1] == "/token")
    assert ("authorization" in token[2], b"client_secret" in token[3]) == (
        authentication.endswith("basic"),
        authentication.endswith("post"),
    )


async def test_an_issuer_that_tells_the_e_mail_address_at_its_userinfo_alone(door: Door) -> None:
    """Core 1.0, 5.4: so it is where there is an access token, though many put it into the ID token too."""
    door.issuer.tells_in = "userinfo"
    assert (await door.sign_in()).status_code == 303
    assert door.issuer.asked("/userinfo") == 1


async def test_userinfo_about_somebody_else_is_not_believed(door: Door) -> None:
    door.issuer.tells_in, door.issuer.userinfo = "userinfo", {"sub": "somebody else"}
    assert "about somebody else" in await door.refused(502, UNTRUSTED)


async def test_an_issuer_that_names_itself(door: Door) -> None:
    door.issuer.names_itself = True
    assert (await door.sign_in()).status_code == 303
    door.browser.cookies.clear()
    door.issuer.sent_back = {"iss": "https://login.evil.example"}
    assert "(iss)" in await door.refused(502, UNTRUSTED)
    door.clock.forward(hours=2)
    location = (await door.at_issuer(await door.leave())).replace("iss=", "not_iss=")
    await door.refused(502, UNTRUSTED, await door.come(location))


@pytest.mark.parametrize(
    ("name", "known_as"),
    [("ANNA@UNI.example", "anna@uni.example"), ("anna@uni.example", "Anna@uni.Example")],
)
async def test_e_mail_addresses_are_compared_whatever_their_case(door: Door, name: str, known_as: str) -> None:
    await door.container.people.users.set_oidc_name(door.tenant_id, "operator", "anna", known_as)
    door.issuer.person["email"] = name
    assert (await door.sign_in()).status_code == 303


@pytest.mark.parametrize("claim", ["sub", "preferred_username"])
async def test_people_may_be_known_by_another_claim(api: Api, container: Container, claim: str) -> None:
    clock = FakeClock(datetime.now(UTC))  # the browser's is real, and drops cookies of the past
    issuer = OidcIssuer(clock.now, redirect_uris={CALLBACK}, person={**ANNA, "email_verified": False})
    with issuer.server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),), clock=clock.now) as http:
            door = await make_door(api, container, issuer, clock, http, claim)
            await door.container.people.users.set_oidc_name(door.tenant_id, "operator", "anna", ANNA[claim])
            assert (await door.sign_in()).status_code == 303
            issuer.person[claim] = ANNA[claim].upper() + "X"
            door.browser.cookies.clear()
            await door.refused(403, "Nobody is let in here under that name")


async def test_unknown_people_are_refused_and_nobody_is_created(door: Door) -> None:
    door.issuer.person["email"] = "<b>otto</b>@uni.example"
    logged = await door.refused(403, "Over there you are &lt;b&gt;otto&lt;/b&gt;@uni.example. Nobody is let in here under that name")
    assert "<b>otto</b>@uni.example" in logged
    assert [user.name for user in await door.container.people.users.list(door.tenant_id)] == ["anna"]


async def test_a_disabled_user_is_refused_and_one_that_has_become_one_is_out(door: Door) -> None:
    assert (await door.sign_in()).status_code == 303
    await door.container.people.users.set_active(door.tenant_id, "operator", "anna", active=False)
    assert "is disabled" in await door.refused(403, "Nobody is let in here under that name")


async def test_a_user_of_another_organisation_is_nobody_here(door: Door) -> None:
    other = await door.api.tenant()
    answer = await door.sign_in(f"/app/sign-in/oidc?organisation={other.name}")
    told = await door.refused(403, "Nobody is let in here under that name", answer)
    again = await door.sign_in("/app/sign-in/oidc?organisation=there is no such one")
    assert await door.refused(403, "Nobody is let in here under that name", again) == told
    assert 'value="there is no such one"' in again.text


async def test_without_an_organisation_it_is_asked_for_where_there_are_several(door: Door) -> None:
    await door.api.tenant()
    answer = await door.browser.get("/app/sign-in/oidc?next=/app/events")
    assert (answer.status_code, "Say which organisation you belong to." in answer.text) == (422, True)
    assert re.search(r'<form[^>]* method="get" action="/app/sign-in">', answer.text)
    assert 'name="next" value="/app/events"' in answer.text
    assert FLOW not in door.browser.cookies


@pytest.mark.parametrize("verified", [False, "false", "False", None])
async def test_an_address_that_is_not_verified_is_refused(door: Door, verified: Any) -> None:
    door.issuer.person["email_verified"] = verified
    if verified is None:
        door.issuer.token = lambda claims: door.issuer.key.token({**claims, "email_verified": None})
    await door.refused(403, "your e-mail address is not verified")


async def test_an_issuer_that_does_not_say_whether_it_verified_it_is_believed(door: Door) -> None:
    del door.issuer.person["email_verified"]
    assert (await door.sign_in()).status_code == 303


@pytest.mark.parametrize("email", [None, "", 7, ["anna@uni.example"]])
async def test_without_the_claim_nobody_is_anybody(door: Door, email: Any) -> None:
    door.issuer.person["email"] = email
    await door.refused(403, "does not tell who you are")


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        ("access_denied", 403, "broken off, or not allowed"),
        ("login_required", 403, "broken off, or not allowed"),
        ("server_error", 502, UNAVAILABLE),
        ("temporarily_unavailable", 502, UNAVAILABLE),
        ("invalid_scope", 502, UNAVAILABLE),
        ("<script>", 502, UNAVAILABLE),
    ],
)
async def test_the_issuer_sends_people_back_with_an_error(door: Door, error: str, status: int, told: str) -> None:
    door.issuer.denies = error
    logged = await door.refused(status, told)
    assert (error in logged) is (error != "<script>")
    assert "person</b> said no" not in logged
    assert door.issuer.asked("/token") == 0


def wrong_tokens() -> Sequence[tuple[str, Callable[[OidcIssuer], None]]]:
    def put(**knobs: Any) -> Callable[[OidcIssuer], None]:
        return lambda issuer: vars(issuer).update(knobs)

    stranger = new_key("first")
    return (
        ("nonce", put(claims={"nonce": "x" * 43})),
        ("aud", put(claims={"aud": "others"})),
        ("azp", put(claims={"azp": "others"})),
        ("iss", put(claims={"iss": "https://login.evil.example"})),
        ("exp", lambda issuer: issuer.claims.update(exp=issuer.clock().timestamp() - 61)),
        ("iat", lambda issuer: issuer.claims.update(iat=issuer.clock().timestamp() + 62)),
        ("signature", put(key=stranger)),
        ("asymmetric", put(token=unsigned_token)),
        ("asymmetric", put(token=lambda claims: hmac_token(claims, CLIENT_SECRET.encode(), "first"))),
        ("does not publish", put(key=new_key("second"))),
        ("no signed JWT", put(token=lambda _: "garbage")),
        ("no ID token", put(token_answer=lambda: JSONResponse({"access_token": "a", "token_type": "Bearer"}))),
        ("no ID token", put(token_answer=lambda: JSONResponse({"id_token": ["x"]}))),
    )


@pytest.mark.parametrize(("logged", "spoil"), wrong_tokens())
async def test_a_token_that_is_not_right_lets_nobody_in(door: Door, logged: str, spoil: Callable[[OidcIssuer], None]) -> None:
    spoil(door.issuer)
    assert logged in await door.refused(502, UNTRUSTED)


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        (lambda: Response("<html>", media_type="text/html"), "no JSON object"),
        (lambda: JSONResponse([1]), "no JSON object"),
        (lambda: JSONResponse({"error": "invalid_client"}, 401), "invalid_client"),
        (lambda: JSONResponse({"error": "secret things"}, 400), "another error"),
        (lambda: Response(status_code=500), "500"),
        (lambda: Response(b"x" * 300_000), "too long"),
        (lambda: Response(status_code=302, headers={"location": "http://127.0.0.1:9/"}), "302"),
    ],
)
async def test_what_the_token_endpoint_does_wrong(door: Door, answer: Callable[[], Response], logged: str) -> None:
    door.issuer.token_answer = answer
    said = await door.refused(502, UNAVAILABLE)
    assert logged in said
    assert "secret things" not in said


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://login.evil.example"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"token_endpoint": "javascript:1"},
        {"token_endpoint": "ftp://127.0.0.1/"},
        {"jwks_uri": 7},
        {"authorization_endpoint": "https://login.uni.example/\r\nset-cookie: x"},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
async def test_metadata_that_is_not_right(door: Door, metadata: dict[str, Any]) -> None:
    door.issuer.metadata = metadata
    answer = await door.come(f"/app/sign-in/oidc?organisation={door.api.name}&next=/app/events")
    assert "issuer" in await door.refused(502, UNAVAILABLE, answer)
    assert 'name="next" value="/app/events"' in answer.text
    assert FLOW not in door.browser.cookies


async def test_endpoints_in_the_inside_of_the_network_are_not_called(door: Door) -> None:
    """What is not on the operator's list is refused by the guard of all outgoing calls."""
    door.issuer.metadata = {"token_endpoint": "http://10.1.2.3/token"}
    assert "not allowed: private" in await door.refused(502, UNAVAILABLE)


@pytest.mark.parametrize(
    ("mode", "on"), [("garbage", "validate"), ("fail", "validate"), ("flood", "validate"), ("book_then_drop", "validate")]
)
async def test_an_issuer_that_fails_to_describe_itself(door: Door, mode: str, on: str) -> None:
    door.issuer.server.fault(mode, on=on, times=1)
    path = f"/app/sign-in/oidc?organisation={door.api.name}"
    for _ in range(3):
        await door.refused(502, UNAVAILABLE, await door.come(path))
    assert door.issuer.asked("/.well-known/openid-configuration") == 1  # the others were told without a call
    door.clock.forward(seconds=5)
    assert (await door.sign_in()).status_code == 303


@pytest.mark.parametrize("mode", ["garbage", "fail", "unavailable", "throttle", "half_body", "book_then_drop"])
@pytest.mark.parametrize("on", ["send", "find"])
async def test_an_issuer_that_fails_half_way(door: Door, mode: str, on: str) -> None:
    door.issuer.server.fault(mode, on=on, times=1)
    await door.refused(502, UNAVAILABLE)
    door.clock.forward(seconds=5)
    assert (await door.sign_in()).status_code == 303


async def test_an_issuer_that_is_down(door: Door) -> None:
    url = await door.leave()
    back = await door.at_issuer(url)
    door.issuer.server.stop()
    await door.refused(502, UNAVAILABLE, await door.come(back))
    door.clock.forward(hours=1)
    await door.refused(502, UNAVAILABLE, await door.come(f"/app/sign-in/oidc?organisation={door.api.name}"))
    door.issuer.server.start()
    door.clock.forward(seconds=5)
    assert (await door.sign_in()).status_code == 303


async def test_what_it_publishes_is_read_once_an_hour(door: Door) -> None:
    for _ in range(3):
        await door.sign_in()
    published = ("/.well-known/openid-configuration", "/keys")
    assert [door.issuer.asked(path) for path in published] == [1, 1]
    door.clock.forward(hours=1)
    await door.sign_in()
    assert [door.issuer.asked(path) for path in published] == [2, 2]


async def test_a_new_key_is_found_and_one_that_there_is_not_is_not_looked_for_again_and_again(door: Door) -> None:
    await door.sign_in()
    door.issuer.key = new_key("second", "ES256")
    door.issuer.published.append(door.issuer.key.jwk)
    door.clock.forward(seconds=30)
    assert (await door.sign_in()).status_code == 303
    assert door.issuer.asked("/keys") == 2
    door.issuer.key = new_key("third")
    door.browser.cookies.clear()
    for _ in range(3):
        await door.refused(502, UNTRUSTED)
    assert door.issuer.asked("/keys") == 2
    door.clock.forward(seconds=30)
    await door.refused(502, UNTRUSTED)
    assert door.issuer.asked("/keys") == 3


async def test_an_answer_counts_once(door: Door) -> None:
    back = await door.at_issuer(await door.leave())
    kept = door.browser.cookies[FLOW]
    assert (await door.browser.get(back)).status_code == 303
    door.browser.cookies.clear()
    await door.refused(400, STALE, await door.come(back))
    assert door.issuer.asked("/token") == 1
    door.browser.cookies.set(FLOW, kept, domain="glint.test")  # as whoever copied it does
    await door.refused(400, STALE, await door.come(back))


async def test_an_answer_counts_for_ten_minutes(door: Door) -> None:
    for minutes, status in ((9.9, 303), (10, 400)):
        back = await door.at_issuer(await door.leave())
        kept = door.browser.cookies[FLOW]
        door.clock.forward(minutes=minutes)
        door.browser.cookies.set(FLOW, kept, domain="glint.test")
        assert (await door.browser.get(back)).status_code == status
        door.browser.cookies.clear()


async def test_an_answer_to_another_browser_does_not_count(door: Door) -> None:
    """Nobody can be signed in as somebody else by a link (Core 1.0, 3.1.2.1 on `state`; RFC 6749, 10.12)."""
    back = await door.at_issuer(await door.leave())
    door.browser.cookies.clear()
    await door.refused(400, STALE, await door.come(back))
    await door.leave()  # of another flow
    await door.refused(400, STALE, await door.come(back))
    assert door.issuer.asked("/token") == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda back: re.sub(r"state=[^&]*", "state=x", back),
        lambda back: re.sub(r"state=[^&]*", "", back),
        lambda back: re.sub(r"state=[^&]*", "state=%C3%A9", back),
        lambda back: back + "&state=x",
        lambda back: back + "&code=x",
        lambda _: CALLBACK,
    ],
)
async def test_an_answer_that_was_tampered_with_does_not_count(door: Door, change: Callable[[str], str]) -> None:
    back = await door.at_issuer(await door.leave())
    await door.refused(400, STALE, await door.come(change(back)))
    assert door.issuer.asked("/token") == 0


async def test_an_answer_without_a_code(door: Door) -> None:
    back = await door.at_issuer(await door.leave())
    await door.refused(502, UNTRUSTED, await door.come(re.sub(r"code=[^&]*", "", back)))


@pytest.mark.parametrize("cookie", ["", "x", "é", "AAAA", "A" * 3_000])
async def test_a_cookie_that_is_none_of_ours(door: Door, cookie: str) -> None:
    back = await door.at_issuer(await door.leave())
    door.browser.cookies.clear()
    headers = {"cookie": f"{FLOW}={cookie}".encode()}
    await door.refused(400, STALE, await door.come(back, headers=headers))


async def test_another_secret_of_ours_is_no_flow(door: Door) -> None:
    sealed = door.container.secrets.seal(b'{"state": "x"}', "another row")
    door.browser.cookies.set(FLOW, base64.urlsafe_b64encode(sealed).decode(), domain="glint.test")
    await door.refused(400, STALE, await door.come(f"{CALLBACK}?state=x&code=y"))


async def test_codes_that_are_made_up_have_to_wait(door: Door) -> None:
    door.issuer.sent_back = {"code": "made-up"}
    for _ in range(30):
        await door.refused(400, STALE)
    answer = await door.sign_in()
    assert (answer.status_code, "Too many tries" in answer.text) == (429, True)
    assert 0 < int(answer.headers["retry-after"]) <= 6
    assert door.issuer.asked("/token") == 30


async def test_nobody_waits_for_what_the_issuer_does_wrong(door: Door) -> None:
    door.issuer.token_answer = lambda: Response(status_code=500)
    for _ in range(31):
        await door.refused(502, UNAVAILABLE)
    door.issuer.token_answer = None
    assert (await door.sign_in()).status_code == 303


async def test_a_person_with_a_password_too_may_use_either(door: Door) -> None:
    await door.container.people.users.set_password(door.tenant_id, "operator", "anna", PASSWORD)
    assert (await door.sign_in()).status_code == 303
    form = {"organisation": door.api.name, "name": "anna", "password": PASSWORD}
    assert (await door.browser.post("/app/sign-in", data=form, headers={"origin": OURS})).status_code == 303
    told = [(each["command"], each["detail"].get("by")) for each in await door.audit()]
    assert told == [("session.end", None), ("session.start", "password")]


async def test_a_person_without_a_password_has_none_to_change(door: Door) -> None:
    await door.sign_in()
    page = (await door.browser.get("/app/password")).text
    assert "You have none here" in page
    assert 'type="password"' not in page
    form = {"current": "", "new": PASSWORD, "repeat": PASSWORD, "csrf": csrf_token(door.browser.cookies[COOKIE])}
    answer = await door.browser.post("/app/password", data=form, headers={"origin": OURS})
    assert (answer.status_code, "You have no password here" in answer.text) == (409, True)


async def test_a_start_with_the_settings_has_the_button_and_calls_nobody(container: Container) -> None:
    issuer = {"oidc_issuer": "https://login.uni.example", "oidc_client_id": "glint", "oidc_client_secret": SecretStr(CLIENT_SECRET)}
    built = await build(container.settings.model_copy(update={**issuer, "public_url": OURS, "oidc_label": LABEL}))
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(built)), base_url=OURS) as browser:
            assert f"Sign in with {LABEL}" in (await browser.get("/app/sign-in")).text
    finally:
        await built.close()
    assert CLIENT_SECRET not in repr(built.settings)


async def test_without_an_issuer_there_is_no_such_way(container: Container) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(container)), base_url=OURS) as browser:
        assert "Sign in with" not in (await browser.get("/app/sign-in")).text
        for path in ("/app/sign-in/oidc", "/app/sign-in/oidc/callback?state=x&code=y"):
            assert (await browser.get(path)).status_code == 404
