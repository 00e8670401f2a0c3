"""`glint secrets rotate`: everything is sealed anew, nothing is lost whenever it stops, and a service that runs meanwhile runs on."""

import asyncio
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.adapters.key_ring_file import KeyRingFile
from app.adapters.secrets import AesGcmSecrets, encode_key
from app.application.configure.endpoint_draft import EndpointDraft
from app.application.connect_endpoint import credentials_context
from app.application.ports.authorisations import Authorisation, AuthorisationStatus, Consent, Renewal
from app.application.ports.secrecy import RotatingSecrets
from app.application.ports.setup import AuditEntry, Tenant
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.serial import lock_set_up
from app.application.sign_in.sealed_tokens import TokenPair, open_tokens, seal_tokens, verifier_context
from app.bootstrap import SECRET_KEY_FILE, Container, build
from app.config import Settings
from app.demo.client import Http
from app.demo.program import Program
from app.secrets_cli import rotate, status
from tests.databases import execute
from tests.events import entry, event
from tests.reference_erp_process import ReferenceErp, free_port

ADMIN = "the-operators-key"
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
TOKEN = "s3cret-token-of-the-erp"
SECONDS = 60
TOKENS = TokenPair(access="access", refresh="refresh")


@asynccontextmanager
async def installed(database_url: str, folder: Path, **given: Any) -> AsyncIterator[Container]:
    """An installation, with its keys in a file unless they are given."""
    settings = Settings(database_url=database_url, data_dir=folder, admin_key=SecretStr(ADMIN), database_pool_size=3, **given)
    container = await build(settings)
    try:
        yield container
    finally:
        await container.close()


def given(primary: bytes, *older: bytes) -> dict[str, Any]:
    return {"secret_key": SecretStr(encode_key(primary)), "old_secret_keys": tuple(SecretStr(encode_key(each)) for each in older)}


async def make_tenant(container: Container, name: str, *endpoints: str) -> Tenant:
    tenant, _ = await container.configure.create_tenant("admin", name=name, base_currency="NZD", time_zone="Pacific/Auckland")
    for endpoint in endpoints:
        await put(container, tenant.id, endpoint)
    return tenant


async def put(container: Container, tenant_id: UUID, endpoint: str) -> None:
    draft = EndpointDraft(adapter="json", url="https://erp.example/gl", environment="test", credentials={"token": TOKEN})
    await container.configure.put_endpoint(tenant_id, "key", endpoint, draft)


async def run(container: Container) -> tuple[int, str]:
    out = io.StringIO()
    return await rotate(container, out), out.getvalue()


async def counts(container: Container) -> list[tuple[str, str]]:
    """What `status` says: of each key its rank and how many credentials it seals."""
    out = io.StringIO()
    assert await status(container, out) == 0
    return [(rank, number) for _, rank, number in (line.split() for line in out.getvalue().splitlines())]


async def newest(container: Container, tenant: Tenant) -> AuditEntry:
    async with container.units_of_work(tenant.id) as uow:
        (found,) = await uow.audit.page(None, 1)
    return found


async def opened(container: Container, tenant: Tenant) -> Mapping[str, bool]:
    return {each.endpoint.name: each.credentials == ("token",) for each in await container.configure.list_endpoints(tenant.id)}


def lines(folder: Path) -> list[str]:
    return (folder / SECRET_KEY_FILE).read_text().splitlines()


