"""The screens of ERP endpoints over HTTP, against the reference ERP: settings, secrets, tests, pause, sign-in at a vendor, the chart."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest

from app.application.ports.authorisations import AuthorisationStatus
from app.application.ports.users import User, UserRole
from app.bootstrap import Container
from tests.api_fixtures import Api
from tests.authorisation_server import CLIENT_ID, CLIENT_SECRET, XERO
from tests.events import ACCOUNTS, POSTING_MANAGER
from tests.reference_erp_process import ReferenceErp
from tests.screens_http import Screens, newest, plain, shown, wrong_at
from tests.sign_in_office import OURS, Office
from tests.sign_in_office import office as vendor_office
from tests.tenant_wall import TenantWall
from tests.world import CHART

pytestmark = pytest.mark.anyio

NEW = "/app/set-up/new-endpoint"
ERP = "/app/set-up/endpoints/erp"
FORM = {
    "adapter": "json",
    "name": "erp",
    "environment": "test",
    "delivery": "push",
    "grouping": "per_transaction",
    "release": "manual",
    "commitments": "send",
    "rate_limit_per_minute": "60",
    "max_concurrency": "4",
}


@pytest.fixture
async def office(browser: Screens) -> Screens:
    await browser.sign_in("set_up")
    return browser


async def stored(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = (await api("GET", "/v1/erp-endpoints/erp")).json()
    return found


async def purchases(api: Api) -> None:
    for name, account in ACCOUNTS.items():
        await api("PUT", f"/v1/accounts/{name}", account)
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)


async def test_every_adapter_has_a_form_of_its_own(office: Screens) -> None:
    text = (await office.get(NEW)).text
    adapters = re.findall(r"new-endpoint\?adapter=(\w+)", text)
    assert {"json", "xml", "business_central", "erpnext", "netsuite", "odoo", "quickbooks", "tryton", "xero"} <= set(adapters)
    for adapter in adapters:
        form = await office.get(f"{NEW}?adapter={adapter}")
        assert form.status_code == 200, adapter
        assert 'name="settings/timeout_seconds"' in form.text, adapter
        assert re.search(r'name="credentials/\w+"[^>]*type="password"', form.text), adapter
        assert "`" not in plain(form.text), adapter
    form_of_odoo = (await office.get(f"{NEW}?adapter=odoo")).text
    assert '<option value="json-rpc">json-rpc</option>' in form_of_odoo
    assert (await office.get(f"{NEW}?adapter=nothing")).status_code == 422


async def test_an_endpoint_is_set_up_tested_and_sent_test_messages(office: Screens, api: Api, erp: ReferenceErp) -> None:
    await purchases(api)
    token = {"credentials/token": str(erp.token)}
    answer = await office.post(NEW, **FORM, url=erp.url, **token, **{"settings/timeout_seconds": "7", "omit/ap": "yes"})
    assert answer.headers["location"] == ERP, plain(answer.text)
    assert await newest(api) == ("set_up", "endpoint.put", "erp")
    endpoint = await stored(api)
    assert (endpoint["settings"], endpoint["credentials"], endpoint["omit"]) == ({"timeout_seconds": 7}, ["token"], ["ap"])
    assert (endpoint["release"], endpoint["minimum_validation"], endpoint["mapping"]) == ("manual", None, {})
    text = await shown(office, ERP)
    assert "The endpoint erp is set up. Test it next." in text
    assert "Token: set" in text
    assert "Not read yet." in text
    tested = await office.post(f"{ERP}/test")
    assert tested.status_code == 200
    told = plain(tested.text)
    assert "Reachable Yes Signed in Yes" in told
    assert f"Accounts {len(CHART)} active" in told
    assert "Kept Yes" in told
    assert await newest(api) == ("set_up", "endpoint.test", "erp")
    assert "as the ERP told" in await shown(office, ERP)
    sent = await office.post(f"{ERP}/test-messages", account_code="E1", amount="12.50")
    told = plain(sent.text)
    assert "The order Booked JE-" in told
    assert "E1 TEST item 12.50" in told
    assert "Request and answer" in told
    assert await newest(api) == ("set_up", "endpoint.test_messages", "erp")
    validated = await office.post(f"{ERP}/test-messages", account_code="E1", purpose="validate")
    assert "The order Valid TEST-" in plain(validated.text)
    for amount, said in (("free", "Must match"), ("0", "Must be above 0.")):
        wrong = await office.post(f"{ERP}/test-messages", amount=amount)
        assert wrong.status_code == 422
        assert wrong_at(wrong.text, "amount").startswith(said)


async def test_test_messages_need_a_posting_manager(office: Screens, erp: ReferenceErp) -> None:
    await office.post(NEW, **FORM, url=erp.url, **{"credentials/token": str(erp.token)})
    answer = await office.post(f"{ERP}/test-messages", account_code="E1", back=ERP)
    assert answer.headers["location"] == ERP
    assert "Set up the posting manager first: the purchase goes through it." in await shown(office, ERP)


async def test_what_the_mapping_lacks_is_told(office: Screens, api: Api, erp: ReferenceErp) -> None:
    await purchases(api)
    await api("PUT", "/v1/accounts/Odd", {"account_code": "4711", "type": "expense"})
    await office.post(NEW, **FORM, url=erp.url, **{"credentials/token": str(erp.token)})
    told = plain((await office.post(f"{ERP}/test")).text)
    assert "It answers, and something is to be mended." in told
    assert "4711 4711 The ERP has no such account" in told


async def test_an_erp_that_is_away_and_a_wrong_token(office: Screens, api: Api, erp: ReferenceErp) -> None:
    await office.post(NEW, **FORM, url="http://127.0.0.1:9", **{"credentials/token": "x"})
    assert "The ERP cannot be reached." in plain((await office.post(f"{ERP}/test")).text)
    await office.post(f"{ERP}/settings", **FORM, url=erp.url, **{"credentials/token": "x"})
    assert "does not let us in" in plain((await office.post(f"{ERP}/test")).text)


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"name": ""}, "name", "Is needed."),
        ({"url": "ftp://erp"}, "url", ""),
        ({"settings/timeout_seconds": "0"}, "settings/timeout_seconds", "Must be 1 or more."),
        ({"settings/timeout_seconds": "soon"}, "settings/timeout_seconds", "Must be a whole number."),
        ({"credentials/token": "with space"}, "credentials/token", ""),
        ({"rate_limit_per_minute": "0"}, "rate_limit_per_minute", "Must be 1 or more."),
        ({"minimum_validation": "draft"}, "minimum_validation", ""),
        ({"description_template": "{nothing}"}, "description_template", ""),
        ({"starts_on": "someday"}, "starts_on", "Must be a date, YYYY-MM-DD."),
    ],
)
async def test_a_wrong_value_is_told_at_its_field(office: Screens, api: Api, change: dict[str, str], field: str, told: str) -> None:
    typed = FORM | {"url": "http://127.0.0.1:9", "credentials/token": "a-secret", "credentials/signing_secret": ""} | change
    if change.get("minimum_validation"):
        typed |= {"adapter": "xero", "credentials/client_id": "us", "credentials/client_secret": "a-secret"}
    answer = await office.post(NEW, **typed)
    assert answer.status_code == 422
    assert wrong_at(answer.text, field).startswith(told)
    assert "a-secret" not in answer.text
    if field != "url":
        assert 'value="http://127.0.0.1:9"' in answer.text
    assert (await api("GET", "/v1/erp-endpoints/erp")).status_code == 404


async def test_a_name_that_is_taken_is_not_written_over(office: Screens, api: Api) -> None:
    await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": "http://127.0.0.1:9"})
    answer = await office.post(NEW, **FORM, url="http://127.0.0.1:10")
    assert answer.status_code == 409
    assert wrong_at(answer.text, "name") == "Is the name of another endpoint."
    assert (await stored(api))["url"] == "http://127.0.0.1:9"


async def test_what_is_not_typed_stays(office: Screens, api: Api) -> None:
    mapping = {"account_codes": {"table": {"2100": "20100"}}}
    body = {"adapter": "xml", "url": "http://127.0.0.1:9", "environment": "test", "mapping": mapping, "paused": True}
    body |= {"credentials": {"user": "glint", "password": "one"}, "settings": {"batch_max": 5}, "minimum_validation": "reference_data"}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    page = (await office.get(f"{ERP}/settings")).text
    assert "one" not in re.findall(r'value="([^"]*)"', page)
    values = dict(re.findall(r'name="(settings/batch_max|minimum_validation|url)"[^>]*value="([^"]*)"', page))
    assert values == {"settings/batch_max": "5", "url": "http://127.0.0.1:9"}
    change = FORM | {"url": "http://127.0.0.1:9/", "settings/batch_max": "6", "credentials/password": "two"}
    answer = await office.post(f"{ERP}/settings", **change)
    assert answer.status_code == 303, plain(answer.text)
    endpoint = await stored(api)
    assert (endpoint["mapping"], endpoint["paused"], endpoint["credentials"]) == (mapping, True, ["password", "user"])
    assert (endpoint["settings"], endpoint["minimum_validation"]) == ({"batch_max": 6}, None)
    last = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    assert (last["detail"]["credentials"], last["detail"]["credentials_kept"]) == (["password"], ["user"])
    assert "two" not in str(last)


async def test_kept_credentials_do_not_go_to_another_server(office: Screens, api: Api) -> None:
    body = {"adapter": "xml", "url": "http://127.0.0.1:9", "credentials": {"user": "glint", "password": "one"}}
    await api("PUT", "/v1/erp-endpoints/erp", body)
    elsewhere = FORM | {"url": "http://127.0.0.2:9"}
    answer = await office.post(f"{ERP}/settings", **elsewhere, **{"credentials/password": "two"})
    assert answer.status_code == 422
    assert wrong_at(answer.text, "credentials/user") == "Must be sent again, since the server is another one."
    answer = await office.post(f"{ERP}/settings", **elsewhere)
    assert answer.status_code == 422
    assert "must be sent again" in plain(answer.text)
    assert (await stored(api))["url"] == "http://127.0.0.1:9"
    both = {"credentials/user": "glint", "credentials/password": "two"}
    assert (await office.post(f"{ERP}/settings", **elsewhere, **both)).status_code == 303


async def test_a_credential_is_removed(office: Screens, api: Api) -> None:
    body = {"adapter": "json", "url": "http://127.0.0.1:9", "credentials": {"token": "t"}}
    await api("PUT", "/v1/erp-endpoints/erp", body)
    assert (await office.post(f"{ERP}/settings", **FORM, url="http://127.0.0.1:9", **{"forget/token": "yes"})).status_code == 303
    assert (await stored(api))["credentials"] == []


async def test_pause_resume_and_delete(office: Screens, api: Api) -> None:
    await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": "http://127.0.0.1:9"})
    await office.post(f"{ERP}/pause", reason="it is being moved")
    assert await newest(api) == ("set_up", "endpoint.pause", "erp")
    assert "It is paused, and holds its journals: it is being moved." in await shown(office, ERP)
    assert "Paused" in await shown(office, "/app/set-up/endpoints")
    await office.post(f"{ERP}/resume")
    assert (await stored(api))["paused"] is False
    answer = await office.post(f"{ERP}/delete")
    assert answer.headers["location"] == "/app/set-up/endpoints"
    assert await newest(api) == ("set_up", "endpoint.delete", "erp")
    assert "The endpoint erp is deleted." in await shown(office, "/app/set-up/endpoints")


async def test_the_chart_is_searched_and_paged(office: Screens, api: Api) -> None:
    await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": "http://127.0.0.1:9"})
    assert "Not read yet" in await shown(office, f"{ERP}/chart")
    accounts = [{"code": f"{4000 + number}", "name": f"Fee {number}"} for number in range(60)]
    await api("PUT", "/v1/erp-endpoints/erp/chart-of-accounts", {"accounts": accounts})
    first = (await office.get(f"{ERP}/chart")).text
    assert ("4049" in first, "4050" in first, "as somebody loaded them" in first) == (True, False, True)
    second = (await office.get(unescape(re.findall(r'href="([^"]+)" rel="next"', first)[0]))).text
    assert ("4049" in second, "4059" in second) == (False, True)
    assert "4059" in await shown(office, f"{ERP}/chart?search=fee%2059")


async def test_who_looks_sees_no_button_and_no_secret(browser: Screens, api: Api) -> None:
    body = {"adapter": "json", "url": "http://127.0.0.1:9", "credentials": {"token": "the-secret"}}
    await api("PUT", "/v1/erp-endpoints/erp", body)
    await browser.sign_in("viewer")
    for path in (ERP, f"{ERP}/settings", f"{ERP}/chart", "/app/set-up/endpoints"):
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        assert "the-secret" not in answer.text
        assert not re.search(r"<button[^>]*>(Test|Pause|Save|Delete)", answer.text), path


LOOPBACK_COOKIE = "glint-session"


@pytest.fixture
async def at(container: Container, tenant_wall: TenantWall) -> AsyncIterator[Office]:
    """A vendor that opens several organisations at once."""
    tenant_wall.taken()
    async with vendor_office(container, XERO) as made:
        yield made
    assert tenant_wall.taken() == []


async def signed_in(at: Office, password_hash: str) -> Screens:
    """Anna, in the office's own time: a browser of today would not keep a cookie of then."""
    async with at.container.units_of_work(at.tenant_id) as uow:
        await uow.users.add(User(name="anna", roles=(UserRole.SET_UP,), password_hash=password_hash))
        await uow.commit()
    screens = Screens(at.api.http, at.api.name, OURS, LOOPBACK_COOKIE)
    answer = await screens.sign_in("anna")
    found = re.search(rf"{LOOPBACK_COOKIE}=([^;]+);", answer.headers["set-cookie"])
    assert found
    at.api.http.cookies.set(LOOPBACK_COOKIE, found[1], domain="localhost.local")
    return screens


