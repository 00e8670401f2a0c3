"""Adapters that other packages add: listed, set up and delivered to like ours; one that is broken stops the start, and says which it is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import BrokenAdapter, InstalledAdapters, destinations
from app.bootstrap import Container, build
from app.config import CannotStart, Settings
from app.main import create_app
from tests.added_package import EXAMPLE, importable, install, package
from tests.api_fixtures import Api
from tests.contract.faulty_server import FaultyServer
from tests.contract.quill_stand_in import KEY, Quill
from tests.events import entry, event

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    install(EXAMPLE, target)
    return target


@pytest.fixture
def added(site: Path) -> Iterator[None]:
    with importable(site):
        yield


def glint(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, cwd=site)


def test_it_is_listed_as_added(site: Path) -> None:
    listed = {each["name"]: each for each in json.loads(glint(site, "adapters", "--json").stdout)["adapters"]}

    assert (listed["quill"]["built_in"], listed["quill"]["title"]) == (False, "Quill (an example)")
    assert listed["quill"]["capabilities"]["highest_validation"] == "erp_dry_run"
    assert listed["json"]["built_in"] is True
    assert "quill: Quill (an example) (added)\n" in glint(site, "adapters").stdout


@pytest.mark.anyio
async def test_an_endpoint_of_it_is_set_up_and_delivered_to(container: Container, added: None) -> None:
    quill = Quill()
    with FaultyServer(quill.app, lambda method, path, body: None) as server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as http:
            mine = replace(container, erp_adapters=InstalledAdapters(http))
            transport = httpx.ASGITransport(app=create_app(mine))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
                api = await Api(client).tenant()
                for name, (code, kind) in {"Bank": ("1000", "asset"), "Income": ("4000", "income")}.items():
                    assert (await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": kind})).status_code == 201
                body = {"adapter": "quill", "url": server.url, "environment": "test", "starts_on": "2026-01-01"}
                refused = await api("PUT", "/v1/erp-endpoints/erp", body)
                assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/credentials/key")
                assert (await api("PUT", "/v1/erp-endpoints/erp", body | {"credentials": {"key": KEY}})).status_code == 201
                assert (await api("POST", "/v1/events", event("e-1", "entry.recorded", entry("T-1")))).status_code < 300
                journal = (await api("GET", "/v1/journals?from=2026-01-01")).json()["items"][-1]["id"]
                validated = (await api("POST", "/v1/journals/validate", {"journal_ids": [journal]})).json()["items"][0]
                assert (validated["status"], validated["problems"]) == ("valid", [])
                await api("POST", "/v1/journals/send", {"journal_ids": [journal]})
                shown = (await api("GET", f"/v1/journals/{journal}")).json()

    assert (shown["status"], shown["number"]) == ("sent", "Q-1")
    (booked,) = quill.entries.values()
    assert booked["reference"] == shown["reference"]
    assert {row["account"] for row in booked["rows"]} == {"1000", "4000"}


BROKEN = {
    "import": ('raise RuntimeError("no licence")', 'other = "glint_other:OTHER"', "cannot be loaded: RuntimeError: no licence"),
    "missing": ("", 'other = "glint_other:OTHER"', "cannot be loaded: AttributeError"),
    "no-destination": ("OTHER = 7", 'other = "glint_other:OTHER"', "glint_other:OTHER is no Destination"),
    "taken": (
        "from app.adapters.erp.json.connection import JSON as OTHER",
        'other = "glint_other:OTHER"',
        "there is another one of the name json",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.anyio
async def test_one_that_is_broken_stops_the_start_and_is_named(case: str, tmp_path: Path) -> None:
    module, entry_point, words = BROKEN[case]
    install(package(tmp_path / "source", module, entry_point), tmp_path / "site")

    with importable(tmp_path / "site"):
        with pytest.raises(BrokenAdapter, match=r"the ERP adapter other of the package glint-other 1\.0\.0") as caught:
            destinations()
        assert words in str(caught.value)
        with pytest.raises(CannotStart):
            await build(Settings(data_dir=tmp_path / "data"))
    assert not (tmp_path / "data").exists(), "nothing was started"


def test_the_commands_say_so_in_one_line(tmp_path: Path) -> None:
    module, entry_point, _ = BROKEN["import"]
    install(package(tmp_path / "source", module, entry_point), tmp_path / "site")
    words = "the ERP adapter other of the package glint-other 1.0.0 cannot be loaded: RuntimeError: no licence\n"

    listing, serving, working = (glint(tmp_path / "site", command) for command in ("adapters", "serve", "worker"))

    assert (listing.returncode, listing.stderr) == (2, f"glint adapters: {words}")
    assert (serving.returncode, serving.stderr) == (1, f"glint cannot start: {words}")
    assert (working.returncode, working.stderr) == (1, f"glint cannot start: {words}")
