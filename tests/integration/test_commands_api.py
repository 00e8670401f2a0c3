"""Cancelled invoices, another posting manager for open orders, and commitments over the year's end."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, event, invoice, order, receipt

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(api: Api) -> Api:
    for name, account in ACCOUNTS.items():
        await api("PUT", f"/v1/accounts/{name}", account)
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)
    return api


async def send(api: Api, event_id: str, event_type: str, data: dict[str, Any], status: int = 201) -> dict[str, Any]:
    answer = await api("POST", "/v1/events", event(event_id, event_type, data))
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def balances(api: Api, number: str = "PO-1") -> dict[str, str]:
    """Role → amount, over the charge codes and what has none."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    for row in (await api("GET", f"/v1/orders/{number}/balances")).json():
        total[row["role"]] += Decimal(row["amount"])
    return {role: str(amount) for role, amount in total.items()}


CANCEL = {"invoice_number": "INV-1", "reason": "wrong supplier", "date": "2026-11-12"}


async def test_a_cancelled_invoice_leaves_the_balances_as_without_it(shop: Api) -> None:
    await send(shop, "1", "order.created", order(charges=[{"kind": "shipping", "amount": "12.00"}]))
    await send(shop, "2", "goods.received", receipt(quantity="2"))
    before = await balances(shop)
    charged = invoice(quantity="2", amount="20.00", charges=[{"kind": "freight", "amount": "14.00"}], tax=[{"amount": "3.00"}])
    charged["lines"][0]["final"] = True
    await send(shop, "3", "invoice.matched", charged)
    await send(shop, "4", "goods.received", receipt(receipt_number="R-2"), status=409)
    await send(shop, "5", "invoice.cancelled", CANCEL)
    assert await balances(shop) == before
    assert (await send(shop, "6", "invoice.cancelled", CANCEL, status=409))["code"] == "invoice-not-in-force"
    await send(shop, "7", "invoice.matched", invoice(quantity="2", amount="21.00"))
    assert (await balances(shop))["ap"] == "21.00"


async def test_an_invoice_that_a_credit_note_names_is_not_cancelled(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    await send(shop, "2", "invoice.matched", invoice())
    await send(shop, "3", "invoice.credited", invoice(invoice_number="CN-1", credits_invoice="INV-1", amount="1.00"))
    assert (await send(shop, "4", "invoice.cancelled", CANCEL, status=409))["code"] == "invoice-in-use"
    unknown = await send(shop, "5", "invoice.cancelled", CANCEL | {"invoice_number": "INV-9"}, status=422)
    assert unknown["code"] == "invoice-unknown"


async def test_an_invoice_over_two_orders_is_cancelled_on_both(shop: Api) -> None:
    await send(shop, "1", "order.created", order("PO-1"))
    await send(shop, "2", "order.created", order("PO-2"))
    both = invoice()
    both["lines"] = [both["lines"][0], both["lines"][0] | {"order_number": "PO-2"}]
    await send(shop, "3", "invoice.matched", both)
    assert len((await send(shop, "4", "invoice.cancelled", CANCEL))["transactions"]) == 2
    for number in ("PO-1", "PO-2"):
        assert await balances(shop, number) == {"estimate": "21.00", "expense": "21.00"}


async def test_open_orders_move_to_the_newest_posting_manager_after_a_preview(shop: Api) -> None:
    await send(shop, "1", "order.created", order("PO-1", charges=[{"kind": "shipping", "amount": "12.00"}]))
    await send(shop, "2", "order.created", order("PO-2"))
    await send(shop, "3", "order.closed", {"order_number": "PO-2", "reason": "done"})
    await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | {"shipping_account": None})
    preview = (await shop("POST", "/v1/posting-manager/repost", {"preview": True})).json()
    assert [each["order_number"] for each in preview["orders"]] == ["PO-1"]
    assert await balances(shop) == {"estimate": "33.00", "expense": "21.00", "shipping": "12.00"}
    done = (await shop("POST", "/v1/posting-manager/repost", {"preview": False})).json()
    (transaction,) = done["orders"][0]["transactions"]
    shown = [[(line["role"], line["amount"]) for line in each["lines"]] for each in (transaction, preview["orders"][0]["transactions"][0])]
    assert shown[0] == shown[1]
    assert await balances(shop) == {"estimate": "33.00", "expense": "33.00"}
    assert (await shop("POST", "/v1/posting-manager/repost", {"preview": False})).json()["orders"] == []
    assert (await shop("GET", "/v1/orders/PO-1")).json()["posting_manager_version"] == 2


