"""The debtors report: balances per debtor add up to each control account and to the ledger, whatever they are summed by."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.api_fixtures import Api
from tests.debtor_set_up import choose_option, invoice_data, posted, send, set_up_debtors
from tests.events import event

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(api: Api) -> Api:
    """Two invoices over two control accounts, a part credited, a journal, a reversal, another day."""
    await set_up_debtors(api)
    await choose_option(api, {"option": "dissect"})
    both = [{"amount": "60.00", "gl_interface": "TOTAL"}, {"amount": "40.00", "gl_interface": "EXP"}]
    one = [{"amount": "10.00", "gl_interface": "EXP"}]
    for number, data in enumerate(
        (
            invoice_data("I-1", lines=both),
            invoice_data("I-2", debtor="D200", lines=both, warehouse="02"),
            invoice_data("C-1", lines=one, tax="1.50", kind="credit_note"),
            invoice_data("J-1", debtor="D300", lines=one, tax="0", kind="journal_debit", date="2026-11-10"),
        )
    ):
        await posted(api, str(number), "debtor.transaction", data)
    reversal = {"transaction_number": "I-2", "kind": "invoice", "date": "2026-11-12", "reason": "wrong"}
    await posted(api, "r", "debtor.reversed", reversal)
    return api


async def report(api: Api, **query: str) -> Any:
    answer = await api("GET", "/v1/reports/debtors", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def balances(found: Any, key: str) -> dict[tuple[str | None, str], str]:
    return {(row[key], row["control_account"]): row["balance"] for row in found["rows"]}


async def test_by_debtor_on_a_day(shop: Api) -> None:
    found = await report(shop, as_of="2026-11-11")
    assert (found["as_of"], found["base_currency"], found["by"], found["total"]) == ("2026-11-11", "NZD", "debtor", "228.50")
    assert balances(found, "debtor") == {
        ("D100", "Trade Debtors"): "69.00",
        ("D100", "Debtors Export"): "34.50",
        ("D200", "Trade Debtors"): "69.00",
        ("D200", "Debtors Export"): "46.00",
        ("D300", "Debtors Export"): "10.00",
    }
    assert found["rows"][0]["name"] == "Acme"
    later = balances(await report(shop, as_of="2026-11-12"), "debtor")
    assert later["D200", "Trade Debtors"] == later["D200", "Debtors Export"] == "0.00"
    assert balances(await report(shop, as_of="2026-11-02"), "debtor") == {}


async def test_by_warehouse_and_sales_territory(shop: Api) -> None:
    assert balances(await report(shop, as_of="2026-11-11", by="warehouse"), "warehouse") == {
        ("01", "Trade Debtors"): "69.00",
        ("01", "Debtors Export"): "34.50",
        ("02", "Trade Debtors"): "69.00",
        ("02", "Debtors Export"): "56.00",
    }
    assert balances(await report(shop, as_of="2026-11-11", by="sales_territory"), "sales_territory") == {
        ("NSW", "Trade Debtors"): "69.00",
        ("NSW", "Debtors Export"): "44.50",
        ("VIC", "Trade Debtors"): "69.00",
        ("VIC", "Debtors Export"): "46.00",
    }


@pytest.mark.parametrize("day", ["2026-11-03", "2026-11-11", "2026-11-30"])
@pytest.mark.parametrize("by", ["debtor", "warehouse", "sales_territory", "control_account"])
async def test_it_adds_up_to_each_control_account_and_to_the_trial_balance(shop: Api, day: str, by: str) -> None:
    found = await report(shop, as_of=day, by=by)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in found["rows"]:
        sums[row["account_code"]] += Decimal(row["balance"])
    trial = (await shop("GET", "/v1/reports/trial-balance", params={"as_of": day})).json()["accounts"]
    ledger = {each["account_code"]: Decimal(each["balance"]) for each in trial if each["account_code"] in ("1200", "1210")}
    assert sums == ledger
    assert {each["account_code"]: Decimal(each["debtors_balance"]) for each in found["control_accounts"]} == ledger
    assert all(each["difference"] == "0.00" for each in found["control_accounts"])
    assert Decimal(found["total"]) == sum(ledger.values())


async def test_what_was_posted_on_a_control_account_by_hand_stands_beside_it(shop: Api) -> None:
    lines = [{"account": name, "side": side, "amount": "5.00"} for name, side in (("Trade Debtors", "credit"), ("Sales", "debit"))]
    data = {"transaction_number": "T-1", "date": "2026-11-03", "currency": "NZD", "lines": lines}
    assert (await shop("POST", "/v1/events", event("t", "entry.recorded", data))).status_code == 201
    found = {each["account"]: each for each in (await report(shop, as_of="2026-11-30"))["control_accounts"]}
    assert (found["Trade Debtors"]["difference"], found["Debtors Export"]["difference"]) == ("-5.00", "0.00")


async def test_as_csv_and_as_a_spreadsheet(shop: Api) -> None:
    found = await report(shop, as_of="2026-11-11")
    text = (await shop("GET", "/v1/reports/debtors?as_of=2026-11-11&format=csv")).text
    assert [*csv.DictReader(io.StringIO(text))] == found["rows"]
    sheet = (await shop("GET", "/v1/reports/debtors?as_of=2026-11-11&by=control_account&format=xlsx")).content
    rows = [*load_workbook(io.BytesIO(sheet))["debtors"].iter_rows(values_only=True)]
    assert rows == [
        ("control_account", "account_code", "debit", "credit", "balance"),
        ("Debtors Export", "1210", 102, 11.5, 90.5),
        ("Trade Debtors", "1200", 138, 0, 138),
    ]


async def test_what_cannot_be_asked(shop: Api) -> None:
    assert (await shop("GET", "/v1/reports/debtors?by=colour")).status_code == 422
    assert (await shop("GET", "/v1/reports/debtors?as_of=yesterday")).status_code == 422
    sender = shop.holding((await shop("POST", "/v1/keys", {"name": "s", "scopes": ["events:write"]})).json()["key"])
    assert (await sender("GET", "/v1/reports/debtors")).status_code == 403


async def test_a_refused_transaction_counts_at_its_date_in_the_period_close(shop: Api) -> None:
    await shop("PUT", "/v1/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"})
    assert (await send(shop, "x", "debtor.transaction", invoice_data("I-9", debtor="D999"))).status_code == 422
    closing = (await shop("GET", "/v1/reports/period-close?period=2026-11")).json()
    (waiting,) = closing["events"]
    assert (waiting["event_type"], waiting["date"], waiting["status"]) == ("debtor.transaction", "2026-11-03", "refused")
    assert closing["event_count"] == 1
    assert closing["ready"] is False
