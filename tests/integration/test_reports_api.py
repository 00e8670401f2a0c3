"""Reports over HTTP: what each row says, formats, the ledger's pages, and balances by account and by order."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from app.adapters.postgres.repositories import reports
from app.application.events_in.envelope import command_envelope
from app.bootstrap import Container
from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, event, invoice, order, receipt

pytestmark = pytest.mark.anyio

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = ("grni", "commitments", "trial-balance", "balances", "orders")


@pytest.fixture
async def shop(api: Api) -> Api:
    for name, account in ACCOUNTS.items():
        assert (await api("PUT", f"/v1/accounts/{name}", account)).status_code == 201
    assert (await api("PUT", "/v1/posting-manager", POSTING_MANAGER)).status_code == 201
    return api


async def send(shop: Api, event_id: str, event_type: str, data: dict[str, Any]) -> None:
    answer = await shop("POST", "/v1/events", event(event_id, event_type, data))
    assert answer.status_code == 201, answer.text


async def report(shop: Api, name: str, **params: str | int) -> dict[str, Any]:
    answer = await shop("GET", f"/v1/reports/{name}", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def table(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def split_order(**more: Any) -> dict[str, Any]:
    data = order(quantity="3", unit_price="10.01", charges=[{"kind": "shipping", "amount": "12.00"}], **more)
    data["lines"][0] |= {"sku": "A-1", "account_codes": [{"code": "E1", "percentage": "60"}, {"code": "E2", "percentage": "40"}]}
    return data


async def test_a_row_of_the_grni_report(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "goods.received", receipt(quantity="1"))
    await send(shop, "3", "goods.received", receipt(receipt_number="R-2", quantity="2", receipt_date="2026-11-08"))
    await send(shop, "4", "invoice.matched", invoice(amount="10.01"))
    body = await report(shop, "grni", as_of="2026-11-20")
    assert body == {
        "as_of": "2026-11-20",
        "base_currency": "NZD",
        "total": "20.02",
        "ledger_balance": "20.02",
        "totals": [{"currency": "NZD", "amount": "20.02", "base_amount": "20.02"}],
        "lines": [
            {
                "order_number": "PO-1",
                "order_date": "2026-11-02",
                "line_number": 1,
                "sku": "A-1",
                "description": "Widget",
                "unit": "",
                "ordered": "3",
                "received": "3",
                "invoiced": "1",
                "unit_price": "10.01",
                "receiving": "open",
                "oldest_receipt_date": "2026-11-08",
                "age_days": 12,
                "re_accrued_by_credit": False,
                "supplier": {"code": "ACME", "name": "Acme Ltd"},
                "account_codes": [
                    {"account_code": "E1", "percentage": "60", "amount": "12.01", "base_amount": "12.01"},
                    {"account_code": "E2", "percentage": "40", "amount": "8.01", "base_amount": "8.01"},
                ],
                "currency": "NZD",
                "amount": "20.02",
                "base_amount": "20.02",
            }
        ],
    }
    earlier = await report(shop, "grni", as_of="2026-11-06")
    assert (earlier["total"], earlier["lines"][0]["received"], earlier["lines"][0]["invoiced"]) == ("10.01", "1", "0")
    assert (earlier["lines"][0]["oldest_receipt_date"], earlier["lines"][0]["age_days"]) == ("2026-11-05", 1)
    assert (await report(shop, "grni", as_of="2026-11-04"))["lines"] == []


async def test_a_return_before_its_receipt_in_the_books_does_not_break_the_past(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    await send(shop, "2", "goods.received", receipt(quantity="2", receipt_date="2026-11-10"))
    await send(shop, "3", "goods.returned", receipt(receipt_number="B-1", receipt_date="2026-11-06"))
    body = await report(shop, "grni", as_of="2026-11-07")
    assert (body["total"], body["ledger_balance"], body["lines"][0]["received"]) == ("-10.50", "-10.50", "-1")
    assert (await report(shop, "grni", as_of="2026-11-10"))["total"] == "10.50"


async def test_what_a_credit_puts_back_is_marked_until_it_is_invoiced_again(shop: Api) -> None:
    await send(shop, "1", "order.created", order())
    await send(shop, "2", "goods.received", receipt())
    await send(shop, "3", "invoice.matched", invoice())
    assert (await report(shop, "grni", as_of="2026-11-30"))["lines"] == []
    credit = invoice(invoice_number="C-1", credits_invoice="INV-1", invoice_date="2026-11-12")
    await send(shop, "4", "invoice.credited", credit)
    (line,) = (await report(shop, "grni", as_of="2026-11-30"))["lines"]
    assert (line["amount"], line["re_accrued_by_credit"]) == ("10.50", True)
    await send(shop, "5", "invoice.matched", invoice(invoice_number="INV-2", invoice_date="2026-11-14"))
    await send(shop, "6", "goods.received", receipt(receipt_number="R-2", receipt_date="2026-11-15"))
    (line,) = (await report(shop, "grni", as_of="2026-11-30"))["lines"]
    assert (line["amount"], line["re_accrued_by_credit"]) == ("10.50", False)
    (line,) = (await report(shop, "grni", as_of="2026-11-13"))["lines"]
    assert (line["amount"], line["re_accrued_by_credit"]) == ("10.50", True)


async def test_reports_are_narrowed(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "order.created", order("PO-2", supplier={"code": "OTHER"}, order_date="2026-11-20"))
    await send(shop, "3", "goods.received", receipt())
    await send(shop, "4", "goods.received", receipt("PO-2"))
    whole = {"as_of": "2026-11-30"}
    assert (await report(shop, "grni", **whole))["total"] == "20.51"
    narrowed = await report(shop, "grni", **whole, supplier="ACME")
    assert (narrowed["total"], narrowed["ledger_balance"]) == ("10.01", None)
    assert (await report(shop, "grni", **whole, **{"from": "2026-11-03"}))["total"] == "10.50"
    assert (await report(shop, "grni", **whole, to="2026-11-02"))["total"] == "10.01"
    by_code = await report(shop, "grni", **whole, account_code="E2")
    assert (by_code["total"], [share["account_code"] for share in by_code["lines"][0]["account_codes"]]) == ("4.00", ["E2"])
    answer = await shop("GET", "/v1/reports/grni", params={"from": "2026-11-03", "to": "2026-11-02"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/from")


async def test_commitments_name_shipping_without_a_line(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "goods.received", receipt())
    body = await report(shop, "commitments", as_of="2026-11-30")
    assert (body["total"], body["ledger_balance"]) == ("32.02", "32.02")
    assert [(line["line_number"], line["description"], line["amount"]) for line in body["lines"]] == [
        (1, "Widget", "20.02"),
        (None, "Shipping", "12.00"),
    ]
    assert "age_days" not in body["lines"][0]
    assert body["lines"][1]["account_codes"] == [{"account_code": None, "percentage": None, "amount": "12.00", "base_amount": "12.00"}]


async def test_a_foreign_order_is_told_in_both_currencies(shop: Api) -> None:
    await send(shop, "1", "order.created", order(currency="USD", exchange_rate="1.6"))
    await send(shop, "2", "goods.received", receipt(exchange_rate="1.7"))
    body = await report(shop, "grni", as_of="2026-11-30")
    assert (body["total"], body["ledger_balance"]) == ("17.85", "17.85")
    assert body["totals"] == [{"currency": "USD", "amount": "10.50", "base_amount": "17.85"}]
    assert (body["lines"][0]["amount"], body["lines"][0]["base_amount"]) == ("10.50", "17.85")


async def test_on_one_account_a_commitment_may_hide_behind_an_invoice_ahead_of_its_receipt(shop: Api) -> None:
    """The account's balance is zero; what it is made of is not."""
    await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | {"grni_account": "Estimate", "grni_balance": "signed"})
    await send(shop, "1", "order.created", order())
    await send(shop, "2", "invoice.matched", invoice(quantity="2", amount="21.00"))
    for name, total in (("grni", "-21.00"), ("commitments", "21.00")):
        body = await report(shop, name, as_of="2026-11-30")
        assert (body["total"], body["ledger_balance"], len(body["lines"])) == (total, total, 1)


