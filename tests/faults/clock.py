"""One clock for all processes of a run: the machine's, and an offset in a small file that the suite moves forward.

So the pauses of a retry schedule, leases and an ERP's time limit pass at once instead of being slept. Beside the offset every process
has a slot with a skew of its own.
"""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

SLOTS = 8
OFFSET = 0
ERP, API = 1, 2
WORKERS = (3, 4)


class SharedClock:
    """`Clock` of the process with this slot. Reading costs no system call but the machine's own clock."""

    def __init__(self, path: Path, slot: int = OFFSET) -> None:
        """Makes the file where it is missing."""
        self._slot = slot
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size < SLOTS * 8:
            os.ftruncate(self._file, SLOTS * 8)
        self._values = mmap.mmap(self._file, SLOTS * 8)
        self._readers = 0

    def now(self) -> datetime:
        skew = 0 if self._slot == OFFSET else self._read(self._slot)
        return datetime.now(UTC) + timedelta(microseconds=self._read(OFFSET) + skew)

    def forward(self, seconds: float) -> None:
        """For everybody; waits for whoever needs it to stand `still`. Blocking."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._write(OFFSET, self._read(OFFSET) + round(seconds * 1_000_000))
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def skew(self, slot: int, seconds: float) -> None:
        """The clock of this process is wrong by so much from now on."""
        self._write(slot, round(seconds * 1_000_000))

    @contextmanager
    def still(self) -> Iterator[None]:
        """The offset does not move inside the block. For tasks of one event loop."""
        if self._readers == 0:
            fcntl.flock(self._file, fcntl.LOCK_SH)
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if self._readers == 0:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _read(self, slot: int) -> int:
        value: int = struct.unpack_from("=q", self._values, slot * 8)[0]
        return value

    def _write(self, slot: int, value: int) -> None:
        struct.pack_into("=q", self._values, slot * 8, value)
