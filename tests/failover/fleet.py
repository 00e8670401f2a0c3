"""The processes of a run: the fault suite's fleet on a cluster, with a server and a further worker in the place of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

from tests.failover import process
from tests.failover.cluster import Cluster
from tests.failover.pgbouncer import PgBouncer
from tests.faults.fleet import Fleet

ERPS = 2


class FailoverFleet(Fleet):
    """`database_url` names the nodes, for whoever looks; Glint itself may go through a pgbouncer."""

    def __init__(self, folder: Path, pooling: str | None) -> None:
        self.pgbouncer = PgBouncer(folder, pooling) if pooling else None
        self.cluster = Cluster(folder, self.pgbouncer.callback if self.pgbouncer else None)
        super().__init__(folder, ERPS, postgres=self.cluster)
        self._pooling = pooling

    def start(self) -> None:
        if self.pgbouncer is not None:
            self.pgbouncer.prepare()
        self.database_url = self.cluster.start()
        if self.pgbouncer is not None:
            self.pgbouncer.start()
        for erp in self.erps:
            self.start_erp(erp)
        self.start_program("api", process.server, int(self.api_url.rpartition(":")[2]))
        self.wait_for(f"{self.api_url}/readyz", "api")
        self.start_program("worker", process.worker)

    def stop(self) -> None:
        try:
            super().stop()
        finally:
            if self.pgbouncer is not None:
                self.pgbouncer.stop()

    def environment(self) -> dict[str, str]:
        return super().environment() | self._database()

    async def glint(self, *command: str) -> tuple[str, int]:
        """What a command of Glint's says, and its exit status."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GLINT_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", *command, env=kept | self.environment(), stdout=PIPE, stderr=STDOUT
        )
        said, _ = await process.communicate()
        return said.decode().strip(), process.returncode or 0

    def _database(self) -> dict[str, str]:
        if self.pgbouncer is None:
            return {"GLINT_DATABASE_URL": self.cluster.url}
        if self._pooling == "transaction":
            return {"GLINT_DATABASE_URL": f"{self.pgbouncer.url}?statement_cache_size=0", "GLINT_DIRECT_DATABASE_URL": self.cluster.url}
        return {"GLINT_DATABASE_URL": self.pgbouncer.url}
