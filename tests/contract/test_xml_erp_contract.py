"""The `xml` adapter against an XML front over the reference ERP's own ledger, which holds both sides to the published schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.delivery import Booked, CannotTell, FoundBooked, Purpose, Rejected, Unauthorised, Unknown, Validation
from app.domain.journal import JournalDocument, JournalLine
from app.reference_erp.faults import Target
from app.reference_erp.messages import Account, Period
from tests.contract.erp_suite import ErpContract, Seen, found, journal, line, seen, send, sent, validated
from tests.contract.faulty_server import FaultyServer
from tests.contract.xml_stand_in import PASSWORD, USER, XmlFront
from tests.xml_schema import schema_errors

LOOPBACK = (ip_network("127.0.0.0/8"),)
SECRET, OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QLSEGE8Kj8ZcAvHo4pRzKY0xNYBJWr6I"


def target_of(method: str, path: str, _: bytes) -> Target | None:
    if method == "POST":
        return "validate" if path == "/journals/validate" else "send"
    return "find" if path.startswith("/journals/") else None


class XmlHarness:
    """`ErpHarness` over an `XmlFront`."""

    def __init__(self, front: XmlFront, server: FaultyServer, http: HttpClient) -> None:
        self.front = front
        self.server = server
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None, **credentials: str) -> ErpConnection:
        given = credentials if "user" in credentials else {"token": token or "erp-token"} | credentials
        connection = Connection(url=self.server.url + (url or ""), settings={"timeout_seconds": 1}, credentials=given)
        return self._adapters.connect("xml", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.front.restart()
        self.server.start()

    def booked(self, reference: str) -> Seen | None:
        booked = self.front.ledger.find(reference)
        if booked is None:
            return None
        lines = tuple(
            JournalLine(
                line=each.line, role="", ledger="", account=None, account_code=each.account_code, side=each.side,
                amount=Decimal(each.amount), base_amount=Decimal(each.base_amount), charge_code=None, description="",
            )
            for each in booked.lines
        )  # fmt: skip
        document = journal(reference, accounting_date=booked.accounting_date, currency=booked.currency, lines=lines)
        return seen(document)

    def balances(self) -> dict[str, str]:
        return {each.account_code: each.balance for each in self.front.ledger.trial_balance(None).balances}

    def leave_draft(self, document: JournalDocument) -> bool:
        return False

    def close_november(self) -> None:
        self.front.ledger.put_period(november("closed"))


def november(status: Any) -> Period:
    return Period(period="2026-11", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), status=status)


@asynccontextmanager
async def running(folder: Path, **options: Any) -> AsyncIterator[XmlHarness]:
    front = XmlFront(folder / "erp.db", **options)
    front.ledger.put_accounts(Account(code=code, name=f"Account {code}", type="liability") for code in ("2100", "2110", "4100-12"))
    front.ledger.put_period(Period(period="2026-10", starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), status="closed"))
    front.ledger.put_period(november("open"))
    with FaultyServer(front.app, target_of) as server:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            yield XmlHarness(front, server, http)
    front.ledger.close()


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[XmlHarness]:
    async with running(tmp_path) as harness:
        yield harness


class TestXmlAdapter(ErpContract):
    """All of the contract."""


@pytest.mark.anyio
async def test_what_goes_out_keeps_to_the_schema(erp: XmlHarness) -> None:
    mapped = replace(line(1, "debit", "2100", "10.50"), dimensions={"fund": "G", "cost centre": "<12>"}, tax_code="N&A", charge_code=None)
    document = journal("JNL-1", lines=(mapped, line(2, "credit", "2110", "10.50")), description='Kōwhai "blue" & <green>\x07\r\n')

    assert isinstance(await sent(erp.connect(), document), Booked)
    body = next(body for method, path, _, body in erp.server.requests if (method, path) == ("POST", "/journals"))
    assert schema_errors(body) == []
    stored = erp.front.ledger.find("JNL-1")
    assert stored is not None
    assert stored.description == 'Kōwhai "blue" & <green>\N{REPLACEMENT CHARACTER}\r\n'
    assert (stored.lines[0].dimensions, stored.lines[0].tax_code) == ({"fund": "G", "cost centre": "<12>"}, "N&A")


@pytest.mark.anyio
async def test_a_user_with_a_password_is_the_other_way_to_sign_in(erp: XmlHarness) -> None:
    assert isinstance(await sent(erp.connect(user=USER, password=PASSWORD), journal("JNL-1")), Booked)
    assert isinstance(await sent(erp.connect(user=USER, password="wrong"), journal("JNL-2")), Unauthorised)


@pytest.mark.anyio
async def test_an_erp_that_asks_for_signatures_takes_only_its_own(tmp_path: Path) -> None:
    async with running(tmp_path, signing_secret=SECRET) as erp:
        for credentials in ({}, {"signing_secret": OTHER}):
            assert isinstance(await validated(erp.connect(**credentials), journal("JNL-1")), Unauthorised)
            assert isinstance(await sent(erp.connect(**credentials), journal("JNL-1")), Unauthorised)
        rotating = erp.connect(signing_secret=OTHER, previous_signing_secret=SECRET)
        assert isinstance(await validated(rotating, journal("JNL-1")), Validation)
        assert isinstance(await sent(rotating, journal("JNL-1")), Booked)


@pytest.mark.anyio
async def test_what_xml_cannot_carry_is_refused_beforehand_and_spares_the_batch(erp: XmlHarness) -> None:
    connection = erp.connect()
    bad = journal("JNL-2", lines=(line(1, "debit", "21\x0000", "1.00"), line(2, "credit", "2110", "1.00")))

    answered = await send(connection, journal("JNL-1"), bad)
    alone = await validated(connection, bad)

    assert isinstance(answered.results["JNL-1"], Booked)
    rejected = answered.results["JNL-2"]
    assert isinstance(rejected, Rejected)
    assert [(problem.line, problem.code) for problem in rejected.problems] == [(1, "not-xml")]
    assert isinstance(alone, Validation)
    assert alone.problems == rejected.problems
    assert len(erp.server.requests) == 1


@pytest.mark.anyio
async def test_two_answers_about_one_journal_are_not_believed(erp: XmlHarness) -> None:
    answered = await send(erp.connect(), journal("JNL-1"), journal("JNL-1", "9.00"))

    assert isinstance(answered.results["JNL-1"], Unknown)


@pytest.mark.anyio
async def test_the_ledger_is_read_page_by_page(tmp_path: Path) -> None:
    async with running(tmp_path, page=2) as erp:
        connection = erp.connect()
        await send(connection, *(journal(f"JNL-{number}", f"{number}.00") for number in range(1, 6)))

        entries = await connection.entries(["2100"], date(2026, 11, 1), date(2026, 11, 30))

        assert not isinstance(entries, CannotTell)
        assert [each.amount for each in entries] == [Decimal(number) for number in range(1, 6)]
        assert sum(path.startswith("/journals?") for _, path, _, _ in erp.server.requests) == 3


@pytest.mark.anyio
async def test_books_in_another_currency_are_told(erp: XmlHarness) -> None:
    connection = erp.connect()
    assert isinstance(await sent(connection, replace(journal("JNL-1"), currency="AUD", base_currency="AUD")), Booked)

    located = await found(connection, "JNL-1")

    assert isinstance(located, FoundBooked)
    assert [problem.code for problem in located.problems] == ["booked-otherwise"]


@pytest.mark.anyio
async def test_no_password_is_kept_of_a_call_whose_answer_shows_it(erp: XmlHarness) -> None:
    connection = erp.connect(user=USER, password="not-the-password")
    answered = await connection.find(connection.prepare(Purpose.FIND, [journal("not-the-password")]))
    assert "not-the-password" not in answered.exchange.body
    rightly = erp.connect(user=USER, password=PASSWORD)
    shown = await rightly.find(rightly.prepare(Purpose.FIND, [journal(PASSWORD)]))
    assert PASSWORD not in shown.exchange.body
    assert "[redacted]" in shown.exchange.body
