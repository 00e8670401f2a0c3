"""The debtors ledger in a browser: dissection set up, transactions entered, previewed, saved, reversed, and posted in a batch."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.screens import debtors
from tests.screens.browser import PHONE, sideways, sign_in, violations, window
from tests.screens.service import Service, today

pytestmark = pytest.mark.slow

PLACE = "/app/debtor-transactions"


@pytest.fixture(scope="module")
def ledger(service: Service, browser: Browser) -> Service:
    del browser
    debtors.set_up(service)
    return service


@pytest.fixture
def page(browser: Browser, ledger: Service) -> Iterator[Page]:
    with window(browser, ledger) as context:
        yield sign_in(context, "anna")


def option(page: Page, name: str, warehouse: str | None = None, debtors_key: str | None = None) -> None:
    page.goto("/app/")
    page.get_by_role("link", name="Set-up").click()
    page.goto("/app/set-up/dissection")
    page.get_by_role("radio", name=re.compile(f"^{name}")).check()
    if warehouse is not None:
        page.get_by_label("Warehouse key").select_option(label=warehouse)
    if debtors_key is not None:
        page.get_by_label("Debtors key").select_option(label=debtors_key)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Debtor transactions are dissected by: {name}.")).to_be_visible()


def field(page: Page, name: str) -> Locator:
    """By the beginning of its label: a hint may follow."""
    return page.get_by_label(re.compile(f"^{name}"))


def head(page: Page, number: str, debtor: str, kind: str = "Invoice") -> None:
    field(page, "Kind").select_option(label=kind)
    field(page, "Number").fill(number)
    field(page, "Debtor").fill(debtor)


def line(page: Page, at: int, description: str, amount: str) -> None:
    page.get_by_label(f"Description of line {at}").fill(description)
    page.get_by_label(f"Amount of line {at}").fill(amount)


def rows(page: Page, table: str) -> Locator:
    return page.get_by_role("table", name=table).locator("tbody tr")


def test_dissection_is_set_up_and_a_transaction_entered_saved_and_reversed(page: Page, ledger: Service) -> None:
    option(page, "Combination", "Warehouse", "Sales territory")
    page.get_by_role("link", name="GL interface records").click()
    page.get_by_role("link", name="Add").click()
    page.get_by_label("Code").fill("VIC-01")
    page.get_by_label("Description").fill("Victoria, from the north")
    page.get_by_label("Trade debtors account").fill("Sales")
    page.get_by_label("Invoice account").fill("Sales North")
    page.get_by_label("Journal account").fill("North Journal")
    page.get_by_label("Tax account").fill("GST North")
    page.get_by_label("For warehouse").fill("01")
    page.get_by_label("For debtor or sales territory").fill("VIC")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(page.get_by_label("Trade debtors account")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Sales is of type income, asset is needed.", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Trade debtors account").fill("Debtors Export")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved GL interface record VIC-01.")).to_be_visible()

    page.get_by_role("link", name="Debtor transactions").click()
    page.get_by_role("link", name="Enter a transaction").click()
    head(page, "I-1", "bol")
    field(page, "Warehouse").fill("01")
    line(page, 1, "Hire of the hall", "1,000.00")
    page.get_by_label("Tax", exact=True).fill("150.00")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(rows(page, "Which accounts each line takes")).to_contain_text("Record VIC-01 is for warehouse 01 and VIC together.")
    expect(rows(page, "What it would post")).to_contain_text(["1210 Debtors Export", "4030 Sales North", "2310 GST North"])
    assert violations(page) == []
    page.get_by_role("button", name="Change").click()
    expect(field(page, "Debtor")).to_have_value("D200")
    line(page, 2, "Cleaning", "100.00")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Save and post").click()
    expect(page.get_by_text("Saved and posted: Invoice I-1 to debtor D200.")).to_be_visible()
    posting = rows(page, "What is posted")
    expect(posting).to_contain_text(["1,250.00", "1,100.00", "150.00"])
    posting.nth(1).get_by_text("Why").click()
    expect(posting.nth(1)).to_contain_text("1000.00 of line 1 + 100.00 of line 2")
    expect(page.get_by_text("Entered by").locator("..")).to_contain_text("anna")
    journal = page.get_by_role("table", name="Journals that carry it")
    expect(journal).to_contain_text("Open")

    page.get_by_role("link", name="Reverse…").click()
    expect(rows(page, "What the reversal would post").first).to_contain_text("1,250.00")
    assert violations(page) == []
    page.get_by_label("Reason").fill("Booked in the wrong year")
    page.get_by_role("button", name="Reverse invoice I-1").click()
    expect(page.get_by_text("Posted: Reversal of invoice I-1 to debtor D200.")).to_be_visible()
    expect(page.get_by_role("link", name="Reverse…")).to_have_count(0)
    page.get_by_role("link", name="the reversal").click()
    expect(page.get_by_role("heading", name="Reversal of invoice I-1")).to_be_visible()
    expect(page.get_by_text("Booked in the wrong year")).to_be_visible()
    page.get_by_role("link", name="Audit log").click()
    for command in ("Reversed a debtor transaction", "Entered a debtor transaction", "Set up a GL interface record"):
        expect(page.get_by_role("row").filter(has_text=command).first).to_contain_text("anna")


def test_lists_are_filtered_while_somebody_types_and_the_warehouse_follows_the_debtor(page: Page, ledger: Service) -> None:
    more = "code,name,sales_territory,gl_interface,default_warehouse\n"
    text = more + "".join(f"X{number:03},Club {number},VIC,,\n" for number in range(120))
    page.goto("/app/set-up/dissection/debtors/load")
    page.get_by_label("Or its rows").fill(text)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_text("Loaded 120 rows: 120 new")).to_be_visible()
    option(page, "Combination", "Warehouse", "None")
    page.goto(f"{PLACE}/new")
    options = page.locator("#choices-debtors option")
    expect(options).to_have_count(50)
    debtor = field(page, "Debtor")
    debtor.press_sequentially("club 11")
    expect(options).to_have_count(11)
    debtor.fill("D100")
    debtor.blur()
    expect(field(page, "Warehouse")).to_have_value("01")
    debtor.fill("D300")
    debtor.blur()
    expect(field(page, "Warehouse")).to_have_value("02")
    field(page, "Warehouse").fill("03")
    debtor.fill("D100")
    with page.expect_response("**/debtor-transactions/warehouse*"):
        debtor.blur()
    page.wait_for_timeout(200)  # nothing tells that an answer was left out
    expect(field(page, "Warehouse")).to_have_value("03")


def test_a_file_of_master_data_is_chosen_and_its_faults_are_placed(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "warehouses.csv"
    file.write_text("code,name,gl_interface\n11,East,EXP\n12,West,NOWHERE\n")
    page.goto("/app/set-up/dissection/warehouses")
    page.get_by_role("link", name="Load from a file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was loaded.")
    expect(rows(page, "What is wrong in the file")).to_contain_text("There is no GL interface record NOWHERE")
    expect(page.get_by_label("Or its rows")).to_have_value(file.read_text())
    assert violations(page) == []
    page.get_by_label("Or its rows").fill(file.read_text().replace("NOWHERE", ""))
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_text("Loaded 2 rows: 2 new, 0 changed, 0 as they were.")).to_be_visible()


def test_a_batch_is_posted_once_it_comes_to_its_control_total(browser: Browser, ledger: Service, page: Page) -> None:
    option(page, "Dissect")
    with window(browser, ledger) as context:
        pia = sign_in(context, "pia")
        pia.goto(PLACE)
        pia.get_by_role("link", name="Batches").click()
        pia.get_by_role("link", name="Open a batch").click()
        pia.get_by_label("Number of transactions").fill("2")
        pia.get_by_label("Total with tax").fill("80.00")
        pia.get_by_role("button", name="Open").click()
        for number, kind, amount in (("B-1", "Invoice", "100.00"), ("B-2", "Invoice", "20.00")):
            head(pia, number, "D100", kind)
            line(pia, 1, "Hire", amount)
            pia.get_by_label("GL interface of line 1").fill("EXP")
            pia.get_by_role("button", name="Add to the batch").click()
        expect(pia.get_by_text("2 of 2 are entered; NZD −40.00 is left.")).to_be_visible()
        expect(pia.get_by_role("button", name="Post the batch")).to_be_disabled()
        assert violations(pia) == []
        pia.get_by_role("link", name="Invoice B-2").click()
        field(pia, "Kind").select_option(label="Credit note")
        pia.get_by_role("button", name="Add to the batch").click()
        expect(pia.get_by_text("2 of 2 are entered, and they come to the control total.")).to_be_visible()
        pia.get_by_role("button", name="Post the batch").click()
        expect(pia.get_by_text("Posted batch 1: 2 transactions.")).to_be_visible()
        pia.get_by_role("link", name="Credit note B-2").click()
        expect(pia.get_by_text("Entered by").locator("..")).to_contain_text("pia")
        expect(rows(pia, "What is posted")).to_contain_text(["1210 Debtors Export", "4020 Sales Export"])


def test_it_works_without_scripts_and_on_a_phone(browser: Browser, ledger: Service, page: Page) -> None:
    option(page, "GL dissect")
    with window(browser, ledger, scripts=False, size=PHONE) as context:
        phone = sign_in(context, "pia")
        phone.goto(f"{PLACE}/new")
        head(phone, "N-1", "Acme", "Journal credit")
        line(phone, 1, "Written off", "25.50")
        phone.get_by_role("button", name="More lines").click()
        expect(phone.get_by_label("Amount of line 8")).to_be_visible()
        expect(phone.get_by_label("Description of line 1")).to_have_value("Written off")
        phone.get_by_role("button", name="Preview").click()
        expect(phone.get_by_role("alert")).to_contain_text("GL account of line 1: choose one")
        expect(phone.get_by_text("Choose one.", exact=True)).to_be_visible()
        assert sideways(phone) <= 0
        phone.get_by_label("GL account of line 1").fill("Debtors Journal")
        phone.get_by_role("button", name="Preview").click()
        expect(rows(phone, "What it would post")).to_contain_text(["1200 Trade Debtors", "5900 Debtors Journal"])
        assert sideways(phone) <= 0
        phone.get_by_role("button", name="Save and post").click()
        expect(phone.get_by_role("heading", name="Journal credit N-1")).to_be_visible()
        phone.goto(f"{PLACE}?kind=journal_credit&from={today()}")
        expect(rows(phone, "Debtor transactions, the last posted first")).to_have_count(1)
        phone.get_by_role("row").filter(has_text="N-1").get_by_role("link").click()
        expect(rows(phone, "What is posted").first).to_contain_text("25.50")


def test_who_may_not_enter_sees_no_way_in(browser: Browser, ledger: Service) -> None:
    with window(browser, ledger) as context:
        vera = sign_in(context, "vera")
        vera.goto(PLACE)
        expect(vera.get_by_role("link", name="Batches")).to_be_visible()
        expect(vera.get_by_role("link", name="Enter a transaction")).to_have_count(0)
        vera.goto("/app/set-up/dissection")
        expect(vera.get_by_role("button", name="Save")).to_have_count(0)
        expect(vera.get_by_role("radio", name=re.compile("^Total"))).to_be_disabled()
        vera.goto(f"{PLACE}/new")
        expect(vera.get_by_text("This is for people in the role poster.")).to_be_visible()
