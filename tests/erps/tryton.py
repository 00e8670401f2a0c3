"""Tryton: installed into a venv of its own, its books prepared once and kept as a dump, a server on loopback when a test asks for it.

Tryton runs on PostgreSQL only: on SQLite it posts journals that do not balance.
"""

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import drop_database, dump_database, enterable_folder, execute, postgres_server, restore_database, with_database
from tests.erps import tryton_books
from tests.erps.installed import HOW, digest_of, erps_folder, is_stamped, run_logged
from tests.erps.tryton_server import TrytonServer, database_settings

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "tryton-requirements.txt"
TEMPLATE, PREPARED = "glint_tryton_template", "glint_tryton_prepared"
VENV_SECONDS, INIT_SECONDS = 600, 600


def install() -> None:
    """Makes what is missing or outdated; quick where nothing is. Raises `InstallationError`."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_stamped(_venv_stamp(), _venv_digest()):
            _install_venv(folder)
        if not is_stamped(_books_stamp(), _books_digest()):
            _prepare_books(folder)


def available() -> str | None:
    """Why it cannot be used, in a sentence that says what to do; None where it can."""
    if is_stamped(_venv_stamp(), _venv_digest()) and is_stamped(_books_stamp(), _books_digest()):
        return None
    return f"Tryton is not installed in {_folder()}, or was for older tests: {HOW}"


@contextmanager
def running(postgres_url: str) -> Iterator[TrytonServer]:
    """A server with fresh books in a database of this PostgreSQL, and with none of it afterwards."""
    execute(postgres_url, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
    restore_database(with_database(postgres_url, TEMPLATE), _folder() / "books.sql")
    server = TrytonServer(_folder() / "venv", postgres_url, TEMPLATE)
    try:
        server.new_books()
        server.start()
        yield server
    finally:
        server.kill()
        drop_database(postgres_url, server.database)
        drop_database(postgres_url, TEMPLATE)


def _install_venv(folder: Path) -> None:
    venv, log = folder / "venv", folder / "install.log"
    shutil.rmtree(venv, ignore_errors=True)
    run_logged([sys.executable, "-m", "venv", venv], log=log, seconds=VENV_SECONDS)
    pip: list[str | Path] = [
        venv / "bin" / "python",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--require-hashes",
        "-r",
        REQUIREMENTS,
    ]
    run_logged(pip, log=log, seconds=VENV_SECONDS)
    _venv_stamp().write_text(_venv_digest())


def _prepare_books(folder: Path) -> None:
    """Has Tryton make its tables, fills them through its own interface, and keeps the whole as SQL."""
    with enterable_folder() as place, postgres_server(place) as url:
        execute(url, f"CREATE DATABASE {PREPARED}")
        _make_tables(folder, url)
        server = TrytonServer(folder / "venv", url, PREPARED, database=PREPARED)
        server.start()
        try:
            tryton_books.set_up(server.client(tryton_books.ADMIN, tryton_books.ADMIN_PASSWORD))
        finally:
            server.kill()
        dump_database(with_database(url, PREPARED), folder / "books.sql")
    _books_stamp().write_text(_books_digest())


def _make_tables(folder: Path, url: str) -> None:
    password = folder / "admin-password"
    password.write_text(tryton_books.ADMIN_PASSWORD)
    run_logged(
        [folder / "venv" / "bin" / "trytond-admin", "-d", PREPARED, "-u", *tryton_books.MODULES, "--activate-dependencies"],
        log=folder / "install.log",
        seconds=INIT_SECONDS,
        environment=database_settings(url) | {"TRYTONPASSFILE": str(password)},
        text="\n",  # no address for the administrator
    )


def _folder() -> Path:
    return erps_folder() / "tryton"


def _venv_stamp() -> Path:
    return _folder() / "venv" / "complete"


def _books_stamp() -> Path:
    return _folder() / "books.complete"


def _venv_digest() -> str:
    return digest_of(sys.version, REQUIREMENTS)


def _books_digest() -> str:
    return digest_of(REQUIREMENTS, HERE / "tryton_books.py")
