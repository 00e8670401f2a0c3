"""The `json` adapter against the reference ERP in a process of its own. Its messages also keep to the published schemas."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Headers

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    Misconfigured,
    Purpose,
    Unauthorised,
    Unknown,
)
from app.domain.journal import JournalDocument, JournalLine
from tests.contract.erp_suite import ErpContract, Seen, found, journal, line, seen, sent, validated
from tests.fakes import FakeClock
from tests.json_schemas import schema_errors
from tests.reference_erp_process import ReferenceErp

LOOPBACK = (ip_network("127.0.0.0/8"),)
OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QLSEGE8Kj8ZcAvHo4pRzKY0xNYBJWr6I"


class JsonHarness:
    """`ErpHarness` over a `ReferenceErp`."""

    def __init__(self, process: ReferenceErp, http: HttpClient) -> None:
        self.process = process
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None, **credentials: str) -> ErpConnection:
        """`url` is a path below the ERP's."""
        credentials |= {"token": token or self.process.token or ""}
        connection = Connection(url=self.process.url + (url or ""), settings={"timeout_seconds": 1}, credentials=credentials)
        return self._adapters.connect("json", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.process.fault(mode, **details)

    def stop(self) -> None:
        self.process.kill()

    def restart(self) -> None:
        self.process.restart()

    def booked(self, reference: str) -> Seen | None:
        _, body = self.process.call("GET", "/journals")
        documents = [document for item in body["journals"] if (document := _document(item)).reference == reference]
        assert len(documents) <= 1
        return seen(documents[0]) if documents else None

    def leave_draft(self, document: JournalDocument) -> bool:
        return False

    def close_november(self) -> None:
        self.process.call("PUT", "/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "closed"})

    def balances(self) -> dict[str, str]:
        return self.process.balances()


def _document(item: dict[str, Any]) -> JournalDocument:
    fields = {name: item[name] for name in ("reference", "currency", "base_currency", "description")}
    lines = tuple(_line(entry) for entry in item["lines"])
    return JournalDocument(**fields, accounting_date=date.fromisoformat(item["accounting_date"]), lines=lines)


def _line(entry: dict[str, Any]) -> JournalLine:
    return JournalLine(**entry | {"account": None, "amount": Decimal(entry["amount"]), "base_amount": Decimal(entry["base_amount"])})


@asynccontextmanager
async def running(folder: Path, signing_secret: str | None = None) -> AsyncIterator[JsonHarness]:
    with ReferenceErp(folder / "erp.db", signing_secret=signing_secret) as process:
        process.load_chart({"2100": "liability", "2110": "liability"})
        process.call("PUT", "/periods/2026-10", {"starts_on": "2026-10-01", "ends_on": "2026-10-31", "status": "closed"})
        process.call("PUT", "/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"})
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            yield JsonHarness(process, http)


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[JsonHarness]:
    async with running(tmp_path) as harness:
        yield harness


class TestJsonAdapter(ErpContract):
    """All of the contract."""


async def looked_up(connection: ErpConnection, reference: str) -> str:
    """The answer's body."""
    return (await connection.find(connection.prepare(Purpose.FIND, [journal(reference)]))).exchange.body


async def outcomes(connection: ErpConnection, reference: str) -> list[str]:
    """The names of what a validation and a sending came to."""
    both = (await validated(connection, journal(reference)), await sent(connection, journal(reference)))
    return [type(outcome).__name__ for outcome in both]


@pytest.mark.anyio
async def test_an_erp_that_asks_for_signatures_takes_only_its_own(tmp_path: Path) -> None:
    async with running(tmp_path, OLD) as erp:
        for credentials in ({}, {"signing_secret": NEW}):
            assert await outcomes(erp.connect(**credentials), "JNL-1") == ["Unauthorised", "Unauthorised"]
        assert erp.booked("JNL-1") is None
        assert await found(erp.connect(), "JNL-1") == Absent()  # a look-up carries the token alone
        assert await outcomes(erp.connect(signing_secret=OLD), "JNL-1") == ["Validation", "Booked"]


@pytest.mark.anyio
async def test_while_the_secret_changes_the_erp_may_know_either(tmp_path: Path) -> None:
    rotating = {"signing_secret": NEW, "previous_signing_secret": OLD}
    async with running(tmp_path, OLD) as erp:
        assert await outcomes(erp.connect(signing_secret=OLD), "JNL-1") == ["Validation", "Booked"]
        assert await outcomes(erp.connect(**rotating), "JNL-2") == ["Validation", "Booked"]
        erp.process.signing_secret = NEW
        erp.process.restart()
        assert await outcomes(erp.connect(**rotating), "JNL-3") == ["Validation", "Booked"]
        assert await outcomes(erp.connect(signing_secret=NEW), "JNL-4") == ["Validation", "Booked"]
        assert await outcomes(erp.connect(signing_secret=OLD), "JNL-5") == ["Unauthorised", "Unauthorised"]


@pytest.mark.anyio
@pytest.mark.parametrize(("minutes", "outcome"), [(-6, Unauthorised), (-4, Booked), (4, Booked), (6, Unauthorised)])
async def test_a_signature_is_good_for_five_minutes_of_the_clock_it_was_made_by(tmp_path: Path, minutes: int, outcome: type) -> None:
    async with running(tmp_path, OLD) as erp:
        clock = FakeClock(datetime.now(UTC) + timedelta(minutes=minutes))
        async with HttpClient(allowed_networks=LOOPBACK, clock=clock.now) as http:
            connection = JsonHarness(erp.process, http).connect(signing_secret=OLD)

            assert isinstance(await sent(connection, journal("JNL-1")), outcome)


@pytest.mark.anyio
@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,%%%", "v1,a,b", "nonsense", "v1,é"])
async def test_the_reference_erp_refuses_malformed_signatures(tmp_path: Path, signature: str) -> None:
    async with running(tmp_path, OLD) as erp:
        moment = str(int(datetime.now(UTC).timestamp()))
        headers = {"authorization": "Bearer erp-token", "content-type": "application/json", "webhook-id": "msg_1"}
        signed = headers | {"webhook-timestamp": moment, "webhook-signature": signature}
        body = erp.connect().prepare(Purpose.SEND, [journal("JNL-1")]).body.encode()

        async with AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{erp.process.url}/journals", content=body, headers=Headers(signed, encoding="latin-1"))

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")


@pytest.mark.anyio
async def test_no_secret_is_kept_of_a_call_whose_answer_shows_it(tmp_path: Path) -> None:
    """The reference in the path comes back in the answer: here it holds the secret."""
    secret = "whsec_" + "A" * 32
    async with running(tmp_path) as erp:
        sought = erp.connect(signing_secret=secret, previous_signing_secret=OLD)
        answered = await sought.find(sought.prepare(Purpose.FIND, [journal(secret)]))
        assert erp.process.call("GET", f"/journals/{secret}")[1]["detail"].endswith(secret)
        assert "A" * 32 not in answered.exchange.body
        assert "[redacted]" in answered.exchange.body


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
    assert schema_errors("journal", json.loads(await looked_up(connection, "JNL-1"))) == []
    assert schema_errors("error", json.loads(await looked_up(connection, "JNL-9"))) == []
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
        connection = InstalledAdapters(http).connect("json", Connection(url=erp.process.url, credentials={"token": "erp-token"}))

        outcome = await sent(connection, journal("JNL-1"))
        assert isinstance(outcome, Misconfigured)
        assert "127.0.0.1 is not allowed: loopback" in outcome.reason
        assert await found(connection, "JNL-1") == CannotTell(reason=outcome.reason)
