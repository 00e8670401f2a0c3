"""Engines on PostgreSQL, from the URL as an operator writes it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.application.ports.unit_of_work import StoreUnavailable

DRIVER = "postgresql+asyncpg"
CONNECT_SECONDS = 10
NOT_POSTGRESQL = "GLINT_DATABASE_URL must be a PostgreSQL URL"


def async_url(url: str) -> str:
    """The URL for asyncpg. `postgres://` and libpq's `sslmode` are understood, since hosting services hand them out."""
    try:
        given = make_url(url)
    except ArgumentError:
        raise ValueError(NOT_POSTGRESQL) from None
    if given.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError(NOT_POSTGRESQL)
    return _with_ssl(given.set(drivername=DRIVER)).render_as_string(hide_password=False)


def _with_ssl(url: URL) -> URL:
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def make_engine(url: str, *, pool_size: int) -> AsyncEngine:
    """`pool_size` connections and no more: whoever comes later waits for one. Errors never carry the parameters of a statement."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_SECONDS, "server_settings": {"application_name": "glint", "timezone": "UTC"}},
    )


STOPPING_OR_STARTING = frozenset({"57P01", "57P02", "57P03"})
"""SQLSTATEs of a server that is shutting down, has crashed, or does not yet accept connections."""


DEADLOCK = "40P01"


def is_deadlock(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended this transaction so that another could go on."""
    return getattr(error.orig, "sqlstate", None) == DEADLOCK


def is_outage(error: BaseException) -> bool:
    """Whether the database is gone, as against a statement that it refused."""
    if isinstance(error, DBAPIError):
        gone = error.connection_invalidated or isinstance(error, InterfaceError) or isinstance(error.orig, OSError)
        return gone or getattr(error.orig, "sqlstate", None) in STOPPING_OR_STARTING
    return isinstance(error, OSError | TimeoutError)


@contextmanager
def outages_told() -> Iterator[None]:
    """What is inside raises `StoreUnavailable` where the database is gone: for what runs outside a unit of work."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if is_outage(error):
            raise StoreUnavailable from error
        raise
