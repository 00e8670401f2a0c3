"""GRNI and commitments on a screen, without a browser: sums, whether they are the ledger's, the lines behind them, and files."""

import csv
import io
import re
from decimal import Decimal
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.bootstrap import Container
from app.domain.money import Currency
from app.web.formats import compact
from app.web.routes import outstanding as outstanding_route
from app.web.signed_bars import SignedBars
from tests.api_fixtures import Api
from tests.events import invoice, order, receipt
from tests.screens_http import Screens, tenant_of
from tests.screens_tables import cells, send, texts

pytestmark = pytest.mark.anyio

DAY = "as_of=2026-11-30"
SUPPLIERS = {"PO-1": "ACME", "PO-2": "BOLT", "PO-3": "BOLT"}
ORDERED = {"PO-1": "2026-05-01", "PO-2": "2026-10-01", "PO-3": "2026-11-25"}
RECEIVED = {"PO-1": "2026-06-03", "PO-2": "2026-10-31", "PO-3": "2026-11-28"}


async def buy(shop: Api) -> None:
    """Three orders of 10 units at 10.50, half of them received: 180, 30 and 2 days before the day."""
    for number, supplier in SUPPLIERS.items():
        data = order(number, quantity="10", order_date=ORDERED[number], supplier={"code": supplier, "name": f"{supplier} Ltd"})
        data["lines"][0]["account_codes"] = [{"code": "E1", "percentage": "60"}, {"code": "E2", "percentage": "40"}]
        await send(shop, f"o{number}", "order.created", data)
        await send(shop, f"r{number}", "goods.received", receipt(number, quantity="5", receipt_date=RECEIVED[number]))
    await send(shop, "i1", "invoice.matched", invoice("PO-3", quantity="1", invoice_date="2026-11-29"))


def lines(answer: httpx.Response) -> list[tuple[str, ...]]:
    """Order, days and amount of each line."""
    assert answer.status_code == 200, answer.text
    rows = [texts(row) for row in re.findall(r"<tr>(.*?)</tr>", answer.text, re.DOTALL) if "/app/orders/" in row]
    return [(row[0].partition(" ")[0], row[-2], row[-1]) for row in rows]


async def test_grni_by_age_supplier_and_charge_code(shop: Api, browser: Screens) -> None:
    await buy(shop)
    page = await browser.get(f"/app/outstanding?{DAY}")
    assert cells(page, "0–30") == ["0–30", "2", "94.50"]
    assert cells(page, "31–60") == ["31–60", "0", "0.00"]
    assert cells(page, "91–180") == ["91–180", "1", "52.50"]
    assert cells(page, "BOLT Ltd BOLT") == ["BOLT Ltd BOLT", "2", "94.50"]
    assert cells(page, "ACME Ltd ACME") == ["ACME Ltd ACME", "1", "52.50"]
    assert cells(page, "E1") == ["E1", "3", "88.20"]
    assert cells(page, "E2") == ["E2", "3", "58.80"]
    assert lines(page) == [("PO-1", "180", "52.50"), ("PO-2", "30", "52.50"), ("PO-3", "2", "42.00")]
    assert "The lines add up to what the ledger says, to the cent." in page.text
    assert "In NZD: 0–30 days 95, 31–60 days nothing" in page.text


async def test_commitments_by_the_age_of_the_order(shop: Api, browser: Screens) -> None:
    await buy(shop)
    page = await browser.get(f"/app/outstanding?tab=commitments&{DAY}")
    assert [cells(page, name)[2] for name in ("0–30", "31–60", "61–90", "91–180", "181–365")] == ["52.50", "52.50", "0.00", "0.00", "52.50"]
    assert lines(page) == [("PO-1", "213", "52.50"), ("PO-2", "60", "52.50"), ("PO-3", "5", "52.50")]
    assert "The lines add up to what the ledger says, to the cent." in page.text


async def test_as_of_a_day_in_the_past(shop: Api, browser: Screens) -> None:
    await buy(shop)
    page = await browser.get("/app/outstanding?as_of=2026-11-28")
    assert lines(page) == [("PO-1", "178", "52.50"), ("PO-2", "28", "52.50"), ("PO-3", "0", "52.50")]
    assert "The lines add up to what the ledger says, to the cent." in page.text
    assert "Nothing is outstanding" in (await browser.get("/app/outstanding?as_of=2026-01-01")).text


