"""Fixtures for all tests. One PostgreSQL serves a whole run; every test that asks for `database_url` has a database of its own."""

import asyncio
import logging
import os
import uuid
from collections.abc import Iterator

import pytest
import structlog
from argon2.profiles import CHEAPEST
from sqlalchemy import make_url

from app.adapters.postgres.migrate import upgrade
from tests.databases import OTHER_SERVER, copied, drop_database, enterable_folder, execute, postgres_server, with_database

pytest_plugins = ["tests.api_fixtures", "tests.screens_http", "tests.screens_tables", "tests.erps.fixtures"]

TEMPLATE = "glint_template"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with slow tests first, so that processes side by side end at about the same time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2 as it is, with the least memory and the fewest passes: at its real price, which one test looks at, hashing would be most of
    what the tests of signing in do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.adapters.passwords.COST", CHEAPEST)
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that is run inside a test configures the logs of the whole process."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """A server on which databases may be made: the one of `GLINT_TEST_DATABASE_URL`, or an embedded one."""
    if given := os.environ.get(OTHER_SERVER):
        yield make_url(given).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
        return
    with enterable_folder(in_memory=True) as folder, postgres_server(folder) as url:
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_server_url: str) -> str:
    """The name of the migrated database that the others are copies of. Nobody may be connected to it while it is copied."""
    execute(postgres_server_url, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(upgrade(with_database(postgres_server_url, TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def database_url(postgres_server_url: str, template_database: str) -> Iterator[str]:
    """A fresh copy of the template, dropped afterwards whoever is still connected."""
    name = f"glint_test_{uuid.uuid4().hex}"
    execute(postgres_server_url, copied(name, template_database))
    yield with_database(postgres_server_url, name)
    drop_database(postgres_server_url, name)