async def test_an_endpoint_is_authorised_for_an_organisation_and_revoked(at: Office, password_hash: str) -> None:
    screens = await signed_in(at, password_hash)
    form = FORM | {"adapter": "books", "url": at.vendor.url, "settings": "{}"}
    wrong = await screens.post(NEW, **form | {"settings": "{,"})
    assert wrong_at(wrong.text, "settings").startswith("Is not JSON, line 1")
    credentials = json.dumps({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET})
    answer = await screens.post(NEW, **form, credentials=credentials)
    assert answer.status_code == 303, plain(answer.text)
    assert "Not authorised. " in await shown(screens, ERP)
    assert "ERP endpoint erp Not authorised." in await shown(screens, "/app/set-up")
    at.vendor.organisations = [("org-1", "Club"), ("org-2", "Shop")]
    asked = await screens.post(f"{ERP}/authorise")
    (link,) = re.findall(rf'href="({at.vendor.url}[^"]+)" target="_blank" rel="noopener noreferrer"', asked.text)
    await at.come_back(await at.follow(unescape(link)))
    text = await shown(screens, ERP)
    assert "Authorised, and its organisation has yet to be chosen." in text
    assert "Authorised by anna" in text
    await screens.post(f"{ERP}/organisation", organisation="org-2")
    assert await newest(at.api) == ("anna", "endpoint.choose_organisation", "erp")
    assert "Authorised for Shop ." in await shown(screens, ERP)
    await screens.post(f"{ERP}/revoke")
    assert await newest(at.api) == ("anna", "endpoint.revoke", "erp")
    text = await shown(screens, ERP)
    assert "The authorisation is forgotten, and the vendor was told. erp is paused." in text
    assert "Authorise" in text.partition("Try it")[0]


