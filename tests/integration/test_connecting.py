"""Connections to one of several hosts, and what they leave behind in a server that is shared."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from app.adapters.postgres import connecting
from app.adapters.postgres.connecting import Connecting
from app.adapters.postgres.engine import async_url, is_outage, make_engine
from app.adapters.postgres.key_directory import PostgresKeyDirectory
from app.application.ports.unit_of_work import StoreUnavailable
from app.bootstrap import build
from app.config import CannotStart, Settings
from tests.databases import execute

pytestmark = pytest.mark.anyio

PATIENCE = 20


def several(database_url: str, *ports: int) -> str:
    """The URL of a test's database with these ports of loopback before its own."""
    given = make_url(database_url)
    hosts = ",".join(f"127.0.0.1:{port}" for port in (*ports, given.port))
    return async_url(f"postgresql://{given.username}:{given.password}@{hosts}/{given.database}")


@pytest.fixture
def dumb_port() -> Iterator[int]:
    """A host that takes connections and never says anything, as one whose PostgreSQL hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def test_a_host_that_does_not_answer_keeps_no_other_from_being_asked(
    database_url: str, dumb_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "ONE_OF_SEVERAL_SECONDS", 0.5)
    engine = make_engine(several(database_url, dumb_port, 9), pool_size=2)
    async with asyncio.timeout(PATIENCE), engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    await engine.dispose()


async def test_the_next_connection_begins_with_the_host_that_took_the_last(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    connect = asyncpg.connect

    async def noting(**options: object) -> object:
        asked.append(int(str(options["port"])))
        return await connect(**options)

    monkeypatch.setattr(asyncpg, "connect", noting)
    url = make_url(several(database_url, 9))
    _, options = url.get_dialect()().create_connect_args(url)
    connect_to = Connecting()
    for _ in range(2):
        await (await connect_to(**options)).close()
    ours = make_url(database_url).port
    assert asked == [9, ours, ours]


async def test_where_no_host_takes_writes_the_database_is_not_there_now(database_url: str) -> None:
    """A database that takes no writes stands for a standby: the driver asks for both. Every request begins with looking up its key."""
    name = make_url(database_url).database
    await asyncio.to_thread(execute, database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine = make_engine(several(database_url, 9), pool_size=1)
    with pytest.raises(DBAPIError) as refused:
        await engine.connect()
    assert is_outage(refused.value)
    with pytest.raises(StoreUnavailable):
        await PostgresKeyDirectory(engine).find([b"hash"])
    await engine.dispose()


async def test_a_connection_to_a_standby_does_not_stay_in_the_pool(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        before = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar()
        await connection.execute(text("SET default_transaction_read_only = on"))
        await connection.commit()
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text("CREATE TABLE never (n int)"))
    assert is_outage(refused.value)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT pg_backend_pid()"))).scalar() != before
        await connection.execute(text("CREATE TABLE one_day (n int)"))
    await engine.dispose()


async def test_every_connection_watches_its_machine(database_url: str) -> None:
    _, options = make_url(database_url).get_dialect()().create_connect_args(make_url(database_url))
    connection = await Connecting()(**options)
    watched = connection._transport.get_extra_info("socket")
    assert watched.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert watched.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == connecting.SILENCE_SECONDS * 1000
    await connection.close()


@pytest.mark.parametrize(("parameter", "left"), [("", True), ("?statement_cache_size=0", False)])
async def test_without_a_cache_no_statement_is_left_in_the_servers_session(database_url: str, parameter: str, left: bool) -> None:
    engine = make_engine(database_url + parameter, pool_size=1)
    async with engine.connect() as connection:
        for number in range(3):
            assert (await connection.execute(text("SELECT :number + 1"), {"number": number})).scalar() == number + 1
        found = (await connection.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+ 1%'"))).scalar()
    await engine.dispose()
    assert bool(found) is left


async def test_migrations_and_wake_ups_go_past_the_pooler(database_url: str, tmp_path: Path) -> None:
    """The URL of the pooler leads nowhere: what needs a session works all the same, and only that."""
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:9/none", direct_database_url=database_url, data_dir=tmp_path)
    container = await build(settings)
    async with asyncio.timeout(PATIENCE):
        await container.waking.listening.wait()
    assert await container.readiness.complaint() == "the database does not answer"
    await container.close()


async def test_a_direct_url_that_is_none_is_named(tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:9/none", direct_database_url="nonsense", data_dir=tmp_path)
    with pytest.raises(CannotStart, match="GLINT_DIRECT_DATABASE_URL must be a PostgreSQL URL"):
        await build(settings)