async def test_commitments_that_were_rolled_are_out_of_the_old_year_and_in_the_new(shop: Api, container: Container) -> None:
    await send(shop, "1", "order.created", split_order())
    data = {"order_number": "PO-1", "period": "2026", "date": "2026-11-20"}
    envelope = command_envelope("roll", "roll-1", "commitments.rolled", datetime(2026, 11, 21, tzinfo=UTC), data)
    async with container.engine.connect() as connection:
        statement = text("SELECT tenant_id FROM tenant WHERE name = :name AND tenant_id IS NOT NULL")
        tenant_id = (await connection.execute(statement, {"name": shop.name})).scalar_one()
    await container.operations.record_event.record(tenant_id, envelope)
    for day, total in (("2026-11-19", "42.03"), ("2026-11-20", "0.00"), ("2026-11-21", "42.03")):
        body = await report(shop, "commitments", as_of=day)
        assert (body["total"], body["ledger_balance"]) == (total, total), day


async def test_closing_empties_both_reports(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "goods.received", receipt())
    await send(shop, "3", "order.closed", {"order_number": "PO-1", "reason": "done", "date": "2026-11-20"})
    for name in ("grni", "commitments"):
        body = await report(shop, name, as_of="2026-11-30")
        assert (body["lines"], body["total"], body["ledger_balance"]) == ([], "0.00", "0.00")
    assert (await report(shop, "commitments", as_of="2026-11-19"))["total"] == "32.02"


