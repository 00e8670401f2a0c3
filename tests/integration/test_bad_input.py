"""Whatever is wrong with what comes in: a 4xx problem that says where, nothing posted, and never a 500."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, event, invoice, order, receipt

pytestmark = pytest.mark.anyio

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
async def shop(api: Api) -> Api:
    """A tenant with one order of 10, 5 received and 5 invoiced."""
    for name, account in ACCOUNTS.items():
        await api("PUT", f"/v1/accounts/{name}", account)
    await api("PUT", "/v1/posting-manager", POSTING_MANAGER)
    steps = [
        event("o", "order.created", order(quantity="10")),
        event("r", "goods.received", receipt(quantity="5")),
        event("i", "invoice.matched", invoice(quantity="5", amount="52.50")),
    ]
    answers = (await api("POST", "/v1/events", steps)).json()
    assert [each["status"] for each in answers] == ["posted"] * 3
    return api


def put(path: str, value: object) -> Change:
    """Sets a field; `path` in dots, numbers are positions."""

    def change(data: dict[str, Any]) -> None:
        target, name = _walk(data, path)
        target[name] = value

    return change


def drop(path: str) -> Change:
    def change(data: dict[str, Any]) -> None:
        target, name = _walk(data, path)
        del target[name]

    return change


def _walk(data: Any, path: str) -> tuple[Any, Any]:
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parents:
        data = data[part]
    return data, last


ORDER = ("order.created", order("PO-NEW"))
RECEIPT = ("goods.received", receipt(receipt_number="R-2"))
INVOICE = ("invoice.matched", invoice(invoice_number="INV-2"))
CREDIT = ("invoice.credited", invoice(invoice_number="CN-1", credits_invoice="INV-1"))
ENTRY = ("entry.recorded", entry())
SPLIT = "lines.0.account_codes"

MALFORMED = [
    (ORDER, put("lines.0.quantity", 2), "a JSON number is no quantity"),
    (ORDER, put("lines.0.unit_price", 10.5), "nor a price"),
    (ORDER, put("lines.0.quantity", "2e3"), "no exponents"),
    (ORDER, put("lines.0.quantity", "2,5"), "no decimal commas"),
    (ORDER, put("lines.0.quantity", "+2"), "no plus signs"),
    (ORDER, put("lines.0.quantity", " 2"), "no spaces"),
    (ORDER, put("lines.0.quantity", "٢"), "no other digits"),
    (ORDER, put("lines.0.quantity", "2.1234567"), "no seventh decimal"),
    (ORDER, put("lines.0.quantity", "1234567890123456"), "no sixteenth digit"),
    (ORDER, put("lines.0.quantity", "-2"), "nothing ordered below zero"),
    (ORDER, put("lines.0.quantity", "NaN"), "no NaN"),
    (ORDER, put("lines.0.quantity", None), "no quantity at all"),
    (ORDER, put("lines.0.amount", "10.00"), "quantity and amount both"),
    (ORDER, put("lines.0.line_number", "1"), "a line number is an integer"),
    (ORDER, put("lines.0.line_number", 0), "counted from one"),
    (ORDER, put("lines.0.line_number", True), "a boolean is no number"),
    (ORDER, put("lines", []), "no lines"),
    (ORDER, put("lines", {}), "lines are an array"),
    (ORDER, put("lines.0.quantty", "2"), "a misspelt field"),
    (ORDER, put("lines.0.matching", "four_way"), "an unknown matching"),
    (ORDER, put(SPLIT, []), "no account code"),
    (ORDER, put(SPLIT, [{"code": "A", "percentage": "60"}, {"code": "B", "percentage": "39.999999"}]), "not 100 %"),
    (ORDER, put(SPLIT, [{"code": "A", "percentage": "50"}, {"code": "A", "percentage": "50"}]), "a code twice"),
    (ORDER, put(SPLIT, [{"code": "A", "percentage": "50"}, {"code": "B", "amount": "50"}]), "percentage and amount"),
    (ORDER, put(SPLIT, [{"code": "A", "percentage": "-100"}]), "a negative share"),
    (ORDER, put(SPLIT, [{"code": "A"}]), "a share of nothing"),
    (ORDER, put("currency", "nzd"), "a currency in small letters"),
    (ORDER, put("currency", "XXX"), "no currency"),
    (ORDER, put("currency", "USD"), "a foreign order without a rate"),
    (ORDER, put("exchange_rate", "1.2"), "a rate in the base currency"),
    (ORDER, put("order_date", "2026-02-30"), "no such day"),
    (ORDER, put("order_date", "02.11.2026"), "a date in another form"),
    (ORDER, put("order_number", ""), "an empty name"),
    (ORDER, put("order_number", "P" * 101), "a name too long"),
    (ORDER, put("order_number", "PO\x07"), "a control character"),
    (ORDER, put("order_number", "PO\x00"), "a NUL"),
    (ORDER, put("order_number", "PO\ud800"), "half a surrogate pair"),
    (ORDER, put("charges", [{"kind": "tip", "amount": "1.00"}]), "an unknown charge"),
    (ORDER, put("charges", [{"kind": "discount", "amount": "1.00"}]), "a positive discount"),
    (ORDER, put("charges", [{"kind": "shipping", "amount": "-1.00"}]), "a negative shipping"),
    (ORDER, put("charges", [{"kind": "shipping", "amount": "1.001"}]), "a tenth of a cent"),
    (ORDER, put("opening", "yes"), "opening is a boolean"),
    (ORDER, put("order_number", "PO-1"), "the order exists"),
    (ORDER, put("lines.0", {"line_number": 1, "quantity": "999999999999999", "unit_price": "999999999999999", "account_codes": [
        {"code": "A", "percentage": "100"}]}), "beyond what a ledger line holds"),
    (RECEIPT, put("lines.0.quantity", "0"), "nothing received"),
    (RECEIPT, put("lines.0.quantity", "-1"), "a negative receipt"),
    (RECEIPT, put("lines.0", {"line_number": 1, "amount": "5.00"}), "an amount on a line by quantity"),
    (RECEIPT, drop("receipt_number"), "a receipt without its number"),
    (RECEIPT, put("exchange_rate", "0"), "a rate of zero"),
    (INVOICE, put("lines.0.amount", "-10.50"), "a negative invoice"),
    (INVOICE, put("lines.0.amount", "10.505"), "half a cent"),
    (INVOICE, put("lines.0.unit_price", "10.50"), "amount and unit price both"),
    (INVOICE, drop("lines.0.amount"), "no amount at all"),
    (INVOICE, put("currency", "EUR"), "not the order's currency"),
    (INVOICE, put("invoice_number", "INV-1"), "a number that the supplier used"),
    (INVOICE, put("lines", []), "nothing invoiced"),
    (INVOICE, put("tax", [{"amount": "-1.00"}]), "negative tax"),
    (CREDIT, put("lines.0.quantity", "6"), "more credited than invoiced"),
    (CREDIT, put("lines.0.amount", "52.51"), "more money credited than invoiced"),
    (CREDIT, put("charges", [{"kind": "shipping", "amount": "1.00", "order_number": "PO-1"}]), "shipping that was never invoiced"),
    (CREDIT, put("tax", [{"amount": "0.01"}]), "tax that was never invoiced"),
    (ENTRY, put("lines.0.amount", "120.01"), "does not balance"),
    (ENTRY, put("lines.0.account", "Till"), "an unknown account"),
    (ENTRY, put("lines.1.account_code", "9999"), "an unknown account code"),
    (ENTRY, put("lines.0.side", "left"), "neither debit nor credit"),
    (ENTRY, put("lines.0.account_code", "1000"), "account and code both"),
    (("order.exploded", {}), put("x", 1), "an unknown event type"),
    (("order.cancelled", {"order_number": "PO-1", "reason": "x"}), put("date", "2026-11-15"), "received already"),
    (("order.changed", order(quantity="4") | {"version": 2}), put("order_date", "2026-11-03"), "below what is received"),
    (("order.changed", order(quantity="10") | {"version": 2}), put("version", 1), "a stale version"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "change", "why"), MALFORMED, ids=[why for _, _, why in MALFORMED])
async def test_a_malformed_event(shop: Api, base: tuple[str, dict[str, Any]], change: Change, why: str) -> None:
    event_type, data = base[0], copy.deepcopy(base[1])
    change(data)
    before = await ledger(shop)
    body = event("bad", event_type, data)
    answer = await shop("POST", "/v1/events", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code in (409, 422), answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"]
    assert problem["detail"]
    assert await ledger(shop) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe{}", 400),
        (b'{"specversion": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'{"id": 1' + b"0" * 5_000 + b"}", 400),
        (b'{"id": "a", "id": "b"}', 400),
        (b"null", 422),
        (b'"text"', 422),
        (b"[]", 200),
        (b"[1, null]", 200),
        (b"{}", 422),
    ],
)
async def test_what_is_no_event(shop: Api, body: bytes, status: int) -> None:
    before = await ledger(shop)
    answer = await shop("POST", "/v1/events", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert await ledger(shop) == before


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"id": ""},
        {"id": 7},
        {"id": "x" * 301},
        {"source": None},
        {"type": ""},
        {"time": "yesterday"},
        {"time": "2026-11-15T01:02:03"},
        {"time": "2026-13-15T01:02:03Z"},
        {"time": "0001-01-01T00:00:00+14:00"},
        {"data": None},
        {"data": []},
    ],
)
async def test_an_envelope_that_identifies_nothing_is_not_kept(shop: Api, change: dict[str, Any]) -> None:
    kept = len((await shop("GET", "/v1/events")).json()["items"])
    answer = await shop("POST", "/v1/events", event("1", "order.created", order("PO-2")) | change)
    assert answer.status_code == 422, answer.text
    assert len((await shop("GET", "/v1/events")).json()["items"]) == kept


XXE = '<?xml version="1.0"?><!DOCTYPE cXML [<!ENTITY x SYSTEM "file:///etc/passwd">]><cXML payloadID="1" timestamp="2026-11-01">&x;</cXML>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE cXML ['
    + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    + '<!ENTITY a0 "boom">]><cXML payloadID="1" timestamp="2026-11-01">&a9;</cXML>'
)


@pytest.mark.parametrize("document", [XXE, BOMB, "", "<cXML", "not xml at all", "<other/>", "<cXML/>"])
async def test_xml_that_is_no_document_or_an_attack(shop: Api, document: str) -> None:
    before = await ledger(shop)
    answer = await shop("POST", "/v1/cxml", content=document.encode(), headers={"content-type": "text/xml"})
    assert answer.status_code in (400, 422), answer.text
    assert "<Status" in answer.text
    assert "root:" not in answer.text
    assert await ledger(shop) == before


@pytest.mark.parametrize("path", ["/v1/events", "/v1/cxml"])
async def test_a_body_of_20_megabytes(shop: Api, path: str) -> None:
    media_type = "text/xml" if path.endswith("cxml") else "application/json"
    answer = await shop("POST", path, content=b" " * 20_000_000, headers={"content-type": media_type})
    assert answer.status_code == 413
    assert answer.json()["code"] == "body-too-large"


@pytest.mark.parametrize("key", [None, "", "wrong", "glint_" + "A" * 43])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/events"), ("POST", "/v1/cxml"), ("GET", "/v1/journals"), ("GET", "/v1/orders/PO-1")]
)
async def test_a_wrong_key(shop: Api, key: str | None, method: str, path: str) -> None:
    answer = await shop.holding(key)(method, path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_key_without_the_scope(shop: Api) -> None:
    made = await shop("POST", "/v1/keys", {"name": "reader", "scopes": ["reports:read"]})
    reader = shop.holding(made.json()["key"])
    assert (await reader("POST", "/v1/events", event("1", "order.created", order("PO-2")))).status_code == 403
    assert (await reader("GET", "/v1/journals")).status_code == 403
    assert (await reader("GET", "/v1/reports/trial-balance")).status_code == 200


async def ledger(api: Api) -> list[Any]:
    """Everything that is posted."""
    items: list[Any] = (await api("GET", "/v1/account-transactions", params={"limit": 500})).json()["items"]
    return items
