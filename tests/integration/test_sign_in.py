"""Signing in to vendors, end to end: link, consent, callback, choice of organisation, delivery, revoke; and everything that goes wrong."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from app.bootstrap import Container
from app.observability import configure_logging
from tests.api_fixtures import Api
from tests.authorisation_server import CLIENT_SECRET, INTUIT, STRICT, VENDORS, XERO, Vendor, denied
from tests.sign_in_office import CALLBACK, ENDPOINT, OURS, Office, office, other_tenant_state, parameters
from tests.tenant_wall import TenantWall

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[STRICT], ids=lambda vendor: vendor.name)
async def at(container: Container, tenant_wall: TenantWall, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    tenant_wall.taken()
    async with office(container, request.param) as made:
        yield made
    assert tenant_wall.taken() == []


every_vendor = pytest.mark.parametrize("at", VENDORS, indirect=True, ids=lambda vendor: vendor.name)


def of(vendor: Vendor) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("at", [vendor], indirect=True, ids=lambda each: each.name)


@every_vendor
async def test_from_the_link_to_a_booked_journal_and_back_to_nothing(at: Office) -> None:
    shown = await at.put()
    assert (shown["authorisation"], shown["credentials"]) == ("not_authorised", ["client_id", "client_secret"])
    page = await at.authorise()
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "The endpoint erp is authorised" in page.text
    status = await at.status()
    assert (status["status"], status["reason"], status["authorised_by"]) == ("authorised", None, "first")
    assert status["scopes"] == ["books", "offline_access"]
    assert status["authorised_at"] == "2026-11-16T03:00:00Z"
    assert (await at.endpoint())["authorisation"] == "authorised"
    tested = (await at.api("POST", f"{ENDPOINT}/test")).json()
    assert (tested["signed_in"], tested["accounts"], tested["problems"]) == (True, ["1000", "4000"], [])
    journal = await at.record("T-1")
    assert await at.send(journal) == "sent"
    expected = {"xero": "org-1", "entra": "org-1", "intuit": "9130357"}.get(at.vendor.vendor.name, "")
    assert [organisation for _, organisation in at.vendor.journals] == [expected]
    revoked = (await at.api("POST", f"{ENDPOINT}/revoke")).json()
    assert revoked["vendor_told"] == (at.vendor.vendor.revokes is not None)
    status, endpoint = await at.status(), await at.endpoint()
    assert (status["status"], status["organisation"], status["scopes"]) == ("not_authorised", None, [])
    assert (endpoint["paused"], endpoint["paused_reason"]) == (True, "the authorisation was revoked by first")
    assert (await at.commands())[:2] == [("first", "endpoint.revoke"), ("first", "journals.send")]


@every_vendor
async def test_an_access_token_that_ended_is_renewed_again_and_again(at: Office) -> None:
    await at.put()
    await at.authorise()
    for number in range(3):
        at.clock.forward(seconds=at.vendor.vendor.access_seconds)
        assert await at.send(await at.record(f"T-{number}")) == "sent"
    assert at.vendor.granted == ["authorization_code"] + ["refresh_token"] * 3
    assert "endpoint.authorisation_lost" not in [command for _, command in await at.commands()]


@of(XERO)
async def test_one_of_several_organisations_is_chosen_by_a_person(at: Office) -> None:
    at.vendor.organisations = [("org-1", "One"), ("org-2", "Two & Co")]
    await at.put()
    page = await at.authorise()
    assert "is authorised for 2 organisations. Choose one of them in Glint." in page.text
    status = await at.status()
    assert (status["status"], status["organisation"]) == ("choose_organisation", None)
    assert status["organisations"] == [{"id": "org-1", "name": "One"}, {"id": "org-2", "name": "Two & Co"}]
    journal = await at.record("T-1")
    assert await at.send(journal) == "queued"
    assert "the organisation that this endpoint is for has yet to be chosen" in (await at.endpoint())["paused_reason"]
    wrong = await at.api("PUT", f"{ENDPOINT}/authorisation", {"organisation": "org-3"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/organisation")
    chosen = await at.api("PUT", f"{ENDPOINT}/authorisation", {"organisation": "org-2"})
    assert (chosen.json()["status"], chosen.json()["organisation"]) == ("authorised", {"id": "org-2", "name": "Two & Co"})
    assert (await at.endpoint())["paused"] is False, "it waited for just this"
    assert await at.send(journal, "retry") == "sent"
    assert at.vendor.journals[0][1] == "org-2"
    assert (await at.commands())[1] == ("first", "endpoint.choose_organisation")
    await at.authorise()
    assert (await at.status())["organisation"]["id"] == "org-2", "the choice of before stays where it is still there"
    at.vendor.organisations = [("org-8", "Eight"), ("org-9", "Nine")]
    await at.authorise()
    assert (await at.status())["status"] == "choose_organisation"


@of(XERO)
async def test_organisations_that_cannot_be_listed_or_are_none(at: Office) -> None:
    await at.put()
    at.vendor.listing_fails = True
    page = await at.authorise()
    assert (page.status_code, "the organisations could not be listed" in page.text) == (400, True)
    assert "the vendor did not list them" in (await at.status())["reason"]
    at.vendor.listing_fails, at.vendor.organisations = False, []
    assert "lists no organisation" in (await at.authorise()).text
    assert (await at.status())["status"] == "not_authorised"


@of(INTUIT)
async def test_an_organisation_in_the_callback_is_not_believed_to_be_anything(at: Office) -> None:
    await at.put()
    for realm in ("", "<script>alert(1)</script>", "1/../2", "9" * 101):
        at.vendor.realm = realm
        page = await at.authorise()
        assert (page.status_code, "<script>" in page.text) == (400, False)
        assert (await at.status())["status"] == "not_authorised"


async def test_a_state_is_good_once(at: Office) -> None:
    await at.put()
    location = await at.follow(await at.link())
    assert (await at.come_back(location)).status_code == 200
    again = await at.come_back(location)
    assert (again.status_code, "was used already" in again.text) == (400, True)
    assert at.vendor.granted == ["authorization_code"], "the vendor was not asked a second time"
    assert (await at.status())["status"] == "authorised"


async def test_a_state_ends_after_ten_minutes_and_by_a_newer_link(at: Office) -> None:
    await at.put()
    first, late = await at.follow(await at.link()), await at.follow(await at.link())
    assert (await at.come_back(first)).status_code == 400
    at.clock.forward(minutes=10)
    assert (await at.come_back(late)).status_code == 400
    just = await at.follow(await at.link())
    at.clock.forward(minutes=9, seconds=59)
    assert (await at.come_back(just)).status_code == 200
    assert at.vendor.granted == ["authorization_code"]


async def test_a_state_of_another_tenant_or_tampered_with(at: Office) -> None:
    await at.put()
    location = await at.follow(await at.link())
    state = parameters(location)["state"]
    other = await at.api.holding(None).tenant()
    other_id = (await other("GET", "/v1/tenant")).json()["id"].removeprefix("ten_").removeprefix("tnt_")
    for wrong in (
        other_tenant_state(state),
        f"{other_id}.{state.partition('.')[2]}",
        state[:-1],
        state + "A",
        state.upper(),
        state.partition(".")[2],
        "",
        ".",
        "%00",
        "x" * 5000,
    ):
        answer = await at.come_back(location.replace(quote(state), quote(wrong)))
        assert answer.status_code in (400, 422), wrong
        assert at.vendor.granted == []
    twice = await at.come_back(f"{location}&state={quote(state)}")
    assert twice.status_code == 400
    assert (await at.come_back(location)).status_code == 200, "none of them used it up"


async def test_a_link_of_before_the_set_up_changed_is_void(at: Office) -> None:
    await at.put()
    location = await at.follow(await at.link())
    await at.put(credentials={"client_id": "another", "client_secret": CLIENT_SECRET})
    assert (await at.come_back(location)).status_code == 400
    await at.put()
    location = await at.follow(await at.link())
    assert (await at.api("DELETE", ENDPOINT)).status_code == 204
    assert (await at.come_back(location)).status_code == 400
    assert at.vendor.granted == []


async def test_a_person_says_no(at: Office) -> None:
    await at.put()
    page = await at.come_back(await at.follow(denied(await at.link())))
    assert (page.status_code, "access_denied" in page.text, "<b>user" in page.text) == (400, True, False)
    status = await at.status()
    assert (status["status"], "access_denied" in status["reason"]) == ("not_authorised", True)
    assert (await at.commands())[0] == ("first", "endpoint.authorise_refused")
    await at.authorise()
    await at.come_back(await at.follow(denied(await at.link())))
    assert (await at.status())["status"] == "authorised", "what it was authorised with goes on"


async def test_a_code_of_somebody_else_is_of_no_use(at: Office) -> None:
    """An attacker's code brought to our callback: its challenge is another one (RFC 7636)."""
    await at.put()
    await at.put("other")
    mine, theirs = await at.follow(await at.link()), await at.follow(await at.link("other"))
    swapped = mine.replace(parameters(mine)["code"], parameters(theirs)["code"])
    page = await at.come_back(swapped)
    assert (page.status_code, "invalid_grant" in page.text) == (400, True)
    assert (await at.status())["status"] == "not_authorised"