@pytest.mark.anyio
async def test_everything_is_sealed_anew_and_the_old_key_goes(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as container:
        one, two = await make_tenant(container, "One", "erp", "club"), await make_tenant(container, "Two", "erp")
        none = await make_tenant(container, "None")
        (before,) = lines(tmp_path)
        exit_status, said = await run(container)
        (after,) = lines(tmp_path)
        assert (exit_status, after != before) == (0, True)
        assert "3 credentials sealed anew" in said
        assert "1 older dropped" in said
        assert before not in said
        assert after not in said
        assert await counts(container) == [("primary", "3"), ("older", "0")]  # this process knew it, and keeps it for what it read before
        entry_of_one = await newest(container, one)
        assert (entry_of_one.actor, entry_of_one.command) == ("operator", "secrets.rotate")
        assert entry_of_one.detail == {"endpoints": ["club", "erp"]}
        assert (await newest(container, two)).command == "secrets.rotate"
        assert (await newest(container, none)).command == "tenant.create"
    async with installed(database_url, tmp_path) as fresh:
        assert await counts(fresh) == [("primary", "3")]
        assert await opened(fresh, one) == {"erp": True, "club": True}


class PowerCut(BaseException):
    """Nothing of the program runs after it."""


class CutShort:
    """Units of work that end the program at the n-th of them."""

    def __init__(self, real: UnitsOfWork, after: int) -> None:
        self._real = real
        self._left = after

    def __call__(self, tenant_id: UUID, *, reading: bool = False, snapshot: bool = False) -> UnitOfWork:
        self._left -= 1
        if self._left < 0:
            raise PowerCut
        return self._real(tenant_id, reading=reading, snapshot=snapshot)


@pytest.mark.anyio
async def test_stopped_anywhere_it_is_finished_by_the_next_run(database_url: str, tmp_path: Path) -> None:
    cuts = 0
    async with installed(database_url, tmp_path) as container:
        tenants = [await make_tenant(container, "One", "erp", "club"), await make_tenant(container, "Two", "erp")]
    while True:
        before = lines(tmp_path)
        async with installed(database_url, tmp_path) as container:
            container.units_of_work = CutShort(container.units_of_work, cuts)
            try:
                assert (await run(container))[0] == 0
                break
            except PowerCut:
                begun = lines(tmp_path)
                assert (len(begun), begun[1:]) == (2, before)
        async with installed(database_url, tmp_path) as container:
            assert all([all((await opened(container, tenant)).values()) for tenant in tenants])
            assert (await run(container))[0] == 0
            assert lines(tmp_path) == begun[:1]
        async with installed(database_url, tmp_path) as container:
            assert await counts(container) == [("primary", "3")]
        cuts += 1
    assert cuts == 5, "one to begin each tenant, one for each endpoint"


@pytest.mark.anyio
async def test_sealed_but_the_old_key_not_yet_dropped(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as container:
        tenant = await make_tenant(container, "One", "erp")
        KeyRingFile(tmp_path / SECRET_KEY_FILE).renew()
        await put(container, tenant.id, "erp")
        exit_status, said = await run(container)
        assert (exit_status, len(lines(tmp_path))) == (0, 1)
        assert "0 credentials sealed anew" in said
        assert (await newest(container, tenant)).command == "endpoint.put"


@pytest.mark.anyio
async def test_credentials_that_no_key_opens_are_named_and_keep_the_old_keys(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as container:
        tenant = await make_tenant(container, "One", "club", "erp")
        async with container.units_of_work(tenant.id) as uow:
            await uow.endpoints.reseal("club", AesGcmSecrets(OTHER).seal(b"{}", credentials_context(tenant.id, "club")))
            await uow.commit()
        exit_status, said = await run(container)
        assert exit_status == 1
        assert "endpoint club of tenant One" in said
        assert "1 credentials sealed anew" in said
        assert len(lines(tmp_path)) == 2
        assert ("unknown", "1") in await counts(container)
        await put(container, tenant.id, "club")
        assert (await run(container))[0] == 0
        assert len(lines(tmp_path)) == 1
        assert await opened(container, tenant) == {"club": True, "erp": True}


@pytest.mark.anyio
async def test_a_change_under_way_is_waited_for_and_not_lost(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as service, installed(database_url, tmp_path) as operator:
        tenant = await make_tenant(service, "One", "erp")
        before = (await service.configure.get_endpoint(tenant.id, "erp")).endpoint
        async with service.units_of_work(tenant.id) as uow:  # as PutEndpoint does
            await lock_set_up(uow)
            sealed = service.secrets.seal(b'{"token": "new"}', credentials_context(tenant.id, "erp"))
            rotating = asyncio.create_task(run(operator))
            while not rotating.done() and not await _somebody_waits(service):
                await asyncio.sleep(0.01)
            await uow.endpoints.reseal(before.name, sealed)
            await uow.commit()
        assert (await rotating)[0] == 0
        async with service.units_of_work(tenant.id) as uow:
            after = await uow.endpoints.get("erp")
        assert after is not None
        assert after.credentials is not None
        context = credentials_context(tenant.id, "erp")
        keys, _ = KeyRingFile(tmp_path / SECRET_KEY_FILE).load()
        assert AesGcmSecrets(keys[0]).open(after.credentials, context) == b'{"token": "new"}'


async def _somebody_waits(container: Container) -> bool:
    async with container.engine.connect() as connection:
        query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool((await connection.execute(query)).scalar_one())


@pytest.mark.anyio
async def test_keys_that_the_operator_gives(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path, **given(KEY)) as container:
        tenant = await make_tenant(container, "One", "erp")
        assert "no older key is needed" in (await run(container))[1]
    async with installed(database_url, tmp_path, **given(OTHER, KEY)) as container:
        assert await opened(container, tenant) == {"erp": True}
        assert await counts(container) == [("primary", "0"), ("older", "1")]
        exit_status, said = await run(container)
        assert exit_status == 0
        assert "1 in GLINT_OLD_SECRET_KEYS not needed any more" in said
        assert encode_key(OTHER) not in said
    async with installed(database_url, tmp_path, **given(OTHER)) as container:
        assert await opened(container, tenant) == {"erp": True}
    async with installed(database_url, tmp_path, **given(KEY)) as container:
        assert (await run(container))[0] == 1
    assert not list(tmp_path.iterdir())


class Service:
    """`glint serve` in a process of its own, and the operator's command beside it."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._environment = {
            "GLINT_DATABASE_URL": database_url.replace("+asyncpg", ""),
            "GLINT_DATA_DIR": str(folder / "data"),
            "GLINT_ADMIN_KEY": ADMIN,
            "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
        port = free_port()
        self.key_file = folder / "data" / SECRET_KEY_FILE
        self.http = Http(f"http://127.0.0.1:{port}", ADMIN)
        self.program = Program(
            "The service",
            ["serve", "--port", str(port)],
            ready_url=f"http://127.0.0.1:{port}/readyz",
            log=folder / "service.log",
            environment=self._environment,
        )

    def secrets(self, command: str) -> str:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GLINT_")}
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "secrets", command],
            env=surroundings | self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def deliver(self, number: str) -> None:
        """An entry, until it is in the ERP."""
        self.http.post("/v1/events", event(f"e-{number}", "entry.recorded", entry(number)))
        deadline = time.monotonic() + SECONDS
        while (statuses := {each["status"] for each in self.http.items("/v1/journals", **{"from": "2026-11-01"})}) != {"sent"}:
            assert time.monotonic() < deadline, statuses
            time.sleep(0.05)


def test_a_running_service_delivers_on_while_its_keys_are_rotated(database_url: str, tmp_path: Path) -> None:
    service = Service(database_url, tmp_path)
    with ReferenceErp(tmp_path / "erp.db") as erp:
        erp.load_chart({"1000": "asset", "4000": "income"})
        service.program.start()
        try:
            tenant = {"name": "Tests", "base_currency": "NZD", "time_zone": "Pacific/Auckland"}
            service.http.token = service.http.post("/v1/tenants", tenant)["key"]
            service.http.put("/v1/accounts/Bank", {"account_code": "1000", "type": "asset"})
            service.http.put("/v1/accounts/Income", {"account_code": "4000", "type": "income"})
            endpoint = {
                "adapter": "json",
                "url": erp.url,
                "credentials": {"token": erp.token},
                "release": "automatic",
                "starts_on": "2026-01-01",
            }
            service.http.put("/v1/erp-endpoints/erp", endpoint)
            service.deliver("T-1")
            first = service.key_file.read_text()
            service.secrets("rotate")
            service.deliver("T-2")
            service.secrets("rotate")
            service.http.put("/v1/erp-endpoints/second", endpoint | {"release": "manual", "starts_on": "2027-01-01"})
            service.deliver("T-3")
            assert service.http.get("/v1/erp-endpoints/erp")["paused"] is False
            assert len(service.key_file.read_text().splitlines()) == 1
            assert service.key_file.read_text() != first
            assert re.fullmatch(r"[0-9a-f]{16}  primary  2\n", service.secrets("status"))
        finally:
            service.program.stop()
            service.http.close()
    assert execute(database_url, "SELECT count(*) FROM audit_log WHERE command = 'secrets.rotate' AND actor = 'operator'") == 2


async def authorised(container: Container, tenant: Tenant, sealed_with: AesGcmSecrets | RotatingSecrets) -> None:
    """The endpoint `erp` as if a person had authorised it, and a consent under way."""
    async with container.units_of_work(tenant.id) as uow:
        await lock_set_up(uow)
        await uow.authorisations.ensure("erp", "client")
        sealed = seal_tokens(sealed_with, tenant.id, "erp", TOKENS)
        granted = Authorisation(endpoint="erp", client="client", status=AuthorisationStatus.AUTHORISED, sealed=sealed)
        await uow.authorisations.grant(granted)
        verifier = sealed_with.seal(b"verifier", verifier_context(tenant.id, "erp"))
        at = datetime(2026, 11, 16, tzinfo=UTC)
        await uow.consents.put(
            Consent(endpoint="erp", state_hash=b"h", client="client", verifier=verifier, redirect_uri="", asked_by="", expires_at=at)
        )
        await uow.commit()


@pytest.mark.anyio
async def test_tokens_and_verifiers_are_sealed_anew_too(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as container:
        tenant = await make_tenant(container, "One", "erp", "club")
        await authorised(container, tenant, container.secrets)
        before = await _authorisation(container, tenant)
        exit_status, said = await run(container)
        assert (exit_status, len(lines(tmp_path))) == (0, 1)
        assert "4 credentials sealed anew" in said
        assert (await newest(container, tenant)).detail == {"endpoints": ["club", "erp"]}
    async with installed(database_url, tmp_path) as fresh:
        assert await counts(fresh) == [("primary", "4")]
        after = await _authorisation(fresh, tenant)
        assert after.sealed is not None
        assert (after.sealed != before.sealed, replace(after, sealed=None)) == (True, replace(before, sealed=None))
        assert open_tokens(fresh.secrets, tenant.id, "erp", after.sealed) == TOKENS
        async with fresh.units_of_work(tenant.id) as uow:
            (consent,) = await uow.consents.list()
        assert fresh.secrets.open(consent.verifier, verifier_context(tenant.id, "erp")) == b"verifier"


@pytest.mark.anyio
async def test_tokens_that_no_key_opens_keep_the_old_keys_but_a_consent_does_not(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as container:
        tenant = await make_tenant(container, "One", "erp")
        await authorised(container, tenant, AesGcmSecrets(OTHER))
        exit_status, said = await run(container)
        assert (exit_status, len(lines(tmp_path))) == (1, 2)
        assert "no key opens the tokens of endpoint erp of tenant One: authorise it again" in said
        async with container.units_of_work(tenant.id) as uow:
            assert await uow.consents.list() == []
        await authorised(container, tenant, container.secrets)
        assert (await run(container))[0] == 0
        assert len(lines(tmp_path)) == 1


@pytest.mark.anyio
async def test_a_refresh_that_comes_back_during_a_rotation_is_waited_for(database_url: str, tmp_path: Path) -> None:
    async with installed(database_url, tmp_path) as service, installed(database_url, tmp_path) as operator:
        tenant = await make_tenant(service, "One", "erp")
        await authorised(service, tenant, service.secrets)
        newer = TokenPair(access="newer", refresh="newer")
        async with service.units_of_work(tenant.id) as uow:  # as EndpointSignIn does
            await lock_set_up(uow)
            sealed = seal_tokens(service.secrets, tenant.id, "erp", newer)
            rotating = asyncio.create_task(run(operator))
            while not rotating.done() and not await _somebody_waits(service):
                await asyncio.sleep(0.01)
            fence = (await _authorisation(service, tenant)).fence
            renewal = Renewal(sealed=sealed, access_expires_at=datetime(2026, 11, 16, tzinfo=UTC), scopes=None)
            assert await uow.authorisations.renewed("erp", fence, renewal)
            await uow.commit()
        assert (await rotating)[0] == 0
    async with installed(database_url, tmp_path) as fresh:
        found = await _authorisation(fresh, tenant)
        assert found.sealed is not None
        assert open_tokens(fresh.secrets, tenant.id, "erp", found.sealed) == newer


async def _authorisation(container: Container, tenant: Tenant) -> Authorisation:
    async with container.units_of_work(tenant.id) as uow:
        found = await uow.authorisations.get("erp")
    assert found is not None
    return found
