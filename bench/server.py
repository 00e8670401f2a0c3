"""The PostgreSQL that is measured on: the embedded one, or the server that GLINT_DATABASE_URL names, in databases of our own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.adapters.postgres.embedded import EmbeddedPostgres
from app.adapters.postgres.engine import async_url
from app.adapters.postgres.migrate import upgrade
from app.observability import configure_logging
from tests.databases import drop_database, enterable_folder, execute, with_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`url` is of a database that may be connected to, to make others; `folder` is empty and of ours alone."""

    url: str
    folder: Path
    is_embedded: bool

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[str]:
        """The URL of a new database with Glint's schema, for SQLAlchemy; it is gone afterwards."""
        await asyncio.to_thread(drop_database, self.url, f"glint_bench_{name}")
        await asyncio.to_thread(execute, self.url, f"CREATE DATABASE glint_bench_{name}")
        url = with_database(self.url, f"glint_bench_{name}")
        await upgrade(url)
        try:
            yield url
        finally:
            await asyncio.to_thread(drop_database, self.url, f"glint_bench_{name}")

    def version(self) -> str:
        return str(execute(self.url, "SHOW server_version"))


@contextmanager
def a_server() -> Iterator[Server]:
    """Durable: what is committed is on disk. Its log messages are not printed."""
    with Path(os.devnull).open("w") as nowhere, enterable_folder() as folder:
        configure_logging("INFO", nowhere)
        if given := os.environ.get("GLINT_DATABASE_URL"):
            yield Server(url=async_url(given), folder=folder, is_embedded=False)
            return
        postgres = EmbeddedPostgres(folder, system_dir=folder / "system")
        try:
            yield Server(url=async_url(postgres.start()), folder=folder, is_embedded=True)
        finally:
            postgres.stop()
