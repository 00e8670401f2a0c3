"""From unsent to sent, in a browser: the GL screen and the journal's, against the real service, worker and ERP."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.screens.browser import sign_in, violations, window
from tests.screens.service import NOT_IN_ERP, Service, today

pytestmark = pytest.mark.slow

MOST_LOOKS = 30


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    with window(browser, service) as context:
        yield sign_in(context, "anna")


def row(page: Page, total: str) -> str:
    """The reference of the journal of this total."""
    text = page.get_by_role("row").filter(has_text=re.compile(rf"(?<![\d,]){re.escape(total)}")).first.inner_text()
    found = re.search(r"\w{6}-\d{12}", text)
    assert found, text
    return found[0]


def tick(page: Page, total: str) -> str:
    reference = row(page, total)
    page.get_by_label(f"Journal {reference}").check()
    return reference


def validate(page: Page, told: str = "Validated: 1 journal, 1 valid.") -> None:
    page.get_by_role("button", name="Validate with GL").click()
    expect(page.get_by_text(told)).to_be_visible()


def test_a_journal_from_unsent_to_sent(page: Page, service: Service) -> None:
    service.entry("T-1", amount="1234.50")
    page.reload()
    validate, send = page.get_by_role("button", name="Validate with GL"), page.get_by_role("button", name="Send to GL")
    expect(validate).to_be_disabled()
    reference = tick(page, "1,234.50")
    expect(page.get_by_text("1 ticked, NZD 1,234.50")).to_be_visible()
    expect(validate).to_be_enabled()
    expect(send).to_be_disabled()
    validate.click()
    expect(page.get_by_role("status").filter(has_text="Validated: 1 journal, 1 valid.")).to_be_focused()
    page.get_by_label(f"Journal {reference}").check()
    expect(send).to_be_enabled()
    send.click()
    expect(page.get_by_text("Sent to the GL: 1 journal, 1 sent.")).to_be_visible()
    page.get_by_role("link", name="Sent", exact=True).click()
    expect(page.get_by_role("row").filter(has_text=reference)).to_contain_text("JE-")
    assert service.erp.balances()["1000"] == "1234.50"
    (journal,) = [each for each in service.journals() if each["reference"] == reference]
    assert journal["number"].startswith("JE-")


def test_a_rejection_is_shown_at_its_line_and_corrected(page: Page, service: Service) -> None:
    service.entry("T-2", amount="310.00", account_code=NOT_IN_ERP)
    page.reload()
    reference = tick(page, "310.00")
    validate(page, "Validated: 1 journal, 1 not valid.")
    problem = page.get_by_role("listitem").filter(has_text=f"Account {NOT_IN_ERP} is not in the chart of accounts")
    expect(problem).to_contain_text("Line 2:")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=reference).first.click()
    journal = opened.value
    lines = journal.get_by_role("table", name="Lines of the journal")
    faulty = lines.get_by_role("row").filter(has_text="Sundries")
    expect(faulty).to_contain_text("310.00")
    expect(lines.get_by_role("row").filter(has_text="is not in the chart of accounts")).to_be_visible()
    service.erp.load_chart({NOT_IN_ERP: "income"})
    journal.get_by_label("Reason").fill("the account is there now")
    journal.get_by_role("button", name="Retry").click()
    expect(journal.get_by_text("Tried again. The journal is now: sent.")).to_be_visible()
    expect(lines).not_to_contain_text("is not in the chart of accounts")
    attempts = journal.locator("details").filter(has_text="Send ·")
    attempts.locator("summary").click()
    expect(attempts.get_by_role("region", name="Request")).to_contain_text(reference)
    expect(attempts.get_by_role("region", name="Answer")).to_contain_text("JE-")
    history = journal.get_by_role("table", name="What was done to the journal")
    expect(history.get_by_role("row").filter(has_text="the account is there now")).to_contain_text("anna")


def test_what_must_not_be_sent_is_marked(page: Page, service: Service) -> None:
    service.entry("T-3", amount="77.00")
    page.reload()
    reference = tick(page, "77.00")
    page.get_by_role("button", name="Mark as sent…").click()
    expect(page.get_by_text("Nothing goes to the ERP.")).to_be_visible()
    expect(page.get_by_text("Do not mark a journal because it was rejected")).to_be_visible()
    page.get_by_label("Booked in the ERP by hand").check()
    page.get_by_label("Reason, for the audit log").fill("typed in on Monday")
    page.get_by_role("button", name="Mark as sent").click()
    expect(page.get_by_role("alert")).to_contain_text("Name the reference under which it was booked by hand.")
    tick(page, "77.00")
    page.get_by_role("button", name="Mark as sent…").click()
    page.get_by_label("Booked in the ERP by hand").check()
    page.get_by_label("Its number in the ERP").fill("HAND-7")
    page.get_by_label("Reason, for the audit log").fill("typed in on Monday")
    page.get_by_role("button", name="Mark as sent").click()
    expect(page.get_by_text("Marked as sent: 1 journal.")).to_be_visible()
    page.get_by_role("link", name="Sent", exact=True).click()
    settled = page.get_by_role("row").filter(has_text=reference)
    expect(settled).to_contain_text("HAND-7")
    expect(settled).to_contain_text("typed in on Monday")
    page.get_by_role("link", name="Audit log").click()
    entry = page.get_by_role("row").filter(has_text="Marked journals as sent").first
    expect(entry).to_contain_text("anna")
    entry.locator("summary").click()
    expect(entry).to_contain_text("typed in on Monday")


def test_many_journals_are_selected_at_once_and_their_progress_is_shown(page: Page, service: Service) -> None:
    for number in range(60):
        service.entry(f"M-{number}", day=today() - timedelta(days=30), amount="2.00")
    page.goto(f"/app/?from={today() - timedelta(days=31)}&to={today() - timedelta(days=29)}")
    expect(page.get_by_role("row").filter(has_text="Membership payments")).to_have_count(50)
    page.get_by_label("Select all 60 that match (NZD 120.00)").check()
    expect(page.get_by_text("60 ticked, NZD 120.00")).to_be_visible()
    expect(page.get_by_role("button", name="Send to GL")).to_be_disabled()
    page.get_by_role("button", name="Validate with GL").click()
    progress = page.get_by_role("region", name="Batch in progress")
    expect(progress).to_contain_text("60 journals")
    expect(progress.get_by_text("Done.")).to_be_visible(timeout=60_000)
    expect(progress).to_contain_text("Valid 60")
    page.get_by_role("button", name="Refresh").click()
    page.get_by_label("Select all 60 that match").check()
    page.get_by_role("button", name="Send to GL").click()
    expect(progress.get_by_text("Done.")).to_be_visible(timeout=60_000)
    expect(progress).to_contain_text("Sent 60")
    page.get_by_role("link", name="Every journal of it").click()
    expect(page.get_by_role("row").filter(has_text="Sent")).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("row").filter(has_text="Sent")).to_have_count(10)


def test_unsent_journals_before_from_are_not_overlooked(page: Page, service: Service) -> None:
    service.entry("OLD-1", day=today() - timedelta(days=50), amount="19.00")
    page.reload()
    banner = page.get_by_role("note")
    expect(banner).to_contain_text("1 unsent journal (NZD 19.00) lies before")
    expect(page.get_by_role("row").filter(has_text="19.00")).to_have_count(0)
    page.get_by_role("link", name="From the oldest not sent", exact=True).click()
    expect(page.get_by_label("From")).to_have_value((today() - timedelta(days=50)).isoformat())
    expect(page.get_by_role("row").filter(has_text="19.00").first).to_be_visible()
    expect(page.get_by_role("note")).to_have_count(0)


def test_a_lost_answer_is_told_in_plain_words_and_looked_up(page: Page, service: Service) -> None:
    service.entry("T-5", amount="55.00")
    page.reload()
    reference = tick(page, "55.00")
    validate(page)
    page.get_by_label(f"Journal {reference}").check()
    service.erp.call("PUT", "/faults/plan", {"rates": {"book_then_drop": 1}})  # it books, and nothing that it answers arrives
    page.get_by_role("button", name="Send to GL").click()
    journal = page.get_by_role("row").filter(has_text=reference)
    expect(journal).to_contain_text("No answer")
    journal.get_by_text("What does that mean?").click()
    expect(journal).to_contain_text("it cannot be booked twice")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=reference).first.click()
    service.erp.call("PUT", "/faults/plan", {})
    opened.value.get_by_role("button", name="Retry").click()
    expect(opened.value.get_by_text("The journal is now:")).to_be_visible()  # sent, or a worker is looking it up at that moment
    heading = opened.value.get_by_role("heading", level=1)
    for _ in range(MOST_LOOKS):
        if "Sent" in heading.inner_text():
            break
        opened.value.wait_for_timeout(500)
        opened.value.reload()
    expect(heading).to_contain_text("Sent")
    assert service.erp.call("GET", f"/journals/{reference}")[0] == 200


def test_a_journal_is_held_and_released(page: Page, service: Service) -> None:
    service.entry("T-6", amount="66.00")
    page.reload()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=row(page, "66.00")).first.click()
    journal = opened.value
    journal.get_by_label("Reason").fill("asked the club")
    journal.get_by_role("button", name="Hold").click()
    expect(journal.get_by_text("Held. The journal is now: open.")).to_be_visible()
    journal.get_by_role("button", name="Release").click()
    expect(journal.get_by_text("Let go. The journal is now: open.")).to_be_visible()


def test_a_journal_is_redated_and_its_mark_taken_back(page: Page, service: Service) -> None:
    service.entry("T-8", amount="88.80")
    page.reload()
    reference = row(page, "88.80")
    (found,) = [each["id"] for each in service.journals() if each["reference"] == reference]
    page.goto(f"/app/journals/{found}")
    page.get_by_text("Redate: another posting date in the ERP").click()
    expect(page.get_by_label("Posting date")).to_have_value(today().isoformat())
    page.get_by_label("Posting date").fill((today() + timedelta(days=3)).isoformat())
    page.get_by_label("Why that date").fill("their period is closed")
    assert violations(page) == []
    page.get_by_role("button", name="Redate").click()
    expect(page.get_by_role("status")).to_contain_text("It is to be posted on")
    expect(page.get_by_text("Posting date in the ERP", exact=True)).to_be_visible()
    history = page.get_by_role("table", name="What was done to the journal")
    expect(history).to_contain_text("their period is closed")
    mark = {"journal_ids": [found], "reason_code": "not_required", "reason": "paid twice"}
    service.call("POST", "/v1/journals/mark-as-sent", mark)
    page.reload()
    expect(page.get_by_text("Redate: another posting date")).to_have_count(0)
    page.locator("summary").filter(has_text="Take the mark back").click()
    page.get_by_label("Reason").fill("it was another one")
    assert violations(page) == []
    page.get_by_role("button", name="Take the mark back").click()
    expect(page.get_by_text("The mark is taken back. The journal is now: open.")).to_be_visible()
    expect(history.get_by_role("row").filter(has_text="it was another one")).to_contain_text("anna")


def test_what_is_ticked_while_the_erp_is_asked_stays_ticked(page: Page, service: Service) -> None:
    service.entry("T-9", amount="91.10")
    service.entry("T-10", amount="92.20")
    page.reload()
    service.erp.fault("slow", on="validate", seconds=2, times=1)
    asked, other = tick(page, "91.10"), row(page, "92.20")
    validate, send = page.get_by_role("button", name="Validate with GL"), page.get_by_role("button", name="Send to GL")
    validate.click()
    expect(page.get_by_text("Asking the ERP…")).to_be_visible()
    page.get_by_label(f"Journal {other}").check()
    expect(validate).to_be_disabled()
    expect(page.get_by_text("Validated: 1 journal, 1 valid.")).to_be_visible()
    for reference in (asked, other):
        expect(page.get_by_label(f"Journal {reference}")).to_be_checked()
    expect(page.get_by_text("2 ticked, NZD 183.30")).to_be_visible()
    expect(validate).to_be_enabled()
    expect(send).to_be_disabled()
    page.get_by_label(f"Journal {other}").uncheck()
    send.click()
    expect(page.get_by_text("Sent to the GL: 1 journal, 1 sent.")).to_be_visible()


def test_the_list_leaves_as_csv_and_xlsx(page: Page, service: Service) -> None:
    service.entry("T-7", amount="70.70")
    page.reload()
    with page.expect_download() as csv:
        page.get_by_role("link", name="CSV").click()
    assert csv.value.suggested_filename == "journals-not-sent.csv"
    text = csv.value.path().read_text()
    assert text.startswith("accounting_date,posting_date,number,reference")
    assert ",70.70," in text
    with page.expect_download() as xlsx:
        page.get_by_role("link", name="XLSX").click()
    assert xlsx.value.path().read_bytes().startswith(b"PK")


def test_all_of_it_with_the_keyboard(page: Page, service: Service) -> None:
    service.entry("K-1", amount="44.40")
    page.reload()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    box = page.get_by_label(f"Journal {row(page, '44.40')}")
    for _ in range(60):
        page.keyboard.press("Tab")
        if box.evaluate("box => box === document.activeElement"):
            break
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Validate with GL":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Validated: 1 journal, 1 valid.")).to_be_visible()


def test_it_works_without_scripts_too(browser: Browser, service: Service) -> None:
    service.entry("N-1", amount="33.30")
    with window(browser, service, scripts=False) as context:
        page = sign_in(context, "anna")
        tick(page, "33.30")
        page.get_by_role("button", name="Send to GL").click()
        expect(page.get_by_role("alert")).to_contain_text("is open: validate it first")
        reference = tick(page, "33.30")
        validate(page)
        page.get_by_label(f"Journal {reference}").check()
        page.get_by_role("button", name="Send to GL").click()
        expect(page.get_by_text("Sent to the GL: 1 journal, 1 sent.")).to_be_visible()
