"""Odoo 19: Debian's package unpacked beside a venv of its own, its books prepared once and kept as a dump, a server when a test asks."""

import fcntl
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.databases import drop_database, dump_database, enterable_folder, execute, postgres_server, restore_database, with_database
from tests.erps import debian, odoo_books
from tests.erps.installed import HOW, InstallationError, digest_of, erps_folder, is_stamped, plain_environment, run_logged
from tests.erps.odoo_server import OdooProgram, OdooServer

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "odoo-requirements.txt"
SUITE = "unstable"
PACKAGES = ("odoo-19", "libjs-jquery", "libjs-jquery-form", "libjs-underscore", "fonts-font-awesome")
"""The program, and what its pages link to: without these even a 404 fails."""
PYTHONS = (sys.executable, "python3.12", "python3.13", "python3.11", "python3")
PYTHON_CHECK = "import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))"
TEMPLATE, PREPARED = "glint_odoo_template", "glint_odoo_prepared"
OWNER, REFUSED_OWNER = "glint_odoo", "postgres"
SECONDS = 900


def install() -> None:
    """Makes what is missing or outdated; quick where nothing is. Raises `InstallationError`."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "package").exists():
            version = debian.unpack(*PACKAGES, suite=SUITE, into=folder / "package", log=folder / "install.log")
            (folder / "version").write_text(version)
        if not is_stamped(_venv_stamp(), _venv_digest()):
            _install_venv(folder)
        if not is_stamped(_books_stamp(), _books_digest()):
            _prepare_books(folder)


def available() -> str | None:
    """Why it cannot be used, in a sentence that says what to do; None where it can."""
    if is_stamped(_venv_stamp(), _venv_digest()) and is_stamped(_books_stamp(), _books_digest()):
        return None
    return f"Odoo is not installed in {_folder()}, or was for older tests: {HOW}"


@contextmanager
def running(postgres_url: str) -> Iterator[OdooServer]:
    """A server with fresh books in a database of this PostgreSQL, and with none of it afterwards."""
    url = _usable(postgres_url)
    execute(url, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
    restore_database(with_database(url, TEMPLATE), _folder() / "books.sql")
    server = OdooServer(_program(url), TEMPLATE, odoo_books.read_keys(_folder() / "keys.json"))
    try:
        server.new_books()
        server.start()
        yield server
    finally:
        server.close()
        drop_database(url, server.database)
        drop_database(url, TEMPLATE)


def _install_venv(folder: Path) -> None:
    venv, log = folder / "venv", folder / "install.log"
    shutil.rmtree(venv, ignore_errors=True)
    run_logged([_python(), "-m", "venv", venv], log=log, seconds=SECONDS)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes"]
    run_logged([*pip, "-r", REQUIREMENTS], log=log, seconds=SECONDS)
    _venv_stamp().write_text(_venv_digest())


def _python() -> str:
    """One that Odoo 19 runs on."""
    for candidate in PYTHONS:
        try:
            subprocess.run([candidate, "-c", PYTHON_CHECK], check=True, capture_output=True, timeout=60, env=plain_environment())
        except (OSError, subprocess.SubprocessError):
            continue
        return candidate
    raise InstallationError("Odoo 19 needs a Python 3.11 to 3.13 with its venv module beside the one that runs the tests")


def _prepare_books(folder: Path) -> None:
    """Has Odoo make its tables, fills them in its own shell, and keeps the whole as SQL."""
    with enterable_folder() as place, postgres_server(place) as url:
        program = _program(url)

        def run(*arguments: str, text: str = "") -> None:
            command = program.command(*arguments, f"--database={PREPARED}", data=place / "data")
            run_logged(command, log=folder / "install.log", seconds=SECONDS, environment=program.environment(), text=text)

        # What Odoo would add by itself to these modules has nothing to do with a ledger, and takes half a minute.
        run("server", f"--init={odoo_books.MODULES}", "--skip-auto-install", "--stop-after-init")
        run("shell", "--no-http", text=odoo_books.set_up_script(folder / "keys.json"))
        dump_database(with_database(url, PREPARED), folder / "books.sql")
    _books_stamp().write_text(_books_digest())


def _usable(postgres_url: str) -> str:
    """The same server as somebody whom Odoo accepts: it does not work as the superuser `postgres`."""
    if make_url(postgres_url).username != REFUSED_OWNER:
        return postgres_url
    password = secrets.token_hex()
    if execute(postgres_url, f"SELECT count(*) FROM pg_roles WHERE rolname = '{OWNER}'") == 0:
        execute(postgres_url, f"CREATE ROLE {OWNER}")
    execute(postgres_url, f"ALTER ROLE {OWNER} LOGIN CREATEDB PASSWORD '{password}'")
    return make_url(postgres_url).set(username=OWNER, password=password).render_as_string(hide_password=False)


def _program(postgres_url: str) -> OdooProgram:
    return OdooProgram(python=_folder() / "venv" / "bin" / "python", package=_folder() / "package", postgres_url=postgres_url)


def _folder() -> Path:
    return erps_folder() / "odoo"


def _venv_stamp() -> Path:
    return _folder() / "venv" / "complete"


def _books_stamp() -> Path:
    return _folder() / "books.complete"


def _venv_digest() -> str:
    return digest_of(PYTHON_CHECK, REQUIREMENTS)


def _books_digest() -> str:
    version = _folder() / "version"
    return digest_of(version if version.exists() else "", HERE / "odoo_books.py", REQUIREMENTS)
