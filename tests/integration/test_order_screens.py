"""Orders on screens, without a browser: looking for one, its life, and its transactions explained."""

import re
from datetime import date

import httpx
import pytest

from app.application.ports.order_lists import Movement
from app.application.read_order import running
from app.domain.money import Amounts
from app.domain.transaction import Role
from app.web.routes import orders as orders_route
from app.web.step_chart import StepChart
from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, event, invoice, order, receipt
from tests.screens_http import Screens
from tests.screens_tables import cells, send

pytestmark = pytest.mark.anyio


def numbers(answer: httpx.Response) -> list[str]:
    return re.findall(r'href="/app/orders/[^"?]+">([^<]+)</a>', answer.text)


async def test_the_life_of_an_order(shop: Api, browser: Screens) -> None:
    await send(shop, "1", "order.created", order(quantity="3"))
    await send(shop, "2", "goods.received", receipt(quantity="2"))
    await send(shop, "3", "invoice.matched", invoice(amount="10.60"))
    page = await browser.get("/app/orders/PO-1")
    assert cells(page, "2 Nov 2026") == ["2 Nov 2026", "31.50", "0.00", "0.00"]
    assert cells(page, "5 Nov 2026") == ["5 Nov 2026", "10.50", "21.00", "0.00"]
    assert cells(page, "10 Nov 2026") == ["10 Nov 2026", "10.50", "10.50", "10.60"]
    line = cells(page, "1")
    assert line[2:] == ["31.50 3", "21.00 2", "10.60 1", "10.50", "10.50", "10.60"]
    assert line[1].startswith("Widget E1 · 10.50 each")
    assert cells(page, "Total NZD")[2:] == ["31.50", "21.00", "10.60", "10.50", "10.50", "10.60"]
    assert "GRNI: 21.00 from 5 Nov 2026, 10.50 from 10 Nov 2026." in page.text


async def test_a_transaction_says_where_its_amounts_came_from(shop: Api, browser: Screens) -> None:
    await send(shop, "1", "order.created", order(quantity="3"))
    received = await send(shop, "2", "goods.received", receipt(quantity="2"))
    told = (await shop("GET", f"/v1/account-transactions/{received['id']}/explain")).json()
    listed = await browser.get("/app/orders/PO-1")
    assert f'hx-get="/app/transactions/{received["id"]}"' in listed.text
    page = await browser.get(f"/app/transactions/{received['id']}")
    assert page.status_code == 200
    assert told["lines"][0]["because"]
    for line in told["lines"]:
        for sentence in line["because"]:
            assert sentence in page.text
    assert f'/app/events/{received["event_id"]}"' in page.text
    assert '<a href="/app/orders/PO-1">' in page.text
    assert cells(page, "Total") == ["", "Total", "", "21.00", "21.00"]


async def test_a_foreign_order_shows_both_currencies(shop: Api, browser: Screens) -> None:
    data = order(currency="CHF", exchange_rate="1.1")
    posted = await send(shop, "1", "order.created", data)
    assert cells(await browser.get("/app/orders/PO-1"), "2 Nov") == ["2 Nov 2026", "21.00", "23.10", "0.00", "0.00", "0.00", "0.00"]
    assert cells(await browser.get(f"/app/transactions/{posted['id']}"), "Total")[3:] == ["21.00", "21.00", "23.10", "23.10"]


async def test_orders_are_found_by_number_supplier_and_status(shop: Api, browser: Screens) -> None:
    for number, supplier in (("PO-1", "ACME"), ("PO-10", "ACME"), ("po-11", "BOLT"), ("X-1", "BOLT")):
        await send(shop, number, "order.created", order(number, supplier={"code": supplier, "name": f"{supplier} Ltd"}))
    await send(shop, "close", "order.closed", {"order_number": "X-1", "reason": "never needed"})
    assert numbers(await browser.get("/app/orders")) == ["X-1", "po-11", "PO-10", "PO-1"]
    assert numbers(await browser.get("/app/orders?number=PO-1")) == ["PO-1", "PO-10", "po-11"]
    assert numbers(await browser.get("/app/orders?number=po-1&supplier=ACME")) == ["PO-1", "PO-10"]
    assert numbers(await browser.get("/app/orders?supplier=BOLT")) == ["X-1", "po-11"]
    assert numbers(await browser.get("/app/orders?status=closed")) == ["X-1"]
    assert cells(await browser.get("/app/orders?supplier=BOLT&status=open"), "po-11")[1:] == [
        "BOLT Ltd BOLT",
        "2 Nov 2026",
        "Open",
        "NZD",
        "21.00",
        "–",
        "–",
    ]
    alone = await browser.get("/app/orders?number=po-10")
    assert (alone.status_code, alone.headers["location"]) == (303, "/app/orders/PO-10")
    for nothing in ("number=PO-9", "number=%25", "supplier=acme", "number=%F4%8F%BF%BF"):
        assert "No order matches" in (await browser.get(f"/app/orders?{nothing}")).text


