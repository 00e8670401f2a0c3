"""The adapter of `examples/erp-adapter`, installed as a package of somebody else: it passes what the built-in ones pass."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.added_package import EXAMPLE, importable, install
from tests.contract.erp_suite import ErpContract, Seen
from tests.contract.faulty_server import FaultyServer
from tests.contract.quill_stand_in import KEY, Quill


def target_of(method: str, path: str, _: bytes) -> Target | None:
    if method == "PUT":
        return "validate" if path.endswith("?check=1") else "send"
    return "find" if path.startswith("/entries/") else None


class QuillHarness:
    """`ErpHarness` over a `Quill`."""

    def __init__(self, quill: Quill, server: FaultyServer, http: HttpClient) -> None:
        self.quill = quill
        self.server = server
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None) -> ErpConnection:
        connection = Connection(url=self.server.url + (url or ""), settings={"timeout_seconds": 1}, credentials={"key": token or KEY})
        return self._adapters.connect("quill", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def booked(self, reference: str) -> Seen | None:
        entry = self.quill.entries.get(reference)
        if entry is None:
            return None
        lines = tuple((row["account"], Decimal(row["amount"]), Decimal(row["base"])) for row in entry["rows"])
        return Seen(accounting_date=date.fromisoformat(entry["date"]), currency=entry["currency"], lines=lines)

    def balances(self) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for row in (row for entry in self.quill.entries.values() for row in entry["rows"]):
            sums[row["account"]] = sums.get(row["account"], Decimal()) + Decimal(row["base"])
        return {code: format(total, ".2f") for code, total in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        return False

    def close_november(self) -> None:
        self.quill.open = self.quill.open[:1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    target = tmp_path_factory.mktemp("site")
    install(EXAMPLE, target)
    with importable(target):
        yield target


@pytest.fixture
async def erp(installed: Path) -> AsyncIterator[QuillHarness]:
    quill = Quill()
    with FaultyServer(quill.app, target_of) as server:
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as http:
            yield QuillHarness(quill, server, http)


class TestExampleAdapter(ErpContract):
    """All of the contract."""
