"""The `xero` adapter: the whole contract over a stand-in that behaves as Xero documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.adapters.erp.xero.payload import request_body
from app.adapters.erp.xero.settings import XeroSettings
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.sign_in import SignIn
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.erp_suite import ErpContract, Seen
from tests.contract.faulty_server import FaultyServer
from tests.contract.xero_stand_in import TENANT, TOKEN, XeroStandIn, moment
from tests.fake_sign_in import FakeSignIn

LOOPBACK = (ip_network("127.0.0.0/8"),)
CREDENTIALS = {"client_id": "our-app", "client_secret": "app-secret"}


class XeroHarness:
    """`ErpHarness` over the stand-in."""

    def __init__(self, books: XeroStandIn, server: FaultyServer, http: HttpClient) -> None:
        self.books = books
        self.server = server
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None, sign_in: SignIn | None = None, **settings: Any) -> ErpConnection:
        connection = Connection(
            url=self.server.url + (url or ""),
            settings={"timeout_seconds": 1} | settings,
            credentials=CREDENTIALS,
            sign_in=sign_in or FakeSignIn([token or TOKEN], TENANT),
        )
        return self._adapters.connect("xero", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def booked(self, reference: str) -> Seen | None:
        found = [each for each in self.books.manual_journals if each["Narration"] == reference and each["Status"] == "POSTED"]
        assert len(found) <= 1
        if not found:
            return None
        amounts = [(line["AccountCode"], Decimal(str(line["LineAmount"]))) for line in found[0]["JournalLines"]]
        lines = tuple((code, amount, amount) for code, amount in amounts)
        return Seen(accounting_date=moment(found[0]["Date"]).date(), currency="NZD", lines=lines)

    def balances(self) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for journal in self.books.journals:
            for line in journal["JournalLines"]:
                sums[line["AccountCode"]] = sums.get(line["AccountCode"], Decimal(0)) + Decimal(str(line["NetAmount"]))
        return {code: f"{amount:.2f}" for code, amount in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        """One of a person, or of what stood here before us: we ask for POSTED at once."""
        self.books.leave_draft(request_body([document], XeroSettings()))
        return True

    def close_november(self) -> None:
        self.books.lock_dates["PeriodLockDate"] = date(2026, 11, 30)


def target_of(method: str, path: str, body: bytes) -> Target | None:
    if "/ManualJournals" in path:
        return "send" if method == "POST" else "find"
    return "validate" if path.endswith("/Accounts") else None


@asynccontextmanager
async def running() -> AsyncIterator[XeroHarness]:
    books = XeroStandIn()
    with FaultyServer(books.app, target_of) as server:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            yield XeroHarness(books, server, http)


@pytest.fixture
async def erp() -> AsyncIterator[XeroHarness]:
    async with running() as harness:
        yield harness


class TestXeroAdapter(ErpContract):
    """All of the contract."""
