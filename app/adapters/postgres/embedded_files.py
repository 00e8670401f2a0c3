"""Where the embedded PostgreSQL keeps its files: in the data folder, or as root, where that is closed to others, in a system folder.

Modes of folders that were there before are never changed.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.adapters.postgres.embedded_account import Account, EmbeddedPostgresError

SYSTEM_DIR = Path("/var/lib/glint")
WHERE = "WHERE.txt"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of one cluster and what goes with it.

    It is the caller's own; `cluster`, `password` and `port` belong to the account, where there is one.
    """

    data_dir: Path
    folder: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def unfinished_cluster(self) -> Path:
        """A cluster in the making; its rename to `cluster` says that it is whole."""
        return self.folder / "cluster.new"

    @property
    def process_file(self) -> Path:
        """Written by the server, and removed by it unless it is killed."""
        return self.cluster / "postmaster.pid"

    @property
    def password(self) -> Path:
        return self.folder / "password"

    @property
    def port(self) -> Path:
        return self.folder / "port"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def store(self, path: Path, text: str) -> None:
        """Writes a file that only the server's account and root may read, whole or not at all."""
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            if self.account is not None:
                os.fchown(file.fileno(), self.account.uid, self.account.gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def leave_word(self) -> None:
        """Says in the data folder and in the log where the cluster is, if it is not in the data folder."""
        if self.account is None or self.folder.parent == self.data_dir:
            return
        log.info("embedded_postgres_elsewhere", data_dir=str(self.data_dir), folder=str(self.folder), user=self.account.name)
        (self.data_dir / WHERE).write_text(
            f"The database of this folder is in {self.folder}:\n"
            f"PostgreSQL does not run as root, and the user {self.account.name}, as whom it runs instead, could not enter this folder.\n"
        )

    @property
    def start_lock(self) -> Path:
        """Held while a process starts or stops the server."""
        return self.folder / "lock"

    @property
    def users_lock(self) -> Path:
        """Shared by the attached processes, each for as long as it is attached."""
        return self.folder / "users"

    @property
    def server_lock(self) -> Path:
        """Handed down to the server and all its children: free means that none of them lives."""
        return self.folder / "server"


def find_home(data_dir: Path, system_dir: Path) -> Home:
    """The home of this data folder; both are made if need be. A cluster that was made is found again, or it is an error."""
    data_dir = data_dir.resolve()
    own, elsewhere = data_dir / "postgres", system_dir / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    for folder in (own, elsewhere):
        if os.access(folder, os.X_OK) and (folder / "cluster").exists():
            return Home(data_dir=data_dir, folder=folder, account=_account_for(folder / "cluster"))
    _make_usable(data_dir)
    if (data_dir / WHERE).exists():
        raise EmbeddedPostgresError(f"The database is not where {data_dir / WHERE} says: bring it back, or remove that file to begin anew")
    if os.geteuid() != 0:
        _make_usable(own)
        return Home(data_dir=data_dir, folder=own, account=None)
    account = Account.unprivileged()
    return Home(data_dir=data_dir, folder=_make_enterable(account, data_dir, own, elsewhere), account=account)


def _account_for(cluster: Path) -> Account | None:
    """Who runs the server of a cluster that exists: its owner."""
    if os.geteuid() != 0:
        if cluster.stat().st_uid != os.geteuid():
            raise EmbeddedPostgresError(f"The database in {cluster} belongs to another user: run as that one, or as root")
        return None
    account = Account.owning(cluster)
    if not account.can_enter(cluster):
        raise EmbeddedPostgresError(f"The user {account.name}, who owns {cluster}, can no longer enter it")
    return account


def _make_enterable(account: Account, data_dir: Path, own: Path, elsewhere: Path) -> Path:
    """The first of the two folders that the account can get into, made whatever the umask; folders that were there stay as they are."""
    folders = (own,) if account.can_enter(data_dir) else (elsewhere.parent, elsewhere)
    for folder in folders:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o755)
    if not account.can_enter(folders[-1]):
        raise EmbeddedPostgresError(f"PostgreSQL does not run as root, and the user {account.name} can enter neither {own} nor {elsewhere}")
    return folders[-1]


def _make_usable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedPostgresError(f"The folder {folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedPostgresError(f"The folder {folder} cannot be written to")
