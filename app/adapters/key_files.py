"""Secrets that a first start makes up and later starts find again: one per file, readable by its owner alone."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept_secret(path: Path, make: Callable[[], str]) -> tuple[str, bool]:
    """The secret in `path`, and True where it was made now. Of several processes that start at once one makes it, the others read it."""
    if found := _read(path):
        return found, False
    path.parent.mkdir(parents=True, exist_ok=True)
    made = make()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # whole or not at all, and never over another one
    except FileExistsError:
        return path.read_text().strip(), False
    finally:
        draft.unlink()
    return made, True


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return None
