"""The programs of the demo and how to reach them: a reference ERP, and Glint with API, worker and embedded database."""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from app.demo.client import Client, Http
from app.demo.errors import DemoError
from app.demo.interrupts import undisturbed
from app.demo.ports import HOST, free_port
from app.demo.program import Program

SERVICE_PORT, ERP_PORT = 8080, 8090
LEASE_SECONDS = 10
TIME_LIMIT_SECONDS = 5
MOST_RESTARTS = 5
DYING_SECONDS = 2
PAUSE_SECONDS = 0.1

T = TypeVar("T")


class Installation:
    """`with Installation(…) as installed:` stops at its end what was started inside: `installed.start()`.

    `data_dir` is Glint's, `run_dir` takes the ERP's books and the logs. A program that is killed (`kill -9`) is started again
    on the same data, as a service manager would do it, and `announce` is told. The short lease and time limit let Glint take
    up what a killed one left unfinished within seconds.
    """

    def __init__(
        self,
        *,
        data_dir: Path,
        run_dir: Path,
        announce: Callable[[str], None] = lambda text: None,
        lease_seconds: int = LEASE_SECONDS,
        time_limit_seconds: int = TIME_LIMIT_SECONDS,
    ) -> None:
        self.erp_token, self.admin_key = secrets.token_hex(16), secrets.token_hex(16)
        erp_port, service_port = free_port(ERP_PORT), free_port(SERVICE_PORT)
        self.erp_url, self.service_url = f"http://{HOST}:{erp_port}", f"http://{HOST}:{service_port}"
        books = str(run_dir / "reference-erp.db")
        self.erp = Program(
            "The reference ERP",
            ["reference-erp", "--host", HOST, "--port", str(erp_port), "--database", books, "--token", self.erp_token],
            ready_url=f"{self.erp_url}/healthz",
            log=run_dir / "reference-erp.log",
            environment={},
        )
        self.service = Program(
            "The service",
            ["serve", "--host", HOST, "--port", str(service_port)],
            ready_url=f"{self.service_url}/readyz",
            log=run_dir / "service.log",
            environment={
                "GLINT_DATA_DIR": str(data_dir),
                "GLINT_ADMIN_KEY": self.admin_key,
                "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8",
                "GLINT_LEASE_SECONDS": str(lease_seconds),
            },
        )
        self._announce = announce
        self._time_limit_seconds = time_limit_seconds
        self._restarts = 0

    def client(self) -> Client:
        """A new client of both."""
        return Client(
            glint=Http(self.service_url, ""),
            erp=Http(self.erp_url, self.erp_token),
            admin_key=self.admin_key,
            time_limit_seconds=self._time_limit_seconds,
        )

    def start(self) -> None:
        self.erp.start()
        self.service.start()

    def stop(self) -> None:
        """The service first, so that it can finish its deliveries. It cannot be interrupted."""
        with suppress(KeyboardInterrupt), undisturbed():
            self.service.stop()
            self.erp.stop()

    def look_after(self) -> bool:
        """Starts again what was killed, and says whether anything was; `DemoError` where a program ended by itself."""
        killed = [program for program in (self.erp, self.service) if program.killed()]
        for program in killed:
            self._restarts += 1
            if self._restarts > MOST_RESTARTS:
                program.check()
            program.start()
            self._announce(f"{program.name} was killed, and is started again on the same data, process {program.pid}")
        self.erp.check()
        self.service.check()
        return bool(killed)

    def pause(self) -> None:
        """A moment, in which the programs are looked after."""
        time.sleep(PAUSE_SECONDS)
        self.look_after()

    def persist(self, action: Callable[[], T]) -> T:
        """Does it, and again where it got no answer because a program was killed meanwhile."""
        while True:
            try:
                return action()
            except httpx.TransportError as error:
                deadline = time.monotonic() + DYING_SECONDS
                while not self.look_after():
                    if time.monotonic() > deadline:
                        raise DemoError(f"No answer, though both programs run: {error!r}") from error
                    time.sleep(PAUSE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
