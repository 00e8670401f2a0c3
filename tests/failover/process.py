"""What runs in Glint's processes: its own programs, and nothing of the suite."""

from collections.abc import Mapping
from pathlib import Path

from app import serve
from tests.faults.process import HOST, begin


def server(log: Path, environment: Mapping[str, str], port: int) -> None:
    """`glint serve`."""
    begin(log, environment)
    serve.run_server(HOST, port, with_worker=True)


def worker(log: Path, environment: Mapping[str, str]) -> None:
    """`glint worker`."""
    begin(log, environment)
    serve.run_worker()
