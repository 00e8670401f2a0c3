"""Debtor transactions over HTTP: the worked cases of every option, previews, dry runs, reversals, and what transactions carry."""

from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.debtor_cases import KINDS, POSTING, REFUSED, Case, combination
from tests.debtor_set_up import choose_option, invoice_data, lines_of, posted, put_all, send, set_up_debtors

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(api: Api) -> Api:
    return await set_up_debtors(api)


async def ledger(api: Api, **query: Any) -> list[Any]:
    items: list[Any] = (await api("GET", "/v1/account-transactions", params={"limit": 500} | query)).json()["items"]
    return items


@pytest.mark.parametrize("case", POSTING, ids=lambda case: case.name)
async def test_a_worked_case(shop: Api, case: Case) -> None:
    """Every kind, with and without tax: the preview, the dry run and the posting say the same."""
    await choose_option(shop, case.option)
    for kind in KINDS:
        for taxed in (True, False):
            data = case.data(kind, taxed=taxed, number=f"{kind} {taxed}")
            preview = await shop("POST", "/v1/debtor-transactions/preview", data)
            assert preview.status_code == 200, preview.text
            dry = (await send(shop, f"dry {kind} {taxed}", "debtor.transaction", data, params={"dry_run": "true"})).json()["transactions"][
                0
            ]
            made = await posted(shop, f"{kind} {taxed}", "debtor.transaction", data)
            assert lines_of(made) == case.posted(kind, taxed=taxed)
            assert lines_of(preview.json()) == lines_of(dry) == lines_of(made)
            assert made["subject"] == {"type": "debtor", "number": case.debtor}
            assert (made["debtor"], made["document"]["type"], made["document"]["number"]) == (case.debtor, kind, f"{kind} {taxed}")
            assert made["gl_interfaces"] == preview.json()["gl_interfaces"]
            if case.records:
                assert made["gl_interfaces"] == list(case.records)
                assert made["gl_interface"] == (case.records[0] if len(case.records) == 1 else None)
    assert len(await ledger(shop)) == 8


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
async def test_a_refused_case(shop: Api, case: Case) -> None:
    """By the posting and by the preview alike; kept in the event log, and nothing posted."""
    await choose_option(shop, case.option)
    answer = await send(shop, "1", "debtor.transaction", case.data("invoice"))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409 if case.refused == "gl-interface-missing" else 422, case.refused)
    assert case.says in problem["detail"] + "".join(each["message"] for each in problem.get("errors", []))
    assert all(each["pointer"].startswith("/data/") for each in problem.get("errors", []))
    preview = await shop("POST", "/v1/debtor-transactions/preview", case.data("invoice"))
    assert (preview.status_code, preview.json()["code"]) == (answer.status_code, case.refused)
    assert preview.json()["detail"] == problem["detail"]
    assert [each["pointer"] for each in preview.json().get("errors", [])] == [
        each["pointer"].removeprefix("/data") for each in problem.get("errors", [])
    ]
    assert await ledger(shop) == []
    (kept,) = (await shop("GET", "/v1/events?status=refused")).json()["items"]
    assert kept["problem"]["code"] == case.refused


async def test_a_refused_one_is_retried_once_the_record_is_set(shop: Api) -> None:
    await choose_option(shop, combination("none", "debtor"))
    data = invoice_data(debtor="D200")
    assert (await send(shop, "1", "debtor.transaction", data)).status_code == 409
    (kept,) = (await shop("GET", "/v1/events?status=refused")).json()["items"]
    await shop("PUT", "/v1/debtors/D200", {"name": "Bolt", "sales_territory": "VIC", "gl_interface": "EXP"})
    retried = (await shop("POST", f"/v1/events/{kept['event_id']}/retry")).json()
    assert retried["status"] == "posted"
    assert retried["transactions"][0]["gl_interface"] == "EXP"


async def test_the_preview_says_why(shop: Api) -> None:
    await choose_option(shop, combination("warehouse", "debtor"))
    preview = (await shop("POST", "/v1/debtor-transactions/preview", invoice_data())).json()
    assert (preview["option"], preview["warehouse_key"], preview["debtors_key"]) == ("combination", "warehouse", "debtor")
    (choice,) = preview["choices"]
    assert choice["why"] == [
        "no record is for warehouse 01 and D100 together",
        "debtor D100 names record EXP: it gives the control account",
        "warehouse 01 names record NORTH: it gives the other accounts",
    ]
    assert choice["trade_debtors"] == {"account": "Debtors Export", "account_code": "1210"}
    assert choice["account"] == {"account": "Sales North", "account_code": "4030"}
    assert choice["tax_account"] == {"account": "GST North", "account_code": "2310"}
    assert (preview["warehouse"], preview["sales_territory"]) == ("01", "NSW")
    numberless = {name: value for name, value in invoice_data().items() if name != "transaction_number"}
    assert (await shop("POST", "/v1/debtor-transactions/preview", numberless)).json() == preview
    assert (await shop("GET", "/v1/events")).json()["items"] == []


