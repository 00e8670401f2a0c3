"""Glint's processes as an operator runs several of them: services without a worker, each on a port of its own, and workers."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.demo.ports import HOST, free_port
from app.demo.program import ROOT, Program
from bench.events import ADMIN_KEY

START_SECONDS, STOP_SECONDS = 60, 60
WORKING = '"working"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    urls: Sequence[str]
    services: Sequence[psutil.Process]
    workers: Sequence[psutil.Process]

    @property
    def processes(self) -> Sequence[psutil.Process]:
        return [*self.services, *self.workers]


@contextmanager
def fleet(database_url: str, folder: Path, *, services: int, workers: int = 0) -> Iterator[Fleet]:
    """All on one database, with one folder for their keys. They may deliver to this machine."""
    settings = {
        "GLINT_DATABASE_URL": database_url,
        "GLINT_DATA_DIR": str(folder / "data"),
        "GLINT_ADMIN_KEY": ADMIN_KEY,
        "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    with ExitStack() as stack:
        serving = [stack.enter_context(_service(settings, folder, number)) for number in range(services)]
        working = [stack.enter_context(_worker(settings, folder, number)) for number in range(workers)]
        yield Fleet(urls=[url for url, _ in serving], services=[process for _, process in serving], workers=working)


@contextmanager
def _service(settings: Mapping[str, str], folder: Path, number: int) -> Iterator[tuple[str, psutil.Process]]:
    url = f"http://{HOST}:{free_port(18083 + number)}"
    program = Program(
        "A service",
        ["serve", "--host", HOST, "--port", url.rsplit(":", 1)[1], "--no-worker"],
        ready_url=f"{url}/readyz",
        log=folder / f"service-{number}.log",
        environment={**settings, "GLINT_LOG_LEVEL": "WARNING"},
    )
    program.start()
    try:
        yield url, psutil.Process(program.pid)
    finally:
        program.stop()


@contextmanager
def _worker(settings: Mapping[str, str], folder: Path, number: int) -> Iterator[psutil.Process]:
    log = folder / f"worker-{number}.log"
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GLINT_")}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"], cwd=ROOT, env={**surroundings, **settings}, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait_until_it_works(process, log)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait_until_it_works(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while WORKING not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"a worker did not start: {log.read_text()[-2_000:]}")
        time.sleep(0.05)
