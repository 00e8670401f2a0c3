"""Events over HTTP: posted once, parked and drained in order, refused and kept; a list for one order is complete at once."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, event, invoice, order, receipt

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(api: Api) -> Api:
    """A tenant with its accounts and posting manager."""
    for name, account in ACCOUNTS.items():
        assert (await api("PUT", f"/v1/accounts/{name}", account)).status_code == 201
    assert (await api("PUT", "/v1/posting-manager", POSTING_MANAGER)).status_code == 201
    return api


async def send(api: Api, event_id: str, event_type: str, data: dict[str, Any], status: int = 201, **options: Any) -> dict[str, Any]:
    answer = await api("POST", "/v1/events", event(event_id, event_type, data), **options)
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def balances(api: Api, number: str = "PO-1") -> dict[str, str]:
    """Role → amount."""
    answer = await api("GET", f"/v1/orders/{number}/balances")
    return {row["role"]: row["amount"] for row in answer.json()}


async def test_the_life_of_an_order(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    await send(shop, "2", "goods.received", receipt())
    posted = await send(shop, "3", "invoice.matched", invoice(amount="10.25"))
    (transaction,) = posted["transactions"]
    assert transaction["document"] == {"type": "invoice", "number": "INV-1", "date": "2026-11-10"}
    assert transaction["subject"] == {"type": "order", "number": "PO-1"}
    assert transaction["accounting_date"] == "2026-11-10"
    assert {(line["role"], line["side"], line["amount"]) for line in transaction["lines"]} == {
        ("grni", "debit", "10.50"),
        ("ap", "credit", "10.25"),
        ("expense", "credit", "0.25"),
    }
    assert await balances(shop) == {"estimate": "10.50", "ap": "10.25", "expense": "20.75"}
    listed = (await shop("GET", "/v1/account-transactions", params={"order_number": "PO-1"})).json()
    assert [each["event_type"] for each in listed["items"]] == ["order.created", "goods.received", "invoice.matched"]
    assert listed["items"][2] == transaction


async def test_the_same_event_again_is_the_first_answer(shop: Api) -> None:
    first = await send(shop, "1", "order.created", order())
    again = await send(shop, "1", "order.created", order(), status=200)
    assert again == first | {"duplicate": True}
    reused = await send(shop, "1", "order.created", order(quantity="3"), status=409)
    assert reused["code"] == "event-id-reused"
    assert await balances(shop) == {"estimate": "21.00", "expense": "21.00"}


async def test_the_same_event_ten_times_at_once_posts_once(shop: Api) -> None:
    answers = await asyncio.gather(*(shop("POST", "/v1/events", event("1", "order.created", order())) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["transactions"][0]["id"] for answer in answers}) == 1
    assert await balances(shop) == {"estimate": "21.00", "expense": "21.00"}


async def test_ten_receipts_of_one_order_at_once(shop: Api) -> None:
    await send(shop, "0", "order.created", order(quantity="10", unit_price="3.335"))
    receipts = (event(f"r{number}", "goods.received", receipt(receipt_number=f"R-{number}")) for number in range(10))
    answers = await asyncio.gather(*(shop("POST", "/v1/events", each) for each in receipts))
    assert {answer.status_code for answer in answers} == {201}
    assert await balances(shop) == {"grni": "33.35", "expense": "33.35"}


async def test_a_receipt_that_comes_before_its_order_waits(shop: Api) -> None:
    parked = await send(shop, "2", "goods.received", receipt(), status=202)
    assert (parked["status"], parked["transactions"]) == ("parked", [])
    behind = await send(shop, "3", "invoice.matched", invoice(), status=202)
    assert behind["status"] == "parked"
    waiting = (await shop("GET", "/v1/events", params={"status": "parked"})).json()["items"]
    assert [each["waits_for"] for each in waiting] == [["PO-1"], ["PO-1"]]
    await send(shop, "1", "order.created", order())
    assert await balances(shop) == {"estimate": "10.50", "ap": "10.50", "expense": "21.00"}
    assert (await shop("GET", "/v1/events", params={"status": "parked"})).json()["items"] == []
    again = await send(shop, "2", "goods.received", receipt(), status=200)
    assert (again["status"], len(again["transactions"])) == ("posted", 1)


async def test_a_receipt_and_its_order_at_the_same_moment(shop: Api) -> None:
    """Whichever is first, nothing stays parked beside the order."""
    for number in range(10):
        name = f"PO-{number}"
        await asyncio.gather(
            shop("POST", "/v1/events", event(f"r{number}", "goods.received", receipt(name, quantity="2"))),
            shop("POST", "/v1/events", event(f"o{number}", "order.created", order(name))),
        )
        assert await balances(shop, name) == {"grni": "21.00", "expense": "21.00"}


async def test_an_event_for_a_line_that_is_not_there_yet_waits_for_the_change(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    await send(shop, "2", "goods.received", receipt(line=2), status=202)
    await send(shop, "3", "goods.received", receipt(receipt_number="R-2"), status=202)
    changed = order()
    changed["lines"] = [*changed["lines"], changed["lines"][0] | {"line_number": 2}]
    await send(shop, "4", "order.changed", changed | {"version": 2})
    assert await balances(shop) == {"estimate": "21.00", "grni": "21.00", "expense": "42.00"}


async def test_an_invoice_over_two_orders_makes_a_transaction_for_each(shop: Api) -> None:
    await send(shop, "1", "order.created", order("PO-1"))
    both = invoice()
    both["lines"] = [both["lines"][0], both["lines"][0] | {"order_number": "PO-2"}]
    await send(shop, "2", "invoice.matched", both, status=202)
    await send(shop, "3", "goods.received", receipt("PO-1", quantity="2"))
    await send(shop, "4", "order.created", order("PO-2"))
    posted = await send(shop, "2", "invoice.matched", both, status=200)
    assert [each["order_number"] for each in posted["transactions"]] == ["PO-1", "PO-2"]
    assert (await balances(shop, "PO-1"))["ap"] == (await balances(shop, "PO-2"))["ap"] == "10.50"


async def test_a_refused_event_is_kept_and_moves_nothing(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    problem = await send(shop, "2", "goods.returned", receipt(), status=422)
    assert problem["code"] == "return-above-received"
    assert problem["errors"][0]["pointer"] == "/data/lines/0/quantity"
    (kept,) = (await shop("GET", "/v1/events", params={"status": "refused"})).json()["items"]
    assert kept["problem"]["code"] == "return-above-received"
    assert kept["id"] == "2"
    await send(shop, "3", "goods.received", receipt())
    returned = await send(shop, "2", "goods.returned", receipt())
    assert returned["event_id"] == kept["event_id"]
    assert await balances(shop) == {"estimate": "21.00", "expense": "21.00"}


async def test_a_refused_event_can_be_retried_or_discarded(shop: Api) -> None:
    await send(shop, "1", "goods.received", receipt(), status=202)
    await send(shop, "2", "goods.returned", receipt(receipt_number="B-1"), status=202)
    first, second = (await shop("GET", "/v1/events", params={"status": "parked"})).json()["items"]
    answer = await shop("POST", f"/v1/events/{first['event_id']}/discard", {"reason": "for another order"})
    assert (answer.status_code, answer.json()["status"]) == (200, "discarded")
    await send(shop, "3", "order.created", order())
    (refused,) = (await shop("GET", "/v1/events", params={"status": "refused"})).json()["items"]
    assert refused["event_id"] == second["event_id"]
    await send(shop, "4", "goods.received", receipt())
    retried = await shop("POST", f"/v1/events/{refused['event_id']}/retry")
    assert retried.json()["status"] == "posted"
    assert (await shop("POST", f"/v1/events/{refused['event_id']}/retry")).status_code == 409


async def test_a_dry_run_answers_the_same_and_keeps_nothing(shop: Api) -> None:
    dry = await send(shop, "1", "order.created", order(), status=200, params={"dry_run": "true"})
    assert [line["amount"] for line in dry["transactions"][0]["lines"]] == ["21.00", "21.00"]
    assert (await shop("GET", "/v1/orders/PO-1")).status_code == 404
    assert (await shop("GET", "/v1/events")).json()["items"] == []
    await send(shop, "1", "order.created", order())


async def test_one_bad_event_does_not_sink_its_batch(shop: Api) -> None:
    batch = [
        event("1", "order.created", order()),
        event("2", "goods.received", receipt(quantity="0")),
        {"specversion": "1.0"},
        event("1", "order.created", order()),
        event("3", "goods.received", receipt("PO-9")),
        event("4", "goods.received", receipt()),
    ]
    answer = await shop("POST", "/v1/events", batch, headers={"content-type": "application/cloudevents-batch+json"})
    assert answer.status_code == 200
    assert [each["status"] for each in answer.json()] == ["posted", "refused", "refused", "duplicate", "parked", "posted"]
    assert answer.json()[1]["problem"]["errors"][0]["pointer"] == "/data/lines/0/quantity"
    assert await balances(shop) == {"estimate": "10.50", "grni": "10.50", "expense": "21.00"}


async def test_an_entry_is_posted_and_reversed_once(shop: Api) -> None:
    posted = await send(shop, "1", "entry.recorded", entry())
    (transaction,) = posted["transactions"]
    assert transaction["subject"] == {"type": "entry", "number": "T-1"}
    assert [(line["account"], line["account_code"], line["side"]) for line in transaction["lines"]] == [
        ("Bank", "1000", "debit"),
        ("Membership fees", "4000", "credit"),
    ]
    assert (await send(shop, "2", "entry.recorded", entry(), status=409))["code"] == "entry-exists"
    reversal = {"transaction_number": "T-1", "date": "2026-11-04", "reason": "wrong day"}
    mirror = await send(shop, "3", "entry.reversed", reversal)
    assert [line["side"] for line in mirror["transactions"][0]["lines"]] == ["credit", "debit"]
    assert (await send(shop, "4", "entry.reversed", reversal, status=409))["code"] == "entry-reversed"
    trial = (await shop("GET", "/v1/reports/trial-balance", params={"as_of": "2026-11-30"})).json()
    assert {row["account_code"]: row["balance"] for row in trial["accounts"]} == {"1000": "0.00", "4000": "0.00"}


async def test_a_foreign_entry_balances_in_both_currencies(shop: Api) -> None:
    data = entry(currency="USD", exchange_rate="1.3333")
    data["lines"] = [{"account": "Bank", "side": "debit", "amount": "0.10"}] + [
        {"account_code": "4000", "side": "credit", "amount": amount} for amount in ("0.03", "0.03", "0.04")
    ]
    (transaction,) = (await send(shop, "1", "entry.recorded", data))["transactions"]
    bases = [Decimal(line["base_amount"]) for line in transaction["lines"]]
    assert bases[0] == sum(bases[1:]) == Decimal("0.13")


async def test_a_closed_period_moves_the_accounting_date(shop: Api) -> None:
    period = {"starts_on": "2025-11-01", "ends_on": "2025-11-30", "status": "closed"}
    assert (await shop("PUT", "/v1/periods/2025-11", period)).status_code == 201
    posted = await send(shop, "1", "order.created", order(order_date="2025-11-20"))
    (transaction,) = posted["transactions"]
    assert (transaction["document"]["date"], transaction["accounting_date"]) == ("2025-11-20", "2025-12-01")
    await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | {"closed_period": "reject"})
    refused = await send(shop, "2", "order.created", order("PO-2", order_date="2025-11-20"), status=409)
    assert refused["code"] == "period-closed"


async def test_an_order_stays_on_the_posting_manager_it_was_created_with(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | {"estimate_account": None})
    await send(shop, "2", "goods.received", receipt())
    assert await balances(shop) == {"estimate": "10.50", "grni": "10.50", "expense": "21.00"}
    await send(shop, "3", "order.created", order("PO-2"))
    assert await balances(shop, "PO-2") == {}


async def test_an_invoice_number_is_used_once_per_supplier(shop: Api) -> None:
    await send(shop, "1", "order.created", order("PO-1"))
    await send(shop, "2", "order.created", order("PO-2"))
    await send(shop, "3", "invoice.matched", invoice("PO-1"))
    assert (await send(shop, "4", "invoice.matched", invoice("PO-2"), status=409))["code"] == "invoice-exists"
    await send(shop, "5", "invoice.matched", invoice("PO-2", supplier={"code": "OTHER"}))


async def test_names_with_slashes_and_pages_by_cursor(shop: Api) -> None:
    for number in range(5):
        await send(shop, str(number), "order.created", order(f"PO/2026/{number}"))
    assert (await shop("GET", "/v1/orders/PO%2F2026%2F3")).json()["order_number"] == "PO/2026/3"
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await shop("GET", "/v1/orders", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        found += [each["order_number"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert found == [f"PO/2026/{number}" for number in range(5)]


async def test_another_tenants_objects_are_not_there(shop: Api) -> None:
    posted = await send(shop, "1", "order.created", order())
    other = await shop.tenant()
    for path in (f"/v1/account-transactions/{posted['transactions'][0]['id']}", f"/v1/events/{posted['event_id']}", "/v1/orders/PO-1"):
        assert (await shop("GET", path)).status_code == 200
        assert (await other("GET", path)).status_code == 404
    assert (await other("GET", "/v1/account-transactions")).json()["items"] == []


@pytest.mark.parametrize("event_id", [10**30, [{"a": 10**30}]])
async def test_a_batch_answers_with_whatever_was_sent_as_an_id(shop: Api, event_id: object) -> None:
    answer = await shop("POST", "/v1/events", [event("1", "order.created", order()) | {"id": event_id}])
    assert answer.status_code == 200
    (refused,) = answer.json()
    assert (refused["status"], refused["id"]) == ("refused", event_id)