async def test_the_page_runs_nothing_keeps_nothing_and_repeats_nothing(at: Office) -> None:
    await at.put()
    evil = quote("<script>alert(1)</script>")
    page = await at.come_back(f"/v1/sign-in/callback?state={evil}&code={evil}&error={evil}&error_description={evil}")
    assert (page.status_code, "<script" in page.text, "alert" in page.text) == (400, False, False)
    policy = page.headers["content-security-policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'none'"} <= set(policy.split("; "))
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert (page.headers["x-content-type-options"], page.headers["x-frame-options"]) == ("nosniff", "DENY")


@of(XERO)
async def test_an_organisations_name_is_text_on_the_page(at: Office) -> None:
    await at.put()
    page = await at.authorise()
    assert "Club &amp; Söhne &lt;b&gt;Ltd&lt;/b&gt;" in page.text


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/v1/sign-in/callback",
        "http://localhost:8080@evil.example/v1/sign-in/callback",
        "http://localhost.evil.example/v1/sign-in/callback",
        "http://localhost:8080/v1/sign-in/callback/../../../elsewhere",
        "http://localhost:8080/v1/sign-in/callback?next=https://evil.example",
        "http://localhost:8080/v1/sign-in/callback#x",
        "http://localhost:99999/v1/sign-in/callback",
        "javascript:alert(1)//localhost/v1/sign-in/callback",
        "//localhost/v1/sign-in/callback",
        "HTTP://LOCALHOST:8080/v1/sign-in/callback",
        "",
    ],
)
async def test_nobody_is_sent_back_elsewhere(at: Office, asked: str) -> None:
    await at.put()
    answer = await at.api("POST", f"{ENDPOINT}/authorise", {"redirect_uri": asked})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/redirect_uri")


