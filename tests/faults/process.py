"""What runs in the processes of the suite: the service's own programs, with the shared clock and, for a worker, a point to die at."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from starlette.middleware import Middleware

from app import bootstrap, serve
from app import worker as app_worker
from app.bootstrap import Container
from app.config import Settings
from app.reference_erp.api import create_app
from app.reference_erp.server import DroppableProtocol
from tests.faults.call_log import CallLog, Promise
from tests.faults.clock import API, ERP, SharedClock
from tests.faults.crash import CrashingAdapters, CrashingUnitsOfWork, CrashPoint

HOST = "127.0.0.1"
PARENT_SECONDS = 1.0
POLL_SECONDS = 0.1
"""Workers look for what is due more often, since days pass in minutes."""


def api(log: Path, environment: Mapping[str, str], clock: Path, port: int) -> None:
    """`glint serve --no-worker`."""
    begin(log, environment)
    _build_with(SharedClock(clock, API), None)
    serve.run_server(HOST, port, with_worker=False)


def worker(log: Path, environment: Mapping[str, str], clock: Path, slot: int, point: CrashPoint | None) -> None:
    """`glint worker`."""
    begin(log, environment)
    _build_with(SharedClock(clock, slot), point)
    vars(app_worker)["POLL_SECONDS"] = POLL_SECONDS
    serve.run_worker()


def erp(log: Path, clock: Path, database: Path, calls: Path, token: str, port: int) -> None:
    """`glint reference-erp`, with a log of its calls."""
    begin(log, {})
    time_of_day = SharedClock(clock, ERP)
    books = create_app(database, token)
    noted = CallLog(books, calls, time_of_day)
    books.user_middleware.append(Middleware(Promise, log=noted, clock=time_of_day))
    uvicorn.run(noted, host=HOST, port=port, http=DroppableProtocol, ws="none", log_level="warning", access_log=False)


def _build_with(clock: SharedClock, point: CrashPoint | None) -> None:
    """`serve` builds its parts with this clock."""

    async def build(settings: Settings, **more: Any) -> Container:
        container = await bootstrap.build(settings, clock=clock, **more)
        if point is None:
            return container
        units_of_work = CrashingUnitsOfWork(container.units_of_work, point)
        return replace(container, units_of_work=units_of_work, erp_adapters=CrashingAdapters(container.erp_adapters, point))

    vars(serve)["build"] = build


def begin(log: Path, environment: Mapping[str, str]) -> None:
    """Of a process: with these settings of Glint and no others, its output in the log, and ending with whoever started it."""
    for name in [name for name in os.environ if name.startswith("GLINT_")]:
        del os.environ[name]
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()


def _die_with(parent: int) -> None:
    """A suite that was killed leaves no processes behind."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)
