"""Signing in at the issuer in a browser: another site sends the person back, with our cookies and content policy as they are."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.adapters.clock import SystemClock
from tests.oidc_issuer import CLIENT_ID, CLIENT_SECRET, OidcIssuer
from tests.screens.browser import PHONE, WIDE, sideways, violations, window
from tests.screens.conftest import running_service
from tests.screens.service import ADMIN_KEY, TENANT, Service

pytestmark = pytest.mark.slow

BUTTON = "Sign in with your university account"


@pytest.fixture(scope="module")
def issuer() -> Iterator[OidcIssuer]:
    """Another site than ours to a browser: `localhost` is not 127.0.0.1."""
    issuer = OidcIssuer(SystemClock().now, host="localhost", asks=True)
    with issuer.server:
        yield issuer


@pytest.fixture(scope="module")
def service(
    issuer: OidcIssuer, postgres_server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    def settings(url: str) -> dict[str, str]:
        issuer.redirect_uris.add(f"{url}/app/sign-in/oidc/callback")
        named = {"ISSUER": issuer.url, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "LABEL": "your university account"}
        return {f"GLINT_OIDC_{name}": value for name, value in named.items()} | {"GLINT_PUBLIC_URL": url}

    folder = tmp_path_factory.mktemp("service")
    with running_service(postgres_server_url, template_database, "glint_screens_oidc", folder, settings) as running:
        running.users("oidc", "anna", "anna@uni.example")
        yield running


@pytest.fixture
def page(browser: Browser, service: Service, issuer: OidcIssuer) -> Iterator[Page]:
    with window(browser, service, beside=issuer.url) as context:
        yield context.new_page()


def go_there(page: Page) -> None:
    page.get_by_role("link", name=BUTTON).click()
    page.get_by_role("button", name="It is me").click()


def test_a_person_signs_in_at_the_issuer_and_is_where_they_wanted_to_be(page: Page) -> None:
    page.goto("/app/audit-log")
    page.get_by_label("Organisation").fill(TENANT)
    go_there(page)
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    signed_in = page.get_by_role("row").filter(has_text="Signed in").first
    expect(signed_in).to_contain_text("anna")
    signed_in.get_by_text("Show").click()
    expect(signed_in).to_contain_text('"by": "oidc"')
    page.reload()
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name=BUTTON)).to_be_visible()


def test_what_goes_wrong_is_said_on_the_sign_in_page(page: Page, issuer: OidcIssuer) -> None:
    page.goto("/app/sign-in")
    page.get_by_label("Organisation").fill("Nowhere College")
    go_there(page)
    expect(page.get_by_role("alert")).to_contain_text("Over there you are Anna@Uni.Example. Nobody is let in here under that name")
    expect(page.get_by_label("Organisation")).to_have_value("Nowhere College")
    assert violations(page) == []
    page.get_by_label("Organisation").fill(TENANT)
    issuer.denies = "access_denied"
    try:
        go_there(page)
        expect(page.get_by_role("alert")).to_contain_text("over there it was broken off, or not allowed")
    finally:
        issuer.denies = None
    go_there(page)
    expect(page.get_by_role("heading", name="GL integration")).to_be_visible()


def test_without_scripts(browser: Browser, service: Service, issuer: OidcIssuer) -> None:
    with window(browser, service, scripts=False, beside=issuer.url) as context:
        page = context.new_page()
        page.goto(f"/app/sign-in?organisation={TENANT}")
        go_there(page)
        expect(page.get_by_role("heading", name="GL integration")).to_be_visible()


def test_without_scripts_the_organisation_is_asked_for_where_there_are_several(
    browser: Browser, service: Service, issuer: OidcIssuer
) -> None:
    service.call("POST", "/v1/tenants", {"name": "Another", "base_currency": "NZD", "time_zone": "UTC"}, key=ADMIN_KEY)
    with window(browser, service, scripts=False, beside=issuer.url) as context:
        page = context.new_page()
        page.goto("/app/health")
        page.get_by_role("link", name=BUTTON).click()
        expect(page.get_by_role("alert")).to_have_text("Say which organisation you belong to.")
        page.get_by_label("Organisation").fill(TENANT)
        page.get_by_role("button", name="Go on").click()
        go_there(page)
        expect(page.get_by_role("heading", name="Health")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_pages_are_accessible_and_fit(browser: Browser, service: Service, size: tuple[int, int], dark: bool) -> None:
    with window(browser, service, size=size, dark=dark) as context:
        page = context.new_page()
        for path in ("/app/sign-in", "/app/sign-in/oidc/callback?state=x&code=y", "/app/sign-in/oidc"):
            page.goto(path)
            assert violations(page) == [], path
            assert sideways(page) <= 0, path
