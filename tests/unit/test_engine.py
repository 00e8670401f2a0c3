"""The database's URL as operators write it."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from app.adapters.postgres.engine import async_url, is_outage, make_engine


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://u:p%40@h/d", "postgresql+asyncpg://u:p%40@h/d"),
        ("postgres://u@h:5433/d", "postgresql+asyncpg://u@h:5433/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+psycopg://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("postgresql://u:p,x@h/d?statement_cache_size=0", "postgresql+asyncpg://u:p%2Cx@h/d?statement_cache_size=0"),
    ],
)
def test_whatever_names_postgresql_is_understood(given: str, expected: str) -> None:
    assert async_url(given) == expected


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ("postgresql://u:p%40@a:5433,b/d", {"host": ["a", "b"], "port": [5433, 5432], "target_session_attrs": "read-write"}),
        ("postgres://u@a,b/d?target_session_attrs=any", {"host": ["a", "b"], "port": [5432, 5432], "target_session_attrs": "any"}),
        ("postgresql://a:1,b:2/d?sslmode=require", {"host": ["a", "b"], "port": [1, 2], "ssl": "require"}),
        ("postgresql://u:p@/d?host=a:1&host=b:2", {"host": ["a", "b"], "port": [1, 2], "target_session_attrs": "read-write"}),
    ],
)
def test_several_hosts_get_through_to_the_driver(given: str, options: dict[str, Any]) -> None:
    """As the driver is given them. Where the URL says nothing else, of several the one that takes writes is meant."""
    url = make_url(async_url(given))
    _, passed = url.get_dialect()().create_connect_args(url)
    assert options.items() <= passed.items()
    assert url.database == "d"


@pytest.mark.parametrize("given", ["postgresql://a:x,b/d", "postgresql://a,,b/d", "postgresql://u:s3cret@[::1]:1,b/d"])
def test_a_host_that_cannot_be_read_is_refused_without_repeating_the_password(given: str) -> None:
    with pytest.raises(ValueError, match="each of its hosts") as refused:
        async_url(given)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("given", ["mysql://u@h/d", "sqlite:///x.db", "nonsense"])
def test_another_database_is_refused_without_repeating_the_password(given: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL URL"):
        async_url(given)


@pytest.mark.anyio
async def test_an_engine_has_as_many_connections_as_it_is_told() -> None:
    engine = make_engine("postgresql+asyncpg://u:s3cret@h/d", pool_size=3)
    assert "s3cret" not in repr(engine)
    assert engine.sync_engine.hide_parameters
    assert engine.pool.size() == 3  # type: ignore[attr-defined]
    await engine.dispose()


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (asyncpg.ConnectionDoesNotExistError("gone"), True),
        (asyncpg.ProtocolViolationError("a pooler has no server"), True),
        (asyncpg.TooManyConnectionsError("full"), True),
        (asyncpg.ReadOnlySQLTransactionError("a standby"), True),
        (asyncpg.AdminShutdownError("shut down"), True),
        (asyncpg.TargetServerAttributeNotMatched("only standbys"), True),
        (asyncpg.InvalidPasswordError("who?"), False),
        (asyncpg.UniqueViolationError("twice"), False),
    ],
)
def test_what_is_an_outage(error: Exception, outage: bool) -> None:
    """As SQLAlchemy wraps it: its own error of the driver, with the driver's as its cause."""
    dialect = make_url("postgresql+asyncpg://h/d").get_dialect()
    wrapped = dialect.import_dbapi().Error(str(error), error)
    wrapped.__cause__ = error
    assert is_outage(DBAPIError("SELECT 1", None, wrapped)) is outage
