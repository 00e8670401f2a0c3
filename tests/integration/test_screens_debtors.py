"""Debtor transactions entered on the screens: what is previewed is what is posted, by whom, and what is told where it is wrong."""

import re
import uuid
from datetime import date
from typing import Any

import httpx
import pytest

from app.web.origin import csrf_token
from tests.api_fixtures import Api
from tests.debtor_cases import DISSECT, GL_DISSECT, combination
from tests.debtor_set_up import choose_option, invoice_data, posted, set_up_debtors
from tests.screens_http import COOKIE, ORIGIN, Screens, faults

pytestmark = pytest.mark.anyio

PLACE = "/app/debtor-transactions"
HEAD = {
    "kind": "invoice",
    "transaction_number": "I-1",
    "debtor": "D100",
    "date": "2026-11-03",
    "currency": "NZD",
    "tax": "15.00",
}
CELLS = ("description", "amount", "choice")


@pytest.fixture
async def ledger(browser: Screens, api: Api) -> Api:
    """Debtors are set up with option total; a person in the role poster is signed in."""
    await set_up_debtors(api)
    await browser.sign_in("poster")
    return api


async def send(browser: Screens, path: str, *lines: tuple[str, ...], entry_id: str | None = None, **head: str) -> httpx.Response:
    """The entry form with these lines: description, amount, choice."""
    columns: dict[str, Any] = {name: [line[at] if at < len(line) else "" for line in lines] for at, name in enumerate(CELLS)}
    form = HEAD | {"entry_id": entry_id or uuid.uuid4().hex, "csrf": csrf_token(browser.http.cookies[COOKIE])} | head | columns
    return await browser.http.post(PLACE + path, data=form, headers={"origin": ORIGIN})


async def saved(browser: Screens, *lines: tuple[str, ...], **head: str) -> str:
    """The address of the saved one's page."""
    answer = await send(browser, "", *(lines or (("Work", "100.00"),)), **head)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def double_entry(text: str, label: str) -> list[tuple[str, str, str]]:
    """Account, debit and credit of each line of a posting."""
    table = re.search(rf'aria-label="{label}".*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    assert table, label
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)] for row in rows]
    return [(" ".join(cell[0].split()), cell[2], cell[3]) for cell in cells]


STANDARD = [("1200 Trade Debtors", "115.00", ""), ("4010 Sales", "", "100.00"), ("2300 GST Collected", "", "15.00")]


