"""Running the PostgreSQL programs, as root under an unprivileged user: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# The programs get no more of the caller's environment: neither its secrets nor PG… variables that would lead them elsewhere.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be started or stopped. The message is for the operator and holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user of the system that stands in for root."""

    name: str
    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> "Account":
        for name in ("postgres", "_postgres", "nobody"):
            try:
                return cls.of(pwd.getpwnam(name))
            except KeyError:
                continue
        raise EmbeddedPostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")

    @classmethod
    def owning(cls, path: Path) -> "Account":
        uid = path.stat().st_uid
        if uid == 0:
            raise EmbeddedPostgresError(f"{path} belongs to root, but PostgreSQL does not run as root")
        try:
            return cls.of(pwd.getpwuid(uid))
        except KeyError:
            return cls(name=str(uid), uid=uid, gid=path.stat().st_gid)

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> "Account":
        return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)

    def can_enter(self, folder: Path) -> bool:
        """Found out by trying, since mode bits do not tell all."""
        try:
            return run(Path("/bin/sh"), "-c", 'cd "$1"', "sh", str(folder), account=self, seconds=10).returncode == 0
        except OSError as error:
            raise EmbeddedPostgresError(
                f"PostgreSQL does not run as root, and this root may not become the user {self.name} ({error.strerror}): "
                "run as an ordinary user, or set GLINT_DATABASE_URL"
            ) from error

    def can_run(self, program: Path) -> bool:
        try:
            return run(program, "--version", account=self, seconds=10).returncode == 0
        except OSError:
            return False


def run(
    program: Path,
    *arguments: str,
    seconds: float,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    text: str | None = None,
    output: IO[bytes] | None = None,
    hand_down: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Runs a program from `/` with `text` as its input; `stdout` of the answer holds both its outputs unless `output` takes them.

    `hand_down` names file descriptors that the program and its children keep open. Raises OSError where it cannot be executed.
    """
    try:
        return subprocess.run(
            [program, *arguments],
            input=text or "",
            stdout=output or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            cwd="/",
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"LC_ALL": "C"} | dict(environment or {}),
            pass_fds=hand_down,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except subprocess.TimeoutExpired as error:
        raise EmbeddedPostgresError(f"{program.name} did not end within {seconds:.0f} s") from error
