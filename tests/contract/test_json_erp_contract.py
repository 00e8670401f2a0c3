"""The `json` adapter against the reference ERP in a process of its own. Its messages also keep to the published schemas."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import BuiltInAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.delivery import CannotTell, Misconfigured, Purpose, Unknown
from app.domain.journal import JournalDocument, JournalLine
from tests.contract.erp_suite import ErpContract, found, journal, line, sent
from tests.json_schemas import schema_errors
from tests.reference_erp_process import ReferenceErp


class JsonHarness:
    """`ErpHarness` over a `ReferenceErp`."""

    def __init__(self, process: ReferenceErp, http: HttpClient) -> None:
        self.process = process
        self._adapters = BuiltInAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None) -> ErpConnection:
        """`url` is a path below the ERP's."""
        credentials = {"token": token or self.process.token or ""}
        connection = Connection(url=self.process.url + (url or ""), settings={"timeout_seconds": 1}, credentials=credentials)
        return self._adapters.connect("json", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.process.fault(mode, **details)

    def stop(self) -> None:
        self.process.kill()

    def restart(self) -> None:
        self.process.restart()

    def booked(self, reference: str) -> JournalDocument | None:
        _, body = self.process.call("GET", "/journals")
        documents = [_document(item) for item in body["journals"]]
        return next((document for document in documents if document.reference == reference), None)

    def balances(self) -> dict[str, str]:
        return self.process.balances()


def _document(item: dict[str, Any]) -> JournalDocument:
    fields = {name: item[name] for name in ("reference", "currency", "base_currency", "description")}
    lines = tuple(_line(entry) for entry in item["lines"])
    return JournalDocument(**fields, accounting_date=date.fromisoformat(item["accounting_date"]), lines=lines)


def _line(entry: dict[str, Any]) -> JournalLine:
    return JournalLine(**entry | {"account": None, "amount": Decimal(entry["amount"]), "base_amount": Decimal(entry["base_amount"])})


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[JsonHarness]:
    with ReferenceErp(tmp_path / "erp.db") as process:
        process.load_chart({"2100": "liability", "2110": "liability"})
        process.call("PUT", "/periods/2026-10", {"starts_on": "2026-10-01", "ends_on": "2026-10-31", "status": "closed"})
        process.call("PUT", "/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"})
        async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as http:
            yield JsonHarness(process, http)


class TestJsonAdapter(ErpContract):
    """All of the contract."""


@pytest.mark.anyio
async def test_every_message_keeps_to_its_schema(erp: JsonHarness) -> None:
    connection = erp.connect()
    bad = journal("JNL-2", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "nowhere", "2.00")))
    documents = [journal("JNL-1"), bad, journal("JNL-1"), journal("JNL-1", "9.00")]
    prepared = connection.prepare(Purpose.SEND, documents)
    validation = await connection.validate(connection.prepare(Purpose.VALIDATE, documents[:2]))
    sending = await connection.send(prepared)

    assert schema_errors("journals-request", json.loads(prepared.body)) == []
    assert schema_errors("validate-response", json.loads(validation.exchange.body)) == []
    assert schema_errors("send-response", json.loads(sending.exchange.body)) == []
    assert [item["result"] for item in json.loads(sending.exchange.body)["results"]] == ["booked", "rejected", "duplicate", "rejected"]
    assert schema_errors("journal", json.loads((await connection.find("JNL-1")).exchange.body)) == []
    assert schema_errors("error", json.loads((await connection.find("JNL-9")).exchange.body)) == []
    for name in ("accounts", "periods", "trial-balance"):
        assert schema_errors(name, erp.process.call("GET", f"/{name}")[1]) == [], name
    for path, method, body in (("/nowhere", "GET", None), ("/journals", "POST", {}), ("/journals", "DELETE", None)):
        assert schema_errors("error", erp.process.call(method, path, body)[1]) == [], path


@pytest.mark.anyio
async def test_two_answers_about_one_journal_are_not_believed(erp: JsonHarness) -> None:
    connection = erp.connect()
    answered = await connection.send(connection.prepare(Purpose.SEND, [journal("JNL-1"), journal("JNL-1", "9.00")]))

    assert isinstance(answered.results["JNL-1"], Unknown)


@pytest.mark.anyio
async def test_loopback_is_refused_without_the_operators_word(erp: JsonHarness) -> None:
    async with HttpClient() as http:
        connection = BuiltInAdapters(http).connect("json", Connection(url=erp.process.url, credentials={"token": "erp-token"}))

        outcome = await sent(connection, journal("JNL-1"))
        assert isinstance(outcome, Misconfigured)
        assert "127.0.0.1 is not allowed: loopback" in outcome.reason
        assert await found(connection, "JNL-1") == CannotTell(reason=outcome.reason)