async def test_a_number_is_used_once_per_kind_and_the_same_event_is_a_duplicate(shop: Api) -> None:
    first = await posted(shop, "1", "debtor.transaction", invoice_data())
    again = await send(shop, "1", "debtor.transaction", invoice_data())
    assert (again.status_code, again.json()["duplicate"], again.json()["transactions"]) == (200, True, [first])
    other = await send(shop, "2", "debtor.transaction", invoice_data(amount="7.00"))
    assert (other.status_code, other.json()["code"]) == (409, "debtor-transaction-exists")
    await posted(shop, "3", "debtor.transaction", invoice_data() | {"kind": "credit_note"})
    assert len(await ledger(shop)) == 2


async def test_a_reversal_takes_the_accounts_of_the_original_whatever_the_set_up_says(shop: Api) -> None:
    await choose_option(shop, combination("warehouse", "debtor"))
    first = await posted(shop, "1", "debtor.transaction", invoice_data())
    await choose_option(shop, {"option": "gl_dissect"})
    await shop("PUT", "/v1/accounts/Sales%20North", {"account_code": "4039", "type": "income"})
    await shop("PUT", "/v1/debtors/D100", {"name": "Acme", "sales_territory": "VIC", "gl_interface": None})
    reversal = {"transaction_number": "I-1", "kind": "invoice", "date": "2026-11-20", "reason": "wrong debtor"}
    assert (await send(shop, "x", "debtor.reversed", reversal | {"kind": "credit_note"})).status_code == 404
    made = await posted(shop, "2", "debtor.reversed", reversal)
    swap = {"debit": "credit", "credit": "debit"}
    for name in ("account", "account_code", "amount", "base_amount", "role", "description"):
        assert [line[name] for line in made["lines"]] == [line[name] for line in first["lines"]]
    assert [swap[line["side"]] for line in made["lines"]] == [line["side"] for line in first["lines"]]
    for name in ("debtor", "warehouse", "sales_territory", "gl_interface", "gl_interfaces", "subject"):
        assert made[name] == first[name]
    assert (made["accounting_date"], made["document"]) == ("2026-11-20", {"type": "invoice", "number": "I-1", "date": "2026-11-20"})
    again = await send(shop, "3", "debtor.reversed", reversal)
    assert (again.status_code, again.json()["code"]) == (409, "debtor-transaction-reversed")
    reused = await send(shop, "4", "debtor.transaction", invoice_data(lines=[{"amount": "1.00", "gl_account": "Sales"}]))
    assert (reused.status_code, reused.json()["code"]) == (409, "debtor-transaction-exists")
    explained = (await shop("GET", f"/v1/account-transactions/{made['id']}/explain")).json()
    assert explained["lines"][0]["because"][0].startswith("It mirrors invoice I-1")


async def test_a_change_of_the_set_up_is_for_later_transactions(shop: Api) -> None:
    await choose_option(shop, combination("none", "debtor"))
    first = await posted(shop, "1", "debtor.transaction", invoice_data("I-1"))
    await shop("PUT", "/v1/debtors/D100", {"name": "Acme", "sales_territory": "VIC", "gl_interface": "TOTAL"})
    second = await posted(shop, "2", "debtor.transaction", invoice_data("I-2"))
    assert (first["gl_interface"], first["sales_territory"], first["warehouse"]) == ("EXP", "NSW", "01")
    assert (second["gl_interface"], second["sales_territory"], second["warehouse"]) == ("TOTAL", "VIC", None)
    assert await ledger(shop) == [first, second]


async def test_transactions_are_found_by_their_debtor(shop: Api) -> None:
    made = [await posted(shop, number, "debtor.transaction", invoice_data(number, debtor=debtor)) for number, debtor in BY_DEBTOR]
    assert await ledger(shop, debtor="D100") == [made[0], made[2]]
    assert await ledger(shop, debtor="D200") == [made[1]]
    assert await ledger(shop, debtor="D100", role="tax", account="GST Collected") == [made[0], made[2]]
    assert await ledger(shop, debtor="D999") == []
    assert await ledger(shop, role="receivable") == made


