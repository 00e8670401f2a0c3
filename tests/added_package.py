"""A package of somebody else, installed beside Glint for a test, without a network."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.adapters.erp.registry import destinations

EXAMPLE = Path(__file__).parents[1] / "examples" / "erp-adapter"


def install(source: Path, target: Path) -> None:
    """`pip install` of a folder with its own pyproject.toml."""
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet", "--root-user-action=ignore"]
    command = [sys.executable, "-m", "pip", "install", *offline, "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def package(folder: Path, module: str, entry_point: str) -> Path:
    """The folder of a package `glint-other` with one module of this text and one entry point."""
    folder.mkdir()
    (folder / "glint_other.py").write_text(module)
    project = (EXAMPLE / "pyproject.toml").read_text().replace("glint-quill", "glint-other").replace("glint_quill.py", "glint_other.py")
    (folder / "pyproject.toml").write_text(project.replace('quill = "glint_quill:QUILL"', entry_point))
    return folder


@contextmanager
def importable(target: Path) -> Iterator[None]:
    """What is installed in `target` is there for this process, and gone afterwards."""
    before = set(sys.modules)
    sys.path.insert(0, str(target))
    importlib.invalidate_caches()
    destinations.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(target))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(target)):
                del sys.modules[name]
        destinations.cache_clear()
