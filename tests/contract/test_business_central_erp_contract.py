"""The `business_central` adapter against a stand-in that behaves as Microsoft documents; what only a real company can prove is in
`docs/adapters/business-central.md`."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any, cast

import pytest

from app.adapters.erp.business_central.payload import journal_code, line_body
from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.sign_in import SignIn
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.business_central_stand_in import COMPANY, TOKEN, BusinessCentral, purpose_of
from tests.contract.erp_suite import ErpContract, Seen
from tests.contract.faulty_server import FaultyServer
from tests.fake_sign_in import FakeSignIn

LOOPBACK = (ip_network("127.0.0.0/8"),)


def target_of(method: str, path: str, body: bytes) -> Target | None:
    return cast(Target | None, purpose_of(method, path, body))


class BusinessCentralHarness:
    """`ErpHarness` over the stand-in."""

    def __init__(self, http: HttpClient) -> None:
        self.books = BusinessCentral()
        for number, name in (("2100", "Goods received"), ("2110", "Accruals"), ("4100-12", "Cleaning")):
            self.books.add_account(number, name)
        self.books.setup |= {"allowPostingFrom": "2026-11-01", "allowPostingTo": "2026-11-30"}
        self.server = FaultyServer(self.books.app, target_of)
        self._http = http

    def connect(self, *, url: str | None = None, token: str | None = None, sign_in: SignIn | None = None, **settings: Any) -> ErpConnection:
        connection = Connection(
            url=f"{self.server.url}{url or ''}/api/v2.0",
            settings={"timeout_seconds": 1, "company_id": COMPANY} | settings,
            credentials={"client_id": "app-1", "client_secret": "app-secret"},
            sign_in=sign_in or FakeSignIn([token or TOKEN]),
        )
        return InstalledAdapters(self._http).connect("business_central", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def booked(self, reference: str) -> Seen | None:
        found = [entry for entry in self.books.entries if entry["documentNumber"] == reference]
        if not found:
            return None
        assert len({entry["postingDate"] for entry in found}) == 1
        lines = tuple((entry["accountNumber"], _net(entry), _net(entry)) for entry in found)
        return Seen(accounting_date=date.fromisoformat(found[0]["postingDate"]), currency="NZD", lines=lines)

    def balances(self) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for entry in self.books.entries:
            sums[entry["accountNumber"]] = sums.get(entry["accountNumber"], Decimal("0.00")) + _net(entry)
        return {code: str(amount) for code, amount in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        code = journal_code("GLI", document.reference)
        self.books._new_journal((), {}, {}, {"code": code, "displayName": document.reference}, "", "")
        journal = self.books.journal(code)
        assert journal is not None
        for line in document.lines:
            self.books._new_line((journal["id"],), {}, {}, line_body(document, line), "", "")
        return True

    def close_november(self) -> None:
        self.books.setup |= {"allowPostingFrom": "2026-12-01", "allowPostingTo": "0001-01-01"}


def _net(entry: dict[str, Any]) -> Decimal:
    net: Decimal = entry["debitAmount"] - entry["creditAmount"]
    return net


@pytest.fixture
async def erp() -> AsyncIterator[BusinessCentralHarness]:
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        harness = BusinessCentralHarness(http)
        with harness.server:
            yield harness


class TestBusinessCentralAdapter(ErpContract):
    """All of the contract."""
