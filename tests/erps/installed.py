"""Where real ERPs are installed for tests, and how the programs that install and prepare them are run."""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOW = "run `make erps`"
LINES_SHOWN = 30

# An ERP gets no more of the caller's environment: neither its secrets nor settings of other programs that share a variable's name.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
PIP_PREFIX = "PIP_"


class InstallationError(Exception):
    """An ERP cannot be installed or prepared here. The message says why, for a person."""


def erps_folder() -> Path:
    """The folder that holds all installed ERPs: `GLINT_ERPS_DIR`, or `.erps` in the project."""
    return Path(os.environ.get("GLINT_ERPS_DIR") or ROOT / ".erps").resolve()


def plain_environment(additions: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of an ERP's programs."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(PIP_PREFIX)}
    return kept | dict(additions or {})


def run_logged(
    arguments: Iterable[str | Path],
    *,
    log: Path,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    text: str = "",
    folder: Path | None = None,
) -> None:
    """Runs a program to its end with `text` as its input and both outputs added to `log`.

    Raises `InstallationError` with the log's last lines where it fails, and where it takes longer than `seconds`.
    """
    command = [str(argument) for argument in arguments]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        try:
            status = subprocess.run(
                command,
                input=text.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
                cwd=folder,
                env=plain_environment(environment),
            ).returncode
        except subprocess.TimeoutExpired as error:
            raise InstallationError(f"{command[0]} did not end within {seconds:.0f} s:\n{log_tail(log)}") from error
        except OSError as error:
            raise InstallationError(f"{command[0]} cannot be run: {error.strerror}") from error
    if status != 0:
        raise InstallationError(f"{command[0]} failed with status {status}. The end of {log}:\n{log_tail(log)}")


def log_tail(log: Path) -> str:
    """The last lines of a log that was written by a program."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]) if log.exists() else ""


def digest_of(*parts: str | Path) -> str:
    """What a stamp holds: it changes with any of these texts and files, so that what was made of them is made anew."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def is_stamped(stamp: Path, digest: str) -> bool:
    """Whether this was made of just these parts, and to its end."""
    return stamp.exists() and stamp.read_text() == digest
