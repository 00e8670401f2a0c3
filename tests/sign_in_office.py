"""A tenant whose endpoint `erp` signs in at a vendor on loopback: the whole application, called over ASGI, and the vendor over HTTP."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

from app.adapters.erp.http import HttpClient
from app.adapters.erp.json.connection import JSON
from app.adapters.erp.registry import InstalledAdapters
from app.api.ids import Kind, parse_id
from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.sign_in import SignIn
from app.bootstrap import Container
from app.main import create_app
from tests.api_fixtures import Api
from tests.authorisation_server import CLIENT_ID, CLIENT_SECRET, AuthorisationServer, Vendor
from tests.books_adapter import books
from tests.events import entry, event
from tests.fakes import FakeClock

ENDPOINT = "/v1/erp-endpoints/erp"
OURS = "http://localhost:8080"
CALLBACK = f"{OURS}/v1/sign-in/callback"


@dataclass
class Office:
    container: Container
    api: Api
    vendor: AuthorisationServer
    clock: FakeClock
    tenant_id: UUID

    async def put(self, name: str = "erp", **change: Any) -> dict[str, Any]:
        body = {
            "adapter": "books",
            "url": self.vendor.url,
            "environment": "test",
            "starts_on": "2026-01-01",
            "credentials": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        }
        answer = await self.api("PUT", f"/v1/erp-endpoints/{name}", body | change)
        assert answer.status_code in (200, 201), answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def link(self, name: str = "erp") -> str:
        answer = await self.api("POST", f"/v1/erp-endpoints/{name}/authorise")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    async def follow(self, url: str) -> str:
        """What a browser does at the vendor: the address that it is sent back to."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(url)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def come_back(self, location: str) -> httpx.Response:
        """Without any key, as a browser does."""
        return await self.api.holding(None)("GET", location.removeprefix(OURS))

    async def authorise(self, name: str = "erp") -> httpx.Response:
        return await self.come_back(await self.follow(await self.link(name)))

    async def status(self, name: str = "erp") -> dict[str, Any]:
        answer = await self.api("GET", f"/v1/erp-endpoints/{name}/authorisation")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def endpoint(self, name: str = "erp") -> dict[str, Any]:
        shown: dict[str, Any] = (await self.api("GET", f"/v1/erp-endpoints/{name}")).json()
        return shown

    async def commands(self) -> list[tuple[str, str]]:
        """Of the audit log, newest first: who and what."""
        items = (await self.api("GET", "/v1/audit-log")).json()["items"]
        return [(each["actor"], each["command"]) for each in items]

    async def record(self, number: str) -> str:
        """An entry, validated: the id of its journal."""
        answer = await self.api("POST", "/v1/events", event(f"e-{number}", "entry.recorded", entry(number)))
        assert answer.status_code < 300, answer.text
        journal = str((await self.api("GET", "/v1/journals?from=2026-01-01")).json()["items"][-1]["id"])
        answer = await self.api("POST", "/v1/journals/validate", {"journal_ids": [journal]})
        assert answer.json()["items"][0]["status"] == "valid", answer.text
        return journal

    async def send(self, journal: str, way: str = "send") -> str:
        """Its status afterwards. `way` is send or retry."""
        path, body = ("/v1/journals/send", {"journal_ids": [journal]}) if way == "send" else (f"/v1/journals/{journal}/retry", None)
        answer = await self.api("POST", path, body)
        assert answer.status_code == 200, answer.text
        return str((await self.api("GET", f"/v1/journals/{journal}")).json()["status"])

    async def sign_in(self, container: Container | None = None) -> SignIn:
        """As an adapter is given it; of another installation on the same database, if one is named."""
        where = container or self.container
        async with self.container.units_of_work(self.tenant_id) as uow:
            endpoint = await uow.endpoints.get("erp")
        assert endpoint is not None
        found = ConnectEndpoint(where.erp_adapters, where.secrets, where.units_of_work, where.clock).sign_in(self.tenant_id, endpoint)
        assert found is not None
        return found


@asynccontextmanager
async def office(container: Container, vendor: Vendor, *, base_url: str = OURS, public_url: str | None = None) -> AsyncIterator[Office]:
    """On the parts of `container`, but for clock and adapters."""
    clock = FakeClock()
    server = AuthorisationServer(vendor, clock, redirect_uris={CALLBACK})
    with server.server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),), clock=clock.now) as http:
            known = {"books": books(vendor), "json": JSON}
            settings = container.settings.model_copy(update={"public_url": public_url})
            mine = replace(container, clock=clock, settings=settings, erp_adapters=InstalledAdapters(http, known))
            transport = httpx.ASGITransport(app=create_app(mine))
            async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
                api = await Api(client).tenant()
                await _chart(api)
                tenant_id = parse_id(Kind.TENANT, (await api("GET", "/v1/tenant")).json()["id"])
                yield Office(mine, api, server, clock, tenant_id)


async def _chart(api: Api) -> None:
    for name, code, kind in (("Bank", "1000", "asset"), ("Income", "4000", "income")):
        assert (await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": kind})).status_code == 201


def parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def other_tenant_state(state: str) -> str:
    """The same secret under another tenant's name."""
    return f"{uuid.uuid4().hex}.{state.partition('.')[2]}"
