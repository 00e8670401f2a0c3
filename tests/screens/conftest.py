"""Fixtures of the screens: a service and a browser for each module. Both are skipped, loudly, where there is no Chromium."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.databases import copied, drop_database, execute, with_database
from tests.screens.browser import chromium, launch
from tests.screens.service import Service


@pytest.fixture(scope="module")
def service(
    postgres_server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Service]:
    name = "glint_screens_" + Path(str(request.path)).stem
    with running_service(postgres_server_url, template_database, name, tmp_path_factory.mktemp("service")) as running:
        yield running


@contextmanager
def running_service(
    server_url: str, template: str, name: str, folder: Path, settings: Callable[[str], Mapping[str, str]] = lambda _: {}
) -> Iterator[Service]:
    """On a database of its own; skipped where there is no browser for it."""
    if chromium() is None:
        pytest.skip("THE SCREENS ARE NOT TESTED: there is no Chromium here (apt-get install chromium, or set GLINT_TEST_CHROMIUM)")
    execute(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", copied(name, template))
    with Service(with_database(server_url, name), folder, settings=settings) as running:
        yield running
    drop_database(server_url, name)


@pytest.fixture(scope="module")
def browser(service: Service) -> Iterator[Browser]:
    """Begins after the service and ends before it: while Playwright runs, no event loop of ours can in the same thread."""
    with sync_playwright() as playwright:
        running = launch(playwright, str(chromium()))
        yield running
        running.close()
