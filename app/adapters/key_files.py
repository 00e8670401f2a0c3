"""Secrets that a first start makes up and later starts find again: readable by their owner alone, and never half written."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFT_BYTES = 8


def kept_secret(path: Path, make: Callable[[], str]) -> tuple[str, bool]:
    """The secret in `path`, and True where it was made now. Of several processes that start at once one makes it, the others read it."""
    if found := _read(path):
        return found, False
    path.parent.mkdir(parents=True, exist_ok=True)
    made = make()
    with _draft(path, made) as draft:
        try:
            os.link(draft, path)  # whole or not at all, and never over another one
        except FileExistsError:
            return path.read_text().strip(), False
    return made, True


def replace_secret(path: Path, text: str) -> None:
    """Puts `text` in the place of what is there, for the same owner. After a crash at any moment there is the one or the other, whole."""
    owner = path.stat()
    with _draft(path, text) as draft:
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(draft, owner.st_uid, owner.st_gid)  # root at work for a service that is not
        draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def clear_drafts(path: Path) -> None:
    """Takes away what a process that was killed while it wrote `path` left behind. Copies under any other name stay."""
    for draft in path.parent.glob(f"{path.name}." + "[0-9a-f]" * 2 * DRAFT_BYTES):
        draft.unlink(missing_ok=True)


@contextmanager
def _draft(path: Path, text: str) -> Iterator[Path]:
    """A file beside `path` with its content to be, on disk; gone at the end."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(DRAFT_BYTES)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return None
