"""The debtors ledger's set-up over HTTP: options, master data one by one and from CSV, lists, and what is refused."""

from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.debtor_cases import CHART, DEBTORS, RECORDS, TERRITORIES, WAREHOUSES, record
from tests.debtor_set_up import choose_option, invoice_data, posted, put_all, set_up_debtors

pytestmark = pytest.mark.anyio

KINDS = {"gl-interfaces": RECORDS, "warehouses": WAREHOUSES, "sales-territories": TERRITORIES, "debtors": DEBTORS}


@pytest.fixture
async def shop(api: Api) -> Api:
    return await set_up_debtors(api)


async def load(api: Api, path: str, text: str | bytes) -> Any:
    return await api("POST", f"/v1/{path}", content=text, headers={"content-type": "text/csv; charset=utf-8"})


@pytest.mark.parametrize("path", KINDS)
async def test_what_is_put_is_read_back_listed_and_searched(shop: Api, path: str) -> None:
    bodies = KINDS[path]
    for code, body in bodies.items():
        found = (await shop("GET", f"/v1/{path}/{code}")).json()
        assert {name: value for name, value in found.items() if value is not None} == {"code": code} | {
            name: value for name, value in body.items() if value is not None
        }
        assert (await shop("PUT", f"/v1/{path}/{code}", body)).status_code == 200
    listed, cursor = [], None
    while True:
        page = (await shop("GET", f"/v1/{path}", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        listed += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed == sorted(bodies)
    first = sorted(bodies)[0]
    label = bodies[first].get("name") or bodies[first]["description"]
    found = (await shop("GET", f"/v1/{path}", params={"search": label.upper()})).json()["items"]
    assert first in [item["code"] for item in found]
    assert (await shop("GET", f"/v1/{path}", params={"search": "100%_"})).json()["items"] == []
    assert (await shop("GET", f"/v1/{path}", params={"cursor": "§"})).status_code == 422
    assert (await shop("GET", f"/v1/{path}/none")).status_code == 404
    assert (await shop("DELETE", f"/v1/{path}/none")).status_code == 404


async def test_the_option_is_total_until_it_is_set(api: Api) -> None:
    total = {"option": "total", "warehouse_key": "none", "debtors_key": "none"}
    assert (await api("GET", "/v1/debtor-dissection")).json() == total
    wanted = {"option": "combination", "warehouse_key": "warehouse", "debtors_key": "sales_territory"}
    answers = [await api("PUT", "/v1/debtor-dissection", body) for body in (wanted, {"option": "dissect"}, total, wanted)]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200]
    assert (await api("GET", "/v1/debtor-dissection")).json() == wanted


@pytest.mark.parametrize("option", ["total", "dissect", "gl_dissect"])
@pytest.mark.parametrize("key", [{"warehouse_key": "warehouse"}, {"debtors_key": "debtor"}, {"debtors_key": "sales_territory"}])
async def test_keys_with_another_option_are_refused(api: Api, option: str, key: dict[str, str]) -> None:
    answer = await api("PUT", "/v1/debtor-dissection", {"option": option} | key)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"/{name}" for name in key]


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("gl-interfaces/NEW", record("Sales", "Sales Export", "Debtors Journal", "GST Collected"), "invalid", "/trade_debtors_account"),
    ("gl-interfaces/NEW", record("Nowhere", "Sales", "Debtors Journal", "GST Collected"), "unknown-account", "/trade_debtors_account"),
    ("gl-interfaces/NEW", record("Trade Debtors", "Sales", "Debtors Journal", "Nowhere"), "unknown-account", "/tax_account"),
    (
        "gl-interfaces/NEW",
        record("Trade Debtors", "Trade Debtors", "Debtors Journal", "GST Collected"),
        "invalid",
        "/trade_debtors_account",
    ),
    ("gl-interfaces/NEW", record("Trade Debtors", "Sales", "Debtors Export", "GST Collected"), "invalid", "/journal_account"),
    ("gl-interfaces/NEW", RECORDS["NSW-03"], "invalid", "/for"),
    ("gl-interfaces/NEW", RECORDS["TOTAL"] | {"for": {"warehouse": "01"}}, "invalid", "/for/debtors"),
    ("gl-interfaces/NEW", RECORDS["TOTAL"] | {"tax_account": None}, "invalid", "/tax_account"),
    ("gl-interfaces/NEW", RECORDS["TOTAL"] | {"accounts": "x"}, "invalid", "/accounts"),
    ("warehouses/NEW", {"name": "N", "gl_interface": "NONE"}, "invalid", "/gl_interface"),
    ("warehouses/NEW", {"gl_interface": None}, "invalid", "/name"),
    ("sales-territories/NEW", {"name": "N", "gl_interface": "NONE"}, "invalid", "/gl_interface"),
    ("debtors/NEW", {"name": "N", "sales_territory": "NONE"}, "invalid", "/sales_territory"),
    ("debtors/NEW", {"name": "N"}, "invalid", "/sales_territory"),
    ("debtors/NEW", {"name": "N", "sales_territory": "NSW", "gl_interface": "NONE"}, "invalid", "/gl_interface"),
    ("debtors/NEW", {"name": "N", "sales_territory": "NSW", "default_warehouse": "99"}, "invalid", "/default_warehouse"),
    ("debtors/" + "D" * 101, DEBTORS["D100"], "invalid", "/path/code"),
]


