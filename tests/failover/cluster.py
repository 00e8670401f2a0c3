"""etcd and two nodes on loopback: a PostgreSQL that survives its leader."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.databases import execute
from tests.failover import programs
from tests.failover.node import HOST, PASSWORD, SCOPE, Node
from tests.reference_erp_process import free_port

NODES = 2
START_SECONDS = 90
SWITCH_SECONDS = 60
POLL_SECONDS = 0.1
DATABASE = "glint"


class Cluster:
    """Blocking. `url` names both nodes; whoever leads is found by asking."""

    def __init__(self, folder: Path, callback: Path | None = None) -> None:
        self._folder = folder
        self._etcd_port = free_port()
        self._etcd: subprocess.Popen[bytes] | None = None
        self.nodes = [Node(f"node-{number}", folder, self._etcd_port, callback) for number in range(1, NODES + 1)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{node.port}" for node in self.nodes)
        return f"postgresql://{DATABASE}:{PASSWORD}@{hosts}/{DATABASE}?target_session_attrs=read-write"

    def start(self) -> str:
        """Returns the URL once both nodes are up, the second in step with the first."""
        self._start_etcd()
        self.nodes[0].start()
        self._wait(lambda: self.leader() is not None, "a leader")
        for node in self.nodes[1:]:
            node.start()
        self._make_database()
        self.wait_for_standby()
        return self.url

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()
        if self._etcd is not None:
            self._etcd.kill()
            self._etcd.wait()

    def leader(self) -> Node | None:
        """Who says of itself that it leads, and runs."""
        return next((node for node in self.nodes if _answers(node, "primary")), None)

    def wait_for_leader(self) -> Node:
        self._wait(lambda: self.leader() is not None, "a leader")
        found = self.leader()
        return found if found is not None else self.wait_for_leader()

    def wait_for_standby(self) -> None:
        """Returns once a standby is in step: only then is a commit in two places, and the leader may be lost."""
        self._wait(self._in_step, "a synchronous standby")

    def switch_over(self) -> None:
        """A change of leaders in good order, as before maintenance."""
        leader = self.wait_for_leader()
        other = next(node for node in self.nodes if node is not leader)
        command = ["/usr/bin/patronictl", "-c", str(leader.configuration), "switchover", SCOPE, "--master", leader.name]
        asked = subprocess.run(
            [*command, "--candidate", other.name, "--force"], capture_output=True, text=True, timeout=SWITCH_SECONDS, check=False
        )
        if "Successfully switched over" not in asked.stdout:
            raise RuntimeError(f"no switchover: {asked.stdout} {asked.stderr}")

    def _start_etcd(self) -> None:
        client, peer = f"http://{HOST}:{self._etcd_port}", f"http://{HOST}:{free_port()}"
        places = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer]
        members = ["--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"]
        folder = programs.own(self._folder / "etcd")
        command = ["/usr/bin/etcd", "--data-dir", str(folder / "data"), *places, *members]
        self._etcd = programs.start(command, self._folder / "etcd.log", folder)
        self._wait(lambda: _get(f"{client}/health") is not None, "etcd")

    def _make_database(self) -> None:
        made = f"CREATE ROLE {DATABASE} LOGIN PASSWORD '{PASSWORD}'", f"CREATE DATABASE {DATABASE} OWNER {DATABASE}"
        execute(_operator(self.wait_for_leader()), *made)

    def _in_step(self) -> bool:
        """Patroni and PostgreSQL agree on it."""
        leader = self.leader()
        if leader is None or not any(_answers(node, "synchronous") for node in self.nodes):
            return False
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return bool(execute(_operator(leader), "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"))
        return False

    def _wait(self, there: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not there():
            if time.monotonic() > deadline:
                raise RuntimeError(f"no {what} after {START_SECONDS} s\n{self.last_words()}")
            time.sleep(POLL_SECONDS)

    def last_words(self) -> str:
        logs = [node.log for node in self.nodes if node.log.exists()]
        return "\n".join(f"{log}:\n{log.read_text(errors='replace')[-3000:]}" for log in logs)


def _operator(node: Node) -> str:
    """A URL of the one who may do everything."""
    return f"postgresql://postgres:{PASSWORD}@{HOST}:{node.port}/postgres"


def _answers(node: Node, role: str) -> bool:
    """Patroni's own health checks: 200 where the node has the role."""
    answer = _get(f"http://{HOST}:{node.rest_port}/{role}")
    return answer is not None and answer.status_code == httpx.codes.OK


def _get(url: str) -> httpx.Response | None:
    with suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False, timeout=2)
    return None