async def test_a_difference_from_the_ledger_is_told_in_red(shop: Api, browser: Screens, container: Container) -> None:
    await buy(shop)
    tenant_id = await tenant_of(shop, container)
    async with container.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE purchase_order_line SET posted = (SELECT jsonb_agg(CASE WHEN entry ->> 0 = 'grni' AND entry ->> 4 = 'E1' "
                "THEN jsonb_set(jsonb_set(entry, '{5}', '3151'), '{6}', '3151') ELSE entry END) FROM jsonb_array_elements(posted) entry) "
                "WHERE tenant_id = :tenant_id AND order_number = 'PO-1'"
            ),
            {"tenant_id": tenant_id},
        )
    page = await browser.get(f"/app/outstanding?{DAY}")
    assert 'class="notice bad" role="alert"' in page.text
    assert "The lines and the ledger differ by NZD 0.01." in page.text
    assert "glint verify" in page.text
    assert "to the cent" not in page.text


async def test_a_part_is_not_compared(shop: Api, browser: Screens) -> None:
    await buy(shop)
    page = await browser.get(f"/app/outstanding?supplier=BOLT&{DAY}")
    assert lines(page) == [("PO-2", "30", "52.50"), ("PO-3", "2", "42.00")]
    assert "it is not compared with the ledger" in page.text
    coded = await browser.get(f"/app/outstanding?charge_code=E2&{DAY}")
    assert [each[2] for each in lines(coded)] == ["21.00", "21.00", "16.80"]
    aged = await browser.get(f"/app/outstanding?age=3&{DAY}")
    assert lines(aged) == [("PO-1", "180", "52.50")]
    assert "to the cent" in aged.text
    assert "Nothing matches" in (await browser.get(f"/app/outstanding?supplier=NOBODY&{DAY}")).text
    assert "No line of this age" in (await browser.get(f"/app/outstanding?age=1&{DAY}")).text


@pytest.mark.parametrize("tab", ["grni", "commitments"])
async def test_lines_page_without_losing_or_doubling_one(shop: Api, browser: Screens, tab: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await buy(shop)
    await send(shop, "o4", "order.created", order("PO:4", order_date="2026-10-01", charges=[{"kind": "shipping", "amount": "5.00"}]))
    await send(shop, "r4", "goods.received", receipt("PO:4", receipt_date="2026-10-31"))
    whole = lines(await browser.get(f"/app/outstanding?tab={tab}&{DAY}"))
    assert len(whole) == (4 if tab == "grni" else 5)
    monkeypatch.setattr(outstanding_route, "ROWS", 1)
    found, path = [], f"/app/outstanding?tab={tab}&{DAY}"
    while path:
        page = await browser.get(path)
        found += lines(page)
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = unescape(following[1]) if following else ""
    assert found == whole


async def test_files_add_up_to_the_total(shop: Api, browser: Screens) -> None:
    await buy(shop)
    page = await browser.get(f"/app/outstanding?age=3&{DAY}")
    links = {name: unescape(found) for found, name in re.findall(r'href="([^"]+)" download>(\w+)<', page.text)}
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO((await browser.get(links["CSV"])).text, newline="")))
    assert sum(Decimal(row["base_amount"]) for row in rows) == Decimal("147.00")
    xlsx = await browser.get(links["XLSX"])
    assert xlsx.headers["content-disposition"] == 'attachment; filename="grni.xlsx"'
    assert xlsx.content.startswith(b"PK")


async def test_what_is_wrong_is_told(shop: Api, browser: Screens) -> None:
    assert "Nothing is outstanding" in (await browser.get("/app/outstanding")).text
    answer = await browser.get("/app/outstanding?as_of=yesterday&supplier=B%26T")
    assert answer.status_code == 422
    assert 'id="f-as_of-fault">“yesterday” is not a date' in answer.text
    assert 'name="supplier" type="text" value="B&amp;T"' in answer.text
    for wrong in ("cursor=x", "cursor=1:x:PO-1"):
        assert (await browser.get(f"/app/outstanding?{wrong}")).status_code == 422
    assert (await browser.get("/app/outstanding/export.csv?as_of=x")).status_code == 422
    assert (await browser.get("/app/outstanding?age=9&tab=nothing")).status_code == 200


def test_bars_go_up_and_down_from_zero() -> None:
    bars = SignedBars([100, -50, 0, 1], ["a", "b", "c", "d"], str)
    up, down, nothing, little = bars.bars
    assert (up.y + up.height, down.y, nothing.height, little.height) == (bars.zero, bars.zero, 0, 2)
    assert up.height == 2 * down.height
    assert [each.told for each in bars.bars] == ["100", "-50", "", "1"]
    assert all(0 < each.told_at < bars.height for each in bars.bars)


@pytest.mark.parametrize(
    ("amount", "told"), [(9450, "95"), (-9450, "−95"), (99_999_999_49, "100.0 m"), (12_345_678_00, "12.3 m"), (-12_345_678_00, "−12.3 m")]
)
def test_amounts_above_bars_are_short(amount: int, told: str) -> None:
    assert compact(amount, Currency(code="NZD", digits=2)) == told.replace(" ", "\N{NARROW NO-BREAK SPACE}")
