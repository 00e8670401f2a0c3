"""Dissection set up on the screens: the option, master data row by row and from a file, by whom, and what is told where it is wrong."""

import re

import pytest

from app.web.origin import csrf_token
from tests.api_fixtures import Api
from tests.debtor_set_up import set_up_debtors
from tests.screens_http import COOKIE, ORIGIN, Screens, faults

pytestmark = pytest.mark.anyio

PLACE = "/app/set-up/dissection"
RECORD = {
    "code": "LAB",
    "description": "Laboratory",
    "trade_debtors_account": "Trade Debtors",
    "invoice_account": "Consulting",
    "journal_account": "Debtors Journal",
    "tax_account": "GST Collected",
}


@pytest.fixture
async def ledger(browser: Screens, api: Api) -> Api:
    """Debtors, warehouses and records are set up; a person in the role set-up is signed in."""
    await set_up_debtors(api)
    await browser.sign_in("set_up")
    return api


async def last(api: Api, count: int = 1) -> list[tuple[str, str, str]]:
    """The newest entries of the audit log."""
    items = (await api("GET", f"/v1/audit-log?limit={count}")).json()["items"]
    return [(each["actor"], each["command"], each["subject"]) for each in items]


async def test_the_option_is_set_by_name(browser: Screens, ledger: Api) -> None:
    form = {"option": "combination", "warehouse_key": "warehouse", "debtors_key": "sales_territory"}
    answer = await browser.post(PLACE, back=PLACE, **form)
    assert answer.headers["location"] == PLACE
    assert "Debtor transactions are dissected by: Combination." in (await browser.get(PLACE)).text
    assert (await ledger("GET", "/v1/debtor-dissection")).json() == form
    assert await last(ledger) == [("set_up", "debtor_dissection.put", "combination")]
    await browser.post(PLACE, option="dissect", warehouse_key="warehouse", debtors_key="debtor")
    kept = {"option": "dissect", "warehouse_key": "none", "debtors_key": "none"}
    assert (await ledger("GET", "/v1/debtor-dissection")).json() == kept
    await browser.post(PLACE, option="none of them", back=PLACE)
    assert "Choose one of the options" in (await browser.get(PLACE)).text
    assert (await ledger("GET", "/v1/debtor-dissection")).json() == kept


async def test_without_the_standard_record_a_warning_stands_there(browser: Screens, api: Api) -> None:
    await browser.sign_in("viewer")
    assert "There is no record TOTAL yet" in (await browser.get(PLACE)).text
    await set_up_debtors(api)
    assert "There is no record TOTAL yet" not in (await browser.get(PLACE)).text


async def test_a_record_is_added_changed_and_deleted(browser: Screens, ledger: Api) -> None:
    place = f"{PLACE}/gl-interfaces"
    answer = await browser.post(f"{place}/new", **RECORD)
    assert answer.headers["location"] == place
    assert "Saved GL interface record LAB." in (await browser.get(place)).text
    assert await last(ledger) == [("set_up", "gl_interface.put", "LAB")]
    pair = {"for_warehouse": "09", "for_debtors": "VIC"}
    await browser.post(f"{place}/row", **RECORD | {"invoice_account": "Sales"} | pair)
    kept = (await ledger("GET", "/v1/gl-interfaces/LAB")).json()
    assert (kept["invoice_account"], kept["for"]) == ("Sales", {"warehouse": "09", "debtors": "VIC"})
    shown = (await browser.get(f"{place}/row?code=LAB")).text
    assert re.search(r'name="for_warehouse"[^>]* value="09"', shown)
    await browser.post(f"{place}/delete", code="LAB")
    assert (await ledger("GET", "/v1/gl-interfaces/LAB")).status_code == 404
    assert await last(ledger) == [("set_up", "gl_interface.delete", "LAB")]


async def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(browser: Screens, ledger: Api) -> None:
    place = f"{PLACE}/gl-interfaces/new"
    answer = await browser.post(place, **RECORD | {"trade_debtors_account": "Sales", "tax_account": "Nowhere", "for_warehouse": "01"})
    assert answer.status_code == 422
    assert "Give both of for_warehouse and for_debtors, or neither" in answer.text
    answer = await browser.post(place, **RECORD | {"trade_debtors_account": "Sales", "tax_account": "Nowhere"})
    assert answer.status_code == 422
    assert faults(answer.text) == {
        "trade_debtors_account": "Sales is of type income, asset is needed.",
        "tax_account": "Nowhere is not an account, or is not active.",
    }
    assert 'value="Laboratory"' in answer.text
    assert 'value="Nowhere"' in answer.text
    assert faults((await browser.post(place, code="X")).text)["tax_account"] == "Is needed."
    again = await browser.post(place, **RECORD | {"code": "TOTAL"})
    assert faults(again.text) == {"code": "There is a GL interface record TOTAL already."}
    taken = await browser.post(place, **RECORD | {"for_warehouse": "03", "for_debtors": "NSW"})
    assert faults(taken.text) == {"for_warehouse": "Record NSW-03 is for this pair already."}
    assert (await ledger("GET", "/v1/gl-interfaces/TOTAL")).json()["invoice_account"] == "Sales"


