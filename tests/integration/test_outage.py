"""The database goes away and comes back: requests are answered with 503 meanwhile, and the same process serves on afterwards."""

import os
import signal
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.adapters.postgres.embedded import EmbeddedPostgres
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
            assert (await api("GET", "/readyz")).status_code == 503
            assert (await api("GET", "/healthz")).status_code == 200
            assert postgres.start() == settings.database_url
            answers = [await api("POST", "/v1/events", sent) for _ in range(20)]
            assert answers[-1].status_code == 200, answers[-1].text
            assert sorted({answer.status_code for answer in answers} - {503}) == [200, 201]
        await container.close()
        postgres.stop()
