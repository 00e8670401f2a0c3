"""A first start without any set-up, a second one that finds it all again, and the application on real sockets."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from app.api.security import Keys
from app.bootstrap import ADMIN_KEY_FILE, SECRET_KEY_FILE, Container, build, migrate_only
from app.config import Settings
from app.main import create_app
from tests.api_fixtures import ADMIN_KEY
from tests.databases import enterable_folder
from tests.reference_erp_process import free_port

pytestmark = pytest.mark.anyio


async def test_a_start_with_nothing_but_a_folder_makes_its_secrets_and_finds_them_again() -> None:
    with enterable_folder() as folder:
        settings = Settings(_env_file=None, database_url=None, admin_key=None, secret_key=None, data_dir=folder / "data")
        first = await build(settings)
        try:
            assert await first.readiness.complaint() is None
            sealed = first.secrets.seal(b"x", "row")
        finally:
            await first.close()
        for name in (ADMIN_KEY_FILE, SECRET_KEY_FILE):
            assert stat.S_IMODE((folder / "data" / name).stat().st_mode) == 0o600
        await migrate_only(settings)
        second = await build(settings)
        try:
            assert second.admin_key == first.admin_key == (folder / "data" / ADMIN_KEY_FILE).read_text().strip()
            assert second.secrets.open(sealed, "row") == b"x"
            assert Keys(second.key_directory, second.admin_key).is_admin(first.admin_key)
        finally:
            await second.close()


async def test_secrets_that_are_given_are_not_written_down(database_url: str, tmp_path: Path, container: Container) -> None:
    assert container.settings.secret_key is not None
    settings = container.settings.model_copy(update={"database_url": database_url, "data_dir": tmp_path / "data"})
    built = await build(settings)
    await built.close()
    assert built.admin_key == ADMIN_KEY
    assert not (tmp_path / "data").exists()


@asynccontextmanager
async def _served(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(container), port=port, log_config=None, lifespan="off", ws="none"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        await running


async def test_on_real_sockets_names_limits_and_traces_are_the_same(container: Container) -> None:
    async with _served(container) as client:
        body = {"name": "On sockets", "base_currency": "EUR", "time_zone": "Europe/Berlin"}
        made = await client.post("/v1/tenants", json=body, headers={"authorization": f"Bearer {ADMIN_KEY}"})
        key = {"authorization": f"Bearer {made.json()['key']}"}
        path = "/v1/accounts/PO%2F2026%2F1%20%C3%A4%25"
        assert (await client.put(path, json={"account_code": "1", "type": "asset"}, headers=key)).status_code == 201
        answer = await client.get(path, headers=key)
        assert answer.json()["name"] == "PO/2026/1 ä%"
        assert len(answer.headers["x-trace-id"]) == 32

        async def unannounced() -> AsyncIterator[bytes]:
            for _ in range(50):
                yield b" " * 100_000

        answer = await client.put(path, content=unannounced(), headers=key)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        answer = await client.put(path, content=b" " * 2_000_000, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert (await client.get(path, headers=key)).status_code == 200
