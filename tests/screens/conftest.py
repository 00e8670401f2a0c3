"""Fixtures of the screens: a service and a browser for each module. Both are skipped, loudly, where there is no Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.databases import drop_database, execute, with_database
from tests.screens.browser import chromium, launch
from tests.screens.service import Service


@pytest.fixture(scope="module")
def service(
    postgres_server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Service]:
    if chromium() is None:
        pytest.skip("THE SCREENS ARE NOT TESTED: there is no Chromium here (apt-get install chromium, or set GLINT_TEST_CHROMIUM)")
    name = "glint_screens_" + Path(str(request.path)).stem
    execute(postgres_server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template_database}")
    with Service(with_database(postgres_server_url, name), tmp_path_factory.mktemp("service")) as running:
        yield running
    drop_database(postgres_server_url, name)


@pytest.fixture(scope="module")
def browser(service: Service) -> Iterator[Browser]:
    """Begins after the service and ends before it: while Playwright runs, no event loop of ours can in the same thread."""
    with sync_playwright() as playwright:
        running = launch(playwright, str(chromium()))
        yield running
        running.close()
