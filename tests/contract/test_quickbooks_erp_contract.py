"""The `quickbooks` adapter: the whole contract over a stand-in that behaves as Intuit documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.sign_in import SignIn
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.erp_suite import ErpContract, Seen
from tests.contract.faulty_server import FaultyServer
from tests.contract.quickbooks_stand_in import REALM, TOKEN, QuickBooksStandIn, home
from tests.fake_sign_in import FakeSignIn

LOOPBACK = (ip_network("127.0.0.0/8"),)
CREDENTIALS = {"client_id": "our-app", "client_secret": "app-secret"}


class QuickBooksHarness:
    """`ErpHarness` over the stand-in."""

    def __init__(self, books: QuickBooksStandIn, server: FaultyServer, http: HttpClient) -> None:
        self.books = books
        self.server = server
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None, sign_in: SignIn | None = None, **settings: Any) -> ErpConnection:
        connection = Connection(
            url=self.server.url + (url or ""),
            settings={"timeout_seconds": 1} | settings,
            credentials=CREDENTIALS,
            sign_in=sign_in or FakeSignIn([token or TOKEN], REALM),
        )
        return self._adapters.connect("quickbooks", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def booked(self, reference: str) -> Seen | None:
        found = [each for each in self.books.entries if each.get("DocNumber") == reference]
        assert len(found) <= 1
        if not found:
            return None
        codes = self.codes()
        lines = []
        for line in found[0]["Line"]:
            detail, amount = line["JournalEntryLineDetail"], Decimal(str(line["Amount"]))
            signed = amount if detail["PostingType"] == "Debit" else -amount
            lines.append((codes[detail["AccountRef"]["value"]], signed, home(found[0], line)))
        day = date.fromisoformat(found[0]["TxnDate"])
        return Seen(accounting_date=day, currency=found[0]["CurrencyRef"]["value"], lines=tuple(lines))

    def balances(self) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for _, _, _, identity, amount in self.books.ledger():
            code = self.codes()[identity]
            sums[code] = sums.get(code, Decimal(0)) + amount
        return {code: f"{amount:.2f}" for code, amount in sums.items()}

    def codes(self) -> dict[str, str]:
        return {each["Id"]: each.get("AcctNum", "") for each in self.books.lists["Account"]}

    def leave_draft(self, document: JournalDocument) -> bool:
        return False

    def close_november(self) -> None:
        self.books.closed_until = "2026-11-30"


def target_of(method: str, path: str, body: bytes) -> Target | None:
    if method == "POST":
        return "send"
    if "/query?" in path and "JournalEntry" in path:
        return "find"
    return "validate" if "/preferences" in path else None


@asynccontextmanager
async def running() -> AsyncIterator[QuickBooksHarness]:
    books = QuickBooksStandIn()
    with FaultyServer(books.app, target_of) as server:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            yield QuickBooksHarness(books, server, http)


@pytest.fixture
async def erp() -> AsyncIterator[QuickBooksHarness]:
    async with running() as harness:
        yield harness


class TestQuickBooksAdapter(ErpContract):
    """All of the contract."""
