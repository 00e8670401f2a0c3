"""The programs that the suite needs, as Debian installs them, and the user that they run as."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

POSTGRES_BINARIES = Path("/usr/lib/postgresql/15/bin")
PACKAGES = {
    "patroni": "/usr/bin/patroni",
    "etcd-server": "/usr/bin/etcd",
    "pgbouncer": "/usr/sbin/pgbouncer",
    "postgresql-15": str(POSTGRES_BINARIES / "postgres"),
}
USER = "postgres"
STOP_SECONDS = 10


def complaint() -> str | None:
    """What is missing, in a line; None where all is there."""
    missing = [package for package, program in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        return f"the failover suite needs Debian's packages {' '.join(PACKAGES)}; not installed: {' '.join(missing)}"
    if os.geteuid() == 0 and USER not in {each.pw_name for each in pwd.getpwall()}:
        return f"the failover suite runs PostgreSQL as the user {USER}, whom this machine does not know"
    return None


def start(command: Sequence[str], log: Path, folder: Path) -> subprocess.Popen[bytes]:
    """As a user that PostgreSQL agrees to run as, in a session of its own."""
    user = USER if os.geteuid() == 0 else None
    surroundings = {"PATH": f"{POSTGRES_BINARIES}:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


def own(path: Path) -> Path:
    """Makes a folder that the programs may write to."""
    path.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(path, USER, USER)
    return path