async def test_another_loopback_address_may_be_named(at: Office) -> None:
    await at.put()
    asked = "http://127.0.0.1:9999/v1/sign-in/callback"
    answer = await at.api("POST", f"{ENDPOINT}/authorise", {"redirect_uri": asked})
    assert parameters(answer.json()["url"])["redirect_uri"] == asked


async def test_the_address_that_people_are_sent_back_to_must_be_known(container: Container) -> None:
    async with office(container, STRICT, base_url="http://glint.test") as at:
        await at.put()
        answer = await at.api("POST", f"{ENDPOINT}/authorise")
        assert (answer.status_code, "GLINT_PUBLIC_URL" in answer.json()["detail"]) == (409, True)
    async with office(container, STRICT, base_url="http://inside.test", public_url="https://glint.example/gl") as at:
        await at.put()
        answer = await at.api("POST", f"{ENDPOINT}/authorise")
        assert parameters(answer.json()["url"])["redirect_uri"] == "https://glint.example/gl/v1/sign-in/callback"
        assert (await at.api("POST", f"{ENDPOINT}/authorise", {"redirect_uri": CALLBACK})).status_code == 422


async def test_what_needs_no_consent_says_so(at: Office) -> None:
    await at.put("plain", adapter="json", credentials={"token": "x"})
    assert (await at.api("POST", "/v1/erp-endpoints/plain/authorise")).status_code == 409
    for method, path in (("GET", "authorisation"), ("POST", "revoke")):
        assert (await at.api(method, f"/v1/erp-endpoints/plain/{path}")).status_code == 404
        assert (await at.api(method, f"/v1/erp-endpoints/nowhere/{path}")).status_code == 404
    await at.put("alone", settings={"by_itself": True})
    assert (await at.api("POST", "/v1/erp-endpoints/alone/authorise")).status_code == 409
    assert (await at.api("PUT", f"{ENDPOINT}/authorisation", {"organisation": "x"})).status_code == 404


