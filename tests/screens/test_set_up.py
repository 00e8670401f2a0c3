"""Set-up in a browser: an endpoint up to its test messages, a posting manager before it is saved, wrong values at their fields."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.screens.browser import PHONE, sideways, sign_in, violations, window
from tests.screens.look import XERO
from tests.screens.service import NOT_IN_ERP, PASSWORD, Service, today

pytestmark = pytest.mark.slow

MAPPING_TABLE = "One by one"
SEEN = ("", "/accounts/Bank", "/posting-manager", "/periods", "/endpoints/erp", "/endpoints/erp/settings", "/endpoints/erp/mapping")


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    with window(browser, service) as context:
        yield sign_in(context, "anna")


def set_up(page: Page, step: str) -> None:
    """Where a step of the set-up is done."""
    page.get_by_role("link", name="Set-up", exact=True).first.click()
    page.get_by_role("link", name=step).click()


def well_made(page: Page) -> None:
    assert violations(page) == []
    assert sideways(page) <= 0


def test_an_endpoint_is_set_up_tested_and_mapped(page: Page, service: Service) -> None:
    set_up(page, "All ERP endpoints")
    page.get_by_role("link", name="Add an endpoint").click()
    page.get_by_role("link", name="JSON, for an ERP behind middleware").click()
    page.get_by_label("Name", exact=True).fill("books")
    page.get_by_label("URL").fill(service.erp.url)
    page.get_by_label("Token").fill(str(service.erp.token))
    page.get_by_label("Timeout seconds").fill("0")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved.")
    wrong = page.get_by_label("Timeout seconds")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description("Must be 1 or more.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("books")
    expect(page.get_by_label("Token")).to_have_value("")  # secrets are typed again
    well_made(page)
    wrong.fill("20")
    page.get_by_label("Token").fill(str(service.erp.token))
    page.get_by_label("From accounting date").fill((today() + timedelta(days=300)).isoformat())
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("The endpoint books is set up. Test it next.")).to_be_visible()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("heading", name="Test of books")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("It answers, and something is to be mended.")
    expect(page.get_by_role("row").filter(has_text=NOT_IN_ERP)).to_contain_text("The ERP has no such account")
    well_made(page)
    page.get_by_role("link", name="Change the mapping").click()
    lines = page.get_by_label(MAPPING_TABLE).first
    lines.fill(f"{NOT_IN_ERP}, 4000\n2110, 2110,, fund")
    page.get_by_role("button", name="Save the mapping").click()
    expect(lines).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("line 2 “2110, 2110,, fund”: fund is no dimension")
    expect(lines).to_have_value(f"{NOT_IN_ERP}, 4000\n2110, 2110,, fund")
    well_made(page)
    lines.fill(f"{NOT_IN_ERP}, 4000\n2110, 2110,, fund=G")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("The mapping is saved.")).to_be_visible()
    expect(page.get_by_text("Nothing: every code in use leads somewhere.")).to_be_visible()
    page.get_by_role("link", name="books").click()
    page.get_by_label("Coded to").fill("E1")
    page.get_by_role("button", name="Send test messages").click()
    receipt = page.get_by_role("region", name="Its receipt")
    expect(receipt).to_contain_text("Booked")
    expect(receipt).to_contain_text("fund G")
    receipt.locator("summary").click()
    expect(receipt.get_by_role("region", name="Request of TEST-")).to_contain_text("2110")
    well_made(page)
    page.get_by_role("link", name="Audit log").click()
    for told in ("Sent test messages", "Changed an endpoint’s mapping", "Tested an endpoint", "Set up an endpoint"):
        expect(page.get_by_role("row").filter(has_text=told).filter(has_text="books").first).to_contain_text("anna")


def test_an_endpoint_is_paused_and_resumed(page: Page) -> None:
    set_up(page, "ERP endpoint erp")
    page.get_by_label("Reason for the pause").fill("the ERP is being moved")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("note")).to_contain_text("holds its journals: the ERP is being moved")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("erp goes on.")).to_be_visible()


def test_a_vendors_sign_in_begins_with_a_link_that_is_good_once(page: Page, service: Service) -> None:
    service.call("PUT", "/v1/erp-endpoints/xero", XERO)
    set_up(page, "ERP endpoint xero")
    expect(page.get_by_role("heading", name="xero")).to_contain_text("Not authorised")
    page.get_by_role("button", name="Authorise").click()
    link = page.get_by_role("link", name="Go to the vendor")
    expect(link).to_have_attribute("href", re.compile(r"^https://[^/]+\.xero\.com/.*[?&]response_type=code&"))
    well_made(page)
    page.get_by_role("link", name="Back: see how it stands").click()
    expect(page.get_by_role("button", name="Authorise")).to_be_visible()


def test_a_sample_purchase_is_seen_before_the_posting_manager_is_saved(page: Page, service: Service) -> None:
    before = service.call("GET", "/v1/posting-manager")
    set_up(page, "Posting manager")
    page.get_by_label("Price variance").fill("Nobody")
    page.get_by_label("Ordered, NZD").fill("200")
    page.get_by_label("Billed for it").fill("210.00")
    page.get_by_role("button", name="Show what it would post").click()
    expect(page.get_by_label("Price variance")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Nobody is not an account, or is not active")
    well_made(page)
    page.get_by_label("Price variance").fill("Sundries")
    page.get_by_role("button", name="Show what it would post").click()
    sums = page.get_by_role("table", name="What the purchase comes to on each account")
    expect(sums.get_by_role("row").filter(has_text="Sundries")).to_contain_text("10.00")
    expect(sums.get_by_role("row").filter(has_text="AP")).to_contain_text("210.00")
    expect(page.get_by_role("status").filter(has_text="With the settings as they stand in the form, not saved:")).to_be_focused()
    well_made(page)
    assert service.call("GET", "/v1/posting-manager") == before
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text(f"Saved as version {before['version'] + 1}.")).to_be_visible()
    expect(page.get_by_role("table", name="Versions")).to_contain_text(f"Price variance: none → Sundries ({NOT_IN_ERP})")
    assert service.call("GET", "/v1/posting-manager")["price_variance_account"] == "Sundries"
    page.get_by_role("link", name="Audit log").first.click()
    expect(page.get_by_role("row").filter(has_text="Set up the posting manager").first).to_contain_text("anna")


def test_an_account_and_a_period(page: Page, service: Service) -> None:
    set_up(page, "Accounts")
    page.get_by_role("link", name="Add an account").click()
    page.get_by_label("Name", exact=True).fill("Bank")
    page.get_by_label("Account code").fill("1010")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_label("Name", exact=True)).to_have_accessible_description(
        "What people call it here. It stays for good. Is the name of another account."
    )
    page.get_by_label("Name", exact=True).fill("Second bank")
    page.get_by_label("Type").select_option("asset")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Second bank").click()
    page.get_by_label("Active: it may be posted to").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="Second bank")).to_contain_text("Not active")
    set_up(page, "Periods")
    page.get_by_role("link", name="Add a period").click()
    page.get_by_role("button", name="Add").click()
    name = f"{today():%Y-%m}"
    page.get_by_role("button", name=f"Close {name}").click()
    expect(page.get_by_text(f"{name} is closed.")).to_be_visible()
    page.get_by_role("button", name=f"Open {name}").click()
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Open")
    assert service.call("GET", f"/v1/periods/{name}")["status"] == "open"


def test_who_only_looks_changes_nothing(browser: Browser, service: Service) -> None:
    with window(browser, service, size=PHONE) as context:
        page = sign_in(context, "vera")
        for path in SEEN:
            page.goto(f"/app/set-up{path}")
            names = page.get_by_role("main").get_by_role("button").all_inner_texts()
            assert names in ([], ["Show what it would post"]), path
            well_made(page)
        page.goto("/app/set-up/posting-manager")
        page.get_by_role("button", name="Show what it would post").click()
        expect(page.get_by_text("With the settings as they stand in the form, not saved:")).to_be_visible()


def test_it_works_without_scripts_too(browser: Browser, service: Service) -> None:
    with window(browser, service, scripts=False) as context:
        page = sign_in(context, "anna")
        set_up(page, "Posting manager")
        page.get_by_label("Cut-off days").fill("soon")
        page.get_by_role("button", name="Save as a new version").click()
        expect(page.get_by_label("Cut-off days")).to_have_value("soon")
        expect(page.get_by_text("Must be a whole number.")).to_be_visible()


def test_a_password_is_changed_by_its_owner(browser: Browser, service: Service) -> None:
    new = "a sentence that is new"
    with window(browser, service) as context, window(browser, service) as other:
        page, elsewhere = sign_in(context, "mara"), sign_in(other, "mara")
        page.get_by_role("link", name="Signed in as mara").click()
        page.get_by_label("Present password").fill("wrong horse battery")
        for label in ("New password", "New password again"):
            page.get_by_label(label, exact=True).fill(new)
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_label("Present password")).to_have_accessible_description("Is not the present password.")
        well_made(page)
        page.get_by_label("Present password").fill(PASSWORD)
        for label in ("New password", "New password again"):
            page.get_by_label(label, exact=True).fill(new)
        page.get_by_role("button", name="Change it").click()
        expect(page.get_by_text("Your password is changed.")).to_be_visible()
        elsewhere.reload()
        expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto("/app/audit-log")
        expect(page.get_by_role("row").filter(has_text="Gave a user a new password").first).to_contain_text("mara")
