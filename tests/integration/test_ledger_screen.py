"""The ledger on a screen, without a browser: balances, lines with their running balance on every page, filters and files."""

import csv
import io
import re
from html import unescape
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from app.adapters.postgres.repositories import reports
from app.web.routes import ledger as ledger_route
from tests.api_fixtures import Api
from tests.debtor_set_up import invoice_data, posted, set_up_debtors
from tests.events import entry, invoice, order, receipt
from tests.screens_http import Screens
from tests.screens_tables import cells, send, texts

pytestmark = pytest.mark.anyio

ALL = "from=&to="


def rows(answer: httpx.Response) -> list[tuple[str, ...]]:
    """Of each line its document, debit, credit and balance."""
    assert answer.status_code == 200, answer.text
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", answer.text, re.DOTALL):
        if "/app/transactions/" in row:
            found.append((texts(row)[1], *texts(row)[-3:]))
    return found


async def takings(shop: Api) -> None:
    """Posted out of order, two on one day."""
    for number, (day, amount) in enumerate(((5, "1"), (3, "2"), (9, "4"), (5, "8"), (1, "16"), (7, "32"), (2, "64"))):
        await send(shop, f"t{number}", "entry.recorded", entry(f"T-{number}", amount=amount, date=f"2026-11-0{day}"))


async def test_balances_lead_to_the_lines(shop: Api, browser: Screens) -> None:
    await takings(shop)
    page = await browser.get("/app/ledger")
    assert cells(page, "1000") == ["1000", "Bank", "127.00", "0.00", "127.00 Dr"]
    assert cells(page, "4000") == ["4000", "Membership fees", "0.00", "127.00", "127.00 Cr"]
    assert cells(page, "Total of all accounts")[2:] == ["127.00", "127.00", "0.00"]
    assert '<a href="/app/ledger?account=4000">' in page.text


async def test_lines_run_from_opening_to_closing(shop: Api, browser: Screens) -> None:
    await takings(shop)
    page = await browser.get("/app/ledger?account=1000&from=2026-11-02&to=2026-11-07")
    assert cells(page, "Opening balance")[-1] == "16.00 Dr"
    assert rows(page) == [
        ("Entry T-6", "64.00", "", "80.00 Dr"),
        ("Entry T-1", "2.00", "", "82.00 Dr"),
        ("Entry T-0", "1.00", "", "83.00 Dr"),
        ("Entry T-3", "8.00", "", "91.00 Dr"),
        ("Entry T-5", "32.00", "", "123.00 Dr"),
    ]
    assert cells(page, "Closing balance")[-1] == "123.00 Dr"


@pytest.mark.parametrize("fold_from", [1, 1_000])
@pytest.mark.parametrize("more", ["", "&charge_code=E1", "&order=PO-1", "&journal={journal}"])
async def test_the_running_balance_is_right_on_every_page(
    shop: Api, browser: Screens, more: str, fold_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "FOLD_FROM", fold_from)
    journal = await buy(shop)
    address = f"/app/ledger?account=2110&{ALL}{more.format(journal=journal)}"
    whole = rows(await browser.get(address))
    assert len(whole) >= (1 if "journal" in more else 4)
    monkeypatch.setattr(ledger_route, "ROWS", 1)
    found, path, brought = [], address, "0.00"
    while path:
        page = await browser.get(path)
        assert cells(page, "Opening balance" if path == address else "Brought forward")[-1] == brought
        found += rows(page)
        brought = found[-1][-1]
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = unescape(following[1]) if following else ""
        assert cells(page, "Carried forward" if path else "Closing balance")[-1] == brought
    assert found == whole


async def buy(shop: Api) -> str:
    """Two orders with receipts and invoices, coded to two codes; the reference of the journal of the first receipt."""
    endpoint = {"adapter": "json", "url": "http://127.0.0.1:9", "credentials": {"token": "t"}, "starts_on": "2026-01-01"}
    assert (await shop("PUT", "/v1/erp-endpoints/erp", endpoint)).status_code == 201
    first: dict[str, Any] = {}
    for number in ("PO-1", "PO-2"):
        data = order(number, quantity="9")
        data["lines"][0]["account_codes"] = [{"code": "E1", "percentage": "50"}, {"code": "E2", "percentage": "50"}]
        await send(shop, f"o{number}", "order.created", data)
        received = await send(shop, f"r{number}", "goods.received", receipt(number, quantity="3"))
        first = first or received
        await send(shop, f"i{number}", "invoice.matched", invoice(number, invoice_number=f"I-{number}"))
        await send(shop, f"s{number}", "goods.received", receipt(number, receipt_number="R-2", quantity="1", receipt_date="2026-11-03"))
    journals = (await shop("GET", "/v1/account-transactions?order_number=PO-1")).json()["items"]
    (delivery,) = next(each for each in journals if each["id"] == first["id"])["delivery"]
    reference: str = (await shop("GET", f"/v1/journals/{delivery['journal_id']}")).json()["reference"]
    return reference


