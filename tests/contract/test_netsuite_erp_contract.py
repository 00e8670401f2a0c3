"""The `netsuite` adapter against a stand-in that behaves as Oracle documents; what only a real account can prove is in
`docs/adapters/netsuite.md`."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any, cast

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.sign_in import SignIn
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.erp_suite import ErpContract, Seen
from tests.contract.faulty_server import FaultyServer
from tests.contract.netsuite_stand_in import TOKEN, NetSuite, purpose_of
from tests.fake_sign_in import FakeSignIn

LOOPBACK = (ip_network("127.0.0.0/8"),)


def target_of(method: str, path: str, body: bytes) -> Target | None:
    return cast(Target | None, purpose_of(method, path, body))


class NetSuiteHarness:
    """`ErpHarness` over the stand-in."""

    empty_answers = True
    """What books is answered 204 without a body: there is no half of it to get lost."""

    def __init__(self, http: HttpClient) -> None:
        self.books = NetSuite()
        for number, name in (("2100", "Goods received"), ("2110", "Accruals"), ("4100-12", "Cleaning")):
            self.books.add_account(number, name)
        self.books.add_period("Oct 2026", "2026-10-01", "2026-10-31", closed="T")
        self.books.add_period("Nov 2026", "2026-11-01", "2026-11-30")
        self.books.add_period("Dec 2026", "2026-12-01", "2026-12-31")
        self.server = FaultyServer(self.books.app, target_of)
        self._http = http

    def connect(self, *, url: str | None = None, token: str | None = None, sign_in: SignIn | None = None, **settings: Any) -> ErpConnection:
        connection = Connection(
            url=f"{self.server.url}{url or ''}/services/rest",
            settings={"timeout_seconds": 1, "account_id": "1234567", "subsidiary_id": "3"} | settings,
            credentials={"client_id": "app-1", "client_secret": "app-secret"},
            sign_in=sign_in or FakeSignIn([token or TOKEN]),
        )
        return InstalledAdapters(self._http).connect("netsuite", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def booked(self, reference: str) -> Seen | None:
        found = [each for each in self.books.rows("transaction") if each["externalid"] == reference]
        assert len(found) <= 1
        posted = [each for each in self.books.rows("transactionaccountingline") if each["posting"] == "T"]
        if not found or not any(each["transaction"] == found[0]["id"] for each in posted):
            return None
        record = json.loads(found[0]["record"], parse_float=Decimal)
        numbers = {each["id"]: each["acctnumber"] for each in self.books.rows("account")}
        lines = tuple(
            (numbers[line["account"]["id"]], _net(line), _net(base))
            for line, base in zip(record["line"]["items"], (each for each in posted if each["transaction"] == found[0]["id"]), strict=True)
        )
        symbols = {each["id"]: each["symbol"] for each in self.books.rows("currency")}
        day = date.fromisoformat(found[0]["trandate"])
        return Seen(accounting_date=day, currency=symbols[record["currency"]["id"]], lines=lines)

    def balances(self) -> dict[str, str]:
        numbers = {each["id"]: each["acctnumber"] for each in self.books.rows("account")}
        sums: dict[str, Decimal] = {}
        for each in self.books.rows("transactionaccountingline"):
            if each["posting"] == "T":
                sums[numbers[each["account"]]] = sums.get(numbers[each["account"]], Decimal("0.00")) + _net(each)
        return {number: str(amount) for number, amount in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        """One that awaits approval: a workflow took back what an earlier call asked for."""
        ids = {each["acctnumber"]: each["id"] for each in self.books.rows("account")}
        items = [{"account": {"id": ids[line.account_code]}, line.side: str(line.amount)} for line in document.lines]
        day = document.accounting_date.isoformat()
        body = {"tranDate": day, "currency": {"id": "1"}, "approved": False, "subsidiary": {"id": "3"}, "line": {"items": items}}
        self.books.put(document.reference, body)
        return True

    def close_november(self) -> None:
        self.books.db.execute("UPDATE accountingperiod SET closed = 'T' WHERE periodname = 'Nov 2026'")


def _net(line: dict[str, Any]) -> Decimal:
    return Decimal(str(line.get("debit") or 0)) - Decimal(str(line.get("credit") or 0))


@pytest.fixture
async def erp() -> AsyncIterator[NetSuiteHarness]:
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        harness = NetSuiteHarness(http)
        with harness.server:
            yield harness


class TestNetSuiteAdapter(ErpContract):
    """All of the contract."""
