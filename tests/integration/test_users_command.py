"""`glint users`: the operator keeps the people who use the screens."""

import asyncio

import pytest
from typer.testing import CliRunner, Result

from app.bootstrap import Container
from app.cli import app
from tests.api_fixtures import Api

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse battery"


@pytest.fixture
def settings(shared_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("GLINT_DATABASE_URL", shared_database_url)
    monkeypatch.setenv("GLINT_DATA_DIR", str(tmp_path_factory.mktemp("operator")))


async def users(*arguments: str, password: str = "") -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["users", *arguments], input=f"{password}\n")


async def test_a_user_is_added_changed_and_disabled(api: Api, settings: None, container: Container) -> None:
    added = await users("add", "anna", "--tenant", api.name, "--role", "sender", "--role", "marker", password=PASSWORD)
    assert (added.exit_code, added.stdout) == (0, "anna may sign in: sender, marker\n"), added.output
    again = await users("add", "anna", "--tenant", api.name, "--role", "viewer", password=PASSWORD)
    assert again.exit_code == 1
    assert "there is a user anna already" in again.stderr
    assert (await users("password", "anna", "--tenant", api.name, password="too short")).exit_code == 1
    assert (await users("password", "anna", "--tenant", api.name, password=PASSWORD + "!")).exit_code == 0
    assert (await users("disable", "anna", "--tenant", api.name)).exit_code == 0
    assert (await users("list", "--tenant", api.name)).stdout == "anna\tsender,marker\tdisabled\tpassword\n"
    assert (await users("enable", "anna", "--tenant", api.name)).exit_code == 0
    assert (await users("list", "--tenant", api.name)).stdout == "anna\tsender,marker\tactive\tpassword\n"
    entries = (await api("GET", "/v1/audit-log?limit=4")).json()["items"]
    assert [(each["actor"], each["command"], each["subject"]) for each in reversed(entries)] == [
        ("operator", "user.add", "anna"),
        ("operator", "user.password", "anna"),
        ("operator", "user.disable", "anna"),
        ("operator", "user.enable", "anna"),
    ]


async def test_a_user_signs_in_at_the_issuer_by_password_or_both(api: Api, settings: None) -> None:
    tenant = ("--tenant", api.name)
    added = await users("add", "anna", *tenant, "--role", "sender", "--oidc", "Anna@Uni.Example")
    assert (added.exit_code, added.stdout) == (0, "anna may sign in: sender\n"), added.output
    both = await users("add", "otto", *tenant, "--role", "viewer", "--oidc", "otto@uni.example", "--password", password=PASSWORD)
    assert both.exit_code == 0, both.output
    assert (await users("list", *tenant)).stdout == (
        "anna\tsender\tactive\toidc anna@uni.example\notto\tviewer\tactive\tpassword, oidc otto@uni.example\n"
    )
    for refused, told in (
        (("add", "vera", *tenant, "--role", "viewer", "--oidc", "ANNA@uni.example"), "another user signs in as anna@uni.example"),
        (("add", "vera", *tenant, "--role", "viewer", "--oidc", ""), "a name at the issuer has 1 to 320"),
        (("oidc", "otto", "anna@UNI.example", *tenant), "another user signs in with it"),
        (("oidc", "anna", "", *tenant), "anna has no password"),
        (("oidc", "vera", "vera@uni.example", *tenant), "there is no user vera"),
    ):
        answer = await users(*refused)
        assert (answer.exit_code, told in answer.stderr) == (1, True), answer.output
    assert (await users("oidc", "anna", "a.smith@uni.example", *tenant)).stdout == "anna signs in as a.smith@uni.example now\n"
    assert (await users("oidc", "otto", "", *tenant)).stdout == "otto signs in by password alone now\n"
    assert (await users("list", *tenant)).stdout == "anna\tsender\tactive\toidc a.smith@uni.example\notto\tviewer\tactive\tpassword\n"
    entries = (await api("GET", "/v1/audit-log?limit=2")).json()["items"]
    assert [(each["command"], each["detail"]) for each in entries] == [
        ("user.oidc", {"oidc": None}),
        ("user.oidc", {"oidc": "a.smith@uni.example"}),
    ]


async def test_a_tenant_must_be_one(api: Api, settings: None) -> None:
    assert "there is no tenant nobody" in (await users("list", "--tenant", "nobody")).stderr
    await api.tenant()
    assert "say which with --tenant" in (await users("list")).stderr
