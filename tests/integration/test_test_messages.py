"""Test messages, against the reference ERP: what it is sent, and that nothing of ours moves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api_fixtures import Api, set_up
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.anyio

ERP = "/v1/erp-endpoints/erp"
Json = dict[str, Any]


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db") as erp:
        erp.load_chart()
        yield erp


@pytest.fixture
async def shop(api: Api, erp: ReferenceErp) -> Api:
    """With an endpoint to an ERP for tests."""
    await set_up(api)
    await account(api)
    await put(api, erp.url)
    return api


async def account(api: Api, name: str = "Office", code: str = "4100-12", **more: Any) -> None:
    answer = await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "expense", **more})
    assert answer.status_code in (200, 201), answer.text


async def put(api: Api, url: str, **change: Any) -> None:
    body = {"adapter": "json", "url": url, "environment": "test", "credentials": {"token": "erp-token"}}
    answer = await api("PUT", ERP, body | change)
    assert answer.status_code in (200, 201), answer.text


async def trial(api: Api, **body: Any) -> Json:
    answer = await api("POST", f"{ERP}/test-messages", body or None)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def refusal(api: Api, **body: Any) -> tuple[int, str, list[str]]:
    answer = await api("POST", f"{ERP}/test-messages", body)
    told = answer.json()
    return answer.status_code, told["code"], [fault["pointer"] for fault in told.get("errors", ())]


def booked(erp: ReferenceErp) -> list[Json]:
    journals: list[Json] = erp.call("GET", "/journals")[1]["journals"]
    return journals


async def assert_nothing_is_ours(api: Api) -> None:
    for path in ("/v1/account-transactions", "/v1/journals?from=2000-01-01&to=2099-12-31", "/v1/orders", "/v1/events"):
        assert (await api("GET", path)).json()["items"] == [], path
    assert (await api("GET", "/v1/reports/trial-balance")).json()["accounts"] == []


async def test_a_test_erp_books_a_made_up_purchase_and_nothing_of_ours_moves(shop: Api, erp: ReferenceErp) -> None:
    told = await trial(shop)
    assert told["purpose"] == "send"
    messages = told["messages"]
    assert [message["event_type"] for message in messages] == ["order.created", "goods.received", "invoice.matched"]
    assert [(message["outcome"], message["status"], message["number"]) for message in messages] == [
        ("booked", 200, "JE-1"),
        ("booked", 200, "JE-2"),
        ("booked", 200, "JE-3"),
    ]
    lines = [[(line["account_code"], line["side"], line["amount"]) for line in message["lines"]] for message in messages]
    assert lines == [
        [("2100", "credit", "10.50"), ("4100-12", "debit", "10.50")],
        [("2100", "debit", "10.50"), ("2110", "credit", "10.50")],
        [("2110", "debit", "10.50"), ("2120", "credit", "10.50")],
    ]
    assert [journal["reference"] for journal in booked(erp)] == [message["reference"] for message in messages]
    for message in messages:
        assert message["reference"].startswith("TEST-")
        assert len(message["reference"]) <= 20
        assert message["description"].startswith("TEST ")
        assert json.loads(message["request"])["journals"][0]["reference"] == message["reference"]
        assert "booked" in message["response"]
    await assert_nothing_is_ours(shop)
    again = await trial(shop)
    assert [message["outcome"] for message in again["messages"]] == ["booked"] * 3
    assert len(booked(erp)) == 6


async def test_a_validation_books_nothing(shop: Api, erp: ReferenceErp) -> None:
    told = await trial(shop, purpose="validate")
    assert told["purpose"] == "validate"
    assert [message["outcome"] for message in told["messages"]] == ["valid"] * 3
    assert booked(erp) == []
    await assert_nothing_is_ours(shop)


async def test_a_live_erp_is_only_asked_to_validate(shop: Api, erp: ReferenceErp) -> None:
    await put(shop, erp.url, environment="live")
    assert (await trial(shop))["purpose"] == "validate"
    assert await refusal(shop, purpose="send") == (409, "conflict", [])
    assert booked(erp) == []


async def test_the_amount_and_the_code_are_the_callers(shop: Api, erp: ReferenceErp) -> None:
    told = await trial(shop, account_code="4100-13", amount="99.99")
    assert told["messages"][0]["lines"][1]["account_code"] == "4100-13"
    assert erp.balances() == {"4100-13": "99.99", "2120": "-99.99", "2100": "0.00", "2110": "0.00"}


async def test_the_first_active_expense_account_stands_for_a_code_that_is_not_said(shop: Api) -> None:
    await account(shop, "Books", "4100-13", active=False)
    assert (await trial(shop))["messages"][0]["lines"][1]["account_code"] == "4100-12"
    await account(shop, "Books", "4100-13")
    assert (await trial(shop))["messages"][0]["lines"][1]["account_code"] == "4100-13"


async def test_what_the_erp_complains_of_is_shown(shop: Api, erp: ReferenceErp) -> None:
    erp.call("PUT", "/accounts/2110", {"name": "GRNI", "type": "liability", "active": False})
    for purpose, outcomes in (("validate", ["valid", "invalid", "invalid"]), ("send", ["booked", "rejected", "rejected"])):
        messages = (await trial(shop, purpose=purpose))["messages"]
        assert [message["outcome"] for message in messages] == outcomes
        assert [problem["line"] for problem in messages[1]["problems"]] == [2]


async def test_an_erp_that_does_not_answer_is_not_called_again(shop: Api, erp: ReferenceErp) -> None:
    erp.kill()
    messages = (await trial(shop))["messages"]
    assert [(message["outcome"], message["status"]) for message in messages] == [("retryable", None), (None, None), (None, None)]
    assert messages[0]["reason"]
    assert all(message["request"] for message in messages)


async def test_no_secret_comes_out(shop: Api, erp: ReferenceErp) -> None:
    assert "erp-token" not in (await shop("POST", f"{ERP}/test-messages")).text
    await put(shop, erp.url, credentials={"token": "wrong-token"})
    answer = await shop("POST", f"{ERP}/test-messages")
    assert [message["outcome"] for message in answer.json()["messages"]] == ["unauthorised"] * 3
    assert "wrong-token" not in answer.text
    assert (await shop("GET", ERP)).json()["paused"] is False


async def test_an_event_that_posts_nothing_is_not_sent(shop: Api, erp: ReferenceErp) -> None:
    answer = await shop("PUT", "/v1/posting-manager", {"grni_account": "GRNI", "ap_account": "AP"})
    assert answer.status_code == 200, answer.text
    messages = (await trial(shop))["messages"]
    assert [message["outcome"] for message in messages] == [None, "booked", "booked"]
    assert (messages[0]["lines"], messages[0]["request"], messages[0]["reference"]) == ([], None, None)
    assert len(booked(erp)) == 2


async def test_it_is_in_the_audit_log(shop: Api) -> None:
    told = await trial(shop, purpose="validate")
    entry = (await shop("GET", "/v1/audit-log")).json()["items"][0]
    assert (entry["command"], entry["subject"], entry["actor"]) == ("endpoint.test_messages", "erp", "first")
    assert entry["detail"] == {"purpose": "validate", "references": [message["reference"] for message in told["messages"]]}


async def test_what_cannot_be_tried_is_refused(api: Api) -> None:
    await put(api, "https://erp.example/gl")
    assert await refusal(api, account_code="4100-12") == (409, "no-posting-manager", [])
    await set_up(api)
    assert await refusal(api) == (422, "invalid", ["/account_code"])
    await account(api)
    assert await refusal(api, amount="10.505") == (422, "invalid", ["/amount"])
    assert await refusal(api, amount="0") == (422, "invalid", ["/amount"])
    assert await refusal(api, amount=10) == (422, "invalid", ["/amount"])
    assert await refusal(api, purpose="find") == (422, "invalid", ["/purpose"])
    await put(api, "", delivery="poll")
    assert await refusal(api) == (409, "conflict", [])
    assert (await api("POST", "/v1/erp-endpoints/nowhere/test-messages")).status_code == 404
    key = (await api("POST", "/v1/keys", {"name": "ops", "scopes": ["journals:operate"]})).json()["key"]
    assert (await api.holding(key)("POST", f"{ERP}/test-messages")).status_code == 403


async def test_a_currency_without_cents(api: Api, erp: ReferenceErp) -> None:
    japan = await api.tenant(base_currency="JPY", time_zone="Asia/Tokyo")
    await set_up(japan)
    await put(japan, erp.url)
    messages = (await trial(japan, account_code="9999"))["messages"]
    assert [message["outcome"] for message in messages] == ["booked"] * 3
    assert messages[0]["lines"][0]["amount"] == "1050"


async def test_they_are_what_the_endpoint_would_get(shop: Api, erp: ReferenceErp) -> None:
    await put(shop, erp.url, omit=["estimate", "grni"])
    messages = (await trial(shop))["messages"]
    assert [message["outcome"] for message in messages] == [None, None, "booked"]
    assert {line["role"] for line in messages[2]["lines"]} == {"ap", "expense"}
