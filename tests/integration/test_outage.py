"""The database goes away and comes back: requests are answered with 503 meanwhile, and the same process serves on afterwards."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from app.adapters.postgres.embedded import EmbeddedPostgres
from app.adapters.postgres.engine import is_outage, make_engine
from app.adapters.postgres.key_directory import PostgresKeyDirectory
from app.adapters.postgres.lanes import PostgresLaneClaims
from app.application.ports.unit_of_work import StoreUnavailable
from app.bootstrap import build
from app.config import Settings
from app.main import create_app
from tests.api_fixtures import ADMIN_KEY, SECRET_KEY, Api, set_up
from tests.databases import enterable_folder
from tests.events import event, order

pytestmark = pytest.mark.anyio


def kill(folder: Path) -> None:
    """`kill -9` of the whole server."""
    pid = int((folder / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)


async def test_requests_say_503_while_the_database_is_gone() -> None:
    with enterable_folder() as folder:
        postgres = EmbeddedPostgres(folder, fsync=False, system_dir=folder / "system")
        settings = Settings(
            database_url=postgres.start(), data_dir=folder / "data", admin_key=SecretStr(ADMIN_KEY), secret_key=SecretStr(SECRET_KEY)
        )
        container = await build(settings)
        transport = httpx.ASGITransport(app=create_app(container), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://glint.test") as http:
            api = await Api(http).tenant()
            await set_up(api)
            kill(folder)
            sent = event("1", "order.created", order())
            gone = [await api("POST", "/v1/events", sent) for _ in range(3)]
            assert {answer.status_code for answer in gone} == {503}
            assert gone[0].json()["code"] == "not-ready"
            assert gone[0].headers["retry-after"]
            with pytest.raises(StoreUnavailable):
                await PostgresLaneClaims(container.engine).claim_one(UUID(int=0), "erp", "lane", now=datetime.now(UTC), lease_seconds=5)
            assert (await api("GET", "/readyz")).status_code == 503
            assert (await api("GET", "/healthz")).status_code == 200
            assert postgres.start() == settings.database_url
            answers = [await api("POST", "/v1/events", sent) for _ in range(20)]
            assert answers[-1].status_code == 200, answers[-1].text
            assert sorted({answer.status_code for answer in answers} - {503}) == [200, 201]
        await container.close()
        postgres.stop()


@pytest.mark.parametrize(("state", "outage"), [("57P03", True), ("57P01", True), ("28P01", False)])
async def test_a_server_that_is_still_starting_is_an_outage_too(state: str, outage: bool) -> None:
    """After a crash PostgreSQL listens before it takes connections: it refuses them while it recovers."""
    fields = b"SFATAL\x00VFATAL\x00C" + state.encode() + b"\x00Mno\x00\x00"

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)  # the request for TLS
        writer.write(b"N")
        await reader.read(1000)
        writer.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        engine = make_engine(f"postgresql+asyncpg://glint:no@127.0.0.1:{server.sockets[0].getsockname()[1]}/glint", pool_size=1)
        with pytest.raises(DBAPIError) as refused:
            await engine.connect()
        assert is_outage(refused.value) is outage
        if outage:
            with pytest.raises(StoreUnavailable):
                await PostgresKeyDirectory(engine).find([b"hash"])
        await engine.dispose()
