"""The processes of a run: PostgreSQL, reference ERPs, the API and two workers. Forked from one that has imported everything, so that a
process that was killed is back in a moment."""

import base64
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

import httpx

from app.adapters.postgres.embedded import EmbeddedPostgres
from tests.faults import process
from tests.faults.clock import WORKERS, SharedClock
from tests.faults.crash import CRASHED, CrashPoint
from tests.reference_erp_process import free_port

ADMIN_KEY = "the-operators-key"
START_SECONDS = 60
POLL_SECONDS = 0.02
STOP_SECONDS = 15
LEASE_SECONDS = 5


@dataclass(slots=True)
class Erp:
    """One reference ERP: where it is, its files, and the token that it asks for now."""

    name: str
    folder: Path
    token: str = "erp-token"
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://{process.HOST}:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / f"{self.name}.db"

    @property
    def calls(self) -> Path:
        return self.folder / f"{self.name}.calls"


class Postgres(Protocol):
    """The database of a run."""

    def start(self) -> str:
        """The URL."""

    def stop(self) -> None: ...


class Fleet:
    """Starts and kills processes by name. Blocking, but for what only looks."""

    def __init__(self, folder: Path, erps: int, postgres: Postgres | None = None) -> None:
        """`postgres` in the place of an embedded one."""
        self.folder = folder
        self.clock_file = folder / "clock"
        self.clock = SharedClock(self.clock_file)
        self.erps = [Erp(f"erp-{number}", folder) for number in range(1, erps + 1)]
        self.postgres = postgres or EmbeddedPostgres(folder / "data", fsync=False, system_dir=folder / "system")
        self.database_url = ""
        self.api_url = f"http://{process.HOST}:{free_port()}"
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.faults.process", "app.api.openapi"])
        self._running: dict[str, BaseProcess] = {}

    def start(self) -> None:
        self.database_url = self.postgres.start()
        for erp in self.erps:
            self.start_erp(erp)
        self.start_api()
        for worker in range(len(WORKERS)):
            self.start_worker(worker)

    def stop(self) -> None:
        for each in self._running.values():
            each.kill()
        for each in self._running.values():
            each.join(STOP_SECONDS)
        self.postgres.stop()

    def start_api(self) -> None:
        self.start_program("api", process.api, self.clock_file, int(self.api_url.rpartition(":")[2]))
        self.wait_for(f"{self.api_url}/readyz", "api")

    def start_erp(self, erp: Erp) -> None:
        log = self.folder / f"{erp.name}.log"
        self._launch(erp.name, process.erp, log, self.clock_file, erp.database, erp.calls, erp.token, erp.port)
        self.wait_for(f"{erp.url}/healthz", erp.name)

    def start_worker(self, number: int, point: CrashPoint | None = None) -> None:
        self.start_program(f"worker-{number}", process.worker, self.clock_file, WORKERS[number], point)

    def kill(self, name: str) -> None:
        """`kill -9`."""
        self._running[name].kill()
        self._running[name].join()

    def alive(self, name: str) -> bool:
        return self._running[name].is_alive()

    def crashed(self, name: str) -> bool:
        """Whether it died at its crash point."""
        return self._running[name].exitcode == CRASHED

    def kill_postgres(self, number: signal.Signals) -> None:
        """SIGINT: orderly, SIGQUIT: at once, with a recovery at the next start, SIGKILL: as a crash."""
        for found in self.folder.rglob("postmaster.pid"):
            os.kill(int(found.read_text().splitlines()[0]), number)

    def start_postgres(self) -> None:
        if self.postgres.start() != self.database_url:
            raise RuntimeError("PostgreSQL came back on another port")

    def errors(self, name: str) -> str:
        """What a process logged as an error or worse."""
        return "\n".join(line for line in (self.folder / f"{name}.log").read_text().splitlines() if '"level": "warning"' not in line)

    def last_words(self) -> str:
        return "\n".join(f"{log}:\n{log.read_text()[-3000:]}" for log in sorted(self.folder.glob("*.log")))

    def environment(self) -> dict[str, str]:
        """The settings of Glint's own processes."""
        return {
            "GLINT_DATABASE_URL": self.database_url,
            "GLINT_DATA_DIR": str(self.folder),
            "GLINT_ADMIN_KEY": ADMIN_KEY,
            "GLINT_SECRET_KEY": base64.b64encode(bytes(range(32))).decode(),
            "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8",
            "GLINT_LEASE_SECONDS": str(LEASE_SECONDS),
            "GLINT_LOG_LEVEL": "WARNING",
        }

    def start_program(self, name: str, program: Any, *arguments: Any) -> None:
        """One of Glint's own."""
        self._launch(name, program, self.folder / f"{name}.log", self.environment(), *arguments)

    def _launch(self, name: str, program: Any, *arguments: Any) -> None:
        started = self._context.Process(target=program, args=arguments, name=name)
        started.start()
        self._running[name] = started

    def wait_for(self, url: str, name: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(trust_env=False, timeout=5) as http:
            while True:
                try:
                    if http.get(url).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                if not self.alive(name) or time.monotonic() > deadline:
                    raise RuntimeError(f"{name} did not start\n{self.last_words()}")
                time.sleep(POLL_SECONDS)
