"""Wake-ups by LISTEN and NOTIFY, on a connection of its own: inside a unit of work a NOTIFY would serialise the commits.

Behind a pooler that does not pass notifications on, or while the connection is lost, workers poll.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import make_poolless_engine

CHANNEL = "glint_lanes"
QUIET_SECONDS = 0.05
"""At most one NOTIFY in this time per process."""
RECONNECT_SECONDS = 1.0
LOST = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

log = structlog.get_logger(__name__)


class PostgresWaking:
    """`Waker` and `Wakeups`. Within the process it works at once; `async with` connects it to the others, by `direct_url` where the engine
    goes through a pooler of transactions."""

    def __init__(self, engine: AsyncEngine, direct_url: str | None = None) -> None:
        self._url = direct_url or engine.url
        self._due = asyncio.Event()
        self._to_tell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()

    def wake(self) -> None:
        self._due.set()
        self._to_tell.set()

    def nudge(self) -> None:
        self._due.set()

    async def wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._due.wait()
        self._due.clear()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay_connected())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _stay_connected(self) -> None:
        engine = make_poolless_engine(self._url)
        while True:
            try:
                await self._pass_on(engine)
            except LOST as error:
                log.warning("wake_ups_lost", error=type(error).__name__)
            finally:
                self.listening.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _pass_on(self, engine: AsyncEngine) -> None:
        """Listens, and notifies when there is something to tell, until the connection is lost."""
        async with engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            own = driver.get_server_pid()
            driver.add_termination_listener(lambda _: self._to_tell.set())
            await driver.add_listener(CHANNEL, lambda _, sender, *__: None if sender == own else self._due.set())
            self.listening.set()
            self._due.set()  # for what was said while nobody listened
            try:
                while True:
                    await self._to_tell.wait()
                    self._to_tell.clear()
                    await driver.execute(f"NOTIFY {CHANNEL}")
                    await asyncio.sleep(QUIET_SECONDS)
            except LOST:
                self._to_tell.set()
                raise
