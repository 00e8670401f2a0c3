"""Whatever is wrong with a debtor transaction that comes in: a 4xx problem that says where, nothing posted, and never a 500."""

import copy
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.api_fixtures import Api
from tests.debtor_cases import CHART, DEBTORS, RECORDS, TERRITORIES, WAREHOUSES
from tests.debtor_set_up import invoice_data, posted, put_all
from tests.events import event
from tests.integration.test_bad_input import Change, drop, ledger, put

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(api: Api) -> Api:
    """One debtor, one record, and an invoice I-0 that is reversed."""
    await put_all(api, "accounts", {name: CHART[name] for name in ("Trade Debtors", "Sales", "Debtors Journal", "GST Collected")})
    await put_all(api, "gl-interfaces", {"TOTAL": RECORDS["TOTAL"]})
    await put_all(api, "warehouses", {"01": WAREHOUSES["01"] | {"gl_interface": None}})
    await put_all(api, "sales-territories", {"VIC": TERRITORIES["VIC"]})
    await put_all(api, "debtors", {"D100": DEBTORS["D200"]})
    await posted(api, "o", "debtor.transaction", invoice_data("I-0"))
    await posted(api, "r", "debtor.reversed", REVERSED[1])
    return api


INVOICE = ("debtor.transaction", invoice_data("I-1"))
REVERSED = ("debtor.reversed", {"transaction_number": "I-0", "kind": "invoice", "date": "2026-11-04", "reason": "wrong"})
HUGE = [{"amount": "999999999999999"}] * 200

MALFORMED: list[tuple[tuple[str, dict[str, Any]], Change, str]] = [
    (INVOICE, put("lines.0.amount", 100), "a JSON number is no amount"),
    (INVOICE, put("lines.0.amount", "-1.00"), "a negative amount: that is a credit note"),
    (INVOICE, put("lines.0.amount", "1.001"), "a tenth of a cent"),
    (INVOICE, put("lines.0.amount", "1e3"), "no exponents"),
    (INVOICE, put("lines.0.amount", None), "no amount"),
    (INVOICE, drop("lines.0.amount"), "no amount at all"),
    (INVOICE, put("lines.0.gl_interface", "TOTAL"), "a choice that the option does not offer"),
    (INVOICE, put("lines.0.gl_interface", ""), "an empty choice"),
    (INVOICE, put("lines.0.gl_account", 7), "an account that is a number"),
    (INVOICE, put("lines.0.account", "Sales"), "a misspelt field"),
    (INVOICE, put("lines.0.description", "x" * 501), "a description too long"),
    (INVOICE, put("lines", []), "no lines"),
    (INVOICE, put("lines", {}), "lines are an array"),
    (INVOICE, put("lines", HUGE), "beyond what a ledger line holds"),
    (INVOICE, put("tax", "-0.01"), "negative tax"),
    (INVOICE, put("tax", 15), "tax as a number"),
    (INVOICE, put("tax", "0.005"), "half a cent of tax"),
    (INVOICE, put("tax", [{"amount": "15.00"}]), "tax as a list"),
    (INVOICE, put("kind", "refund"), "an unknown kind"),
    (INVOICE, drop("kind"), "no kind"),
    (INVOICE, put("debtor", {"code": "D100"}), "a debtor that is an object"),
    (INVOICE, put("debtor", "D999"), "an unknown debtor"),
    (INVOICE, put("debtor", "d100"), "codes are as they are"),
    (INVOICE, put("debtor", "D100\x00"), "a NUL"),
    (INVOICE, put("debtor", "D\ud800"), "half a surrogate pair"),
    (INVOICE, drop("debtor"), "no debtor"),
    (INVOICE, put("warehouse", "99"), "an unknown warehouse"),
    (INVOICE, put("warehouse", 1), "a warehouse that is a number"),
    (INVOICE, put("transaction_number", ""), "an empty number"),
    (INVOICE, drop("transaction_number"), "no number"),
    (INVOICE, put("transaction_number", "I-0"), "a number that was used, though it is reversed"),
    (INVOICE, put("currency", "USD"), "a foreign document without a rate"),
    (INVOICE, put("currency", "XXX"), "no currency"),
    (INVOICE, put("exchange_rate", "1.2"), "a rate in the base currency"),
    (INVOICE, put("date", "2026-02-30"), "no such day"),
    (INVOICE, put("date", "03.11.2026"), "a date in another form"),
    (INVOICE, put("opening", "yes"), "opening is a boolean"),
    (REVERSED, put("reason", "again"), "reversed already"),
    (REVERSED, put("transaction_number", "I-9"), "there is no such number"),
    (REVERSED, put("kind", "credit_note"), "there is no such number of this kind"),
    (REVERSED, drop("reason"), "no reason"),
    (REVERSED, put("lines", []), "a reversal has no lines"),
]


@pytest.mark.parametrize(("base", "change", "why"), MALFORMED, ids=[why for _, _, why in MALFORMED])
async def test_a_malformed_debtor_transaction(shop: Api, base: tuple[str, dict[str, Any]], change: Change, why: str) -> None:
    event_type, data = base[0], copy.deepcopy(base[1])
    change(data)
    before = await ledger(shop)
    json_headers = {"content-type": "application/json"}
    answer = await shop("POST", "/v1/events", content=json.dumps(event("bad", event_type, data)), headers=json_headers)
    assert answer.status_code in (404, 409, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"]
    assert answer.json()["detail"]
    if event_type == "debtor.transaction" and not why.startswith(("no number", "a number that was used")):
        preview = await shop("POST", "/v1/debtor-transactions/preview", content=json.dumps(data), headers=json_headers)
        assert (preview.status_code, preview.json()["code"]) == (answer.status_code, answer.json()["code"])
    assert await ledger(shop) == before


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"kind": "invoice"}', b'{"data": {}}'])
async def test_a_preview_of_nothing(shop: Api, body: bytes) -> None:
    answer = await shop("POST", "/v1/debtor-transactions/preview", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["D/1 & co", "Ä ö", "%2F", "a'b\"c", "=1+1"])
async def test_codes_may_hold_what_paths_and_statements_do_not_like(shop: Api, name: str) -> None:
    path = f"/v1/debtors/{quote(name, safe='')}"
    assert (await shop("PUT", path, DEBTORS["D200"])).status_code == 201
    assert (await shop("GET", path)).json()["code"] == name
    made = await posted(shop, "1", "debtor.transaction", invoice_data(debtor=name))
    found = (await shop("GET", "/v1/account-transactions", params={"debtor": name})).json()["items"]
    assert [each["id"] for each in found] == [made["id"]]
    assert name in {row["debtor"] for row in (await shop("GET", "/v1/reports/debtors?as_of=2026-12-31")).json()["rows"]}
    assert (await shop("DELETE", path)).status_code == 409
