"""The set-up screens over HTTP: what they show, what they change, what they say of a wrong value, and the audit log."""

import re
from html import unescape

import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER
from tests.screens_http import Screens, newest, plain, shown, wrong_at

pytestmark = pytest.mark.anyio

SET_UP = "/app/set-up"


@pytest.fixture
async def office(browser: Screens) -> Screens:
    """Somebody who sets up is signed in."""
    await browser.sign_in("set_up")
    return browser


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
    assert "Done Accounts 7 accounts, 7 of them active." in text
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


SETTINGS = {
    "estimate_account": "Estimate",
    "grni_account": "GRNI",
    "ap_account": "AP",
    "charge_spread_basis": "value",
    "grni_balance": "non_negative",
    "credit_reopens": "always",
    "closed_period": "next_open",
    "cutoff_days": "0",
    "sample/ordered": "1,000.00",
}


async def test_a_sample_purchase_is_shown_before_anything_is_saved(office: Screens, api: Api) -> None:
    await accounts(api)
    assert "No version yet" in await shown(office, f"{SET_UP}/posting-manager")
    sample = {"sample/shipping": "50.00", "sample/billed": "1010", "sample/tax": "150", "sample/account_code": "E1"}
    answer = await office.post(f"{SET_UP}/posting-manager/preview", **SETTINGS, **sample)
    assert answer.status_code == 200
    text = plain(answer.text).partition("not saved:")[2]
    assert "The order Lines of" in text
    order, receipt, invoice, after = (text.partition(each)[2] for each in ("The order", "Its receipt", "Its invoice", "After all of it"))
    assert "E1 TEST item 1,050.00" in order.partition("Its receipt")[0]  # shipping has no account: it is spread
    assert "2100 Estimate" in order.partition("Its receipt")[0]
    assert "2110 GRNI" in receipt.partition("Its invoice")[0]
    assert "2000 AP" in invoice.partition("After")[0]
    assert "E1 1,210.00" in after.partition("Versions")[0]  # neither variance nor tax has an account
    assert "2000 AP 1,210.00" in after
    assert "2100 Estimate 0.00" in after
    with_shipping = SETTINGS | sample | {"shipping_account": "Shipping", "tax_account": "Tax", "price_variance_account": "Shipping"}
    answer = await office.post(f"{SET_UP}/posting-manager/preview", **with_shipping)
    after = plain(answer.text).partition("After all of it")[2]
    assert "E1 1,000.00" in after
    assert "5100 Shipping 60.00" in after
    assert "1400 Tax 150.00" in after
    assert (await api("GET", "/v1/posting-manager")).status_code == 404
    assert (await api("GET", "/v1/account-transactions?from=2020-01-01")).json()["items"] == []
    assert (await newest(api))[1] != "posting_manager.put"


async def test_invoices_ahead_of_receipts_are_shown_as_the_settings_have_them(office: Screens, api: Api) -> None:
    await accounts(api)
    first = SETTINGS | {"sample/invoice_first": "yes"}
    answer = await office.post(f"{SET_UP}/posting-manager/preview", **first)
    assert "Its receipt Posts nothing." in plain(answer.text)
    answer = await office.post(f"{SET_UP}/posting-manager/preview", **first | {"grni_balance": "signed"})
    text = plain(answer.text)
    assert text.index("Its invoice") < text.index("Its receipt")
    assert "Posts nothing." not in text


async def test_the_posting_manager_is_saved_as_versions(office: Screens, api: Api) -> None:
    await accounts(api)
    answer = await office.post(f"{SET_UP}/posting-manager", **SETTINGS)
    assert answer.headers["location"] == f"{SET_UP}/posting-manager"
    assert await newest(api) == ("set_up", "posting_manager.put", "1")
    text = await shown(office, f"{SET_UP}/posting-manager")
    assert "Saved as version 1." in text
    assert "With the settings in force:" in text
    await office.post(f"{SET_UP}/posting-manager", **SETTINGS)
    assert "Nothing was changed" in await shown(office, f"{SET_UP}/posting-manager")
    await office.post(f"{SET_UP}/posting-manager", **SETTINGS | {"tax_account": "Tax", "cutoff_days": "5"})
    text = await shown(office, f"{SET_UP}/posting-manager")
    assert "Recoverable tax: none → Tax (1400); Cut-off days: 0 → 5" in text
    saved = (await api("GET", "/v1/posting-manager")).json()
    assert (saved["version"], saved["tax_account"], saved["cutoff_days"], saved["shipping_account"]) == (2, "Tax", 5, None)