@pytest.mark.parametrize("name", NAMES)
async def test_every_report_in_every_format(shop: Api, name: str) -> None:
    await send(shop, "1", "order.created", split_order(supplier={"code": "=EVIL()", "name": "@x"}))
    await send(shop, "2", "goods.received", receipt())
    path = f"/v1/reports/{name}"
    as_csv = await shop("GET", path, headers={"accept": "text/csv"})
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_csv.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert as_csv.headers["vary"] == "Accept"
    rows = table(as_csv)
    assert rows
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "@"))]
    as_sheet = await shop("GET", path, params={"format": "xlsx"}, headers={"accept": "text/csv"})
    assert as_sheet.headers["content-type"] == XLSX
    sheet = load_workbook(io.BytesIO(as_sheet.content))[name]
    assert [cell.value for cell in sheet[1]] == list(rows[0])
    assert sheet.max_row == len(rows) + 1
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    assert (await shop("GET", path, params={"format": "json"})).json().keys() >= {"base_currency"}
    for refused in ({"params": {"format": "pdf"}}, {"headers": {"accept": "application/pdf"}}):
        answer = await shop("GET", path, **refused)
        assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")


async def test_flat_rows_add_up_to_the_total(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "goods.received", receipt())
    rows = table(await shop("GET", "/v1/reports/grni", params={"format": "csv", "as_of": "2026-11-30"}))
    assert [(row["account_code"], row["percentage"], row["base_amount"]) for row in rows] == [("E1", "60", "6.01"), ("E2", "40", "4.00")]
    assert {(row["supplier_code"], row["received"], row["unit_price"]) for row in rows} == {("ACME", "1", "10.01")}


