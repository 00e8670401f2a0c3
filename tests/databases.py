"""Databases for tests: statements outside any event loop, and folders that the embedded PostgreSQL may use."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from sqlalchemy import make_url

from app.adapters.postgres.embedded import EmbeddedPostgres
from app.adapters.postgres.embedded_programs import shipped_installation

MOST_TRIES, PAUSE_SECONDS = 100, 0.1
DUMP_SECONDS = 300
OTHER_SERVER = "GLINT_TEST_DATABASE_URL"
MEMORY, LEAST_FREE = Path("/dev/shm"), 6 * 2**30


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
            execute(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        time.sleep(PAUSE_SECONDS)
    raise RuntimeError(f"{name} stays in use")


def dump_database(url: str, file: Path) -> None:
    """Writes a database as SQL, owned by nobody."""
    new = file.with_name(file.name + ".new")
    _run_client("pg_dump", url, "--no-owner", "--no-privileges", f"--file={new}")
    # A server older than the program has no such setting.
    new.write_text("".join(line for line in new.read_text().splitlines(keepends=True) if not line.startswith("SET transaction_timeout")))
    new.replace(file)


def restore_database(url: str, file: Path) -> None:
    """Reads such SQL into an empty database."""
    _run_client(
        "psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null", f"--file={file}"
    )


def _run_client(program: str, url: str, *arguments: str) -> None:
    server = make_url(url)
    environment = {"PGHOST": server.host, "PGPORT": str(server.port or 5432), "PGUSER": server.username, "PGPASSWORD": server.password}
    command = [str(shipped_installation() / "bin" / program), *arguments, str(server.database)]
    known = {name: str(value) for name, value in environment.items() if value}
    answer = subprocess.run(command, env=known, capture_output=True, text=True, timeout=DUMP_SECONDS, check=False)
    if answer.returncode != 0:
        raise RuntimeError(f"{program} failed: {answer.stderr.strip()}")


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The URL of an embedded server in this folder, which does not outlive it; a power cut may ruin its data."""
    postgres = EmbeddedPostgres(folder, fsync=False, system_dir=folder / "system")
    yield postgres.start()
    postgres.stop()


def copied(name: str, template: str) -> str:
    """The statement that makes a database like another one. In our own server, which keeps no log for a crash, files are best copied."""
    strategy = "" if os.environ.get(OTHER_SERVER) else " STRATEGY file_copy"
    return f"CREATE DATABASE {name} TEMPLATE {template}{strategy}"


@contextmanager
def enterable_folder(*, in_memory: bool = False) -> Iterator[Path]:
    """A temporary folder that other users may enter: run as root, the embedded PostgreSQL is one of them. `in_memory` where the machine
    has enough of it: databases by the hundred are made and dropped in a fraction of the time."""
    parent = MEMORY if in_memory and _has_memory() else None
    folder = Path(tempfile.mkdtemp(prefix="glint-", dir=parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _has_memory() -> bool:
    return MEMORY.is_dir() and min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) >= LEAST_FREE