@pytest.mark.parametrize(("path", "body", "code", "pointer"), REFUSED, ids=[f"{path[:20]} {pointer}" for path, _, _, pointer in REFUSED])
async def test_what_cannot_be_is_refused_at_its_field(shop: Api, path: str, body: dict[str, Any], code: str, pointer: str) -> None:
    answer = await shop("PUT", f"/v1/{path}", body)
    assert answer.status_code == 422, answer.text
    assert (answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (code, pointer)
    assert (await shop("GET", f"/v1/{path}")).status_code in (404, 422)


async def test_what_is_in_use_is_not_deleted(shop: Api) -> None:
    await choose_option(shop, {"option": "dissect"})
    await posted(shop, "1", "debtor.transaction", invoice_data(lines=[{"amount": "1.00", "gl_interface": "NSW-03"}]))
    for path in ("gl-interfaces/EXP", "gl-interfaces/NSW-03", "warehouses/01", "warehouses/03", "sales-territories/NSW", "debtors/D100"):
        answer = await shop("DELETE", f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "in-use"), path
        assert (await shop("GET", f"/v1/{path}")).status_code == 200
    for account in ("Debtors Export", "Sales", "North Journal", "GST North"):
        assert (await shop("DELETE", f"/v1/accounts/{account}")).json()["code"] == "in-use"
        off = CHART[account] | {"active": False}
        assert (await shop("PUT", f"/v1/accounts/{account}", off)).json()["code"] == "in-use"
    other_type = CHART["Debtors Export"] | {"type": "liability"}
    assert (await shop("PUT", "/v1/accounts/Debtors Export", other_type)).json()["code"] == "in-use"
    for path in ("debtors/D200", "sales-territories/VIC", "debtors/D300", "warehouses/02", "gl-interfaces/D100-03"):
        assert (await shop("DELETE", f"/v1/{path}")).status_code == 204, path
        assert (await shop("GET", f"/v1/{path}")).status_code == 404


async def test_csv_loads_everything_and_says_what_was_new(api: Api) -> None:
    await put_all(api, "accounts", CHART)
    head = "code,description,trade_debtors_account,invoice_account,journal_account,tax_account"
    rows = (
        "TOTAL,Standard,Trade Debtors,Sales,Debtors Journal,GST Collected,,",
        '"EX,P","Export, ""far""",Debtors Export,Sales Export,Export Journal,GST Collected,01,D1',
    )
    text = "\r\n".join((f"{head},for_warehouse,for_debtors", *rows, ""))
    assert (await load(api, "gl-interfaces", text.encode("utf-8-sig"))).json() == loaded(created=2)
    assert (await api("GET", "/v1/gl-interfaces/EX%2CP")).json()["description"] == 'Export, "far"'
    assert (await load(api, "warehouses", "gl_interface,code,name\nTOTAL,01,Ōtara\n")).json() == loaded(created=1)
    assert (await load(api, "sales-territories", "code,name\nNSW,New South Wales\n\nVIC,Victoria")).json() == loaded(created=2)
    many = "".join(f"D{number},Debtor {number},NSW,TOTAL,01\n" for number in range(3_000))
    columns = "code,name,sales_territory,gl_interface,default_warehouse\n"
    assert (await load(api, "debtors", columns + many)).json() == loaded(created=3_000)
    again = columns + many.replace("Debtor 7,NSW", "Debtor 7,VIC") + "D3000,Debtor 3000,NSW,,\n"
    assert (await load(api, "debtors", again)).json() == loaded(created=1, changed=1, unchanged=2_999)
    assert (await api("GET", "/v1/debtors/D7")).json()["sales_territory"] == "VIC"
    newest = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    assert (newest["command"], newest["detail"]) == ("debtor.load", {"created": 1, "changed": 1, "unchanged": 2_999})
    logged = (await api("GET", "/v1/audit-log?limit=3")).json()["items"][1:]
    assert [(entry["command"], entry["subject"]) for entry in logged] == [("debtor.put", "D7"), ("debtor.put", "D3000")]
    assert (logged[0]["actor"], logged[0]["detail"]["sales_territory"]) == ("first", "VIC")
    assert (await posted(api, "1", "debtor.transaction", invoice_data(debtor="D42")))["gl_interface"] == "TOTAL"


def loaded(*, created: int = 0, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"rows": created + changed + unchanged, "created": created, "changed": changed, "unchanged": unchanged}


BAD_FILES: list[tuple[str | bytes, int, list[str]]] = [
    ("", 422, ["/lines/1/name", "/lines/1/sales_territory", "/lines/1/code"]),
    ("code,name,sales_territory\n", 422, ["/lines"]),
    ("code,name,sales_territory,colour\nX,N,NSW,red\n", 422, ["/lines/1/colour"]),
    ("code,code,name,sales_territory\nX,X,N,NSW\n", 422, ["/lines/1/code"]),
    ("code,name,sales_territory\nX,N\n", 422, ["/lines/2"]),
    ("code,name,sales_territory\nX,N,NSW\nX,M,NSW\n", 422, ["/lines/3/code"]),
    ("code,name,sales_territory\nX,N,NSW\nY,M,\nZ,\x07,NSW\n", 422, ["/lines/3/sales_territory", "/lines/4/name"]),
    ("code,name,sales_territory,gl_interface\nX,N,NSW,\nY,M,QLD,NONE\n", 422, ["/lines/3/gl_interface", "/lines/3/sales_territory"]),
    ('code,name,sales_territory\nX,"N\nM",NSW\nY,M,QLD\n', 422, ["/lines/4/sales_territory"]),
    ('code,name,sales_territory\nX,"N"M,NSW\n', 400, []),
    (b"code,name,sales_territory\nX,\xff,NSW\n", 400, []),
    ("code,name,sales_territory\n" + "X,N,NSW\n" * 20_001, 422, ["/lines/3/code"]),
]


@pytest.mark.parametrize(("text", "status", "pointers"), BAD_FILES)
async def test_a_bad_file_loads_nothing_and_says_where(shop: Api, text: str | bytes, status: int, pointers: list[str]) -> None:
    answer = await load(shop, "debtors", text)
    assert answer.status_code == status, answer.text
    assert [each["pointer"] for each in answer.json().get("errors", [])][: len(pointers)] == pointers
    assert (await shop("GET", "/v1/debtors?search=X")).json()["items"] == []


async def test_a_file_is_csv_and_nothing_else(shop: Api) -> None:
    assert (await shop("POST", "/v1/debtors", DEBTORS["D100"])).status_code == 415


async def test_who_sends_events_sees_what_there_is_to_choose_from(shop: Api) -> None:
    sender = shop.holding((await shop("POST", "/v1/keys", {"name": "sender", "scopes": ["events:write"]})).json()["key"])
    for path in ("accounts", "gl-interfaces", "warehouses", "sales-territories", "debtors", "debtor-dissection"):
        assert (await sender("GET", f"/v1/{path}")).status_code == 200, path
    assert (await sender("POST", "/v1/debtor-transactions/preview", invoice_data())).status_code == 200
    assert (await sender("PUT", "/v1/debtors/D9", DEBTORS["D100"])).status_code == 403
    assert (await sender("DELETE", "/v1/accounts/AP")).status_code == 403
    assert (await sender("PUT", "/v1/debtor-dissection", {"option": "total"})).status_code == 403
    reader = shop.holding((await shop("POST", "/v1/keys", {"name": "reader", "scopes": ["reports:read"]})).json()["key"])
    assert (await reader("GET", "/v1/debtors")).status_code == 403
    assert (await reader("POST", "/v1/debtor-transactions/preview", invoice_data())).status_code == 403
