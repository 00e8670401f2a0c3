"""The screens from outside, without a browser: who is let in, which forms count, what the headers say. Journals are in test_gl."""

import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from app.application.ports.users import UserRole
from app.bootstrap import Container
from app.main import create_app
from app.web.application import ROUTERS, screens
from app.web.navigation import menu
from app.web.origin import csrf_token, local_path
from app.web.parts import Parts
from tests.api_fixtures import Api
from tests.events import ACCOUNTS, entry, event, order
from tests.screens_http import COOKIE, ORIGIN, PASSWORD, Screens, faults, plain, tenant_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def journal(api: Api) -> str:
    """The id of an open journal of an endpoint that nobody answers at."""
    for name, account in ACCOUNTS.items():
        await api("PUT", f"/v1/accounts/{name}", account)
    endpoint = {"adapter": "json", "url": "http://127.0.0.1:9", "credentials": {"token": "t"}, "starts_on": "2026-01-01"}
    assert (await api("PUT", "/v1/erp-endpoints/erp", endpoint)).status_code == 201
    await api("POST", "/v1/events", event("T-1", "entry.recorded", entry()))
    found: str = (await api("GET", "/v1/journals?from=2026-11-01&to=2026-11-30")).json()["items"][0]["id"]
    return found


async def test_the_bare_address_leads_to_the_screens(browser: Screens) -> None:
    for path in ("/", "/app"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/")


PAGES = (
    "/app/",
    "/app/gl-export.csv",
    "/app/journals/jnl_" + "0" * 32,
    "/app/orders",
    "/app/orders/PO-1",
    "/app/transactions/txn_" + "0" * 32,
    "/app/ledger",
    "/app/ledger/export.csv",
    "/app/outstanding",
    "/app/outstanding/export.csv",
    "/app/events",
    "/app/health",
    "/app/audit-log",
)


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_sees_anything_before_signing_in(browser: Screens, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/app/sign-in?next=%2Fapp%2F")
    asked_by_script = await browser.get(path, **{"hx-request": "true"})
    assert asked_by_script.status_code == 401
    assert asked_by_script.headers["hx-redirect"].startswith("/app/sign-in")
    browser.http.cookies.set(COOKIE, "0" * 32 + ".made-up", domain="glint.test")
    assert (await browser.get(path)).status_code == 303


async def test_the_cookie(browser: Screens) -> None:
    answer = await browser.sign_in("viewer")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


async def test_on_plain_loopback_the_cookie_goes_without_tls(browser: Screens, container: Container) -> None:
    transport = httpx.ASGITransport(app=create_app(container))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        form = {"organisation": browser.tenant, "name": "viewer", "password": PASSWORD}
        answer = await http.post("/app/sign-in", data=form, headers={"origin": "http://127.0.0.1:8080"})
        assert answer.status_code == 303
        assert "Secure" not in answer.headers["set-cookie"]
        assert (await http.get("/app/")).status_code == 200


async def test_signing_in_again_ends_the_session_of_before(browser: Screens) -> None:
    await browser.sign_in("viewer")
    before = browser.http.cookies[COOKIE]
    await browser.sign_in("sender")
    assert browser.http.cookies[COOKIE] != before
    browser.http.cookies.clear()
    browser.http.cookies.set(COOKIE, before, domain="glint.test")
    assert (await browser.get("/app/")).status_code == 303


async def test_signing_out(browser: Screens) -> None:
    await browser.sign_in("viewer")
    token = browser.http.cookies[COOKIE]
    assert (await browser.post("/app/sign-out")).headers["location"] == "/app/sign-in"
    browser.http.cookies.set(COOKIE, token, domain="glint.test")
    assert (await browser.get("/app/")).status_code == 303


async def test_a_new_password_ends_sessions(browser: Screens, api: Api, container: Container) -> None:
    await browser.sign_in("viewer")
    tenant_id = await tenant_of(api, container)
    await container.people.users.set_password(tenant_id, "operator", "viewer", PASSWORD + "!")
    assert (await browser.get("/app/")).status_code == 303


async def test_wrong_passwords_have_to_wait(browser: Screens) -> None:
    for _ in range(5):
        answer = await browser.sign_in("viewer", "wrong")
        assert answer.status_code == 401
        assert "Organisation, name or password is not right." in answer.text
        assert "wrong" not in answer.text.replace("went wrong", "")
    answer = await browser.sign_in("viewer")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 6
    assert COOKIE not in browser.http.cookies
    unknown = await browser.sign_in("nobody", "wrong")
    assert (unknown.status_code, unknown.text.count("is not right")) == (401, 1)


@pytest.mark.parametrize("origin", [None, "null", "https://evil.test", "https://glint.test.evil.test", "https://glint.test:8443"])
async def test_forms_of_other_sites_do_not_count(browser: Screens, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    form = {"organisation": browser.tenant, "name": "viewer", "password": PASSWORD}
    assert (await browser.http.post("/app/sign-in", data=form, headers=headers)).status_code == 403
    await browser.sign_in("viewer")
    assert (await browser.post("/app/sign-out", origin=origin)).status_code == 403
    assert (await browser.get("/app/")).status_code == 200


async def test_forms_without_the_sessions_token_do_not_count(browser: Screens) -> None:
    await browser.sign_in("sender")
    older = csrf_token(browser.http.cookies[COOKIE])
    await browser.sign_in("sender")
    for csrf in ("", "x", "é", older):
        assert (await browser.post("/app/sign-out", csrf=csrf)).status_code == 403, csrf
    assert (await browser.get("/app/")).status_code == 200


ACTIONS = {
    "/app/journals/validate": {"sender"},
    "/app/journals/send": {"sender"},
    "/app/mark-as-sent/choose": {"marker"},
    "/app/mark-as-sent": {"marker"},
    "/app/journals/{id}/validate": {"sender"},
    "/app/journals/{id}/retry": {"sender"},
    "/app/journals/{id}/hold": {"sender"},
    "/app/journals/{id}/release": {"sender"},
    "/app/journals/{id}/redate": {"sender"},
    "/app/journals/{id}/unmark": {"marker"},
    "/app/events/{id}/retry": {"sender"},
    "/app/events/{id}/discard": {"sender"},
    "/app/set-up/new-account": {"set_up"},
    "/app/set-up/accounts/{id}": {"set_up"},
    "/app/set-up/accounts/{id}/delete": {"set_up"},
    "/app/set-up/posting-manager": {"set_up"},
    "/app/set-up/posting-manager/preview": {"viewer", "sender", "marker", "poster", "set_up"},
    "/app/set-up/new-period": {"set_up"},
    "/app/set-up/periods/{id}": {"set_up"},
    "/app/set-up/periods/{id}/close": {"set_up"},
    "/app/set-up/periods/{id}/open": {"set_up"},
    "/app/set-up/new-endpoint": {"set_up"},
    "/app/set-up/endpoints/{id}/settings": {"set_up"},
    "/app/set-up/endpoints/{id}/mapping": {"set_up"},
    "/app/set-up/endpoints/{id}/test": {"set_up"},
    "/app/set-up/endpoints/{id}/test-messages": {"set_up"},
    "/app/set-up/endpoints/{id}/pause": {"set_up"},
    "/app/set-up/endpoints/{id}/resume": {"set_up"},
    "/app/set-up/endpoints/{id}/delete": {"set_up"},
    "/app/set-up/endpoints/{id}/authorise": {"set_up"},
    "/app/set-up/endpoints/{id}/organisation": {"set_up"},
    "/app/set-up/endpoints/{id}/revoke": {"set_up"},
    "/app/password": {"viewer", "sender", "marker", "poster", "set_up"},
    "/app/debtor-transactions": {"poster"},
    "/app/debtor-transactions/form": {"poster"},
    "/app/debtor-transactions/preview": {"poster"},
    "/app/debtor-transactions/{id}/reverse": {"poster"},
    "/app/debtor-transactions/batches": {"poster"},
    "/app/debtor-transactions/batches/{id}/control": {"poster"},
    "/app/debtor-transactions/batches/{id}/post": {"poster"},
    "/app/debtor-transactions/batches/{id}/discard": {"poster"},
    "/app/debtor-transactions/batches/{id}/entries": {"poster"},
    "/app/debtor-transactions/batches/{id}/entries/form": {"poster"},
    "/app/debtor-transactions/batches/{id}/entries/preview": {"poster"},
    "/app/debtor-transactions/batches/{id}/entries/{id}/remove": {"poster"},
    "/app/set-up/dissection": {"set_up"},
    "/app/set-up/dissection/{id}/new": {"set_up"},
    "/app/set-up/dissection/{id}/row": {"set_up"},
    "/app/set-up/dissection/{id}/delete": {"set_up"},
    "/app/set-up/dissection/{id}/load": {"set_up"},
    "/app/events/trial": {"viewer", "sender", "marker", "poster", "set_up"},
    "/app/sign-out": {"viewer", "sender", "marker", "poster", "set_up"},
}
"""Who may send which form."""


def test_every_form_says_who_may_send_it() -> None:
    found = {
        re.sub(r"{\w+(:\w+)?}", "{id}", "/app" + route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    assert found == ACTIONS.keys() | {"/app/sign-in"}


async def test_roles(browser: Screens) -> None:
    for role in UserRole:
        await browser.sign_in(role.value)
        for path, allowed in ACTIONS.items():
            if path == "/app/sign-out":
                continue
            answer = await browser.post(path.format(id="jnl_" + "0" * 32), event="{}", reason="x")
            if role in allowed:
                assert answer.status_code in (200, 303, 422), (role, path, answer.text)  # 422: the form again, with what is wrong
            else:
                assert answer.status_code == 403, (role, path)
                assert "This is for people in the role" in answer.text


async def test_what_a_person_does_is_theirs_in_the_audit_log(browser: Screens, api: Api, journal: str) -> None:
    await browser.sign_in("sender")
    answer = await browser.post(f"/app/journals/{journal}/hold", reason="asked the club", back=f"/app/journals/{journal}")
    assert answer.headers["location"] == f"/app/journals/{journal}"
    told = (await browser.get(f"/app/journals/{journal}")).text
    assert "Held. The journal is now: open." in told
    assert "Held. The journal is now: open." not in (await browser.get(f"/app/journals/{journal}")).text
    last = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    assert (last["actor"], last["command"], last["detail"]) == ("sender", "journal.hold", {"reason": "asked the club"})


async def test_a_journal_gets_another_posting_date_and_its_own_again(browser: Screens, api: Api, journal: str) -> None:
    await browser.sign_in("sender")
    own = f"/app/journals/{journal}"
    dated = (await api("GET", f"/v1/journals/{journal}")).json()["accounting_date"]
    assert f'name="redate/date" aria-describedby="f-redate-date-hint" type="date" value="{dated}"' in (await browser.get(own)).text
    wrong = await browser.post(f"{own}/redate", back=own, **{"redate/date": "2026-11-31", "redate/reason": ""})
    assert wrong.status_code == 422
    assert faults(wrong.text) == {"redate/date": "Day is out of range for month.", "redate/reason": "Is needed."}
    assert "Nothing was saved. The journal keeps its date." in plain(wrong.text)
    for given, sent, told in (("2026-11-20", "2026-11-20", "20 Nov 2026"), ("", dated, ""), (dated, dated, "")):
        answer = await browser.post(f"{own}/redate", back=own, **{"redate/date": given, "redate/reason": "their close"})
        assert answer.headers["location"] == own
        found = (await api("GET", f"/v1/journals/{journal}")).json()
        assert (found["posting_date"], found["accounting_date"], found["status"]) == (sent, dated, "open")
        assert f"It is to be posted on {told}" in (await browser.get(own)).text
    last = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    assert (last["actor"], last["command"], last["detail"]) == ("sender", "journal.redate", {"date": dated, "reason": "their close"})


async def test_a_mark_is_taken_back_by_whoever_may_mark(browser: Screens, api: Api, journal: str) -> None:
    own = f"/app/journals/{journal}"
    await browser.sign_in("marker")
    assert "Redate" not in (await browser.get(own)).text
    refused = await browser.post(f"{own}/unmark", back=own, **{"unmark/reason": "not yet marked"})
    assert refused.headers["location"] == own
    assert "is open, not marked as sent." in (await browser.get(own)).text
    await browser.post("/app/mark-as-sent", journal=journal, reason_code="booked_by_hand", reason="typed", erp_reference="H-1")
    marked = (await browser.get(own)).text
    assert "It was booked there by hand as H-1" in marked
    wrong = await browser.post(f"{own}/unmark", back=own)
    assert (wrong.status_code, faults(wrong.text)) == (422, {"unmark/reason": "Is needed."})
    await browser.sign_in("sender")
    looked = (await browser.get(own)).text
    assert "Take the mark back" not in looked
    assert "Redate" not in looked
    await browser.post(f"{own}/redate", back=own, **{"redate/date": "2026-11-20", "redate/reason": "late"})
    assert re.search(r'role="alert".*is marked_as_sent\.', (await browser.get(own)).text, re.DOTALL)
    await browser.sign_in("marker")
    await browser.post(f"{own}/unmark", back=own, **{"unmark/reason": "it was another one"})
    assert "The mark is taken back. The journal is now: open." in (await browser.get(own)).text
    assert (await api("GET", f"/v1/journals/{journal}")).json()["status"] == "open"
    last = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    assert (last["actor"], last["command"], last["detail"]["reason"]) == ("marker", "journal.unmark", "it was another one")


async def test_a_refusal_is_told_on_the_page_they_were_on(browser: Screens, journal: str) -> None:
    await browser.sign_in("sender")
    await browser.post("/app/journals/send", journal=f"{journal}:1", back="/app/?from=2026-11-01&to=2026-11-30")
    page = (await browser.get("/app/?from=2026-11-01&to=2026-11-30")).text
    assert re.search(r'class="notice bad" role="alert".*?is open: validate it first\.', page, re.DOTALL)


async def test_no_refusal_sends_people_to_the_api(browser: Screens, api: Api) -> None:
    posted = event("o-1", "order.created", order())
    refused = (await api("POST", "/v1/events", posted)).json()
    assert "PUT /v1/posting-manager" in json.dumps(refused)
    await browser.sign_in("viewer")
    stored = (await api("GET", "/v1/events?status=refused")).json()["items"][0]
    pages = [(await browser.get(f"/app/events{path}")).text for path in ("?tab=refused", f"/{stored['event_id']}")]
    pages.append((await browser.post("/app/events/trial", event=json.dumps(posted | {"event_id": "o-2"}))).text)
    for text in pages:
        assert "et up the posting manager first, under Set-up, Posting manager" in text
        assert "/v1/posting-manager" not in text


async def test_another_tenants_journal_is_not_found(browser: Screens, anonymous: Api, journal: str, container: Container) -> None:
    other = await anonymous.tenant()
    tenant_id = await tenant_of(other, container)
    await container.people.users.add(tenant_id, "operator", name="otto", roles=[UserRole.SENDER], password=PASSWORD)
    await Screens(browser.http, other.name).sign_in("otto")
    assert (await browser.get(f"/app/journals/{journal}")).status_code == 404
    await browser.post(f"/app/journals/{journal}/hold")
    assert "There is no such journal." in (await browser.get("/app/")).text


@pytest.mark.parametrize("path", ["/app/sign-in", "/app/", "/app/nothing", "/app/static/glint.css"])
async def test_headers(browser: Screens, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


async def test_no_page_names_another_host_or_holds_anything_inline(browser: Screens, journal: str) -> None:
    await browser.sign_in("sender")
    for path in (
        "/app/",
        "/app/?from=2026-11-01&to=2026-11-30",
        f"/app/journals/{journal}",
        "/app/events",
        "/app/events/trial",
        "/app/health",
        "/app/orders",
        "/app/ledger",
        "/app/ledger?account=1000&from=&to=",
        "/app/outstanding",
    ):
        text = (await browser.get(path)).text
        assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", text), path
        assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son\w+=", text), path


async def test_files_are_kept_only_by_their_hash(browser: Screens) -> None:
    text = (await browser.get("/app/sign-in")).text
    for address in re.findall(r'"(/app/static/[^"]+)"', text):
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await browser.get("/app/static/../../config.py")).status_code == 404


async def test_what_is_not_there_and_what_is_not_understood(browser: Screens) -> None:
    await browser.sign_in("viewer")
    for path, status, told in (
        ("/app/nothing", 404, "There is no such page."),
        ("/app/journals/jnl_1", 404, "There is no journal of this id."),
        ("/app/?from=yesterday", 422, "From: yesterday is not a date."),
        ("/app/?cursor=x", 422, "The cursor is not one that was given out."),
        ("/app/gl-export.exe", 422, ""),
        ("/app/gl-export.json", 422, ""),
    ):
        answer = await browser.get(path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"].startswith("text/html")
        assert told in answer.text
        assert "Sign out" in answer.text
    assert (await browser.get("/v1/nothing")).headers["content-type"] == "application/problem+json"


async def test_what_nobody_foresaw_is_a_page_that_tells_nothing_of_the_inside(container: Container) -> None:
    broken = Parts(operations=None, configure=None, people=None, clock=container.clock, public_url=None)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=screens(broken)), base_url=ORIGIN) as http:
        answer = await http.get("/health")
    assert answer.status_code == 500
    assert "It was not your doing" in answer.text
    assert "NoneType" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.test/app/", "//evil.test/app/", "/app/\\evil.test", "/application", "/v1/keys", "javascript:1", "/app//evil", "/app/\n"],
)
def test_people_are_sent_to_our_own_pages_only(wanted: str) -> None:
    assert local_path(wanted, "/app/") == "/app/"


def test_the_menu_names_pages_that_there_are() -> None:
    paths = {"/app" + route.path for router in ROUTERS for route in router.routes}  # type: ignore[attr-defined]
    assert {screen.path for screen in menu()} <= paths


def test_what_is_shipped_has_its_licence() -> None:
    static = Path(__file__).parents[2] / "app" / "web" / "static"
    assert "Zero-Clause BSD" in (static / "htmx-LICENSE.txt").read_text()
    assert 'version:"2.0.11"' in (static / "htmx-2.0.11.min.js").read_text()
