"""How connections to PostgreSQL are made: host by host, each with its own time, and never waiting for a machine that is gone."""

import socket
from collections.abc import Iterator
from typing import Any

import asyncpg

CONNECT_SECONDS = 10
ONE_OF_SEVERAL_SECONDS = 3
"""A host that is down and one that is slow look alike; of several the next is asked soon."""
SILENCE_SECONDS = 10
"""So long may a machine leave what was sent to it unacknowledged."""
PROBES = 3
STATEMENT_CACHE = "statement_cache_size"
"""A parameter of the URL that is a number to asyncpg."""
NEXT_HOST = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, asyncpg.TargetServerAttributeNotMatched)
"""What another host may do better. A wrong password it would not."""
NOT_CONNECTED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the driver raises while it connects; later SQLAlchemy wraps what it raises. A TimeoutError is an OSError."""


class WatchedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Notices within seconds that the machine at the other end is gone, where the system alone takes a quarter of an hour: a machine that
    lost its power says no good-bye, and every connection to it would keep a request waiting."""

    __slots__ = ()

    def __init__(self, protocol: Any, transport: Any, *others: Any) -> None:
        super().__init__(protocol, transport, *others)
        found = transport.get_extra_info("socket")
        if found is not None and found.family != socket.AF_UNIX:
            for option, value in _watching():
                found.setsockopt(*option, value)


def _watching() -> Iterator[tuple[tuple[int, int], int]]:
    """Socket options; a system without one of them does without it."""
    yield (socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1
    seconds = {"TCP_KEEPIDLE": SILENCE_SECONDS, "TCP_KEEPINTVL": SILENCE_SECONDS // PROBES, "TCP_KEEPCNT": PROBES}
    for name, value in (seconds | {"TCP_USER_TIMEOUT": SILENCE_SECONDS * 1000}).items():
        if hasattr(socket, name):
            yield (socket.IPPROTO_TCP, getattr(socket, name)), value


class Connecting:
    """Connects to the first of the hosts that takes us, and begins with that one the next time.

    asyncpg's own time limit is for all hosts together: a first one that does not answer would keep the others from being asked.
    """

    def __init__(self) -> None:
        self._first = 0

    async def __call__(self, *, host: str | list[str] = "", port: int | list[int] = 0, **options: Any) -> Any:
        if STATEMENT_CACHE in options:
            options[STATEMENT_CACHE] = int(options[STATEMENT_CACHE])
        if isinstance(host, str) or isinstance(port, int):
            given = {"host": host or None, "port": port or None}
            return await asyncpg.connect(**given, timeout=CONNECT_SECONDS, connection_class=WatchedConnection, **options)
        places = list(zip(host, port, strict=True))
        lost: BaseException = OSError("no host is named")
        for number in [*range(self._first, len(places)), *range(self._first)]:
            name, at = places[number]
            try:
                found = await asyncpg.connect(
                    host=name, port=at, timeout=ONE_OF_SEVERAL_SECONDS, connection_class=WatchedConnection, **options
                )
            except NEXT_HOST as error:
                lost = error
            else:
                self._first = number
                return found
        raise lost
