"""pgbouncer in front of the leader. Patroni tells it where that is: its callback writes the address, and has it read again."""

import subprocess
import time
from pathlib import Path

from tests.failover import programs
from tests.failover.cluster import DATABASE
from tests.failover.node import HOST, PASSWORD
from tests.reference_erp_process import free_port

START_SECONDS = 20
POLL_SECONDS = 0.05
POOLINGS = ("session", "transaction")
SETTINGS = {
    "auth_type": "plain",
    "default_pool_size": "60",
    "max_client_conn": "200",
    "server_login_retry": "1",
    "server_connect_timeout": "3",
    "query_wait_timeout": "10",
}
"""Beside the defaults: a server that was lost is tried again every second, and a client told after ten that there is none."""


class PgBouncer:
    """Blocking."""

    def __init__(self, folder: Path, pooling: str) -> None:
        self._folder = folder / "pgbouncer"
        self._log = folder / "pgbouncer.log"
        self._pooling = pooling
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.callback = folder / "leader-changed"

    @property
    def url(self) -> str:
        return f"postgresql://{DATABASE}:{PASSWORD}@{HOST}:{self._port}/{DATABASE}"

    def prepare(self) -> None:
        """Writes its files. Patroni may call the callback before pgbouncer runs."""
        programs.own(self._folder)
        self.callback.write_text(CALLBACK.format(folder=self._folder, host=HOST, database=DATABASE))
        self.callback.chmod(0o755)
        (self._folder / "users").write_text(f'"{DATABASE}" "{PASSWORD}"\n')
        lines = SETTINGS | {
            "listen_addr": HOST,
            "listen_port": str(self._port),
            "unix_socket_dir": "",
            "auth_file": str(self._folder / "users"),
            "pidfile": str(self._folder / "pid"),
            "pool_mode": self._pooling,
        }
        settings = "\n".join(f"{name} = {value}" for name, value in lines.items())
        (self._folder / "ini").write_text(f"[pgbouncer]\n{settings}\n%include {self._folder / 'leader'}\n")

    def start(self) -> None:
        """Returns once it listens. The leader must be known."""
        self._process = programs.start(["/usr/sbin/pgbouncer", str(self._folder / "ini")], self._log, self._folder)
        deadline = time.monotonic() + START_SECONDS
        while not (self._folder / "pid").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pgbouncer did not start\n{self._log.read_text()}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


CALLBACK = """#!/bin/sh
# Patroni adds what happened, the role, and the cluster: leader-changed PORT ACTION ROLE CLUSTER
case "$3" in master|primary) ;; *) exit 0 ;; esac
printf '[databases]\\n{database} = host={host} port=%s\\n' "$1" > {folder}/leader.new
mv {folder}/leader.new {folder}/leader
[ ! -f {folder}/pid ] || kill -HUP "$(cat {folder}/pid)"
"""