BY_DEBTOR = (("I-1", "D100"), ("I-2", "D200"), ("I-3", "D100"))


async def test_a_foreign_document_balances_in_both_currencies_on_each_control_account(shop: Api) -> None:
    await choose_option(shop, {"option": "dissect"})
    lines = [{"amount": "0.333", "gl_interface": "TOTAL"}, {"amount": "0.333", "gl_interface": "EXP"}]
    data = invoice_data(lines=lines, tax="0.001", currency="KWD")
    assert (await send(shop, "1", "debtor.transaction", data)).status_code == 422
    made = await posted(shop, "2", "debtor.transaction", data | {"exchange_rate": "5.55"})
    rows = {(line["role"], line["account"]): (line["amount"], line["base_amount"]) for line in made["lines"]}
    assert rows == {  # 0.667 × 5.55 = 3.70; 0.333, 0.333 and 0.001 of 0.667 of it are 1.8472, 1.8472 and 0.0055
        ("receivable", "Trade Debtors"): ("0.334", "1.85"),
        ("receivable", "Debtors Export"): ("0.333", "1.85"),
        ("revenue", "Sales"): ("0.333", "1.85"),
        ("revenue", "Sales Export"): ("0.333", "1.85"),
        ("tax", "GST Collected"): ("0.001", "0.00"),
    }


async def test_a_closed_period_moves_the_accounting_date_or_refuses(shop: Api) -> None:
    await shop("PUT", "/v1/periods/2026-10", {"starts_on": "2026-10-01", "ends_on": "2026-10-31", "status": "closed"})
    await shop("PUT", "/v1/posting-manager", {"closed_period": "next_open"})
    backdated = invoice_data(date="2026-10-05")
    assert (await shop("POST", "/v1/debtor-transactions/preview", backdated)).json()["accounting_date"] == "2026-11-01"
    made = await posted(shop, "1", "debtor.transaction", backdated)
    assert (made["accounting_date"], made["document"]["date"]) == ("2026-11-01", "2026-10-05")
    await shop("PUT", "/v1/posting-manager", {"closed_period": "reject"})
    refused = await send(shop, "2", "debtor.transaction", backdated | {"transaction_number": "I-2"})
    assert (refused.status_code, refused.json()["code"]) == (409, "period-closed")
    report = (await shop("GET", "/v1/reports/period-close?period=2026-10")).json()
    assert [(each["event_type"], each["date"], each["status"]) for each in report["events"]] == [
        ("debtor.transaction", "2026-10-05", "refused")
    ]


async def test_each_amount_is_explained(shop: Api) -> None:
    await choose_option(shop, {"option": "dissect"})
    lines = [{"amount": "10.00", "gl_interface": code} for code in ("TOTAL", "NORTH", "EXP")]
    made = await posted(shop, "1", "debtor.transaction", invoice_data(lines=lines, tax="1.00"))
    explained = (await shop("GET", f"/v1/account-transactions/{made['id']}/explain")).json()
    assert [(line["account"], line["figures"]["lines"]) for line in explained["lines"]] == [
        ("Trade Debtors", [{"line": "1", "amount": "10.34"}, {"line": "2", "amount": "10.33"}]),
        ("Debtors Export", [{"line": "3", "amount": "10.33"}]),
        ("Sales", [{"line": "1", "amount": "10.00"}]),
        ("Sales North", [{"line": "2", "amount": "10.00"}]),
        ("Sales Export", [{"line": "3", "amount": "10.00"}]),
        ("GST Collected", [{"line": "1", "amount": "0.34"}, {"line": "3", "amount": "0.33"}]),
        ("GST North", [{"line": "2", "amount": "0.33"}]),
    ]
    assert "Line 2 chose record NORTH." in explained["lines"][3]["because"]


async def test_another_tenants_debtors_are_not_there(shop: Api) -> None:
    other = await shop.tenant()
    assert (await other("GET", "/v1/debtors/D100")).status_code == 404
    assert (await other("GET", "/v1/gl-interfaces")).json()["items"] == []
    refused = await send(other, "1", "debtor.transaction", invoice_data())
    assert refused.json()["code"] == "unknown-debtor"
    await put_all(other, "accounts", {"Trade Debtors": {"account_code": "9", "type": "asset"}})
    assert (await other("PUT", "/v1/warehouses/01", {"name": "", "gl_interface": "NORTH"})).status_code == 422
