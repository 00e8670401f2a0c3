"""The processes: a server with the API and a worker, or a worker alone. Both stop cleanly on SIGTERM and SIGINT."""

import asyncio
import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from app.bootstrap import Container, build
from app.config import Settings, read_settings
from app.main import create_app
from app.observability import configure_logging
from app.wiring import wire_analysis, wire_pull_charts, wire_worker
from app.worker import ChartPuller, Worker

log = structlog.get_logger(__name__)

GRACE_SECONDS = 20
YOUNG_OBJECTS = 10_000
"""So many more that can be part of a cycle are there before the youngest are gone through."""


def run_server(host: str, port: int, *, with_worker: bool) -> None:
    """Serves until a signal comes; then requests and deliveries under way are finished."""
    settings = read_settings()
    configure_logging(settings.log_level)
    asyncio.run(_serve(settings, host, port, with_worker=with_worker))


def run_worker() -> None:
    """Delivers until a signal comes; then the deliveries under way are finished."""
    settings = read_settings()
    configure_logging(settings.log_level)
    asyncio.run(_work(settings))


class _Server(uvicorn.Server):
    """Leaves the signals to `_serve`: uvicorn would raise them again at its end, before the worker and the database are stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(settings: Settings, host: str, port: int, *, with_worker: bool) -> None:
    stopping = _stop_signal()
    container = await build(settings)
    try:
        worker = _worker(container)
        delivering = asyncio.create_task(worker.run(GRACE_SECONDS)) if with_worker else None
        pulling = asyncio.create_task(_puller(container).run()) if with_worker else None
        analysing = asyncio.create_task(wire_analysis(container.engine))
        config = uvicorn.Config(
            create_app(container), host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS
        )
        log.info("serving", url=f"http://{host}:{port}", worker=with_worker)
        server = _Server(config)
        spare_the_garbage_collector()
        stopper = asyncio.create_task(_stop_when(stopping, server, worker))
        try:
            await server.serve()
        finally:
            stopper.cancel()
            worker.stop()
            await _ended(pulling)
            await _ended(analysing)
            if delivering is not None:
                await delivering
    finally:
        await container.close()


async def _stop_when(stopping: asyncio.Event, server: uvicorn.Server, worker: Worker) -> None:
    await stopping.wait()
    worker.stop()
    server.should_exit = True


async def _work(settings: Settings) -> None:
    stopping = _stop_signal()
    container = await build(settings)
    try:
        worker = _worker(container)
        log.info("working")
        spare_the_garbage_collector()
        working = asyncio.create_task(worker.run(GRACE_SECONDS))
        pulling = asyncio.create_task(_puller(container).run())
        await stopping.wait()
        worker.stop()
        await _ended(pulling)
        await working
    finally:
        await container.close()


def spare_the_garbage_collector() -> None:
    """What is made until now stays until the end: it need not be gone through at every full collection. What is made for an event is mostly
    free of cycles, and goes by itself: it is looked for less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def _stop_signal() -> asyncio.Event:
    """Set when the process is told to stop; a signal that comes while the parts are being built counts too."""
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    return stopping


def _worker(container: Container) -> Worker:
    return wire_worker(container.engine, container.operations, container.waking, container.clock, container.settings.lease_seconds)


def _puller(container: Container) -> ChartPuller:
    pull = wire_pull_charts(container.engine, container.units_of_work, container.erp_adapters, container.secrets, container.clock)
    return ChartPuller(pull)


async def _ended(task: asyncio.Task[None] | None) -> None:
    """Cancelled, and its end waited for."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
