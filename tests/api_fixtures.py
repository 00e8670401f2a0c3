"""Fixtures of the API: the whole application on a real PostgreSQL, called without a network.

One application and one database serve a whole run; what keeps the tests apart is what keeps tenants apart.
"""

import base64
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.bootstrap import Container, build
from app.config import Settings
from app.main import create_app
from tests.databases import copied, drop_database, execute, with_database
from tests.tenant_wall import TenantWall

ADMIN_KEY = "the-operators-key"
SECRET_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="session")
def shared_database_url(postgres_server_url: str, template_database: str) -> Iterator[str]:
    name = f"glint_test_{uuid.uuid4().hex}"
    execute(postgres_server_url, copied(name, template_database))
    yield with_database(postgres_server_url, name)
    drop_database(postgres_server_url, name)


@pytest.fixture(scope="session")
async def container(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Container]:
    settings = Settings(
        database_url=shared_database_url,
        data_dir=tmp_path_factory.mktemp("data"),
        admin_key=SecretStr(ADMIN_KEY),
        secret_key=SecretStr(SECRET_KEY),
        allowed_networks=(ip_network("127.0.0.0/8"),),
        max_body_bytes=1_000_000,
        database_pool_size=4,
    )
    built = await build(settings)
    yield built
    await built.close()


@dataclass(frozen=True)
class Api:
    """Calls the application as the holder of one key."""

    http: httpx.AsyncClient
    key: str | None = None
    name: str = ""

    async def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        if body is not None:
            options["json"] = body
        return await self.http.request(method, path, headers=headers | options.pop("headers", {}), **options)

    def holding(self, key: str | None) -> "Api":
        return Api(self.http, key, self.name)

    async def tenant(self, **fields: str) -> "Api":
        """A new tenant, in New Zealand unless told otherwise; calls are with its first key."""
        name = f"Tenant {uuid.uuid4().hex}"
        body = {"name": name, "base_currency": "NZD", "time_zone": "Pacific/Auckland"} | fields
        answer = await self.holding(ADMIN_KEY)("POST", "/v1/tenants", body)
        assert answer.status_code == 201, answer.text
        return Api(self.http, answer.json()["key"], name)


@pytest.fixture(scope="session")
def application(container: Container) -> FastAPI:
    return create_app(container)


@pytest.fixture(scope="session")
def tenant_wall(container: Container) -> TenantWall:
    return TenantWall(container.engine)


@pytest.fixture
async def anonymous(application: FastAPI, tenant_wall: TenantWall) -> AsyncIterator[Api]:
    """Without any key. Whatever a test does, no statement may cross tenants."""
    tenant_wall.taken()  # what a test before said to the database itself
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url="http://glint.test") as http:
        yield Api(http)
    assert tenant_wall.taken() == []


@pytest.fixture
async def api(anonymous: Api) -> Api:
    """A tenant of its own."""
    return await anonymous.tenant()


async def set_up(api: Api) -> None:
    """The chart and the posting manager of the worked cases."""
    for name, code in (("Estimate", "2100"), ("GRNI", "2110"), ("AP", "2120")):
        answer = await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "liability"})
        assert answer.status_code == 201, answer.text
    answer = await api("PUT", "/v1/posting-manager", {"estimate_account": "Estimate", "grni_account": "GRNI", "ap_account": "AP"})
    assert answer.status_code == 201, answer.text
