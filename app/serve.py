"""The processes: a server with the API and a worker, or a worker alone. Both stop cleanly on SIGTERM and SIGINT."""

import asyncio
import signal

import structlog
import uvicorn

from app.bootstrap import Container, build
from app.config import Settings
from app.main import create_app
from app.observability import configure_logging
from app.wiring import wire_worker
from app.worker import Worker

log = structlog.get_logger(__name__)

GRACE_SECONDS = 20


def run_server(host: str, port: int, *, with_worker: bool) -> None:
    """Serves until a signal comes; then requests and deliveries under way are finished."""
    settings = Settings()
    configure_logging(settings.log_level)
    asyncio.run(_serve(settings, host, port, with_worker=with_worker))


def run_worker() -> None:
    """Delivers until a signal comes; then the deliveries under way are finished."""
    settings = Settings()
    configure_logging(settings.log_level)
    asyncio.run(_work(settings))


async def _serve(settings: Settings, host: str, port: int, *, with_worker: bool) -> None:
    container = await build(settings)
    try:
        worker = _worker(container)
        delivering = asyncio.create_task(worker.run()) if with_worker else None
        config = uvicorn.Config(
            create_app(container), host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS
        )
        log.info("serving", url=f"http://{host}:{port}", worker=with_worker)
        try:
            await uvicorn.Server(config).serve()
        finally:
            worker.stop()
            if delivering is not None:
                await delivering
    finally:
        await container.close()


async def _work(settings: Settings) -> None:
    container = await build(settings)
    try:
        worker = _worker(container)
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, worker.stop)
        log.info("working")
        await worker.run()
    finally:
        await container.close()


def _worker(container: Container) -> Worker:
    return wire_worker(container.engine, container.operations, container.clock, container.settings.lease_seconds)
