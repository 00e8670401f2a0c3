"""The system's Chromium, driven by Playwright, and what every page must be."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.screens.service import PASSWORD, TENANT, Service

AXE = Path(__file__).parent / "axe" / "axe-4.14.1.min.js"
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, PHONE = (1280, 900), (390, 844)


def chromium() -> str | None:
    """Where the system's is; `GLINT_TEST_CHROMIUM` names another."""
    named = os.environ.get("GLINT_TEST_CHROMIUM")
    return named or next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


def launch(playwright: Playwright, program: str) -> Browser:
    """As root Chromium has no sandbox to start in."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return playwright.chromium.launch(executable_path=program, headless=True, args=[*ARGUMENTS, *sandbox])


@contextmanager
def window(
    browser: Browser,
    service: Service,
    *,
    size: tuple[int, int] = WIDE,
    dark: bool = False,
    scripts: bool = True,
    beside: str | None = None,
) -> Iterator[BrowserContext]:
    """A browser window of its own. Whatever asks another origin than ours and `beside`, breaks the content policy or throws an error
    fails the test."""
    context = browser.new_context(
        base_url=service.url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    context.set_default_timeout(20_000)
    elsewhere: list[str] = []
    complaints: list[str] = []
    ours = [service.url] + ([] if beside is None else [beside])
    context.on("request", lambda request: elsewhere.append(request.url) if not _is_ours(request.url, ours) else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda message: complaints.append(message.text) if _is_complaint(message.type, message.text) else None)
    try:
        yield context
        assert elsewhere == []
        assert complaints == []
    finally:
        context.close()


def sign_in(context: BrowserContext, name: str) -> Page:
    """The start page of somebody who just signed in."""
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Organisation").fill(TENANT)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="GL integration").wait_for()
    return page


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds wrong, with the elements."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    return [
        {"rule": each["id"], "help": each["help"], "nodes": [(node["html"][:200], node["failureSummary"]) for node in each["nodes"]]}
        for each in found["violations"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window: people on a phone would have to push it about."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels


def _is_ours(url: str, ours: Sequence[str]) -> bool:
    return urlsplit(url).netloc in [urlsplit(each).netloc for each in ours] or url.startswith(("data:", "blob:", "about:"))


def _is_complaint(kind: str, text: str) -> bool:
    """Chromium reports each answer of 4xx and 5xx as an error too: those are looked for by the tests themselves."""
    return kind == "error" and not text.startswith("Failed to load resource")