@pytest.mark.parametrize(
    ("path", "form", "shown"),
    [
        ("warehouses", {"code": "09/b", "name": "Lab", "gl_interface": "EXP"}, "EXP"),
        ("sales-territories", {"code": "NZ", "name": "New Zealand", "gl_interface": ""}, "New Zealand"),
        ("debtors", {"code": "D9", "name": "Reef & Co", "sales_territory": "VIC", "default_warehouse": "01"}, "Reef &amp; Co"),
    ],
)
async def test_masters_are_kept_row_by_row(browser: Screens, ledger: Api, path: str, form: dict[str, str], shown: str) -> None:
    place = f"{PLACE}/{path}"
    assert (await browser.post(f"{place}/new", **form)).headers["location"] == place
    listed = (await browser.get(place)).text
    assert shown in listed
    row = re.search(rf'href="({place}/row\?code=[^"]+)">{re.escape(form["code"])}<', listed)
    assert row
    assert f'value="{form["name"]}"'.replace("&", "&amp;") in (await browser.get(row[1])).text
    assert faults((await browser.post(f"{place}/row", **form | {"gl_interface": "GONE"})).text) == {
        "gl_interface": "There is no GL interface record GONE."
    }
    assert (await browser.post(f"{place}/delete", code=form["code"])).headers["location"] == place
    assert form["name"] not in (await browser.get(place)).text.replace("Deleted", "")


async def test_what_is_in_use_is_not_deleted(browser: Screens, ledger: Api) -> None:
    back = f"{PLACE}/sales-territories/row?code=NSW"
    assert (await browser.post(f"{PLACE}/sales-territories/delete", code="NSW", back=back)).headers["location"] == back
    assert "Sales territory NSW is named by other master data" in (await browser.get(back)).text
    assert (await ledger("GET", "/v1/sales-territories/NSW")).status_code == 200


async def test_lists_are_searched_and_page(browser: Screens, ledger: Api) -> None:
    rows = "code,name,sales_territory\n" + "".join(f"E{number:03},Club {number},VIC\n" for number in range(60))
    await ledger("POST", "/v1/debtors", content=rows.encode(), headers={"content-type": "text/csv"})
    found = (await browser.get(f"{PLACE}/debtors?search=club+5")).text
    assert len(re.findall(r"row\?code=E", found)) == 11
    first = (await browser.get(f"{PLACE}/debtors")).text
    onwards = re.search(r'href="([^"]+)" rel="next"', first)
    assert onwards
    second = (await browser.get(onwards[1].replace("&amp;", "&"))).text
    codes = [re.findall(r"row\?code=(\w+)", text) for text in (first, second)]
    assert (len(codes[0]), len(codes[1])) == (50, 13)
    assert codes[0] + codes[1] == sorted(codes[0] + codes[1])
    assert "No code and no name has “zzz” in it." in (await browser.get(f"{PLACE}/debtors?search=zzz")).text


async def test_fields_are_searched_on_the_server(browser: Screens, ledger: Api) -> None:
    async def options(path: str) -> list[str]:
        return re.findall(r'<option value="([^"]+)"', (await browser.get(f"/app/choices/{path}")).text)

    assert await options("debtors?debtor=bol") == ["D200"]
    assert await options("gl-interfaces?gl_interface=export") == ["D100-03", "EXP", "NSW-03"]
    assert await options("control-accounts?x=debtors") == ["Debtors Export", "Trade Debtors"]
    assert await options("accounts?x=debtors") == ["Debtors Journal"]
    assert await options("line-accounts?x=49") == ["Consulting"]
    assert await options("warehouses?x=%25") == []
    assert (await browser.get("/app/choices/keys?x=a")).status_code == 404


async def test_a_file_is_loaded_whole_or_not_at_all(browser: Screens, ledger: Api) -> None:
    place = f"{PLACE}/debtors"
    rows = "code,name,sales_territory,gl_interface\nD100,Acme,NSW,EXP\nD700,Gulf,NSW,\nD701,Hill,GONE,\n"
    answer = await browser.post(f"{place}/load", rows=rows, back=place)
    assert answer.status_code == 422
    assert re.search(r'<td class="num">4</td><td><code>sales_territory</code></td><td>There is no sales territory GONE\.</td>', answer.text)
    assert "D701,Hill,GONE" in answer.text
    assert (await ledger("GET", "/v1/debtors/D700")).status_code == 404
    answer = await browser.post(f"{place}/load", rows=rows.replace("GONE", "VIC"), back=place)
    assert answer.headers["location"] == place
    assert "Loaded 3 rows: 2 new, 1 changed, 0 as they were." in (await browser.get(place)).text
    assert [entry[:2] for entry in await last(ledger, 4)] == [("set_up", "debtor.load"), *[("set_up", "debtor.put")] * 3]


async def test_a_file_is_sent_as_one(browser: Screens, ledger: Api) -> None:
    token = csrf_token(browser.http.cookies[COOKIE])

    async def upload(content: bytes) -> str:
        files = {"file": ("warehouses.csv", content, "text/csv")}
        fields = {"csrf": token, "back": PLACE, "rows": ""}
        answer = await browser.http.post(f"{PLACE}/warehouses/load", data=fields, files=files, headers={"origin": ORIGIN})
        return answer.text if answer.status_code != 303 else (await browser.get(PLACE)).text

    assert "Loaded 1 row: 1 new" in await upload('\ufeffcode,name\r\n"07","Käserei, ""Süd"""\r\n'.encode())
    assert (await ledger("GET", "/v1/warehouses/07")).json()["name"] == 'Käserei, "Süd"'
    assert "The file is not text in UTF-8." in await upload("code,name\n08,Käse".encode("latin-1"))
    assert "The columns are" in await upload(b"number\n1\n")


async def test_viewers_see_it_and_change_nothing(browser: Screens, ledger: Api) -> None:
    await browser.sign_in("viewer")
    for path in ("", "/gl-interfaces", "/debtors/row?code=D100", "/debtors/load", "/debtors/new"):
        text = (await browser.get(PLACE + path)).text
        assert "Sign out" in text
        assert not re.search(r'<button class="(main|danger)"', text), path
    assert (await browser.get(f"{PLACE}/keys")).status_code == 404
