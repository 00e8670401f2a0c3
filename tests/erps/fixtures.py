"""Fixtures of real ERPs. A test that asks for one is skipped, with what to do, where it is not installed."""

from collections.abc import Iterator

import pytest

from tests.erps import tryton as installed_tryton
from tests.erps.tryton_server import TrytonServer


@pytest.fixture(scope="session")
def tryton_server(postgres_server_url: str) -> Iterator[TrytonServer]:
    """One Tryton for the whole run, beside our own databases in the same PostgreSQL."""
    if (reason := installed_tryton.available()) is not None:
        pytest.skip(reason)
    with installed_tryton.running(postgres_server_url) as server:
        yield server


@pytest.fixture
def tryton(tryton_server: TrytonServer) -> TrytonServer:
    """The running server with books as they were prepared: no move, every month of 2026 open."""
    tryton_server.new_books()
    tryton_server.restart_if_killed()
    return tryton_server
