"""`glint new-key`: a tenant whose keys were lost is reached again."""

import asyncio

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from tests.api_fixtures import Api

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(shared_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("GLINT_DATABASE_URL", shared_database_url)
    monkeypatch.setenv("GLINT_DATA_DIR", str(tmp_path_factory.mktemp("operator")))


async def new_key(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["new-key", *arguments])


async def test_a_new_key_does_what_the_lost_one_did(api: Api, settings: None) -> None:
    made = await new_key("--tenant", api.name, "--name", "after the loss")
    assert made.exit_code == 0, made.output
    again = api.holding(made.stdout.strip())
    assert (await again("GET", "/v1/tenant")).json()["name"] == api.name
    (entry,) = [each for each in (await again("GET", "/v1/audit-log")).json()["items"] if each["subject"] == "after the loss"]
    assert (entry["actor"], entry["command"]) == ("operator", "key.create")


async def test_its_scopes_can_be_narrowed(api: Api, settings: None) -> None:
    made = await new_key("--tenant", api.name, "--scope", "reports:read")
    reader = api.holding(made.stdout.strip())
    assert (await reader("GET", "/v1/reports/trial-balance?as_of=2026-11-01")).status_code == 200
    assert (await reader("GET", "/v1/accounts")).status_code == 403


async def test_a_tenant_that_is_not_there(settings: None, api: Api) -> None:
    made = await new_key("--tenant", "nobody")
    assert (made.exit_code, made.stdout) == (1, "")
    assert "there is no tenant nobody" in made.stderr
