"""Odoo: Debian's package unpacked beside a venv of its own, its books prepared once and kept as a dump, a server when a test asks."""

import fcntl
import os
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
from tests.erps.odoo_release import ODOO_14, ODOO_19, OdooRelease
from tests.erps.odoo_server import OdooProgram, OdooServer

OWNER, REFUSED_OWNER = "glint_odoo", "postgres"
SECONDS = 900


class InstalledOdoo:
    """One release, in a folder of its own."""

    def __init__(self, release: OdooRelease) -> None:
        self.release = release

    def install(self) -> None:
        """Makes what is missing or outdated; quick where nothing is. Raises `InstallationError`."""
        folder = self._folder
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            python = _python(self.release)
            if not (folder / "package").exists():
                packages, log = self.release.packages, folder / "install.log"
                version = debian.unpack(*packages, suite=self.release.suite, into=folder / "package", log=log)
                (folder / "version").write_text(version)
            if not is_stamped(self._venv_stamp, self._venv_digest()):
                self._install_venv(python)
            if not is_stamped(self._books_stamp, self._books_digest()):
                self._prepare_books()

    def available(self) -> str | None:
        """Why it cannot be used, in a sentence that says what to do; None where it can."""
        if is_stamped(self._venv_stamp, self._venv_digest()) and is_stamped(self._books_stamp, self._books_digest()):
            return None
        return f"Odoo {self.release.version} is not installed in {self._folder}, or was for older tests: {HOW}"

    def unrestorable(self, server_version: str) -> str | None:
        """Why a PostgreSQL of this version cannot take the books; None where it can."""
        with (self._folder / "books.sql").open() as books:
            made_by = next(line.split()[-1] for line in books if line.startswith("-- Dumped from database version"))
        if int(server_version.split(".")[0]) >= int(made_by.split(".")[0]):
            return None
        return f"Odoo's books were made by PostgreSQL {made_by}, and this is {server_version}"

    @contextmanager
    def running(self, postgres_url: str) -> Iterator[OdooServer]:
        """A server with fresh books in a database of this PostgreSQL, and with none of it afterwards."""
        url, template = _usable(postgres_url), f"glint_{self.release.name}_template"
        execute(url, f"DROP DATABASE IF EXISTS {template} WITH (FORCE)", f"CREATE DATABASE {template}")
        restore_database(with_database(url, template), self._folder / "books.sql")
        server = OdooServer(self._program(url), template, odoo_books.read_keys(self._folder / "keys.json"))
        try:
            server.new_books()
            server.start()
            yield server
        finally:
            server.close()
            drop_database(url, server.database)
            drop_database(url, template)

    def _install_venv(self, python: str) -> None:
        venv, log = self._folder / "venv", self._folder / "install.log"
        shutil.rmtree(venv, ignore_errors=True)
        run_logged([python, "-m", "venv", venv], log=log, seconds=SECONDS)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes"]
        run_logged([*pip, "-r", self.release.requirements], log=log, seconds=SECONDS)
        self._venv_stamp.write_text(self._venv_digest())

    def _prepare_books(self) -> None:
        """Has Odoo make its tables, fills them in its own shell, and keeps the whole as SQL."""
        folder, database = self._folder, f"glint_{self.release.name}_prepared"
        with enterable_folder() as place, postgres_server(place) as url:
            program = self._program(url)

            def run(*arguments: str, text: str = "") -> None:
                command = program.command(*arguments, f"--database={database}", data=place / "data")
                run_logged(command, log=folder / "install.log", seconds=SECONDS, environment=program.environment(), text=text)

            run("server", f"--init={self.release.modules}", *self.release.options, "--stop-after-init")
            run("shell", "--no-http", text=odoo_books.set_up_script(folder / "keys.json", self.release.version))
            dump_database(with_database(url, database), folder / "books.sql")
        self._books_stamp.write_text(self._books_digest())

    def _program(self, postgres_url: str) -> OdooProgram:
        python, package = self._folder / "venv" / "bin" / "python", self._folder / "package"
        return OdooProgram(version=self.release.version, python=python, package=package, postgres_url=postgres_url)

    @property
    def _folder(self) -> Path:
        return erps_folder() / self.release.name

    @property
    def _venv_stamp(self) -> Path:
        return self._folder / "venv" / "complete"

    @property
    def _books_stamp(self) -> Path:
        return self._folder / "books.complete"

    def _venv_digest(self) -> str:
        return digest_of(str(self.release.pythons), self.release.requirements)

    def _books_digest(self) -> str:
        version = self._folder / "version"
        return digest_of(version if version.exists() else "", Path(odoo_books.__file__), self.release.requirements)


NEWEST, OLDEST = InstalledOdoo(ODOO_19), InstalledOdoo(ODOO_14)


def _python(release: OdooRelease) -> str:
    """A Python that it runs on, with what makes venvs."""
    first, end = release.pythons
    check = f"import ensurepip, sys, venv; sys.exit(not {first} <= sys.version_info < {end})"
    names = [f"python{first[0]}.{minor}" for minor in range(end[1] - 1, first[1] - 1, -1)]
    beside = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for candidate in (sys.executable, *names, "python3", *(str(path) for name in names for path in sorted(beside.glob(f"*/bin/{name}")))):
        try:
            subprocess.run([candidate, "-c", check], check=True, capture_output=True, timeout=60, env=plain_environment())
        except (OSError, subprocess.SubprocessError):
            continue
        return candidate
    raise InstallationError(f"Odoo {release.version} needs one of {', '.join(names)} with its venv module, and none is here")


def _usable(postgres_url: str) -> str:
    """The same server as somebody whom Odoo accepts: it does not work as the superuser `postgres`."""
    if make_url(postgres_url).username != REFUSED_OWNER:
        return postgres_url
    password = secrets.token_hex()
    if execute(postgres_url, f"SELECT count(*) FROM pg_roles WHERE rolname = '{OWNER}'") == 0:
        execute(postgres_url, f"CREATE ROLE {OWNER}")
    execute(postgres_url, f"ALTER ROLE {OWNER} LOGIN CREATEDB PASSWORD '{password}'")
    return make_url(postgres_url).set(username=OWNER, password=password).render_as_string(hide_password=False)
