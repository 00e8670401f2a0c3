"""Journals to Xero and QuickBooks through the whole application, over HTTP: the vendors' APIs are stand-ins, and so is their sign-in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.quickbooks.connection import QUICKBOOKS
from app.adapters.erp.registry import InstalledAdapters
from app.adapters.erp.xero.connection import XERO
from app.bootstrap import Container
from app.main import create_app
from tests.api_fixtures import Api
from tests.contract import quickbooks_stand_in, xero_stand_in
from tests.contract.faulty_server import FaultyServer
from tests.events import entry, event
from tests.fake_sign_in import FakeSignIn

pytestmark = pytest.mark.anyio
CODES = {"Bank": ("1000", "asset"), "Income": ("4000", "income")}


@dataclass
class Office:
    api: Api
    server: FaultyServer
    balances: Callable[[], dict[str, Decimal]]
    """Per account code, debit positive, read past the adapter."""

    async def send(self, number: str) -> dict[str, Any]:
        """A journal of this entry, validated and sent."""
        answer = await self.api("POST", "/v1/events", event(f"e-{number}", "entry.recorded", entry(number)))
        assert answer.status_code < 300, answer.text
        journal = str((await self.api("GET", "/v1/journals?from=2026-01-01")).json()["items"][-1]["id"])
        answer = await self.api("POST", "/v1/journals/validate", {"journal_ids": [journal]})
        if answer.json()["items"][0]["status"] == "valid":
            await self.api("POST", "/v1/journals/send", {"journal_ids": [journal]})
        shown: dict[str, Any] = (await self.api("GET", f"/v1/journals/{journal}")).json()
        return shown


@pytest.fixture(params=["xero", "quickbooks"])
async def at(container: Container, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    async with {"xero": xero, "quickbooks": quickbooks}[request.param](container) as office:
        yield office


@asynccontextmanager
async def xero(container: Container) -> AsyncIterator[Office]:
    books = xero_stand_in.XeroStandIn()
    books.accounts += [xero_stand_in.account(code, name, "CURRENT") for name, (code, _) in CODES.items()]
    books.lock_dates = {"PeriodLockDate": date(2026, 1, 31)}

    def balances() -> dict[str, Decimal]:
        lines = [line for journal in books.journals for line in journal["JournalLines"]]
        return {
            code: sum((_d(each["NetAmount"]) for each in lines if each["AccountCode"] == code), Decimal(0)) for code, _ in CODES.values()
        }

    async with office(container, XERO, books.app, FakeSignIn(["old", xero_stand_in.TOKEN], xero_stand_in.TENANT), balances) as made:
        yield made


@asynccontextmanager
async def quickbooks(container: Container) -> AsyncIterator[Office]:
    books = quickbooks_stand_in.QuickBooksStandIn()
    books.lists["Account"] += [quickbooks_stand_in.account(f"5{code}", code, name, "Other Asset") for name, (code, _) in CODES.items()]
    books.closed_until = "2026-01-31"

    def balances() -> dict[str, Decimal]:
        return {code: sum((line[4] for line in books.ledger() if line[3] == f"5{code}"), Decimal(0)) for code, _ in CODES.values()}

    sign_in = FakeSignIn(["old", quickbooks_stand_in.TOKEN], quickbooks_stand_in.REALM)
    async with office(container, QUICKBOOKS, books.app, sign_in, balances) as made:
        yield made


def _d(number: float) -> Decimal:
    return Decimal(str(number))


@asynccontextmanager
async def office(
    container: Container, vendor: Destination, app: Any, sign_in: FakeSignIn, balances: Callable[[], dict[str, Decimal]]
) -> AsyncIterator[Office]:
    """A tenant with an endpoint `erp` at this vendor."""
    signed_in = replace(vendor, sign_in=None, connect=lambda http, connection: vendor.connect(http, replace(connection, sign_in=sign_in)))
    with FaultyServer(app, lambda method, path, body: "send" if method == "POST" else None) as server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as http:
            mine = replace(container, erp_adapters=InstalledAdapters(http, {vendor.name: signed_in}))
            transport = httpx.ASGITransport(app=create_app(mine))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
                api = await Api(client).tenant()
                for name, (code, kind) in CODES.items():
                    assert (await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": kind})).status_code == 201
                body = {"adapter": vendor.name, "url": server.url, "environment": "test", "starts_on": "2026-01-01"}
                credentials = {"client_id": "our-app", "client_secret": "app-secret"}
                put = await api("PUT", "/v1/erp-endpoints/erp", body | {"credentials": credentials})
                assert put.status_code == 201, put.text
                yield Office(api, server, balances)


async def test_from_an_entry_to_the_vendors_ledger(at: Office) -> None:
    tested = (await at.api("POST", "/v1/erp-endpoints/erp/test")).json()
    assert (tested["signed_in"], tested["problems"]) == (True, [])
    journal = await at.send("T-1")

    assert (journal["status"], journal["problems"]) == ("sent", [])
    assert journal["number"]
    assert {abs(amount) for amount in at.balances().values()} == {Decimal(120)}


async def test_an_answer_that_got_lost_is_found_and_booked_once(at: Office) -> None:
    at.server.fault("book_then_drop", times=1)
    journal = await at.send("T-1")

    assert (journal["status"], journal["problems"]) == ("sent", [])
    assert sum(method == "POST" for method, *_ in at.server.requests) == 1
    assert {abs(amount) for amount in at.balances().values()} == {Decimal(120)}
