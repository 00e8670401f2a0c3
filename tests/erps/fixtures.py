"""Fixtures of real ERPs. A test that asks for one is skipped, with what to do, where it is not installed."""

from collections.abc import Iterator

import pytest

from tests.erps import odoo as installed_odoo
from tests.erps import tryton as installed_tryton
from tests.erps.odoo_server import OdooServer
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


@pytest.fixture(scope="session")
def odoo_server(postgres_server_url: str) -> Iterator[OdooServer]:
    """One Odoo for the whole run, beside our own databases in the same PostgreSQL."""
    yield from _running(installed_odoo.NEWEST, postgres_server_url)


@pytest.fixture(scope="session")
def oldest_odoo_server(postgres_server_url: str) -> Iterator[OdooServer]:
    """The oldest Odoo that is spoken to."""
    yield from _running(installed_odoo.OLDEST, postgres_server_url)


@pytest.fixture
def odoo(odoo_server: OdooServer) -> OdooServer:
    """The running server with books as they were prepared: no journal entry, no date locked."""
    return _fresh(odoo_server)


@pytest.fixture
def oldest_odoo(oldest_odoo_server: OdooServer) -> OdooServer:
    """The same of the oldest."""
    return _fresh(oldest_odoo_server)


def _running(installed: installed_odoo.InstalledOdoo, postgres_server_url: str) -> Iterator[OdooServer]:
    if (reason := installed.available()) is not None:
        pytest.skip(reason)
    with installed.running(postgres_server_url) as server:
        yield server


def _fresh(server: OdooServer) -> OdooServer:
    server.new_books()
    server.restart_if_killed()
    return server
