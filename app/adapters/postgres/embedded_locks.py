"""File locks of the embedded PostgreSQL: the kernel gives them back when a process dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.adapters.postgres.embedded_account import EmbeddedPostgresError

POLL_SECONDS = 0.05


def try_lock(path: Path, *, seconds: float = 0) -> int | None:
    """An open file descriptor that holds the lock, or None where another one still holds it after so many seconds.

    Closing the last copy of the descriptor gives the lock back.
    """
    deadline = time.monotonic() + seconds
    descriptor = _open(path)
    while not try_upgrade(descriptor):
        if time.monotonic() >= deadline:
            os.close(descriptor)
            return None
        time.sleep(POLL_SECONDS)
    return descriptor


def share(path: Path) -> int:
    """An open file descriptor that shares the lock with others; waits while one holds it alone."""
    descriptor = _open(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def try_upgrade(descriptor: int) -> bool:
    """Whether the lock could be made exclusive. If not, a share in it may be lost."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def exclusive(path: Path, *, seconds: float) -> Iterator[None]:
    """Waits for the lock, at most so many seconds, and holds it for the block."""
    if (descriptor := try_lock(path, seconds=seconds)) is None:
        raise EmbeddedPostgresError(f"Another process has held {path} for {seconds:.0f} s: it is starting or stopping the server")
    try:
        yield
    finally:
        os.close(descriptor)
