"""The set-up screens over HTTP: what they show, what they change, what they say of a wrong value, and the audit log."""

import re
from html import unescape

import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER
from tests.screens_http import Screens

pytestmark = pytest.mark.anyio

SET_UP = "/app/set-up"


@pytest.fixture
async def office(browser: Screens) -> Screens:
    """Somebody who sets up is signed in."""
    await browser.sign_in("set_up")
    return browser


async def newest(api: Api) -> tuple[str, str, str]:
    last = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    return last["actor"], last["command"], last["subject"]


async def shown(office: Screens, path: str) -> str:
    """The page's text without markup."""
    answer = await office.get(path)
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).split())


def wrong_at(html: str, field: str) -> str:
    """What is said at a field, which must say that it is wrong."""
    ident = "f-" + field.replace("/", "-")
    assert re.search(rf'id="{ident}"[^>]*aria-invalid="true"', html), f"{field} is not marked"
    found = re.search(rf'id="{ident}-fault">([^<]+)<', html)
    assert found, f"nothing is said at {field}"
    return unescape(found[1])


async def accounts(api: Api) -> None:
    for name, account in ACCOUNTS.items():
        assert (await api("PUT", f"/v1/accounts/{name}", account)).status_code == 201


async def test_what_is_missing_for_a_first_journal(office: Screens, api: Api) -> None:
    text = await shown(office, SET_UP)
    assert "4 steps are missing until a first journal is in the General Ledger." in text
    assert "Missing Accounts None yet." in text
    assert "Optional Periods None: every day is open." in text
    await accounts(api)
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)
    await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": "http://127.0.0.1:9", "paused": True})
    text = await shown(office, SET_UP)
    assert "Done Accounts 7 accounts, 7 of them active" in text
    assert "Done Posting manager Version 1 is in force." in text
    assert "Missing ERP endpoint erp Paused: paused by first." in text
    await api("POST", "/v1/erp-endpoints/erp/resume")
    assert "Missing ERP endpoint erp Not tested yet." in await shown(office, SET_UP)


async def test_an_account_is_added_changed_and_deleted(office: Screens, api: Api) -> None:
    answer = await office.post(f"{SET_UP}/new-account", name="Cars / vans", account_code="6100", type="expense", active="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SET_UP}/accounts")
    assert await newest(api) == ("set_up", "account.put", "Cars / vans")
    text = (await office.get(f"{SET_UP}/accounts")).text
    assert "The account Cars / vans is set up." in text
    address = re.findall(r'href="([^"]*Cars[^"]*)"', text)[0]
    answer = await office.post(address, account_code="6200", type="asset")
    assert answer.status_code == 303
    assert (await api("GET", "/v1/accounts/Cars%20%2F%20vans")).json() == {
        "name": "Cars / vans",
        "account_code": "6200",
        "type": "asset",
        "active": False,
    }
    assert (await office.post(f"{address}/delete")).status_code == 303
    assert await newest(api) == ("set_up", "account.delete", "Cars / vans")


async def test_a_wrong_account_is_told_at_its_field_and_nothing_typed_is_lost(office: Screens, api: Api) -> None:
    await accounts(api)
    answer = await office.post(f"{SET_UP}/new-account", name="Bank", account_code="9999", type="expense", active="yes")
    assert answer.status_code == 409
    assert wrong_at(answer.text, "name") == "Is the name of another account."
    assert 'value="9999"' in answer.text
    assert (await api("GET", "/v1/accounts/Bank")).json()["account_code"] == "1000"
    answer = await office.post(f"{SET_UP}/new-account", name="New", account_code="", type="expense")
    assert answer.status_code == 422
    assert wrong_at(answer.text, "account_code") == "Is needed."
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)
    answer = await office.post(f"{SET_UP}/accounts/GRNI", account_code="2110", type="expense", active="yes")
    assert answer.status_code == 409
    assert "does not fit grni_account" in wrong_at(answer.text, "type")
    assert "selected>Expense" in answer.text
    assert "estimate account" not in answer.text.lower().partition("<h1>")[2].partition("<form")[0]


async def test_accounts_page_and_are_searched(office: Screens, api: Api) -> None:
    for number in range(53):
        await api("PUT", f"/v1/accounts/A{number:03}", {"account_code": f"{7000 + number}", "type": "expense"})
    await api("PUT", "/v1/accounts/ZZ", {"account_code": "100%", "type": "asset"})
    first = (await office.get(f"{SET_UP}/accounts")).text
    assert ("A049" in first, "A050" in first) == (True, False)
    following = re.findall(r'href="([^"]+)" rel="next"', first)[0]
    second = (await office.get(unescape(following))).text
    assert ("A049" in second, "A050" in second, "ZZ" in second) == (False, True, True)
    assert "7051" in await shown(office, f"{SET_UP}/accounts?search=705")
    assert "7049" not in await shown(office, f"{SET_UP}/accounts?search=705")
    assert "100%" in await shown(office, f"{SET_UP}/accounts?search=%25")
    assert "No account is called so" in await shown(office, f"{SET_UP}/accounts?search=nothing")
    assert (await office.get(f"{SET_UP}/accounts?cursor=%21")).status_code == 422


async def test_who_does_not_set_up_looks_only(browser: Screens, api: Api) -> None:
    await accounts(api)
    await browser.sign_in("viewer")
    text = (await browser.get(f"{SET_UP}/accounts/Bank")).text
    assert "Save" not in text
    assert "disabled" in text
    assert "Add an account" not in (await browser.get(f"{SET_UP}/accounts")).text