async def test_shipping_that_was_invoiced_on_its_own_account_goes_over_the_lines(shop: Api) -> None:
    await send(shop, "1", "order.created", order(charges=[{"kind": "shipping", "amount": "12.00"}]))
    charged = invoice(quantity="2", amount="21.00", charges=[{"kind": "shipping", "amount": "12.00"}])
    await send(shop, "2", "invoice.matched", charged)
    assert await balances(shop) == {"ap": "33.00", "expense": "21.00", "shipping": "12.00"}
    await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | {"shipping_account": None})
    await shop("POST", "/v1/posting-manager/repost", {"preview": False})
    assert await balances(shop) == {"ap": "33.00", "expense": "33.00"}


async def test_an_order_of_the_old_year_is_rolled_into_the_new_one_once(shop: Api) -> None:
    await send(shop, "1", "order.created", order(order_date="2025-12-10", charges=[{"kind": "shipping", "amount": "12.00"}]))
    await send(shop, "2", "goods.received", receipt(receipt_date="2026-01-05"))
    await shop("PUT", "/v1/periods/2025", {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "status": "open"})
    before = await balances(shop)
    rolled = (await shop("POST", "/v1/periods/2025/roll-commitments")).json()
    out, again = rolled["orders"][0]["transactions"]
    assert [each["accounting_date"] for each in (out, again)] == ["2025-12-31", "2026-01-01"]
    assert {(line["role"], line["side"], line["amount"]) for line in out["lines"]} == {
        ("estimate", "debit", "21.00"),
        ("expense", "credit", "21.00"),
        ("estimate", "debit", "12.00"),
        ("shipping", "credit", "12.00"),
    }
    assert await balances(shop) == before
    for day, estimate in (("2025-12-30", "-33.00"), ("2025-12-31", "0.00"), ("2026-01-01", "-33.00"), ("2026-01-05", "-22.50")):
        rows = (await shop("GET", "/v1/reports/trial-balance", params={"as_of": day})).json()["accounts"]
        assert {row["account_code"]: row["balance"] for row in rows}["2100"] == estimate, day
    twice = (await shop("POST", "/v1/periods/2025/roll-commitments")).json()
    assert [each["duplicate"] for each in twice["orders"]] in ([], [True])
    await shop("PUT", "/v1/periods/2025", {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "status": "closed"})
    assert (await shop("POST", "/v1/periods/2025/roll-commitments")).json()["code"] == "period-closed"


async def test_commands_are_not_taken_from_outside(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    command = {"order_number": "PO-1", "posting_manager_version": 1}
    await send(shop, "2", "order.reposted", command, status=422)
    answer = await shop("POST", "/v1/events", event("3", "order.reposted", command, source="glint:posting-manager"))
    assert answer.status_code == 422


async def test_a_roll_counts_what_is_dated_until_then_whatever_came_first(shop: Api) -> None:
    """A receipt of the new year and a return dated before it came: on the last day both units were committed."""
    await send(shop, "1", "order.created", order(order_date="2025-12-10"))
    await send(shop, "2", "goods.received", receipt(quantity="2", receipt_date="2026-01-05"))
    await send(shop, "3", "goods.returned", receipt(receipt_number="B-1", receipt_date="2025-12-20"))
    await shop("PUT", "/v1/periods/2025", {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "status": "open"})
    rows = (await shop("GET", "/v1/reports/trial-balance", params={"as_of": "2025-12-31"})).json()["accounts"]
    committed = next(row["balance"] for row in rows if row["account_code"] == "2100")
    (rolled,) = (await shop("POST", "/v1/periods/2025/roll-commitments")).json()["orders"]
    assert [each["accounting_date"] for each in rolled["transactions"]] == ["2025-12-31", "2026-01-01"]
    assert {line["amount"] for line in rolled["transactions"][0]["lines"]} == {committed.lstrip("-")}
    rows = (await shop("GET", "/v1/reports/trial-balance", params={"as_of": "2025-12-31"})).json()["accounts"]
    assert next(row["balance"] for row in rows if row["account_code"] == "2100") == "0.00"