async def test_an_authorisation_that_the_vendor_ended_is_to_be_renewed(at: Office, password_hash: str) -> None:
    await at.put()
    await at.authorise()
    async with at.container.units_of_work(at.tenant_id) as uow:
        await uow.authorisations.end("erp", None, AuthorisationStatus.RECONNECT, "the vendor no longer accepts the refresh token")
        await uow.commit()
    screens = await signed_in(at, password_hash)
    text = await shown(screens, ERP)
    assert "Not authorised any more: reconnect" in text
    assert "The vendor no longer accepts the refresh token." in text
    assert ">Reconnect</button>" in (await screens.get(ERP)).text


MAPPING = f"{ERP}/mapping"
TABLE = "mapping/account_codes/table"


async def test_a_mapping_is_typed_as_lines_and_told_what_it_lacks(office: Screens, api: Api, erp: ReferenceErp) -> None:
    await purchases(api)
    await office.post(NEW, **FORM, url=erp.url, **{"credentials/token": str(erp.token)})
    await office.post(f"{ERP}/test")
    before = await stored(api)
    lines = "2110, 2000, NONE, fund=G\n2100\t20199\n"
    answer = await office.post(MAPPING, **{TABLE: lines, "mapping/charge_codes/otherwise": "refuse"})
    assert answer.headers["location"] == MAPPING
    assert await newest(api) == ("set_up", "endpoint.put_mapping", "erp")
    mapping = {
        "account_codes": {"table": {"2110": {"account": "2000", "tax_code": "NONE", "dimensions": {"fund": "G"}}, "2100": "20199"}},
        "charge_codes": {"otherwise": "refuse"},
    }
    assert await stored(api) == before | {"mapping": mapping}
    text = await shown(office, MAPPING)
    assert "The mapping is saved. 2 codes do not lead to an account of the ERP yet." in text
    assert "2100,20199 2110,2000,NONE,fund=G" in text
    assert "/mapping/account_codes/table/2100 20199 The ERP has no such account" in text
    assert "2 account codes and 0 charge codes are mapped one by one." in await shown(office, ERP)
    await office.post(MAPPING, **{TABLE: ""})
    assert (await stored(api))["mapping"] == {}


