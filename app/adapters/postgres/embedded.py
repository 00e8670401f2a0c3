"""The embedded PostgreSQL: a server of its own per data folder, for a start without any set-up and for tests."""

import os
import time
from pathlib import Path

import structlog

from app.adapters.postgres.embedded_account import EmbeddedPostgresError
from app.adapters.postgres.embedded_files import SYSTEM_DIR, Home, find_home
from app.adapters.postgres.embedded_locks import POLL_SECONDS, exclusive, share, try_lock, try_upgrade
from app.adapters.postgres.embedded_server import START_SECONDS, Server

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

LOCK_SECONDS = 2 * START_SECONDS
DYING_SECONDS = 10

log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """This process's hold on the server of a data folder. Blocking: an event loop calls it in a thread.

    Any number of processes may hold one server; the first starts it, the last to let go stops it. A process that dies lets go
    by dying, and leaves the server running for the next one. `fsync=False` is for tests, `system_dir` is where root keeps a
    cluster whose data folder is closed to other users.
    """

    def __init__(self, data_dir: Path, *, fsync: bool = True, system_dir: Path = SYSTEM_DIR) -> None:
        self._data_dir = data_dir
        self._fsync = fsync
        self._system_dir = system_dir
        self._home: Home | None = None
        self._hold: int | None = None

    def start(self) -> str:
        """Starts the server or attaches to the running one; the URL (`postgresql+asyncpg://…`) carries the password.

        Said again, it brings back a server that died meanwhile, perhaps on another port.
        """
        home = self._home = self._home or find_home(self._data_dir, self._system_dir)
        server = Server(home=home, fsync=self._fsync)
        with exclusive(home.start_lock, seconds=LOCK_SECONDS):
            port = self._running(server)
            home.leave_word()
            if self._hold is None:
                self._hold = share(home.users_lock)
        return server.url(port)

    def stop(self) -> None:
        """Lets go of the server and stops it if nobody else holds it. Without a start before, nothing happens."""
        hold, self._hold = self._hold, None
        if self._home is None or hold is None:
            return
        try:
            with exclusive(self._home.start_lock, seconds=LOCK_SECONDS):
                if try_upgrade(hold):
                    self._halt(Server(home=self._home, fsync=self._fsync))
        finally:
            os.close(hold)

    def _running(self, server: Server) -> int:
        """The port of a server that answers. While one lives that does not answer, it is starting, stopping or recovering: wait."""
        deadline = time.monotonic() + START_SECONDS
        while (lock := try_lock(server.home.server_lock)) is None:
            complaint, port = server.complaint(), server.stored_port()
            if complaint is None and port is not None:
                return port
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"A server of {server.home.cluster} lives but has not answered for {START_SECONDS} s:\n{complaint}"
                )
            time.sleep(POLL_SECONDS)
        try:
            server.create_cluster(lock)
            port = server.launch(lock)
        finally:
            os.close(lock)
        if (complaint := server.complaint()) is not None:
            server.halt()
            raise EmbeddedPostgresError(f"PostgreSQL started on port {port} but cannot be used:\n{complaint}")
        log.info("embedded_postgres_started", folder=str(server.home.folder), port=port)
        return port

    def _halt(self, server: Server) -> None:
        if (complaint := server.halt()) is None:
            log.info("embedded_postgres_stopped", folder=str(server.home.folder))
        elif (lock := try_lock(server.home.server_lock, seconds=DYING_SECONDS)) is not None:
            os.close(lock)  # it had died before, and now the last of its children has
        else:
            raise EmbeddedPostgresError(f"PostgreSQL did not stop:\n{complaint}")
