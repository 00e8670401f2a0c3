"""A real Tryton of the tests behind a proxy that breaks calls, and its ledger read past the adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.erp_suite import Seen
from tests.contract.faulty_server import FaultyServer, Proxy
from tests.erps.tryton_books import APPLICATION_KEY, COMPANY, JOURNAL
from tests.erps.tryton_client import TrytonClient, ids
from tests.erps.tryton_server import TrytonServer

LOOPBACK = (ip_network("127.0.0.0/8"),)
SECONDS = 3  # of a call: a Tryton on a busy machine may need more than one


def target_of(method: str, path: str, _: bytes) -> Target | None:
    """Posting books; a draft is made to be checked; moves are searched to be found."""
    if method == "POST" and "/post?" in path:
        return "send"
    if path.endswith("/account.move/create") or "/model/account.move?" in path:
        return "validate"
    return "find" if path.endswith("/account.move/search_read") else None


class TrytonHarness:
    """`ErpHarness` over a Tryton of the tests, its ledger read by JSON-RPC."""

    def __init__(self, tryton: TrytonServer, proxy: FaultyServer, http: HttpClient) -> None:
        self.tryton = tryton
        self.proxy = proxy
        self.admin = tryton.client()
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None, **settings: Any) -> ErpConnection:
        """`settings` over those that work."""
        known = {"database": self.tryton.database, "journal": JOURNAL, "timeout_seconds": SECONDS}
        credentials = {"application_key": token or APPLICATION_KEY}
        connection = Connection(url=self.proxy.url + (url or ""), settings=known | settings, credentials=credentials)
        return self._adapters.connect("tryton", connection)

    def fault(self, mode: str, **details: Any) -> None:
        """As slow as calls have time, in the place of a second."""
        if "seconds" in details:
            details["seconds"] *= SECONDS
        self.proxy.fault(mode, **details)

    def stop(self) -> None:
        self.proxy.stop()

    def restart(self) -> None:
        self.tryton.restart()

    def booked(self, reference: str) -> Seen | None:
        domain = [["state", "=", "posted"], ["description", "like", f"[{reference}] %"]]
        moves = self.admin.read("account.move", domain, "date", "company.currency.code")
        assert len(moves) <= 1
        return self._seen(moves[0]) if moves else None

    def balances(self) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for each in self.admin.read("account.move.line", [["move.state", "=", "posted"]], "account.code", "debit", "credit"):
            code = each["account."]["code"]
            sums[code] = sums.get(code, Decimal()) + each["debit"] - each["credit"]
        return {code: f"{amount:.2f}" for code, amount in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        self.draft(document)
        return True

    def close_november(self) -> None:
        close(self.admin, "2026-11")

    def moves(self) -> list[dict[str, Any]]:
        """All of them, drafts included."""
        return self.admin.read("account.move", [], "state", "number", "description")

    def draft(self, document: JournalDocument) -> int:
        """What the adapter would have made, by other means."""
        (company,) = self.admin.read("company.company", [["party.name", "=", COMPANY]])
        accounts = ids(self.admin.read("account.account", [], "code"), "code")
        period = ids(self.admin.read("account.period", [], "name"), "name")[f"{document.accounting_date:%Y-%m}"]
        kind = ids(self.admin.read("account.journal", [], "code"), "code")[JOURNAL]
        lines = [
            {
                "account": accounts[each.account_code],
                "debit": each.base_amount if each.side == "debit" else Decimal(0),
                "credit": each.base_amount if each.side == "credit" else Decimal(0),
                "description": each.description,
            }
            for each in document.lines
        ]
        head = {"company": company["id"], "period": period, "journal": kind, "date": document.accounting_date}
        return self.admin.create(
            "account.move", **head, description=f"[{document.reference}] {document.description}", lines=[["create", lines]]
        )

    def _seen(self, move: dict[str, Any]) -> Seen:
        own = move["company."]["currency."]["code"]
        rows = self.admin.read(
            "account.move.line",
            [["move", "=", move["id"]]],
            *("account.code", "debit", "credit", "second_currency.code", "amount_second_currency"),
        )
        lines = []
        for row in rows:
            base = row["debit"] - row["credit"]
            second = row["amount_second_currency"]
            lines.append((row["account."]["code"], base if second is None else second, base))
        currencies = {own if row["second_currency."] is None else row["second_currency."]["code"] for row in rows}
        assert len(currencies) == 1
        return Seen(accounting_date=move["date"], currency=currencies.pop(), lines=tuple(lines))


def close(admin: TrytonClient, period: str) -> None:
    """Closes a month: Tryton makes and posts nothing there any more."""
    (month,) = admin.read("account.period", [["name", "=", period]])
    admin.call("model.account.period.close", [month["id"]])


@asynccontextmanager
async def running(tryton: TrytonServer) -> AsyncIterator[TrytonHarness]:
    """With November open and October closed."""
    with FaultyServer(Proxy(tryton.url), target_of) as proxy:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            harness = TrytonHarness(tryton, proxy, http)
            close(harness.admin, "2026-10")
            yield harness