async def test_a_wrong_line_is_told_and_nothing_typed_is_lost(office: Screens, api: Api) -> None:
    await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": "http://127.0.0.1:9"})
    typed = {TABLE: "2110,20110\r\n2100,20100,,fund", "mapping/charge_codes/template/account": "{1}"}
    answer = await office.post(MAPPING, **typed)
    assert answer.status_code == 422
    assert wrong_at(answer.text, TABLE) == "Line 2 “2100,20100,,fund”: fund is no dimension: write name=value."
    assert "2110,20110" in answer.text
    answer = await office.post(MAPPING, **typed | {TABLE: "2110," + "9" * 201})
    assert wrong_at(answer.text, TABLE).startswith("Line 1 “2110,999")
    assert "names a part of the code" in wrong_at(answer.text, "mapping/charge_codes/template/account").lower()
    assert (await stored(api))["mapping"] == {}


async def test_a_mapping_that_lines_cannot_say_is_shown_as_it_is(office: Screens, api: Api) -> None:
    mapping = {"account_codes": {"table": {"21\n10": "20110"}}}
    body = {"adapter": "json", "url": "http://127.0.0.1:9", "mapping": mapping}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    text = (await office.get(MAPPING)).text
    assert "This mapping has what lines cannot say" in text
    assert "Save the mapping" not in text