async def test_the_trial_balance_names_every_account_of_a_code(shop: Api) -> None:
    await shop("PUT", "/v1/accounts/Second bank", {"account_code": "1000", "type": "asset"})
    await send(shop, "1", "entry.recorded", entry())
    body = await report(shop, "trial-balance", as_of="2026-11-30")
    assert body == {
        "as_of": "2026-11-30",
        "base_currency": "NZD",
        "accounts": [
            {"account_code": "1000", "account": "Bank, Second bank", "debit": "120.00", "credit": "0.00", "balance": "120.00"},
            {"account_code": "4000", "account": "Membership fees", "debit": "0.00", "credit": "120.00", "balance": "-120.00"},
        ],
        "total_debit": "120.00",
        "total_credit": "120.00",
    }
    assert (await report(shop, "trial-balance", as_of="2026-11-02"))["accounts"] == []


async def test_balances_per_account_and_charge_code(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    found = (await report(shop, "balances", as_of="2026-11-30"))["balances"]
    assert {(row["account"], row["account_code"], row["charge_code"]): row["balance"] for row in found} == {
        ("Estimate", "2100", None): "-12.00",
        ("Estimate", "2100", "E1"): "-18.02",
        ("Estimate", "2100", "E2"): "-12.01",
        ("Shipping", "5100", None): "12.00",
        (None, "E1", "E1"): "18.02",
        (None, "E2", "E2"): "12.01",
    }


async def test_balances_by_order(shop: Api) -> None:
    await send(shop, "1", "order.created", order(currency="USD", exchange_rate="2"))
    await send(shop, "2", "goods.received", receipt())
    await send(shop, "3", "order.created", order("PO-2", supplier={"code": "OTHER"}))
    first, second = (await report(shop, "orders"))["items"]
    assert first == {
        "order_number": "PO-1",
        "supplier": {"code": "ACME", "name": "Acme Ltd"},
        "status": "open",
        "currency": "USD",
        "balances": {
            "estimate": {"amount": "10.50", "base_amount": "21.00"},
            "grni": {"amount": "10.50", "base_amount": "21.00"},
            "expense": {"amount": "21.00", "base_amount": "42.00"},
        },
    }
    assert second["balances"].keys() == {"estimate", "expense"}
    page = await report(shop, "orders", limit=1)
    assert [each["order_number"] for each in page["items"]] == ["PO-1"]
    assert [each["order_number"] for each in (await report(shop, "orders", cursor=page["next_cursor"]))["items"]] == ["PO-2"]
    assert [each["order_number"] for each in (await report(shop, "orders", supplier="OTHER", status="open"))["items"]] == ["PO-2"]


async def busy_ledger(shop: Api) -> None:
    """Seven takings, posted out of order, two on one day."""
    for number, (day, amount) in enumerate(((5, "1"), (3, "2"), (9, "4"), (5, "8"), (1, "16"), (7, "32"), (2, "64"))):
        await send(shop, str(number), "entry.recorded", entry(f"T-{number}", amount=amount, date=f"2026-11-0{day}"))


@pytest.mark.parametrize("selector", [{"account": "Bank"}, {"account_code": "1000"}])
async def test_a_ledger_runs_from_opening_to_closing(shop: Api, selector: dict[str, str]) -> None:
    await busy_ledger(shop)
    body = await report(shop, "ledger", **selector, **{"from": "2026-11-02", "to": "2026-11-07"})
    assert (body["opening_balance"], body["closing_balance"], body["next_cursor"]) == ("16.00", "123.00", None)
    assert [(each["accounting_date"][-2:], each["debit"], each["balance"]) for each in body["items"]] == [
        ("02", "64.00", "80.00"),
        ("03", "2.00", "82.00"),
        ("05", "1.00", "83.00"),
        ("05", "8.00", "91.00"),
        ("07", "32.00", "123.00"),
    ]
    whole = await report(shop, "ledger", **selector)
    assert (whole["opening_balance"], whole["closing_balance"], len(whole["items"])) == ("0.00", "127.00", 7)


@pytest.mark.parametrize("fold_from", [1, 3, 1_000])
async def test_the_running_balance_is_right_on_every_page(shop: Api, fold_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "FOLD_FROM", fold_from)
    await busy_ledger(shop)
    whole = (await report(shop, "ledger", account_code="4000"))["items"]
    pages: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await shop("GET", "/v1/reports/ledger", params={"account_code": "4000", "limit": 2} | cursor)
        body = answer.json()
        pages += body["items"]
        assert (body["opening_balance"], body["closing_balance"]) == ("0.00", "-127.00")
        assert ("link" in answer.headers) == (body["next_cursor"] is not None)
        if body["next_cursor"] is None:
            break
        cursor = {"cursor": body["next_cursor"]}
    assert pages == whole
    assert whole[-1]["balance"] == "-127.00"


async def test_a_charge_codes_ledger(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "goods.received", receipt())
    body = await report(shop, "ledger", charge_code="E2")
    assert [(each["role"], each["balance"]) for each in body["items"]] == [
        ("estimate", "-12.01"),
        ("expense", "0.00"),
        ("estimate", "4.00"),
        ("grni", "0.00"),
    ]


@pytest.mark.parametrize(
    "query", ["", "account=Bank&account_code=1000", "account=", "account=Bank&charge_code=E1", "account=Bank&cursor=x"]
)
async def test_a_ledger_needs_exactly_one_account(shop: Api, query: str) -> None:
    assert (await shop("GET", f"/v1/reports/ledger?{query}")).status_code == 422


async def test_sums_are_the_same_before_and_after_folding(shop: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger summed by day is made from what is there, and grows with what comes, backdated or not."""
    await busy_ledger(shop)
    before = [await report(shop, name, as_of="2026-11-06") for name in ("trial-balance", "balances")]
    monkeypatch.setattr(reports, "FOLD_FROM", 1)
    for _ in range(2):
        assert [await report(shop, name, as_of="2026-11-06") for name in ("trial-balance", "balances")] == before
    await send(shop, "late", "entry.recorded", entry("T-late", amount="1000", date="2026-11-04"))
    monkeypatch.setattr(reports, "FOLD_FROM", 1_000)
    for _ in range(2):
        after = await report(shop, "trial-balance", as_of="2026-11-06")
        assert Decimal(after["total_debit"]) == Decimal(before[0]["total_debit"]) + 1000
        monkeypatch.setattr(reports, "FOLD_FROM", 1)


@pytest.mark.parametrize("as_of", ["2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", "2026-11-15", "9999-12-31"])
async def test_sums_by_month_are_the_same_at_every_months_end(shop: Api, as_of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, day in enumerate(("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-28", "2026-03-01", "2026-11-15", "2026-11-16")):
        await send(shop, str(place), "entry.recorded", entry(f"T-{place}", amount=str(2**place), date=day))
    before = await report(shop, "trial-balance", as_of=as_of), await report(shop, "ledger", account="Bank", **{"from": as_of})
    monkeypatch.setattr(reports, "FOLD_FROM", 1)
    for _ in range(2):
        after = await report(shop, "trial-balance", as_of=as_of), await report(shop, "ledger", account="Bank", **{"from": as_of})
        assert after == before
    assert Decimal(before[0]["total_debit"]) in {1, 3, 15, 31, 63, 127}


async def test_another_tenants_figures_are_not_there(shop: Api) -> None:
    await send(shop, "1", "order.created", split_order())
    await send(shop, "2", "goods.received", receipt())
    other = await shop.tenant()
    for name, rows in (
        ("grni", "lines"),
        ("commitments", "lines"),
        ("trial-balance", "accounts"),
        ("balances", "balances"),
        ("orders", "items"),
    ):
        assert (await report(other, name))[rows] == []
    assert (await report(other, "ledger", account="GRNI"))["closing_balance"] == "0.00"


async def test_reports_need_their_scope(shop: Api) -> None:
    key = (await shop("POST", "/v1/keys", {"name": "erp", "scopes": ["transactions:read"]})).json()["key"]
    for name in (*NAMES, "ledger"):
        assert (await shop.holding(key)("GET", f"/v1/reports/{name}")).status_code == 403
