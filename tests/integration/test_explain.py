"""Explanations over HTTP: every transaction of the worked cases, entries, rolled commitments, a moved posting manager, and the wall."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.adapters.postgres.tenant_directory import PostgresTenantDirectory
from app.bootstrap import Container
from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, event, invoice, order, receipt

pytestmark = pytest.mark.anyio

CASES = sorted((Path(__file__).parents[2].parent / "shared" / "scenarios").glob("*.json"))
Json = dict[str, Any]


async def set_up(api: Api, accounts: Json, manager: Json) -> None:
    for name, account in accounts.items():
        assert (await api("PUT", f"/v1/accounts/{name}", account)).status_code == 201
    answer = await api("PUT", "/v1/posting-manager", manager)
    assert answer.status_code in (200, 201), answer.text


@pytest.fixture
async def shop(api: Api) -> Api:
    """A tenant with its accounts and posting manager."""
    await set_up(api, ACCOUNTS, POSTING_MANAGER)
    return api


async def send(api: Api, event_id: str, event_type: str, data: Json) -> list[Json]:
    answer = await api("POST", "/v1/events", event(event_id, event_type, data))
    assert answer.status_code == 201, answer.text
    transactions: list[Json] = answer.json()["transactions"]
    return transactions


async def explained(api: Api, transaction: Json) -> Json:
    answer = await api("GET", f"/v1/account-transactions/{transaction['id']}/explain")
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    check(transaction, body)
    return body


def check(transaction: Json, found: Json) -> None:
    """Line by line the transaction, and each balance moves by what its lines say."""
    moved: dict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
    ends = {}
    for line, told in zip(transaction["lines"], found["lines"], strict=True):
        assert {name: told[name] for name in ("line", "role", "account_code", "charge_code", "side")} == {
            name: line[name] for name in ("line", "role", "account_code", "charge_code", "side")
        }
        sign = 1 if line["side"] == "credit" else -1
        change = [sign * Decimal(line[name]) for name in ("amount", "base_amount")]
        assert [Decimal(told["change"][name]) for name in ("document", "base")] == change
        assert told["because"]
        assert all(sentence.endswith(".") for sentence in told["because"])
        if told["before"] is not None:
            key = tuple(line[name] for name in ("order_line", "role", "ledger", "account", "account_code", "charge_code"))
            ends[key] = [Decimal(told["after"][name]) - Decimal(told["before"][name]) for name in ("document", "base")]
            moved[key] = [before + more for before, more in zip(moved[key], change, strict=True)]
    assert ends == dict(moved)


@pytest.mark.skipif(not CASES, reason="the worked cases are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_every_transaction_of_a_worked_case(anonymous: Api, container: Container, path: Path) -> None:
    """And what they were posted from is verified too."""
    case = json.loads(path.read_text())
    api = await anonymous.tenant(base_currency=case["base_currency"])
    await set_up(api, case["accounts"], case["posting_manager"])
    events = [each for step in case["steps"] for each in step["events"] if each != "repeat"]
    count = 0
    for number, each in enumerate(events):
        answer = await api("POST", "/v1/events", event(str(number), each["type"], each["data"]))
        for transaction in answer.json().get("transactions", ()):
            await explained(api, transaction)
            count += 1
    assert count
    (tenant,) = [each for each in await PostgresTenantDirectory(container.engine).list() if each.name == api.name]
    report = await container.operations.verify(tenant.id)
    assert report.equal, report.differences[:5]


async def test_a_receipt_in_words_and_numbers(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    (transaction,) = await send(shop, "2", "goods.received", receipt())
    found = await explained(shop, transaction)
    assert found["description"] == "Receipt R-1 of order PO-1"
    assert found["subject"] == {"type": "order", "number": "PO-1"}
    estimate, grni = found["lines"]
    assert (estimate["before"], estimate["change"], estimate["after"]) == (
        {"document": "21.00", "base": "21.00"},
        {"document": "-10.50", "base": "-10.50"},
        {"document": "10.50", "base": "10.50"},
    )
    assert "After: 1 of 2 are used (received 1, invoiced 0), worth 10.50 NZD." in estimate["because"]
    assert estimate["figures"]["unit_price"] == "10.5"
    assert (estimate["figures_before"]["received"], estimate["figures"]["received"]) == ("0", "1")
    assert grni["figures"]["layers"][0]["value"] == "10.50"


async def test_a_transaction_is_explained_as_it_was_though_more_came_after(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    (transaction,) = await send(shop, "2", "goods.received", receipt())
    before = await explained(shop, transaction)
    await send(shop, "3", "invoice.matched", invoice())
    await send(shop, "4", "order.closed", {"order_number": "PO-1", "reason": "done"})
    assert await explained(shop, transaction) == before


async def test_foreign_currency_with_layers(shop: Api) -> None:
    await send(shop, "1", "order.created", order(quantity="10", unit_price="5", currency="USD", exchange_rate="1.6"))
    await send(shop, "2", "goods.received", receipt(quantity="4", exchange_rate="1.7"))
    await send(shop, "3", "goods.received", receipt(receipt_number="R-2", quantity="3", exchange_rate="1.5"))
    bill = invoice(quantity="5", amount="25.00", currency="USD", exchange_rate="1.65")
    (transaction,) = await send(shop, "4", "invoice.matched", bill)
    grni = next(line for line in (await explained(shop, transaction))["lines"] if line["role"] == "grni")
    assert grni["figures"]["layers"] == [
        {"units_from": "0", "units_to": "4", "open_from": "4", "rate": "1.7", "value": "0.00", "base_value": "0.00"},
        {"units_from": "4", "units_to": "7", "open_from": "5", "rate": "1.5", "value": "10.00", "base_value": "15.00"},
    ]
    assert grni["before"] == {"document": "35.00", "base": "56.50"}
    assert grni["after"] == {"document": "10.00", "base": "15.00"}


async def test_an_entry_says_that_it_came_coded(shop: Api) -> None:
    data = entry(currency="USD", exchange_rate="1.3333")
    (transaction,) = await send(shop, "1", "entry.recorded", data)
    for line in (await explained(shop, transaction))["lines"]:
        assert line["before"] is line["after"] is None
        assert line["because"][0] == "Entry T-1 came coded by its source: account, side and amount are as it gave them."
        assert "Debits and credits are 120.00 USD each at rate 1.3333 = 160.00 NZD" in line["because"][-1]
        assert line["figures"] == {"side_total": "120.00", "base_side_total": "160.00", "rate": "1.3333"}
    reversal = {"transaction_number": "T-1", "date": "2026-11-04", "reason": "wrong day"}
    (mirror,) = await send(shop, "2", "entry.reversed", reversal)
    assert (await explained(shop, mirror))["lines"][0]["because"][0].startswith("It mirrors entry T-1")


async def test_a_cancelled_invoice_and_a_reposted_order(shop: Api, container: Container) -> None:
    await send(shop, "1", "order.created", order(charges=[{"kind": "shipping", "amount": "12.00"}]))
    await send(shop, "2", "invoice.matched", invoice())
    (transaction,) = await send(shop, "3", "invoice.cancelled", {"invoice_number": "INV-1", "reason": "wrong"})
    await explained(shop, transaction)
    await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | {"shipping_account": None, "estimate_account": None})
    answer = await shop("POST", "/v1/posting-manager/repost", {"preview": False})
    assert answer.status_code == 200, answer.text
    listed = (await shop("GET", "/v1/account-transactions", params={"order_number": "PO-1"})).json()["items"]
    moved = [each for each in listed if each["event_type"] == "order.reposted"]
    assert moved
    for each in moved:
        await explained(shop, each)
    await _is_equal(shop, container)


async def test_rolled_commitments(shop: Api, container: Container) -> None:
    period = {"starts_on": "2026-01-01", "ends_on": "2026-12-31", "status": "open"}
    assert (await shop("PUT", "/v1/periods/2026", period)).status_code == 201
    await send(shop, "1", "order.created", order(charges=[{"kind": "shipping", "amount": "12.00"}]))
    await send(shop, "2", "goods.received", receipt())
    answer = await shop("POST", "/v1/periods/2026/roll-commitments")
    assert answer.status_code == 200, answer.text
    listed = (await shop("GET", "/v1/account-transactions", params={"order_number": "PO-1"})).json()["items"]
    leaves, enters = [each for each in listed if each["event_type"] == "commitments.rolled"]
    assert "It leaves the period that ends; its mirror opens the next one." in (await explained(shop, leaves))["lines"][0]["because"]
    assert "It enters the new period." in (await explained(shop, enters))["lines"][0]["because"]
    await _is_equal(shop, container)


async def test_another_tenants_transaction_is_not_there(shop: Api) -> None:
    (transaction,) = await send(shop, "1", "order.created", order())
    other = await shop.tenant()
    path = f"/v1/account-transactions/{transaction['id']}/explain"
    assert (await shop("GET", path)).status_code == 200
    assert (await other("GET", path)).status_code == 404
    assert (await shop("GET", "/v1/account-transactions/nonsense/explain")).status_code == 404
    assert (await shop.holding(None)("GET", path)).status_code == 401


async def _is_equal(api: Api, container: Container) -> None:
    (tenant,) = [each for each in await PostgresTenantDirectory(container.engine).list() if each.name == api.name]
    report = await container.operations.verify(tenant.id)
    assert report.equal, report.differences[:5]