async def test_what_is_previewed_is_what_is_saved(browser: Screens, ledger: Api) -> None:
    preview = await send(browser, "/preview", ("Work", "60.00"), ("", ""), ("More", "40"))
    assert preview.status_code == 200
    assert double_entry(preview.text, "What it would post") == STANDARD
    assert "Option total: every transaction takes the standard record TOTAL." in preview.text
    assert (await ledger("GET", "/v1/account-transactions")).json()["items"] == []
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', preview.text)
    form: dict[str, Any] = {}
    for name, value in hidden:
        form.setdefault(name, []).append(value)
    answer = await browser.http.post(PLACE, data=form, headers={"origin": ORIGIN})
    page = (await browser.get(answer.headers["location"])).text
    assert "Saved and posted: Invoice I-1 to debtor D100." in page
    assert double_entry(page, "What is posted") == STANDARD
    assert re.search(r"<dt>Entered by</dt><dd>poster</dd>", page)
    entry = (await ledger("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    assert (entry["actor"], entry["command"], entry["subject"]) == ("poster", "debtor_transaction.enter", "invoice I-1")


async def test_a_form_that_is_sent_twice_posts_once(browser: Screens, ledger: Api) -> None:
    entry_id = uuid.uuid4().hex
    first = await send(browser, "", ("Work", "100.00"), entry_id=entry_id)
    again = await send(browser, "", ("Work", "100.00"), entry_id=entry_id)
    assert first.headers["location"] == again.headers["location"]
    assert len((await ledger("GET", "/v1/account-transactions")).json()["items"]) == 1
    await send(browser, "", ("Work", "90.00"), entry_id=entry_id)
    assert "This form was saved before, with other content" in (await browser.get("/app/")).text
    entries = (await ledger("GET", "/v1/audit-log?limit=500")).json()["items"]
    assert len([each for each in entries if each["command"] == "debtor_transaction.enter"]) == 1


async def test_a_number_is_used_once_and_a_refusal_is_not_kept(browser: Screens, ledger: Api) -> None:
    await saved(browser)
    answer = await send(browser, "", ("Other work", "7.00"), tax="1.05")
    assert answer.status_code == 422
    assert faults(answer.text) == {"transaction_number": "The number was used for this kind before."}
    assert 'value="Other work"' in answer.text
    assert 'name="tax" value="1.05"' in answer.text
    assert (await ledger("GET", "/v1/events?status=refused")).json()["items"] == []
    await saved(browser, kind="credit_note")


@pytest.mark.parametrize(
    ("head", "lines", "told"),
    [
        ({"debtor": ""}, (("Work", "1"),), {"debtor": "Is needed."}),
        ({"debtor": "nobody"}, (("Work", "1"),), {"debtor": "There is none of this code or name."}),
        ({"debtor": "D"}, (("Work", "1"),), {"debtor": "Several match, type the code of one: D100 Acme, D200 Bolt, D300 Cord."}),
        ({"transaction_number": "", "date": ""}, (("Work", "1"),), {"transaction_number": "Is needed.", "date": "Is needed."}),
        ({"date": "3.11.2026"}, (("Work", "1"),), {"date": "Is not a date."}),
        ({"kind": "loan"}, (("Work", "1"),), {"kind": "Choose one."}),
        ({"tax": "a lot"}, (("Work", "1"),), {"tax": "Is not an amount, like 1250.00."}),
        ({"exchange_rate": "-2"}, (("Work", "1"),), {"exchange_rate": "Is not a rate, like 1.085."}),
        ({}, (("", ""), ("Work", "1,50")), {"lines/1/amount": "Is not an amount, like 1250.00."}),
        ({}, (("", ""), ("Work", "")), {"lines/1/amount": "Is needed."}),
        ({}, (("", ""), ("Work", "1.505")), {"lines/1/amount": "1.505 has more than the 2 decimals of NZD."}),
        ({}, (("Work", "-1"),), {"lines/0/amount": "Is not an amount, like 1250.00."}),
        ({"currency": "XYZ"}, (("Work", "1"),), {"currency": "XYZ is not a currency of ISO 4217."}),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    browser: Screens, ledger: Api, head: dict[str, str], lines: tuple[tuple[str, ...], ...], told: dict[str, str]
) -> None:
    for path in ("/preview", ""):
        answer = await send(browser, path, *lines, **head)
        assert answer.status_code == 422
        assert faults(answer.text) == told
        for name in head.keys() - {"kind"}:  # that one is chosen, not typed
            assert f'value="{head[name]}"' in answer.text
    assert (await ledger("GET", "/v1/events")).json()["items"] == []


async def test_without_lines_nothing_is_saved(browser: Screens, ledger: Api) -> None:
    for lines in ((), (("", ""), ("", ""))):
        answer = await send(browser, "", *lines)
        assert (answer.status_code, "Enter at least one line with its amount." in answer.text) == (422, True)


async def test_a_part_of_the_name_is_enough_where_it_is_one_debtors(browser: Screens, ledger: Api) -> None:
    page = (await browser.get(await saved(browser, debtor="bol"))).text
    assert "D200 Bolt" in page


async def test_lines_choose_records(browser: Screens, ledger: Api) -> None:
    await choose_option(ledger, DISSECT)
    form = (await browser.get(f"{PLACE}/new")).text
    assert 'list="choices-gl-interfaces"' in form
    assert '<option value="EXP">' in form
    missing = await send(browser, "/preview", ("", ""), ("A", "60.00"), ("B", "40.00", "NONE"))
    assert faults(missing.text) == {"lines/1/choice": "Choose one."}
    unknown = await send(browser, "/preview", ("", ""), ("A", "60.00", "EXP"), ("B", "40.00", "NONE"))
    assert faults(unknown.text) == {"lines/2/choice": "NONE is not a GL interface record: choose one of the GL interface records."}
    page = (await browser.get(await saved(browser, ("A", "60.00", "EXP"), ("B", "40.00", "TOTAL")))).text
    assert ("1210 Debtors Export", "69.00", "") in double_entry(page, "What is posted")
    assert "EXP, TOTAL" in page
    assert "Line 1 chose record EXP." in page


async def test_lines_choose_accounts(browser: Screens, ledger: Api) -> None:
    await choose_option(ledger, GL_DISSECT)
    form = (await browser.get(f"{PLACE}/new")).text
    assert '<option value="Consulting">4900</option>' in form
    assert '<option value="Trade Debtors">' not in form
    control = await send(browser, "/preview", ("A", "60.00", "Debtors Export"))
    assert faults(control.text)["lines/0/choice"].startswith("Debtors Export is a trade debtors control account")
    page = (await browser.get(await saved(browser, ("A", "100.00", "Consulting"), kind="journal_credit"))).text
    assert ("4900 Consulting", "100.00", "") in double_entry(page, "What is posted")


async def test_the_warehouse_is_asked_for_where_it_is_a_key(browser: Screens, ledger: Api) -> None:
    assert 'name="warehouse"' not in (await browser.get(f"{PLACE}/new")).text
    await choose_option(ledger, combination("warehouse"))
    assert 'name="warehouse"' in (await browser.get(f"{PLACE}/new")).text
    part = (await browser.get(f"{PLACE}/warehouse?debtor=D100")).text
    assert re.search(r'name="warehouse"[^>]* value="01"', part)
    assert re.search(r'name="warehouse"[^>]* value=""', (await browser.get(f"{PLACE}/warehouse?debtor=D2")).text)
    answer = await send(browser, "/preview", ("A", "1"), debtor="D200")
    assert faults(answer.text) == {"warehouse": "Required: D200 has no default warehouse."}
    preview = (await send(browser, "/preview", ("A", "100"), debtor="D200", warehouse="01")).text
    assert double_entry(preview, "What it would post")[1] == ("4030 Sales North", "", "100.00")
    gone = await send(browser, "/preview", ("A", "1"), debtor="D200", warehouse="02")
    assert "Warehouse 02 has no GL interface record: set it under Set-up, Dissection, Warehouses." in gone.text


async def test_more_lines_and_back_from_the_preview_lose_nothing(browser: Screens, ledger: Api) -> None:
    more = (await send(browser, "/form", ("A", "1"), ("", ""), ("B", "x"), more="yes")).text
    assert len(re.findall(r'<input id="f-lines-\d+-amount"', more)) == 8
    assert 'aria-label="Amount of line 3"' in more
    assert re.search(r'id="f-lines-2-amount" name="amount" value="x"', more)
    again = (await send(browser, "/form", ("A", "1"), ("", ""), debtor="D3")).text
    assert 'value="D3"' in again
    assert len(re.findall(r'<input id="f-lines-\d+-amount"', again)) == 2


async def test_a_foreign_document_needs_its_rate(browser: Screens, ledger: Api) -> None:
    answer = await send(browser, "/preview", ("A", "100"), currency="AUD")
    assert answer.status_code == 422
    assert "exchange" in answer.text.lower()
    page = (await browser.get(await saved(browser, ("A", "100"), currency="AUD", exchange_rate="1.1"))).text
    assert "Debit AUD" in page
    assert ">126.50<" in page


async def test_it_is_reversed_once_with_its_reason(browser: Screens, ledger: Api) -> None:
    place = await saved(browser)
    page = (await browser.get(f"{place}/reverse")).text
    mirror = [(account, credit, debit) for account, debit, credit in STANDARD]
    assert double_entry(page, "What the reversal would post") == mirror
    entry_id = re.search(r'name="entry_id" value="(\w+)"', page)
    assert entry_id
    form = {"entry_id": entry_id[1], "date": "2026-11-05"}
    without = await browser.post(f"{place}/reverse", **form)
    assert (without.status_code, faults(without.text)) == (422, {"reason": "Is needed."})
    for _ in range(2):
        answer = await browser.post(f"{place}/reverse", **form, reason="Entered twice")
        assert answer.headers["location"] == place
    text = (await browser.get(place)).text
    assert "Posted: Reversal of invoice I-1 to debtor D100." in text
    assert "It is reversed" in text
    assert f"{place}/reverse" not in text
    link = re.search(rf'href="({PLACE}/txn_\w+)">the reversal</a>', text)
    assert link
    reversal = (await browser.get(link[1])).text
    assert double_entry(reversal, "What is posted") == mirror
    assert "Entered twice" in reversal
    again = await browser.post(f"{place}/reverse", entry_id=uuid.uuid4().hex, date="2026-11-05", reason="Once more")
    assert again.status_code == 422
    assert "reversed already" in again.text
    entries = (await ledger("GET", "/v1/audit-log?limit=1")).json()["items"]
    assert (entries[0]["actor"], entries[0]["command"], entries[0]["detail"]["reason"]) == (
        "poster",
        "debtor_transaction.reverse",
        "Entered twice",
    )


async def test_the_list_is_searched_and_pages(browser: Screens, ledger: Api) -> None:
    for number in range(1, 53):
        data = invoice_data(f"N-{number}", date=date(2026, 11, 1 + number % 20).isoformat())
        await posted(ledger, f"e-{number}", "debtor.transaction", data)
    await saved(browser, kind="credit_note", debtor="D200", date="2026-11-25")

    async def found(query: str) -> list[str]:
        return re.findall(r">((?:Invoice|Credit note) [\w-]+)</a>", (await browser.get(f"{PLACE}?{query}")).text)

    first = await found("")
    assert first[:2] == ["Credit note I-1", "Invoice N-52"]
    assert len(first) == 50
    onwards = re.search(r'href="[^"?]+\?([^"]+)" rel="next"', (await browser.get(PLACE)).text)
    assert onwards
    assert await found(onwards[1].replace("&amp;", "&")) == ["Invoice N-3", "Invoice N-2", "Invoice N-1"]
    assert await found("debtor=D200") == ["Credit note I-1"]
    assert await found("kind=credit_note") == ["Credit note I-1"]
    assert await found("number=N-7") == ["Invoice N-7"]
    assert await found("kind=credit_note&number=N-7") == []
    assert await found("from=2026-11-24&to=2026-11-26") == ["Credit note I-1"]
    assert "No debtor transaction matches." in (await browser.get(f"{PLACE}?debtor=D300")).text
    assert (await browser.get(f"{PLACE}?from=soon")).status_code == 422


async def test_viewers_see_and_do_not_enter(browser: Screens, ledger: Api) -> None:
    place = await saved(browser)
    await browser.sign_in("viewer")
    assert "Reverse…" not in (await browser.get(place)).text
    assert f"{PLACE}/new" not in (await browser.get(PLACE)).text
    for path in (f"{PLACE}/new", f"{place}/reverse"):
        assert (await browser.get(path)).status_code == 403
    assert (await browser.get(f"{PLACE}/txn_{'0' * 32}")).status_code == 404


async def test_what_came_over_the_api_says_so_and_other_transactions_are_not_here(browser: Screens, ledger: Api) -> None:
    shown = await posted(ledger, "e-1", "debtor.transaction", invoice_data())
    page = (await browser.get(f"{PLACE}/{shown['id']}")).text
    assert "came over the API" in page
    assert "There is no ERP endpoint that takes transactions of this day." in page


async def test_broken_forms_are_told(browser: Screens, ledger: Api) -> None:
    await send(browser, "/preview", ("A", "1"), entry_id="x")
    assert "The form is not one of ours" in (await browser.get("/app/")).text
    form = HEAD | {"entry_id": uuid.uuid4().hex, "csrf": csrf_token(browser.http.cookies[COOKIE])}
    for columns in ({"amount": ["1", "2"], "description": ["A"]}, {"amount": ["1"] * 201}):
        await browser.http.post(f"{PLACE}/preview", data=form | columns, headers={"origin": ORIGIN})
        assert "A form has at most 200 lines" in (await browser.get("/app/")).text
