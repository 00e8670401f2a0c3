"""Databases for tests: statements outside any event loop, and folders that the embedded PostgreSQL may use."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

MOST_TRIES, PAUSE_SECONDS = 100, 0.1


def with_database(url: str, database: str) -> str:
    """The URL of another database of the same server, for SQLAlchemy with asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg", database=database).render_as_string(hide_password=False)


def execute(url: str, *statements: str) -> Any:
    """Runs the statements one by one, each a transaction of its own; the first value of the last one's first row, if it has one."""

    async def run() -> Any:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=30)
        try:
            value = None
            for statement in statements:
                value = await connection.fetchval(statement)
            return value
        finally:
            await connection.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(run())


def drop_database(url: str, name: str) -> None:
    """Drops it whoever is connected; where that is the server's own vacuum, which nobody may end, once it is through."""
    for _ in range(MOST_TRIES):
        with suppress(asyncpg.InsufficientPrivilegeError):
            execute(url, f"DROP DATABASE {name} WITH (FORCE)")
            return
        time.sleep(PAUSE_SECONDS)
    raise RuntimeError(f"{name} stays in use")


@contextmanager
def enterable_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter: run as root, the embedded PostgreSQL is one of them."""
    folder = Path(tempfile.mkdtemp(prefix="glint-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