@pytest.mark.parametrize("action", ["", "/preview"])
@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("grni_account", "Nothing", "Nothing is not an account, or is not active."),
        ("grni_account", "Bank", "Bank is of type asset, liability is needed."),
        ("cutoff_days", "many", "Must be a whole number."),
        ("cutoff_days", "400", "Must be 366 or less."),
        ("closed_period", "later", "Must be 'next_open' or 'reject'."),
    ],
)
async def test_a_wrong_setting_is_told_at_its_field(office: Screens, api: Api, action: str, field: str, value: str, told: str) -> None:
    await accounts(api)
    answer = await office.post(f"{SET_UP}/posting-manager{action}", **SETTINGS | {field: value, "tax_account": "Tax"})
    assert answer.status_code == 422
    assert wrong_at(answer.text, field).startswith(told)
    assert 'value="Tax"' in answer.text
    assert (await api("GET", "/v1/posting-manager")).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("ordered", "0"), ("ordered", ""), ("ordered", "ten"), ("tax", "-1"), ("billed", "1.005")],
)
async def test_a_wrong_sample_is_told_at_its_field(office: Screens, api: Api, field: str, value: str) -> None:
    await accounts(api)
    answer = await office.post(f"{SET_UP}/posting-manager/preview", **SETTINGS | {f"sample/{field}": value})
    assert answer.status_code == 422
    assert wrong_at(answer.text, f"sample/{field}")


async def test_a_sample_beyond_what_a_ledger_line_holds(office: Screens, api: Api) -> None:
    await accounts(api)
    most = {f"sample/{name}": "999999999999999.99" for name in ("ordered", "shipping")}
    answer = await office.post(f"{SET_UP}/posting-manager/preview", **SETTINGS | most)
    assert answer.status_code == 422
    assert "Nothing was saved. An amount is beyond" in plain(answer.text)


async def test_periods_are_added_closed_and_opened(office: Screens, api: Api) -> None:
    assert "No period yet" in await shown(office, f"{SET_UP}/periods")
    answer = await office.post(f"{SET_UP}/new-period", name="2026-10", starts_on="2026-10-01", ends_on="2026-10-31", status="open")
    assert answer.headers["location"] == f"{SET_UP}/periods"
    assert await newest(api) == ("set_up", "period.put", "2026-10")
    text = (await office.get(f"{SET_UP}/new-period")).text
    assert ('value="2026-11-01"' in text, 'value="2026-11-30"' in text) == (True, True)
    assert (await office.post(f"{SET_UP}/periods/2026-10/close")).status_code == 303
    assert await newest(api) == ("set_up", "period.put", "2026-10")
    assert "2026-10 is closed." in await shown(office, f"{SET_UP}/periods")
    assert (await api("GET", "/v1/periods/2026-10")).json()["status"] == "closed"
    await office.post(f"{SET_UP}/periods/2026-10/open")
    assert (await api("GET", "/v1/periods/2026-10")).json()["status"] == "open"
    await office.post(f"{SET_UP}/periods/2026-10", starts_on="2026-10-01", ends_on="2026-10-30", status="open")
    assert (await api("GET", "/v1/periods/2026-10")).json()["ends_on"] == "2026-10-30"


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"name": "2026-10"}, "name", "Is the name of another period."),
        ({"name": ""}, "name", "Is needed."),
        ({"ends_on": "2026-10-01"}, "ends_on", "Must not be before starts_on."),
        ({"starts_on": "2026-10-31"}, "starts_on", "Overlaps 2026-10, 2026-10-01 to 2026-10-31."),
        ({"starts_on": "yesterday"}, "starts_on", "Must be a date, YYYY-MM-DD."),
    ],
)
async def test_a_wrong_period_is_told_at_its_field(office: Screens, api: Api, change: dict[str, str], field: str, told: str) -> None:
    await api("PUT", "/v1/periods/2026-10", {"starts_on": "2026-10-01", "ends_on": "2026-10-31", "status": "open"})
    period = {"name": "2026-11", "starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"}
    answer = await office.post(f"{SET_UP}/new-period", **period | change)
    assert answer.status_code in (409, 422)
    assert wrong_at(answer.text, field) == told
    assert len((await api("GET", "/v1/periods")).json()["items"]) == 1
