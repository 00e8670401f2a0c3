"""A node of the cluster: Patroni and the PostgreSQL that it keeps, with all its files in one folder."""

import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests.failover import programs
from tests.reference_erp_process import free_port

HOST = "127.0.0.1"
SCOPE = "glint"
PASSWORD = "loopback-only"
CLUSTER: dict[str, Any] = {
    "ttl": 8,
    "loop_wait": 2,
    "retry_timeout": 3,
    "maximum_lag_on_failover": 1_048_576,
    "synchronous_mode": True,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {"max_connections": 150, "wal_log_hints": "on", "dynamic_shared_memory_type": "mmap", "wal_keep_size": "256MB"},
    },
}
"""Kept in etcd. Not `synchronous_mode_strict`: of two nodes the one that is left must take writes alone until the other is back."""


@dataclass(slots=True)
class Node:
    """`kill` is what a machine does that loses its power; the files stay."""

    name: str
    folder: Path
    etcd_port: int
    callback: Path | None = None
    port: int = field(default_factory=free_port)
    rest_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def configuration(self) -> Path:
        return self.folder / f"{self.name}.yml"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def _data(self) -> Path:
        return self.folder / self.name / "data"

    def start(self) -> None:
        programs.own(self.folder / self.name)
        self.configuration.write_text(yaml.safe_dump(self._settings()))
        self.process = programs.start(["/usr/bin/patroni", str(self.configuration)], self.log, self.folder / self.name)

    def kill(self) -> None:
        """`kill -9` of Patroni and of every process of its PostgreSQL."""
        doomed = self._postgres()
        self._kill_patroni()
        _kill(doomed + self._postgres())

    def stop(self) -> None:
        """For good. PostgreSQL gives its shared memory back, which a killed one leaves to its next start."""
        self._kill_patroni()
        for each in self._postgres()[:1]:
            each.send_signal(signal.SIGQUIT)
            with suppress(psutil.TimeoutExpired):
                each.wait(programs.STOP_SECONDS)
        _kill(self._postgres())

    def kill_postgres(self) -> None:
        """`kill -9` of PostgreSQL alone: Patroni sees it, and brings it back or has another take over."""
        _kill(self._postgres())

    def _kill_patroni(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _postgres(self) -> list[psutil.Process]:
        """The postmaster and its children, while it runs."""
        try:
            postmaster = psutil.Process(int((self._data / "postmaster.pid").read_text().splitlines()[0]))
            return [postmaster, *postmaster.children(recursive=True)] if "postgres" in postmaster.name() else []
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return []

    def _settings(self) -> dict[str, Any]:
        people = {"username": "postgres", "password": PASSWORD}
        callbacks = dict.fromkeys(("on_start", "on_role_change"), f"{self.callback} {self.port}") if self.callback else {}
        return {
            "scope": SCOPE,
            "name": self.name,
            "restapi": {"listen": f"{HOST}:{self.rest_port}", "connect_address": f"{HOST}:{self.rest_port}"},
            "etcd3": {"host": f"{HOST}:{self.etcd_port}"},
            "bootstrap": {"dcs": CLUSTER, "initdb": [{"encoding": "UTF8"}, "data-checksums"]},
            "postgresql": {
                "listen": f"{HOST}:{self.port}",
                "connect_address": f"{HOST}:{self.port}",
                "data_dir": str(self._data),
                "bin_dir": str(programs.POSTGRES_BINARIES),
                "pgpass": str(self.folder / self.name / "pgpass"),
                "authentication": {"superuser": people, "replication": people | {"username": "replicator"}},
                "parameters": {"unix_socket_directories": str(self.folder / self.name)},
                "pg_hba": [f"host all all {HOST}/32 scram-sha-256", f"host replication replicator {HOST}/32 scram-sha-256"],
                "callbacks": callbacks,
                "basebackup": {"checkpoint": "fast"},
                "remove_data_directory_on_rewind_failure": True,
            },
        }


def _kill(processes: list[psutil.Process]) -> None:
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(processes, timeout=programs.STOP_SECONDS)