async def test_an_application_signs_in_by_itself(at: Office) -> None:
    await at.put(settings={"by_itself": True})
    tested = (await at.api("POST", f"{ENDPOINT}/test")).json()
    assert (tested["signed_in"], tested["problems"]) == (True, [])
    assert (await at.status())["status"] == "authorised"
    at.clock.forward(hours=1)
    assert (await at.api("POST", f"{ENDPOINT}/test")).json()["signed_in"] is True
    assert at.vendor.granted == ["client_credentials"] * 2


async def test_not_authorised_is_told_and_pauses_until_somebody_authorises(at: Office) -> None:
    await at.put()
    tested = (await at.api("POST", f"{ENDPOINT}/test")).json()
    assert (tested["signed_in"], tested["problems"]) == (False, ["not authorised: nobody has authorised this endpoint at its vendor yet"])
    journal = await at.record("T-1")
    assert await at.send(journal) == "queued"
    paused = await at.endpoint()
    assert (paused["paused"], "nobody has authorised this endpoint" in paused["paused_reason"]) == (True, True)
    await at.authorise()
    assert (await at.endpoint())["paused"] is False
    assert await at.send(journal, "retry") == "sent"


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
async def test_what_a_person_paused_stays_paused(at: Office, first: bool) -> None:
    await at.put()
    if first:
        await at.api("POST", f"{ENDPOINT}/pause", {"reason": "stocktaking"})
    else:
        assert await at.send(await at.record("T-1")) == "queued"
        await at.api("POST", f"{ENDPOINT}/pause", {"reason": "stocktaking"})
    await at.authorise()
    shown = await at.endpoint()
    assert (shown["paused"], shown["paused_reason"]) == (True, "stocktaking")


async def test_what_the_vendor_ended_asks_for_reconnection(at: Office) -> None:
    await at.put()
    await at.authorise()
    at.vendor.end_refresh()
    at.clock.forward(hours=1)
    journal = await at.record("T-1")
    assert await at.send(journal) == "queued"
    status = await at.status()
    assert (status["status"], "invalid_grant" in status["reason"]) == ("reconnect", True)
    assert "invalid_grant: authorise the endpoint again" in (await at.endpoint())["paused_reason"]
    assert ("worker", "endpoint.authorisation_lost") in await at.commands()
    await at.authorise()
    assert (await at.endpoint())["paused"] is False
    assert await at.send(journal, "retry") == "sent"


async def test_a_wrong_client_secret_keeps_the_tokens_for_when_it_is_mended(at: Office) -> None:
    await at.put()
    await at.authorise()
    await at.put(credentials={"client_id": "client-one", "client_secret": "wrong"})
    at.clock.forward(hours=1)
    journal = await at.record("T-1")
    assert await at.send(journal) == "queued"
    status = await at.status()
    assert (status["status"], "invalid_client" in status["reason"]) == ("authorised", True)
    await at.put()
    await at.api("POST", f"{ENDPOINT}/resume")
    assert await at.send(journal, "retry") == "sent"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"rate_limit_per_minute": 7}, True),
        ({"credentials": {"client_id": "client-one", "client_secret": "new"}}, True),
        ({"credentials": {"client_id": "client-two", "client_secret": CLIENT_SECRET}}, False),
        ({"settings": {"by_itself": True}}, False),
        ({"url": "http://127.0.0.1:1/elsewhere"}, False),
        ({"adapter": "json", "credentials": {"token": "t"}}, False),
    ],
)
async def test_an_authorisation_is_for_adapter_client_and_server(at: Office, change: dict[str, Any], kept: bool) -> None:
    await at.put()
    await at.authorise()
    shown = await at.put(**change)
    assert shown["authorisation"] == ("authorised" if kept else None if "adapter" in change else "not_authorised")
    await at.put()
    assert (await at.endpoint())["authorisation"] == ("authorised" if kept else "not_authorised")
    assert await _sealed(at) == (1 if kept else 0)


async def test_a_deleted_endpoint_leaves_nothing(at: Office) -> None:
    await at.put()
    await at.authorise()
    await at.link()
    assert (await at.api("DELETE", ENDPOINT)).status_code == 204
    assert await _sealed(at) == 0
    assert (await at.put())["authorisation"] == "not_authorised"