async def test_lists_page_without_losing_or_doubling_an_order(shop: Api, browser: Screens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders_route, "ROWS", 2)
    wanted = ["PO-1", "PO-2", "PO-3", "PO-4", "PO-5"]
    for number in wanted:
        await send(shop, number, "order.created", order(number))
    for address, expected in (("/app/orders?status=open", wanted[::-1]), ("/app/orders?number=PO-", wanted)):
        found, path = [], address
        while path:
            page = await browser.get(path)
            found += numbers(page)
            following = re.search(r'href="([^"]+)" rel="next"', page.text)
            path = following[1].replace("&amp;", "&") if following else ""
        assert found == expected, address


async def test_an_orders_number_may_have_any_character(shop: Api, browser: Screens) -> None:
    await send(shop, "1", "order.created", order("PO/2026#1?a=%41 é"))
    found = re.search(r'href="(/app/orders/PO[^"]+)"', (await browser.get("/app/orders")).text)
    assert found
    page = await browser.get(found[1])
    assert "<h1>Order PO/2026#1?a=%41 é" in page.text
    assert 'href="/app/orders/PO%2F2026%231%3Fa%3D%2541%20%C3%A9"' in page.text


async def test_what_is_not_there(shop: Api, browser: Screens) -> None:
    assert "No order yet" in (await browser.get("/app/orders")).text
    for path in ("/app/orders/PO-404", "/app/transactions/txn_" + "0" * 32, "/app/transactions/x"):
        assert (await browser.get(path)).status_code == 404
    assert (await browser.get("/app/orders?cursor=x")).status_code == 422
    assert (await browser.get("/app/orders/PO-1?cursor=x")).status_code == 422


async def test_an_event_that_waits_for_an_order_is_named_on_it(shop: Api, browser: Screens) -> None:
    await send(shop, "1", "order.created", order())
    await shop("POST", "/v1/events", event("early", "goods.received", receipt(line=2)))
    assert re.search(r"An event waits for something of this order.*?>early</a>", (await browser.get("/app/orders/PO-1")).text)


async def test_another_tenants_orders_are_not_there(shop: Api, browser: Screens, anonymous: Api) -> None:
    other = await anonymous.tenant()
    for name, account in ACCOUNTS.items():
        await other("PUT", f"/v1/accounts/{name}", account)
    await other("PUT", "/v1/posting-manager", POSTING_MANAGER)
    posted = await send(other, "1", "order.created", order())
    assert (await browser.get("/app/orders/PO-1")).status_code == 404
    assert (await browser.get(f"/app/transactions/{posted['id']}")).status_code == 404
    assert "No order yet" in (await browser.get("/app/orders")).text


def test_a_chart_steps_from_balance_to_balance() -> None:
    days = [date(2026, 11, 1), date(2026, 11, 6)]
    chart = StepChart(days, [[1000, 0], [-400, 1400]], date(2026, 11, 11), width=350, amount=str, day=date.isoformat)
    assert [tick.label for tick in chart.amounts] == ["-500", "0", "500", "1000", "1500"]
    assert [tick.label for tick in chart.days] == ["2026-11-01", "2026-11-06", "2026-11-11"]
    middle, zero = chart.days[1].at, chart.amounts[1].at
    assert [tick.at for tick in chart.amounts if tick.strong] == [zero]
    assert chart.lines[0].path == f"M{chart.left} {zero}H{chart.left}V{chart.amounts[3].at}H{middle}V{chart.lines[0].dots[1].y}H338"
    assert chart.lines[1].path == f"M{chart.left} {zero}H{middle}V{chart.lines[1].dots[0].y}H338"
    assert chart.amounts[0].at > chart.lines[0].dots[1].y > zero > chart.lines[1].dots[0].y


@pytest.mark.parametrize("amount", [0, 1, -1, 7, 10**17, -(10**17)])
def test_a_chart_holds_any_amount(amount: int) -> None:
    """Also where all happened on one day, and on a day to come."""
    chart = StepChart([date(2026, 11, 1)], [[amount]], date(2026, 10, 1), width=1160, amount=str, day=date.isoformat)
    assert 2 <= len(chart.amounts) <= 6
    assert {dot.amount for dot in chart.lines[0].dots} == {amount} - {0}
    assert all(0 < dot.y < chart.height and chart.left <= dot.x <= chart.right for dot in chart.lines[0].dots)


def test_balances_run_on_from_day_to_day() -> None:
    first, second = date(2026, 11, 2), date(2026, 11, 5)
    found = running(
        [
            Movement(first, {Role.ESTIMATE: Amounts(100, 110)}),
            Movement(second, {Role.ESTIMATE: Amounts(-100, -110), Role.GRNI: Amounts(100, 110)}),
        ]
    )
    assert [each.day for each in found] == [first, second]
    assert found[1].balances == {Role.ESTIMATE: Amounts(0, 0), Role.GRNI: Amounts(100, 110)}
