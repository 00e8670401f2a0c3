"""What accountants read: an order's life, the ledger of an account, and what is outstanding."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from app.web.formats import day
from tests.screens.browser import sign_in, violations, window
from tests.screens.look import buy
from tests.screens.service import Service, today

pytestmark = pytest.mark.slow


def ago(days: int) -> str:
    """A day as screens show it."""
    return day(today() - timedelta(days=days))


@pytest.fixture(scope="module")
def shop(service: Service, browser: Browser) -> Service:
    del browser
    buy(service)
    return service


@pytest.fixture
def page(browser: Browser, shop: Service) -> Iterator[Page]:
    with window(browser, shop) as context:
        yield sign_in(context, "vera")


def test_from_a_search_to_where_an_amount_came_from(page: Page) -> None:
    page.get_by_role("link", name="Orders").click()
    page.get_by_label("Order number begins with").fill("po-20")
    page.get_by_role("button", name="Search").click()
    orders = page.get_by_role("table", name="Orders")
    expect(orders.get_by_role("row")).to_have_count(4)
    orders.get_by_role("link", name="PO-2001").click()
    chart = page.get_by_role("img", name="Balances of the order by accounting date")
    expect(chart).to_be_visible()
    expect(chart.locator("path.series")).to_have_count(3)
    page.get_by_text("As a table").click()
    days = page.get_by_role("table", name="Balances of the order")
    expect(days.get_by_role("row")).to_have_count(7)
    expect(days.get_by_role("row").last.get_by_role("cell")).to_have_text([ago(25), "330.50", "982.00", "1,733.20"])
    lines = page.get_by_role("table", name="Lines of the order")
    expect(lines.get_by_role("row").filter(has_text="Widget")).to_contain_text("2,946.00")
    page.get_by_text(f"{ago(98)} · Receipt R-PO-2001-98").click()
    explained = page.get_by_role("table", name="Lines of Receipt R-PO-2001-98 of order PO-2001, explained")
    expect(explained).to_contain_text("The balance goes from 0.00 NZD to 982.00 NZD: a credit of 982.00 NZD.")
    assert violations(page) == []
    page.get_by_role("link", name="goods.received").click()
    expect(page.get_by_role("heading", name="Event R-PO-2001-98")).to_be_visible()


def test_without_scripts_a_transaction_is_explained_on_its_own_page(browser: Browser, shop: Service) -> None:
    with window(browser, shop, scripts=False) as context:
        page = sign_in(context, "vera")
        page.goto("/app/orders?number=PO/2026/17")
        expect(page.get_by_role("heading", name="Order PO/2026/17")).to_be_visible()
        page.locator("summary").filter(has_text="Receipt R-PO/2026/17-190").click()
        page.get_by_role("link", name="Where the amounts came from").locator("visible=true").click()
        expect(page.get_by_role("table", name="explained")).to_contain_text("a credit of 12500.00 NZD")
        page.get_by_role("link", name="PO/2026/17").first.click()
        expect(page.get_by_role("heading", name="Order PO/2026/17")).to_be_visible()


def test_from_the_balances_to_the_lines_of_an_account(page: Page) -> None:
    page.get_by_role("link", name="Ledger").click()
    balances = page.get_by_role("table", name="Balances of all accounts")
    expect(balances.get_by_role("row").filter(has_text="Total of all accounts").get_by_role("cell").last).to_have_text("0.00")
    stands_at = balances.get_by_role("row").filter(has_text="GRNI").get_by_role("cell").last.inner_text()
    balances.get_by_role("link", name="2110").click()
    page.get_by_label("From").fill("")
    page.get_by_role("button", name="Show").click()
    lines = page.get_by_role("table", name="Lines of account 2110")
    expect(lines.get_by_role("row").nth(1)).to_contain_text("Opening balance")
    expect(lines.get_by_role("row").last).to_contain_text(stands_at)
    page.get_by_label("Order", exact=True).fill("PO-2001")
    page.get_by_role("button", name="Show").click()
    expect(lines.get_by_role("row")).to_have_count(8)
    expect(lines.get_by_role("row").last).to_contain_text("982.00")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename == "ledger.xlsx"
    lines.get_by_role("link", name="Invoice I-PO-2001-25").click()
    expect(page.get_by_role("heading", name="Invoice I-PO-2001-25 for order PO-2001")).to_be_visible()


def test_what_is_outstanding_and_that_it_is_what_the_ledger_says(page: Page) -> None:
    page.get_by_role("link", name="GRNI and commitments").click()
    expect(page.get_by_role("status")).to_have_text("The lines add up to what the ledger says, to the cent.")
    ages = page.get_by_role("table", name="GRNI by age")
    expect(ages.get_by_role("row").filter(has_text="61–90").get_by_role("cell")).to_have_text(["61–90", "1", "982.00"])
    expect(page.get_by_role("img", name="GRNI by age in days").locator("rect")).to_have_count(6)
    ages.get_by_role("link", name="61–90").click()
    lines = page.get_by_role("table", name="Open lines, the oldest first")
    expect(lines.get_by_role("row")).to_have_count(2)
    expect(lines.get_by_role("row").last).to_contain_text("PO-2001")
    page.get_by_role("link", name="Commitments", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("table", name="By supplier").get_by_role("link", name="BOLT").click()
    expect(page.get_by_text("it is not compared with the ledger")).to_be_visible()
    expect(lines.get_by_role("row")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "commitments.csv"
    page.get_by_role("link", name="Show all").click()
    expect(lines.get_by_role("row").filter(has_text="PO-2003")).to_be_visible()
    page.get_by_label("As of").fill((today() - timedelta(days=21)).isoformat())
    page.get_by_role("button", name="Show").click()
    expect(lines.get_by_role("row").filter(has_text="PO-2003")).to_have_count(0)
    expect(page.get_by_role("status")).to_be_visible()
    page.go_back()
    lines.get_by_role("link", name="PO-2003").click()
    expect(page.get_by_role("heading", name="Order PO-2003")).to_be_visible()
