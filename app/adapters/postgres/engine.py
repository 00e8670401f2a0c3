"""Engines on PostgreSQL, from the URL as an operator writes it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.adapters.postgres.connecting import STATEMENT_CACHE, Connecting
from app.adapters.postgres.json_text import json_text
from app.application.ports.unit_of_work import StoreUnavailable

DRIVER = "postgresql+asyncpg"
DEFAULT_PORT = "5432"
_HOSTS = re.compile(r"^(?P<before>[^:]+://(?:[^/?#@]*@)?)(?P<hosts>[^/?#@]*,[^/?#@]*)(?P<after>[/?#].*)?$", re.DOTALL)
"""A URL with several hosts in the place of one, as libpq takes it."""


def async_url(url: str, setting: str = "GLINT_DATABASE_URL") -> str:
    """The URL for asyncpg. `postgres://`, libpq's `sslmode` and its several hosts (`host1:5432,host2:5432`) are understood, since hosting
    services and operators hand them out. Of several hosts the one that takes writes is looked for, unless the URL says otherwise. Raises
    `ValueError`, which names the setting."""
    several = _HOSTS.match(url)
    try:
        given = make_url(url if several is None else several["before"] + (several["after"] or ""))
    except ArgumentError:
        raise ValueError(f"{setting} must be a PostgreSQL URL") from None
    if given.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError(f"{setting} must be a PostgreSQL URL")
    if several is not None:
        given = given.update_query_dict({"host": _with_ports(several["hosts"].split(","), setting)})
    if not isinstance(given.query.get("host", ""), str) and "target_session_attrs" not in given.query:
        given = given.update_query_dict({"target_session_attrs": "read-write"})
    return _with_ssl(given.set(drivername=DRIVER)).render_as_string(hide_password=False)


def _with_ports(hosts: Iterable[str], setting: str) -> list[str]:
    """SQLAlchemy wants every one of several hosts with its port, and knows no IPv6 addresses there."""
    places = [host.strip().partition(":")[::2] for host in hosts]
    if not all(name and "[" not in name and (port or DEFAULT_PORT).isdigit() for name, port in places):
        raise ValueError(f"{setting} must name each of its hosts as name:port")
    return [f"{name}:{port or DEFAULT_PORT}" for name, port in places]


def _with_ssl(url: URL) -> URL:
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def make_engine(url: str | URL, *, pool_size: int) -> AsyncEngine:
    """`pool_size` connections and no more: whoever comes later waits for one. Errors never carry the parameters of a statement."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=False,
        hide_parameters=True,
        json_serializer=json_text,
        connect_args=_connect_args(url) | {"server_settings": {"application_name": "glint", "timezone": "UTC"}},
    )
    event.listen(engine.sync_engine, "handle_error", _drop_standby)
    return engine


def make_poolless_engine(url: str | URL) -> AsyncEngine:
    """A connection for each time that one is asked for: for what holds one for long, and for what needs a session of its own."""
    return create_async_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=_connect_args(url))


def _connect_args(url: str | URL) -> dict[str, Any]:
    """With `statement_cache_size=0` in the URL every statement is an unnamed one: of it nothing is left behind in the server's session,
    which a pooler of transactions gives to another client next."""
    unnamed = make_url(url).query.get(STATEMENT_CACHE) == "0"
    nameless = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
    return {"async_creator_fn": Connecting()} | (nameless if unnamed else {})


READ_ONLY = "25006"
"""SQLSTATE of a write on a server that has become a standby, or always was one."""


def _drop_standby(context: ExceptionContext) -> None:
    """A connection to a standby is as useless as a broken one: it goes, with all that are in the pool, and the next finds the leader."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


NOT_NOW = frozenset({"57P01", "57P02", "57P03", "53300", READ_ONLY})
"""SQLSTATEs of a server that is shutting down, has crashed, does not yet accept connections, has no more of them, or takes no writes."""
CONNECTION_CLASS = "08"
"""SQLSTATEs that begin so are about the connection. A pooler without a server says it in their words."""


DEADLOCK = "40P01"


def is_deadlock(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended this transaction so that another could go on."""
    return getattr(error.orig, "sqlstate", None) == DEADLOCK


def is_outage(error: BaseException) -> bool:
    """Whether the database is gone or its leader being changed, as against a statement that it refused."""
    if isinstance(error, DBAPIError):
        gone = error.connection_invalidated or isinstance(error, InterfaceError) or isinstance(error.orig, OSError)
        state = getattr(error.orig, "sqlstate", None) or ""
        return gone or state in NOT_NOW or state.startswith(CONNECTION_CLASS) or _without_leader(error.orig)
    return isinstance(error, OSError | TimeoutError) or _without_leader(error)


def _without_leader(error: BaseException | None) -> bool:
    """None of several hosts takes writes. SQLAlchemy wraps what the driver says, and keeps it as the cause."""
    return isinstance(error, asyncpg.TargetServerAttributeNotMatched) or (error is not None and _without_leader(error.__cause__))


@contextmanager
def outages_told() -> Iterator[None]:
    """What is inside raises `StoreUnavailable` where the database is gone: for what runs outside a unit of work."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if is_outage(error):
            raise StoreUnavailable from error
        raise
