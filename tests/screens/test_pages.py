"""Every page: accessible, readable on a phone and in the dark, from our own origin alone; and the screens besides the GL's."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.events import event, order, receipt
from tests.screens.browser import PHONE, WIDE, sideways, sign_in, violations, window
from tests.screens.look import fill, screens
from tests.screens.service import Service

pytestmark = pytest.mark.slow

LOOKS: tuple[tuple[tuple[int, int], Literal["light", "dark"]], ...] = ((WIDE, "light"), (PHONE, "dark"))


@pytest.fixture(scope="module")
def filled(service: Service, browser: Browser) -> Service:
    del browser
    fill(service)
    return service


@pytest.fixture
def page(browser: Browser, filled: Service) -> Iterator[Page]:
    with window(browser, filled) as context:
        yield sign_in(context, "anna")


def look_at(page: Page, name: str) -> None:
    """Wide in the light, and on a phone in the dark."""
    for size, scheme in LOOKS:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], (name, scheme)
        assert sideways(page) <= 0, (name, scheme)


def test_every_page_is_accessible_and_fits(browser: Browser, filled: Service) -> None:
    with window(browser, filled) as context:
        first = context.new_page()
        first.goto("/app/sign-in")
        look_at(first, "sign in")
        page = sign_in(context, "anna")
        for name, path in screens(filled, page).items():
            page.goto(path)
            look_at(page, name)
        page.goto("/app/")
        page.get_by_label("Tick all journals on this page").check()
        look_at(page, "ticked journals")
        ticked = page.get_by_text(" ticked, NZD").inner_text().split()[0]
        assert ticked in ("5", "6")  # one got no answer; two minutes later it is found in the ERP, and is sent
        page.get_by_role("button", name="Mark as sent…").click()
        page.get_by_role("heading", name=f"Mark {ticked} journals as sent").wait_for()
        look_at(page, "mark as sent")


def test_axe_would_find_something(page: Page) -> None:
    page.goto("/app/health")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input name=\"nameless\">')")
    assert [each["rule"] for each in violations(page)] == ["label"]


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_menu_shows_where_one_is(browser: Browser, filled: Service, scripts: bool) -> None:
    with window(browser, filled, size=PHONE, scripts=scripts) as context:
        page = sign_in(context, "anna")
        for path in ("/app/", "/app/outstanding", "/app/audit-log", "/app/set-up/dissection/debtors"):
            page.goto(path)
            for current in page.locator(".menu [aria-current], .tabs.many [aria-current]").all():
                expect(current).to_be_in_viewport(ratio=0.95)  # but for parts of a pixel
            assert sideways(page) <= 0


def test_the_content_policy_keeps_scripts_out(browser: Browser, filled: Service) -> None:
    page = browser.new_page(base_url=filled.url)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/app/sign-in")
    page.evaluate("""() => { const script = document.createElement('script'); script.textContent = 'window.broken = 1';
        document.body.append(script); document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p>'); }""")
    assert page.evaluate("window.broken === undefined")
    assert len([each for each in complaints if "Content Security Policy" in each]) == 2
    page.close()


def test_an_event_is_tried_and_nothing_is_kept(page: Page, filled: Service) -> None:
    before = len(filled.journals())
    page.get_by_role("link", name="Events").click()
    page.get_by_role("link", name="Try an event").click()
    page.get_by_role("button", name="See what it would post").click()
    expect(page.get_by_role("heading", name="It would post")).to_be_visible()
    lines = page.get_by_role("table", name="Lines of")
    expect(lines.get_by_role("row").filter(has_text="Membership fees")).to_contain_text("120.00")
    assert violations(page) == []
    page.get_by_label("Event, a CloudEvent in JSON").fill(
        '{"specversion": "1.0", "id": "x", "source": "/trial", "type": "nothing", "data": {}}'
    )
    page.get_by_role("button", name="See what it would post").click()
    expect(page.get_by_role("alert")).to_contain_text("It would be refused:")
    page.get_by_label("Event, a CloudEvent in JSON").fill("not JSON")
    page.get_by_role("button", name="See what it would post").click()
    expect(page.get_by_role("alert")).to_contain_text("not-json")
    assert len(filled.journals()) == before


def test_a_parked_event_is_retried_and_a_refused_one_discarded(page: Page, filled: Service) -> None:
    page.get_by_role("link", name="Events").click()
    page.get_by_role("link", name="parked-1").click()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("it still waits")).to_be_visible()
    filled.call("POST", "/v1/events", event("parked-2", "goods.received", receipt("PO-8888")))
    page.goto("/app/events")
    page.get_by_role("link", name="parked-2").click()
    page.get_by_label("Reason for discarding it").fill("sent twice by mistake")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Discarded: the event is discarded.")).to_be_visible()
    filled.call("POST", "/v1/events", event("o-7777", "order.created", order("PO-7777")))
    page.goto("/app/events")
    expect(page.get_by_text("No event is parked")).to_be_visible()


def test_health_shows_an_endpoint_that_does_not_answer(page: Page, filled: Service) -> None:
    page.get_by_role("link", name="Health").click()
    endpoint = page.get_by_role("region", name="erp")
    expect(endpoint).to_contain_text("Answering")
    filled.call("POST", "/v1/erp-endpoints/erp/pause", {"reason": "the ERP is being moved"})
    try:
        expect(endpoint.get_by_text("It is paused, and holds its journals")).to_be_visible(timeout=20_000)
        assert violations(page) == []
    finally:
        filled.call("POST", "/v1/erp-endpoints/erp/resume")


def test_roles_decide_which_buttons_there_are(browser: Browser, filled: Service) -> None:
    wanted = {"vera": set(), "sam": {"Validate with GL", "Send to GL"}, "mara": {"Mark as sent…"}}
    for name, buttons in wanted.items():
        with window(browser, filled) as context:
            page = sign_in(context, name)
            shown = {each for each in ("Validate with GL", "Send to GL", "Mark as sent…") if page.get_by_role("button", name=each).count()}
            assert shown == buttons, name
            assert page.get_by_role("row").count() > 3


def test_signing_out_and_a_wrong_password(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name", exact=True).fill("anna")
    page.get_by_label("Password").fill("wrong horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Organisation, name or password is not right.")
    assert violations(page) == []
    page.goto("/app/audit-log")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("anna")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Signed out").first).to_contain_text("anna")
