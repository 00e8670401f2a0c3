"""One cluster of the embedded PostgreSQL: making it, running it, stopping it. The caller holds the locks."""

import os
import secrets
import shutil
import socket
from collections import deque
from dataclasses import dataclass

from app.adapters.postgres.embedded_account import EmbeddedPostgresError, run
from app.adapters.postgres.embedded_files import Home
from app.adapters.postgres.embedded_programs import programs, shipped_installation

HOST = "127.0.0.1"
NAME = "glint"  # of the database and of its owner, who is no superuser; that is "postgres", with the same password
SUPERUSER = "postgres"
START_SECONDS = 120
STOP_SECONDS = 60
PORTS_TRIED = 5
LOG_LINES_SHOWN = 20

# What an operator may tune, in postgresql.conf. A refused statement is the caller's to log: here it would show what was in the row.
INITIAL_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_checkpoints": "off",
}

# The role takes over the superuser's stored verifier, so that no statement ever carries the password.
OWN_ROLE_AND_DATABASE = f"""
SELECT format('CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD %L', rolpassword) FROM pg_authid
 WHERE rolname = '{SUPERUSER}' AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{NAME}') \\gexec
SELECT 'CREATE DATABASE {NAME} OWNER {NAME}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{NAME}') \\gexec
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server of one home. `fsync=False` is for tests: a power cut may then ruin the cluster."""

    home: Home
    fsync: bool

    def url(self, port: int) -> str:
        return f"postgresql+asyncpg://{NAME}:{self._password()}@{HOST}:{port}/{NAME}"

    def stored_port(self) -> int | None:
        try:
            return int(self.home.port.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def complaint(self) -> str | None:
        """Makes sure of the role and the database; None says that the server is up and both are there, otherwise why not."""
        answer = run(
            shipped_installation() / "bin" / "psql",
            *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"),
            text=OWN_ROLE_AND_DATABASE,
            seconds=START_SECONDS,
            environment={
                "PGHOST": HOST,
                "PGPORT": str(self.stored_port() or 0),
                "PGUSER": SUPERUSER,
                "PGDATABASE": "postgres",
                "PGPASSWORD": self._password(),
                "PGREQUIREAUTH": "scram-sha-256",  # nobody who listens on this port in the server's place is told the password
                "PGCONNECT_TIMEOUT": "10",
            },
        )
        return None if answer.returncode == 0 else answer.stdout.strip()

    def create_cluster(self, server_lock: int) -> None:
        """Makes the cluster where there is none yet; what an interrupted attempt left is cleared away. initdb inherits the lock."""
        if self.home.cluster.exists():
            return
        new, account = self.home.unfinished_cluster, self.home.account
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(mode=0o700)
        if account is not None:
            os.chown(new, account.uid, account.gid)
        self.home.store(self.home.password, secrets.token_urlsafe(32))
        answer = run(
            programs(self.home) / "initdb",
            *(f"--pgdata={new}", f"--username={SUPERUSER}", f"--pwfile={self.home.password}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(f"--set={name}={value}" for name, value in INITIAL_SETTINGS.items()),
            *(() if self.fsync else ("--no-sync",)),
            account=account,
            seconds=START_SECONDS,
            hand_down=[server_lock],
        )
        if answer.returncode != 0:
            raise EmbeddedPostgresError(f"initdb could not make {self.home.cluster}:\n{answer.stdout.strip()}")
        new.rename(self.home.cluster)

    def launch(self, server_lock: int) -> int:
        """Starts the server, which inherits the lock, and returns its port: the last one if that is free, otherwise a new one."""
        self._password()  # before there is a server that nobody could use
        # The lock was free, so this names no living server, at most a stranger that was given its process number since.
        self.home.process_file.unlink(missing_ok=True)
        if self.home.log.exists():
            self.home.log.replace(self.home.log.with_suffix(".log.1"))
        for _ in range(PORTS_TRIED):
            port = free_port(self.stored_port())
            self.home.store(self.home.port, str(port))
            if self._start(port, server_lock):
                return port
            if self.home.process_file.exists() or port == free_port(port):  # it is still recovering, or its trouble is not the port
                break
        raise EmbeddedPostgresError(f"PostgreSQL did not start. The end of {self.home.log}:\n{self._end_of_log()}")

    def _start(self, port: int, server_lock: int) -> bool:
        # What Glint relies on goes on the command line, above anything that postgresql.conf may say.
        settings = [f"listen_addresses={HOST}", f"port={port}", "unix_socket_directories="]
        if not self.fsync:
            settings += ["fsync=off", "full_page_writes=off"]
        with os.fdopen(os.open(self.home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "wb") as output:
            answer = run(
                programs(self.home) / "pg_ctl",
                *("start", "--wait", f"--timeout={START_SECONDS}", f"--pgdata={self.home.cluster}"),
                "--options=" + " ".join(f"-c {setting}" for setting in settings),
                account=self.home.account,
                seconds=START_SECONDS + 10,
                output=output,
                hand_down=[server_lock],
            )
        return answer.returncode == 0

    def halt(self) -> str | None:
        """Stops the server and rolls back what is open. None when that was done, otherwise why not."""
        answer = run(
            programs(self.home) / "pg_ctl",
            *("stop", "--mode=fast", "--wait", f"--timeout={STOP_SECONDS}", f"--pgdata={self.home.cluster}"),
            account=self.home.account,
            seconds=STOP_SECONDS + 10,
        )
        return None if answer.returncode == 0 else answer.stdout.strip()

    def _password(self) -> str:
        try:
            return self.home.password.read_text().strip()
        except FileNotFoundError as error:
            raise EmbeddedPostgresError(f"{self.home.password} is missing: without it the database cannot be opened") from error

    def _end_of_log(self) -> str:
        with self.home.log.open(errors="replace") as lines:
            return "".join(deque(lines, maxlen=LOG_LINES_SHOWN)).strip()


def free_port(wished: int | None) -> int:
    """The wished port if it can be bound, otherwise any that can."""
    with socket.socket() as probe:
        # As the server does it: connections of its last run that are not quite over are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wished or 0))
        except (OSError, OverflowError):
            probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
