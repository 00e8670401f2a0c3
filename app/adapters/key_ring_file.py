"""The key ring of an installation that was given no key: a file in the data folder, the primary key first, older ones below it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.adapters.key_files import clear_drafts, kept_secret, replace_secret
from app.adapters.secrets import decode_key, encode_key, new_key, new_secret_key
from app.application.ports.secrecy import RotationUnderWay


class KeyRingFile:
    """One key a line, in base64. It is only ever replaced as a whole, so that who reads it meanwhile finds the one or the other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None

    def load(self) -> tuple[tuple[bytes, ...], bool]:
        """The keys, and True where the first of them was made now. Raises `ValueError` where the file holds something else."""
        _, made = kept_secret(self.path, new_secret_key)
        return self._read(), made

    def reread(self) -> tuple[bytes, ...]:
        """The keys where the file is another than when it was last read; none where it is the same, or cannot be read now."""
        try:
            return () if self._mark() == self._seen else self._read()
        except OSError:
            return ()

    def renew(self) -> bool:
        """Puts a new key first. False where there are older ones: a rotation was not finished, and goes on with the key it made."""
        clear_drafts(self.path)
        keys = self._read()
        if len(keys) > 1:
            return False
        self._write((new_key(), *keys))
        return True

    def drop_older(self) -> int:
        """Leaves the first key alone; how many are gone."""
        first, *older = self._read()
        if older:
            self._write((first,))
        return len(older)

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keeps other rotations out; a process that dies lets go. Raises `RotationUnderWay` where another has it."""
        import fcntl  # only here: the service itself runs without it too

        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RotationUnderWay from error
            yield
        finally:
            os.close(folder)

    def _write(self, keys: Sequence[bytes]) -> None:
        replace_secret(self.path, "\n".join(encode_key(key) for key in keys))

    def _read(self) -> tuple[bytes, ...]:
        seen = self._mark()  # before reading: what is replaced in between is read once more
        lines = [line for line in self.path.read_text().splitlines() if line.strip()]
        try:
            keys = tuple(decode_key(line) for line in lines)
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from None
        if not keys:
            raise ValueError(f"{self.path} holds no key")
        self._seen = seen
        return keys

    def _mark(self) -> tuple[int, int, int]:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
