"""An Odoo server as a process of its own on a free loopback port."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests.databases import copied, drop_database, execute
from tests.erps.installed import InstallationError, log_tail, plain_environment, run_logged
from tests.erps.odoo_books import ADMIN, CLERK
from tests.erps.odoo_client import JSON_2_SINCE, OdooClient, OdooError, OdooRpcClient
from tests.reference_erp_process import free_port

START_SECONDS = 120
MODULES_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooProgram:
    """The installed program and the PostgreSQL that it is to use."""

    version: int
    python: Path
    package: Path
    postgres_url: str

    def command(self, *arguments: str | Path, data: Path) -> list[str]:
        """A command of Odoo's; without a configuration file, so that none of the machine's counts. `data` is a folder that it may fill."""
        server = make_url(self.postgres_url)
        settings = {
            "config": os.devnull,
            "data-dir": data,
            "db_host": server.host,
            "db_port": server.port or 5432,
            "db_user": server.username,
            "http-interface": "127.0.0.1",
            "max-cron-threads": 0,
            "log-level": "warn",
        }
        given = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self.python), str(self.package / "usr/bin/odoo"), *map(str, arguments), *given]

    def environment(self) -> dict[str, str]:
        """With the password, which goes on no command line."""
        password = make_url(self.postgres_url).password
        return {"PYTHONPATH": str(self.package / "usr/lib/python3/dist-packages")} | ({"PGPASSWORD": str(password)} if password else {})


class OdooServer:
    """`url` and `database` stay the same over `restart()` and `new_books()`; the books outlive a kill. `keys` are API keys by login."""

    def __init__(self, program: OdooProgram, template: str, keys: Mapping[str, str]) -> None:
        self.database = f"glint_odoo{program.version}"
        self.keys = keys
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._program = program
        self._template = template
        self._data = tempfile.TemporaryDirectory(prefix="odoo-", ignore_cleanup_errors=True)
        self._process: subprocess.Popen[bytes] | None = None

    def new_books(self) -> None:
        """Books as they were prepared, under the same name: a running server loses its connections to the old ones and opens new ones."""
        drop_database(self._program.postgres_url, self.database)
        execute(self._program.postgres_url, copied(self.database, self._template))

    def add_modules(self, *modules: str) -> None:
        """Installs these into the books, with what they need, and starts again."""
        self.kill()
        data = Path(self._data.name)
        wanted = (f"--database={self.database}", f"--init={','.join(modules)}", "--skip-auto-install", "--stop-after-init")
        command = self._program.command("server", *wanted, data=data)
        run_logged(command, log=data / "server.log", seconds=MODULES_SECONDS, environment=self._program.environment())
        self.start()

    def start(self) -> None:
        """Returns once it answers out of the books."""
        data = Path(self._data.name)
        command = self._program.command("server", f"--database={self.database}", f"--http-port={self.port}", data=data)
        environment = plain_environment(self._program.environment())
        with (data / "server.log").open("ab") as log:
            self._process = process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise InstallationError(f"Odoo did not start:\n{self.log_tail()}")
            time.sleep(0.1)

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

    def close(self) -> None:
        """Kills it and leaves no files."""
        self.kill()
        self._data.cleanup()

    def client(self, login: str = ADMIN) -> OdooClient:
        """One that goes past any adapter."""
        if self.version < JSON_2_SINCE:
            return OdooRpcClient(self.url, database=self.database, login=login, key=self.keys[login])
        return OdooClient(self.url, database=self.database, key=self.keys[login])

    @property
    def version(self) -> int:
        return self._program.version

    def log_tail(self) -> str:
        """The last lines that it wrote."""
        return log_tail(Path(self._data.name) / "server.log")

    def __str__(self) -> str:
        users = f"{CLERK} with the API key {self.keys[CLERK]}, in a browser {ADMIN} / {ADMIN}"
        return f"Odoo answers at {self.url}, database {self.database}, for {users}"

    def _answers(self) -> bool:
        try:
            return bool(self.client().read("res.company", [], "name"))
        except (OSError, OdooError):
            return False
