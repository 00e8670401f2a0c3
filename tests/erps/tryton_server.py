"""A Tryton server as a process of its own on a free loopback port."""

import subprocess
import tempfile
import time
from pathlib import Path

from sqlalchemy import make_url

from tests.databases import copied, drop_database, execute, with_database
from tests.erps.installed import InstallationError, log_tail, plain_environment
from tests.erps.tryton_books import ADMIN, ADMIN_PASSWORD, CLERK, CLERK_PASSWORD
from tests.erps.tryton_client import TrytonClient
from tests.reference_erp_process import free_port

START_SECONDS = 60
DATABASE = "glint_tryton"


def database_settings(postgres_url: str) -> dict[str, str]:
    """Where Tryton finds its databases, as the environment of its programs: no password on a command line."""
    uri = make_url(postgres_url).set(drivername="postgresql", database="").render_as_string(hide_password=False)
    return {"TRYTOND_DATABASE_URI": uri}


class TrytonServer:
    """`url` and `database` stay the same over `restart()` and `new_books()`; the books outlive a kill."""

    def __init__(self, venv: Path, postgres_url: str, template: str, *, database: str = DATABASE) -> None:
        self.database = database
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._venv = venv
        self.postgres_url = postgres_url
        self._template = template
        self._process: subprocess.Popen[bytes] | None = None

    def new_books(self) -> None:
        """Books as they were prepared, under the same name: a running server's connections and sessions end with the old ones."""
        changed = self._changed_caches()
        drop_database(self.postgres_url, self.database)
        execute(self.postgres_url, copied(self.database, self._template))
        if changed:
            names = ", ".join(f"('{name}', now())" for name in changed)
            upsert = "ON CONFLICT (name) DO UPDATE SET timestamp = excluded.timestamp"
            execute(self._books_url, f"INSERT INTO ir_cache (name, timestamp) VALUES {names} {upsert}")

    @property
    def _books_url(self) -> str:
        return with_database(self.postgres_url, self.database)

    def _changed_caches(self) -> list[str]:
        """What a running server may remember of the books it has now, and not of those it gets: Tryton's own list of what changed."""
        if execute(self.postgres_url, f"SELECT true FROM pg_database WHERE datname = '{self.database}'") is None:
            return []
        return list(execute(self._books_url, "SELECT array_agg(name) FROM ir_cache") or ())

    def start(self) -> None:
        """Returns once it can sign people in."""
        # Named with -d: a database that the server meets later refuses to sign anyone in (seen with 8.2.1).
        command = [str(self._venv / "bin" / "trytond"), "-d", self.database]
        settings = database_settings(self.postgres_url) | {
            "TRYTOND_WEB__LISTEN": f"127.0.0.1:{self.port}",
            "TRYTOND_WEB__ROOT": "",
            "TRYTOND_CACHE__CLEAN_TIMEOUT": "-1",  # so that it asks at every call which of its caches are stale
            "TRYTOND_DATABASE__DEFAULT_NAME": self.database,  # the one whose connections are not pooled: broken ones would cost seconds
        }
        with tempfile.NamedTemporaryFile(prefix="tryton-", suffix=".log") as log:
            self._process = process = subprocess.Popen(command, stdout=log, stderr=log, env=plain_environment(settings))
            deadline = time.monotonic() + START_SECONDS
            while not self._answers():
                if process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise InstallationError(f"Tryton did not start:\n{log_tail(Path(log.name))}")
                time.sleep(0.05)

    def kill(self) -> None:
        """`kill -9`: no chance to tidy up."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """The same books at the same address, after `kill -9` where it still runs."""
        self.kill()
        self.start()

    def restart_if_killed(self) -> None:
        """For the next test after one that killed it."""
        if self._process is None or self._process.poll() is not None:
            self.restart()

    def client(self, login: str = ADMIN, password: str = ADMIN_PASSWORD) -> TrytonClient:
        """One that signs in when it first calls, past any adapter."""
        return TrytonClient(self.url, database=self.database, login=login, password=password)

    def __str__(self) -> str:
        users = " and ".join(f"{login} / {password}" for login, password in ((ADMIN, ADMIN_PASSWORD), (CLERK, CLERK_PASSWORD)))
        return f"Tryton answers at {self.url}/{self.database}/rpc/ for {users}"

    def _answers(self) -> bool:
        try:
            self.client().call("model.res.user.get_preferences", True)
        except OSError:
            return False
        return True