async def test_filters(shop: Api, browser: Screens) -> None:
    journal = await buy(shop)
    everything = rows(await browser.get(f"/app/ledger?account=2110&{ALL}"))
    assert len(everything) == 12
    of_order = await browser.get("/app/ledger?account=2110&order=PO-2")
    assert [row[0] for row in rows(of_order)] == [
        "Receipt R-2",
        "Receipt R-2",
        "Receipt R-1",
        "Receipt R-1",
        "Invoice I-PO-2",
        "Invoice I-PO-2",
    ]
    assert cells(of_order, "Closing balance")[-1] == "31.50 Cr"
    assert "Balances are of the lines asked for alone" in of_order.text
    coded = await browser.get(f"/app/ledger?account=2110&charge_code=E2&order=PO-1&{ALL}")
    assert [row[1:] for row in rows(coded)] == [("", "5.25", "5.25 Cr"), ("", "15.75", "21.00 Cr"), ("5.25", "", "15.75 Cr")]
    in_journal = await browser.get(f"/app/ledger?account=2110&journal={journal}")
    assert rows(in_journal) == [("Receipt R-1", "", "15.75", "15.75 Cr"), ("Receipt R-1", "", "15.75", "31.50 Cr")]
    for nothing in ("order=PO-9", "debtor=PO-1", "journal=JE-9", "charge_code=E9"):
        page = await browser.get(f"/app/ledger?account=2110&{nothing}&{ALL}")
        assert "No line in these days" in page.text, nothing
        assert rows(page) == []


async def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(shop: Api, browser: Screens) -> None:
    answer = await browser.get("/app/ledger?account=1000&from=yesterday&to=2026-11-07&order=PO-1&debtor=D-1&charge_code=E%3C1")
    assert answer.status_code == 422
    assert 'id="f-from-fault">“yesterday” is not a date' in answer.text
    assert 'id="f-debtor-fault">A line is of an order or of a debtor' in answer.text
    for name, value in (("account", "1000"), ("to", "2026-11-07"), ("order", "PO-1"), ("debtor", "D-1"), ("charge_code", "E&lt;1")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', answer.text), name
    backwards = await browser.get("/app/ledger?account=1000&from=2026-11-07&to=2026-11-01")
    assert 'id="f-to-fault">It is before the first day.' in backwards.text
    assert 'id="f-account-fault">Name the account' in (await browser.get("/app/ledger?order=PO-1")).text
    for wrong in ("cursor=x", "cursor=" + "_" * 21 + "w"):
        assert (await browser.get(f"/app/ledger?account=1000&{wrong}")).status_code == 422, wrong


async def test_files_hold_every_line(shop: Api, browser: Screens, monkeypatch: pytest.MonkeyPatch) -> None:
    await takings(shop)
    monkeypatch.setattr(ledger_route, "ROWS", 2)
    page = await browser.get("/app/ledger?account=1000&from=2026-11-02&to=")
    links = {name: unescape(found) for found, name in re.findall(r'href="([^"]+)" download>(\w+)<', page.text)}
    table = list(csv.DictReader(io.StringIO((await browser.get(links["CSV"])).text, newline="")))
    assert [each["balance"] for each in table] == ["80.00", "82.00", "83.00", "91.00", "123.00", "127.00"]
    workbook = load_workbook(io.BytesIO((await browser.get(links["XLSX"])).content))
    assert sum(row[0].value is not None for row in workbook.worksheets[0].iter_rows()) >= 7
    monkeypatch.setattr(ledger_route, "MOST_IN_A_FILE", 5)
    refused = await browser.get(links["CSV"])
    assert (refused.status_code, "choose fewer days" in refused.text) == (422, True)
    for wrong in ("/app/ledger/export.csv", "/app/ledger/export.csv?account=1&from=x", "/app/ledger/export.json?account=1000"):
        assert (await browser.get(wrong)).status_code == 422, wrong


async def test_without_a_first_day_it_begins_with_the_last_month(shop: Api, browser: Screens) -> None:
    await send(shop, "old", "entry.recorded", entry("T-OLD", amount="5.00", date="2026-01-31"))
    page = await browser.get("/app/ledger?account=1000")
    assert rows(page) == []
    assert cells_of_opening(page) == "5.00 Dr"
    assert rows(await browser.get(f"/app/ledger?account=1000&{ALL}")) == [("Entry T-OLD", "5.00", "", "5.00 Dr")]


def cells_of_opening(page: httpx.Response) -> str:
    found = re.search(r"Opening balance, NZD</dt><dd>([^<]+)<", page.text)
    assert found
    return " ".join(found[1].split())


async def test_another_tenants_lines_are_not_there(shop: Api, browser: Screens, anonymous: Api) -> None:
    other = await anonymous.tenant()
    for name, code in (("Bank", "1000"), ("Fees", "4000")):
        await other("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "asset"})
    await send(other, "1", "entry.recorded", entry())
    assert "Nothing is posted yet" in (await browser.get("/app/ledger")).text
    assert rows(await browser.get(f"/app/ledger?account=1000&{ALL}")) == []


async def test_a_debtors_lines_lead_to_the_debtors_transactions(api: Api, browser: Screens) -> None:
    await set_up_debtors(api)
    transaction = await posted(api, "1", "debtor.transaction", invoice_data())
    debtor, control = (
        transaction["subject"]["number"],
        next(line for line in transaction["lines"] if line["role"] == "receivable")["account_code"],
    )
    await browser.sign_in("viewer")
    page = await browser.get(f"/app/ledger?account={control}&debtor={debtor}&{ALL}")
    assert len(rows(page)) == 1
    link = re.search(r'<a href="(/app/debtor-transactions\?debtor=[^"]+)">', page.text)
    assert link
    assert "I-1" in (await browser.get(unescape(link[1]))).text
    assert rows(await browser.get(f"/app/ledger?account={control}&debtor=NOBODY&{ALL}")) == []
