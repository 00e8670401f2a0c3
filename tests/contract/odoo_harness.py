"""A real Odoo behind a proxy that does what networks do wrong, called in one of the two ways."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.erp_suite import Seen
from tests.contract.faulty_server import FaultyServer, Proxy
from tests.erps.odoo_books import CLERK, JOURNAL
from tests.erps.odoo_server import OdooServer

TARGETS: dict[tuple[str, str], Target] = {
    ("account.move", "action_post"): "send",
    ("account.move", "create"): "validate",
    ("account.move", "search_read"): "find",
}
"""The call that books, one that a validation makes, and one that a look-up makes."""

TIMEOUT, SLOWER = 6, 4
"""A real ERP on a busy machine may need more than a second, so calls are given more, and what is late is later by as much."""


def called(path: str, body: bytes) -> tuple[str, str]:
    """Model and method of a request in either way; for JSON-RPC's own services their name and the method."""
    *_, model, method = "/", *urlsplit(path).path.split("/")
    if method != "jsonrpc":
        return model, method
    asked = json.loads(body)["params"]
    return (asked["args"][3], asked["args"][4]) if asked["method"] == "execute_kw" else (asked["service"], asked["method"])


class OdooHarness:
    """`ErpHarness` over an `OdooServer`."""

    def __init__(self, odoo: OdooServer, http: HttpClient, api: str) -> None:
        self.odoo = odoo
        self.front = FaultyServer(Proxy(odoo.url), self._target_of)
        self.calls: list[tuple[str, str]] = []
        """What was called through the proxy, by model and method."""
        self._meanwhile: dict[tuple[str, str], Callable[[], object]] = {}
        self.api = api
        self._adapters = InstalledAdapters(http)

    def meanwhile(self, model: str, method: str, action: Callable[[], object]) -> None:
        """Does something once just before Odoo is given the next such call."""
        self._meanwhile[model, method] = action

    def connect(self, *, url: str | None = None, token: str | None = None, login: str = CLERK, **settings: Any) -> ErpConnection:
        """`url` is a path below the ERP's, `login` the user."""
        known = {"api": self.api, "database": self.odoo.database, "timeout_seconds": TIMEOUT}
        if self.api == "json-rpc":
            known["login"] = login
        credentials = {"api_key": token or self.odoo.keys[login]}
        connection = Connection(url=self.front.url + (url or ""), settings=known | settings, credentials=credentials)
        return self._adapters.connect("odoo", connection)

    def fault(self, mode: str, **details: Any) -> None:
        if "seconds" in details:
            details["seconds"] *= SLOWER
        self.front.fault(mode, **details)

    def stop(self) -> None:
        self.front.stop()

    def restart(self) -> None:
        self.odoo.restart()

    def moves(self, reference: str) -> list[dict[str, Any]]:
        """All entries with this reference, whatever their state."""
        return self.odoo.client().read("account.move", [["ref", "=", reference]], "name", "state", "date")

    def booked(self, reference: str) -> Seen | None:
        posted = [move for move in self.moves(reference) if move["state"] == "posted"]
        assert len(posted) <= 1
        return self._seen(posted[0]) if posted else None

    def balances(self) -> dict[str, str]:
        client, codes = self.odoo.client(), self.codes()
        sums: dict[str, Decimal] = {}
        for line in client.read("account.move.line", [["parent_state", "=", "posted"]], "account_id", "balance"):
            code = codes[line["account_id"][0]]
            sums[code] = sums.get(code, Decimal(0)) + Decimal(line["balance"])
        return {code: f"{amount:.2f}" for code, amount in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        ids = {code: account for account, code in self.codes().items()}
        lines = [
            {
                "account_id": ids[line.account_code],
                "name": line.description,
                "debit" if line.side == "debit" else "credit": float(line.base_amount),
            }
            for line in document.lines
        ]
        self.odoo.client(CLERK).create(
            "account.move",
            journal_id=self.journal(),
            ref=document.reference,
            date=document.accounting_date.isoformat(),
            narration=document.description,
            line_ids=[[0, 0, line] for line in lines],
        )
        return True

    def close_november(self) -> None:
        self.lock(date(2026, 11, 30))

    def lock(self, until: date) -> None:
        """From here on nothing is posted up to this day."""
        self.odoo.client().call("res.company", "write", [1], vals={"fiscalyear_lock_date": until.isoformat()})

    def codes(self) -> dict[int, str]:
        return {account["id"]: account["code"] for account in self.odoo.client().read("account.account", [], "code")}

    def journal(self) -> int:
        (journal,) = self.odoo.client().read("account.journal", [["code", "=", JOURNAL]])
        return int(journal["id"])

    def _target_of(self, method: str, path: str, body: bytes) -> Target | None:
        call = called(path, body)
        self.calls.append(call)
        self._meanwhile.pop(call, lambda: None)()
        return TARGETS.get(call)

    def _seen(self, move: dict[str, Any]) -> Seen:
        codes = self.codes()
        found = self.odoo.client().read(
            "account.move.line", [["move_id", "=", move["id"]]], "account_id", "currency_id", "amount_currency", "balance"
        )
        (currency,) = {line["currency_id"][1] for line in found}
        lines = tuple((codes[line["account_id"][0]], Decimal(line["amount_currency"]), Decimal(line["balance"])) for line in found)
        return Seen(accounting_date=date.fromisoformat(move["date"]), currency=currency, lines=lines)


@contextmanager
def harness(odoo: OdooServer, http: HttpClient, api: str) -> Iterator[OdooHarness]:
    """With October 2026 closed."""
    erp = OdooHarness(odoo, http, api)
    erp.lock(date(2026, 10, 31))
    with erp.front:
        yield erp
