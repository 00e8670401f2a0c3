"""Accounts, the posting manager and the periods: what depends on what."""

import asyncio

import pytest
from sqlalchemy import text

from app.api.ids import Kind, parse_id
from app.bootstrap import Container
from tests.api_fixtures import Api, set_up

pytestmark = pytest.mark.anyio

ACCOUNT = {"account_code": "2100", "type": "liability"}
MANAGER = {"estimate_account": "Estimate", "grni_account": "GRNI", "ap_account": "AP"}
NOVEMBER = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"}


@pytest.mark.parametrize("name", ["Estimate", "PO%2F2026%2F1", "a%20b", "%C3%A4%2F%C3%B6", "50%25", "%2E%2E", "x%2Fbalances"])
async def test_an_account_is_put_read_and_deleted_by_its_name(api: Api, name: str) -> None:
    assert (await api("PUT", f"/v1/accounts/{name}", ACCOUNT)).status_code == 201
    assert (await api("PUT", f"/v1/accounts/{name}", ACCOUNT | {"active": False})).status_code == 200
    got = (await api("GET", f"/v1/accounts/{name}")).json()
    assert {**got, "name": ""} == ACCOUNT | {"active": False, "name": ""}
    assert (await api("GET", "/v1/accounts")).json() == {"items": [got], "next_cursor": None}
    assert (await api("DELETE", f"/v1/accounts/{name}")).status_code == 204
    assert (await api("DELETE", f"/v1/accounts/{name}")).status_code == 404
    assert (await api("GET", f"/v1/accounts/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"account_code": 2100, "type": "liability"}, "/account_code"),
        ({"account_code": "", "type": "liability"}, "/account_code"),
        ({"account_code": "2\x00", "type": "liability"}, "/account_code"),
        ({"account_code": "2100", "type": "Liability"}, "/type"),
        ({"account_code": "2100"}, "/type"),
        (ACCOUNT | {"active": "yes"}, "/active"),
        (ACCOUNT | {"active": 1}, "/active"),
        (ACCOUNT | {"name": "Estimate"}, "/name"),
        ([], ""),
    ],
)
async def test_an_account_that_breaks_its_shape_is_refused_at_the_field(api: Api, body: object, pointer: str) -> None:
    answer = await api("PUT", "/v1/accounts/Estimate", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert (await api("GET", "/v1/accounts/Estimate")).status_code == 404


async def test_the_posting_manager_has_versions_and_the_same_again_makes_none(api: Api) -> None:
    await set_up(api)
    assert (await api("PUT", "/v1/posting-manager", MANAGER)).json()["version"] == 1
    answer = await api("PUT", "/v1/posting-manager", MANAGER | {"cutoff_days": 5})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    answer = await api("PUT", "/v1/posting-manager", MANAGER | {"cutoff_days": 5, "shipping_account": None})
    assert answer.json()["version"] == 2
    assert (await api("PUT", "/v1/posting-manager", MANAGER)).json()["version"] == 3
    got = (await api("GET", "/v1/posting-manager")).json()
    assert got == {
        "version": 3,
        **MANAGER,
        "shipping_account": None,
        "tax_account": None,
        "price_variance_account": None,
        "exchange_difference_account": None,
        "commitment_offset_account": None,
        "charge_spread_basis": "value",
        "grni_balance": "non_negative",
        "credit_reopens": "always",
        "closed_period": "next_open",
        "cutoff_days": 0,
        "account_codes": {"Estimate": "2100", "GRNI": "2110", "AP": "2120"},
    }


async def test_estimate_grni_and_ap_may_be_one_account_or_none(api: Api) -> None:
    assert (await api("GET", "/v1/posting-manager")).status_code == 404
    assert (await api("PUT", "/v1/posting-manager", {})).status_code == 201
    await api("PUT", "/v1/accounts/Accruals", ACCOUNT)
    one = {"estimate_account": "Accruals", "grni_account": "Accruals", "ap_account": None}
    assert (await api("PUT", "/v1/posting-manager", one)).json()["account_codes"] == {"Accruals": "2100"}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"estimate_account": "Expense"}, "invalid", "/estimate_account"),
        ({"grni_account": "Expense"}, "invalid", "/grni_account"),
        ({"ap_account": "Expense"}, "invalid", "/ap_account"),
        ({"shipping_account": "AP"}, "invalid", "/shipping_account"),
        ({"tax_account": "Nobody's"}, "unknown-account", "/tax_account"),
        ({"tax_account": "Old"}, "unknown-account", "/tax_account"),
        ({"cutoff_days": -1}, "invalid", "/cutoff_days"),
        ({"cutoff_days": "1"}, "invalid", "/cutoff_days"),
        ({"charge_spread_basis": "weight"}, "invalid", "/charge_spread_basis"),
        ({"version": 7}, "invalid", "/version"),
    ],
)
async def test_a_posting_manager_that_breaks_a_rule_is_refused(api: Api, change: dict[str, object], code: str, pointer: str) -> None:
    await set_up(api)
    await api("PUT", "/v1/accounts/Expense", {"account_code": "4100", "type": "expense"})
    await api("PUT", "/v1/accounts/Old", {"account_code": "4200", "type": "asset", "active": False})
    answer = await api("PUT", "/v1/posting-manager", MANAGER | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert (await api("GET", "/v1/posting-manager")).json()["version"] == 1


async def test_another_code_of_an_account_makes_a_version_with_it(api: Api, container: Container) -> None:
    await set_up(api)
    assert (await api("PUT", "/v1/accounts/AP", {"account_code": "2999", "type": "liability"})).status_code == 200
    got = (await api("GET", "/v1/posting-manager")).json()
    assert (got["version"], got["account_codes"]["AP"]) == (2, "2999")
    assert (await api("GET", "/v1/audit-log")).json()["items"][0]["detail"]["posting_manager_version"] == 2
    mine = {"tenant": parse_id(Kind.TENANT, (await api("GET", "/v1/tenant")).json()["id"])}
    async with container.engine.connect() as connection:
        first = (
            await connection.execute(text("SELECT accounts FROM posting_manager_version WHERE version = 1 AND tenant_id = :tenant"), mine)
        ).scalar_one()
    assert first["AP"]["code"] == "2120"
    await api("PUT", "/v1/accounts/AP", {"account_code": "2999", "type": "liability"})
    await api("PUT", "/v1/accounts/Other", {"account_code": "1", "type": "asset"})
    assert (await api("GET", "/v1/posting-manager")).json()["version"] == 2


@pytest.mark.parametrize("change", [{"type": "expense"}, {"active": False}])
async def test_an_account_in_use_keeps_fitting_its_role(api: Api, change: dict[str, object]) -> None:
    await set_up(api)
    answer = await api("PUT", "/v1/accounts/AP", {"account_code": "2120", "type": "liability"} | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "in-use")
    assert "ap_account" in answer.json()["detail"]
    assert (await api("GET", "/v1/accounts/AP")).json() == {"name": "AP", "account_code": "2120", "type": "liability", "active": True}


async def test_an_account_that_a_version_names_stays(api: Api) -> None:
    await set_up(api)
    assert (await api("PUT", "/v1/posting-manager", MANAGER | {"ap_account": None})).json()["version"] == 2
    answer = await api("DELETE", "/v1/accounts/AP")
    assert (answer.status_code, answer.json()["code"]) == (409, "in-use")
    assert (await api("GET", "/v1/accounts/AP")).status_code == 200


async def test_an_account_that_is_posted_to_stays(api: Api) -> None:
    for name, kind in (("Bank", "asset"), ("Subscriptions", "income")):
        await api("PUT", f"/v1/accounts/{name}", {"account_code": name[:2], "type": kind})
    lines = [{"account": "Bank", "side": "debit", "amount": "10.00"}, {"account": "Subscriptions", "side": "credit", "amount": "10.00"}]
    data = {"transaction_number": "T-1", "date": "2026-11-02", "description": "Fees", "currency": "NZD", "lines": lines}
    event = {"specversion": "1.0", "id": "1", "source": "/club", "type": "entry.recorded", "data": data}
    answer = await api("POST", "/v1/events", event)
    assert answer.status_code == 201, answer.text
    assert (await api("DELETE", "/v1/accounts/Bank")).status_code == 409


async def test_changes_at_the_same_time_happen_one_after_another(api: Api) -> None:
    await set_up(api)
    changes = [api("PUT", "/v1/posting-manager", MANAGER | {"cutoff_days": days}) for days in range(1, 9)]
    codes = [api("PUT", "/v1/accounts/AP", {"account_code": str(3000 + number), "type": "liability"}) for number in range(8)]
    answers = await asyncio.gather(*changes, *codes)
    assert {answer.status_code for answer in answers} == {200}
    got = (await api("GET", "/v1/posting-manager")).json()
    assert got["version"] == 17
    assert got["account_codes"]["AP"] == (await api("GET", "/v1/accounts/AP")).json()["account_code"]


async def test_of_two_overlapping_periods_at_the_same_time_one_is_made(api: Api) -> None:
    answers = await asyncio.gather(*(api("PUT", f"/v1/periods/{number}", NOVEMBER) for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 5


async def test_a_period_is_put_opened_and_closed(api: Api) -> None:
    answer = await api("PUT", "/v1/periods/2026%2F11", NOVEMBER)
    assert (answer.status_code, answer.json()) == (201, {"period": "2026/11", **NOVEMBER})
    assert (await api("PUT", "/v1/periods/2026%2F11", NOVEMBER | {"status": "closed"})).status_code == 200
    december = {"starts_on": "2026-12-01", "ends_on": "2026-12-31", "status": "open"}
    october = {"starts_on": "2026-10-31", "ends_on": "2026-10-31", "status": "open"}
    assert (await api("PUT", "/v1/periods/12", december)).status_code == 201
    assert (await api("PUT", "/v1/periods/10", october)).status_code == 201
    assert [each["period"] for each in (await api("GET", "/v1/periods")).json()["items"]] == ["10", "2026/11", "12"]
    assert (await api("GET", "/v1/periods/2026%2F11")).json()["status"] == "closed"
    assert (await api("GET", "/v1/periods/13")).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"starts_on": "2026-11-30", "ends_on": "2026-12-31"}, "/starts_on"),
        ({"starts_on": "2026-10-01", "ends_on": "2026-11-01"}, "/starts_on"),
        ({"starts_on": "2026-11-10", "ends_on": "2026-11-11"}, "/starts_on"),
        ({"starts_on": "2026-10-01", "ends_on": "2027-01-01"}, "/starts_on"),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-31"}, "/ends_on"),
        ({"starts_on": "2027-02-30"}, "/starts_on"),
        ({"starts_on": "0001-01-01"}, "/starts_on"),
        ({"ends_on": "9999-12-31"}, "/ends_on"),
        ({"ends_on": 20261130}, "/ends_on"),
        ({"status": "shut"}, "/status"),
        ({"period": "x"}, "/period"),
    ],
)
async def test_a_period_that_breaks_a_rule_is_refused(api: Api, change: dict[str, object], pointer: str) -> None:
    await api("PUT", "/v1/periods/11", NOVEMBER)
    answer = await api("PUT", "/v1/periods/other", NOVEMBER | change)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_what_one_tenant_sets_up_another_does_not_see(api: Api) -> None:
    await set_up(api)
    await api("PUT", "/v1/periods/11", NOVEMBER)
    other = await api.tenant()
    for path in ("/v1/accounts/AP", "/v1/posting-manager", "/v1/periods/11"):
        assert (await other("GET", path)).status_code == 404
    assert (await other("DELETE", "/v1/accounts/AP")).status_code == 404
    assert (await other("PUT", "/v1/accounts/AP", {"account_code": "1", "type": "asset"})).status_code == 201
    assert (await api("GET", "/v1/accounts/AP")).json()["account_code"] == "2120"