async def test_revoked_whatever_the_vendor_says(at: Office) -> None:
    await at.put()
    await at.authorise()
    at.vendor.server.stop()
    revoked = (await at.api("POST", f"{ENDPOINT}/revoke")).json()
    assert (revoked["vendor_told"], "connection refused" in revoked["reason"]) == (False, True)
    assert (await at.status())["status"] == "not_authorised"
    assert await _sealed(at) == 0


@every_vendor
async def test_tokens_are_nowhere_in_plain(at: Office) -> None:
    """Not in the database, not in what is answered, not in what is logged at the finest level."""
    stream = io.StringIO()
    configure_logging("DEBUG", stream)
    answers = []
    await at.put()
    link = await at.link()
    location = await at.follow(link)
    answers.append((await at.come_back(location)).text)
    at.clock.forward(hours=1)
    await at.send(await at.record("T-1"))
    at.vendor.end_access()
    await at.send(await at.record("T-2"))
    for path in (ENDPOINT, f"{ENDPOINT}/authorisation", "/v1/audit-log", "/v1/journals?from=2026-01-01"):
        answers.append((await at.api("GET", path)).text)
    at.vendor.end_refresh()
    at.vendor.end_access()
    answers.append((await at.api("POST", f"{ENDPOINT}/test")).text)
    answers.append((await at.api("POST", f"{ENDPOINT}/revoke")).text)
    assert len(at.vendor.journals) == 2
    assert len(at.vendor.issued) >= 4
    secrets = [*at.vendor.issued, parameters(location)["code"], CLIENT_SECRET]
    places = {"log": stream.getvalue(), "answers": "\n".join(answers), "database": await _everything(at)}
    assert [(place, secret) for place, seen in places.items() for secret in secrets if secret in seen] == []
    assert parameters(link)["state"] not in places["log"] + places["database"]
    assert "erp" in places["database"]


async def test_none_of_it_without_the_scope(at: Office) -> None:
    await at.put()
    made = await at.api("POST", "/v1/keys", {"name": "clerk", "scopes": ["reports:read", "journals:operate"]})
    clerk = Api(at.api.http, made.json()["key"])
    for method, path in (("POST", "authorise"), ("GET", "authorisation"), ("PUT", "authorisation"), ("POST", "revoke")):
        assert (await clerk(method, f"{ENDPOINT}/{path}", {"organisation": "x"} if method == "PUT" else None)).status_code == 403
    other = await replace(at.api, key=None).tenant()
    assert (await other("GET", f"{ENDPOINT}/authorisation")).status_code == 404
    assert (await other("POST", f"{ENDPOINT}/authorise")).status_code == 404


async def test_the_link_asks_for_what_the_standard_says(at: Office) -> None:
    await at.put()
    answer = (await at.api("POST", f"{ENDPOINT}/authorise")).json()
    asked = parameters(answer["url"])
    assert answer["url"].startswith(f"{at.vendor.url}/authorize?")
    assert answer["expires_at"] == "2026-11-16T03:10:00Z"
    assert (asked["response_type"], asked["scope"], asked["redirect_uri"]) == ("code", "books offline_access", CALLBACK)
    assert asked["redirect_uri"].startswith(OURS)
    assert asked["code_challenge_method"] == "S256"
    assert CLIENT_SECRET not in answer["url"]


async def _sealed(at: Office) -> int:
    """How many rows of the tenant hold tokens or verifiers."""
    query = "SELECT (SELECT count(*) FROM erp_authorisation WHERE tenant_id = :t AND sealed IS NOT NULL) + count(*) FROM erp_consent"
    async with at.container.engine.connect() as connection:
        return int((await connection.execute(text(f"{query} WHERE tenant_id = :t"), {"t": at.tenant_id})).scalar_one())


async def _everything(at: Office) -> str:
    """All rows of the tenant in all tables, as text; bytes as the text that they would be."""
    found = []
    async with at.container.engine.connect() as connection:
        names = await connection.execute(
            text("SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'")
        )
        for (table,) in names.all():
            rows = await connection.execute(text(f"SELECT * FROM {table} WHERE tenant_id = :t"), {"t": at.tenant_id})
            values = [value for row in rows for value in row]
            found += [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values]
    return "\n".join(found)
