"""The `erpnext` adapter against a stand-in that behaves as Frappe's and ERPNext's public sources say."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, ErpConnection
from app.domain.delivery import (
    Absent,
    AcceptedAsync,
    Booked,
    CannotTell,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Rejected,
    Retryable,
    Throttled,
    Unknown,
    Validation,
)
from app.domain.journal import JournalDocument
from app.reference_erp.faults import Target
from tests.contract.erp_suite import ErpContract, Seen, found, journal, line, send, sent, validated
from tests.contract.erpnext_stand_in import JOURNAL_ENTRY, KEY, SECRET, Doc, ErpNext
from tests.contract.faulty_server import FaultyServer

LOOPBACK = (ip_network("127.0.0.0/8"),)
OCTOBER, NOVEMBER = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))


def target_of(method: str, path: str, _: bytes) -> Target | None:
    if path == "/api/method/frappe.client.submit" or method == "PUT":
        return "send"
    if method == "GET":
        return "find" if path.startswith("/api/resource/Journal%20Entry?") else "validate"
    return None


class ErpNextHarness:
    """`ErpHarness` over an `ErpNext`."""

    def __init__(self, site: ErpNext, server: FaultyServer, http: HttpClient) -> None:
        self.site = site
        self.server = server
        self._adapters = InstalledAdapters(http)

    def connect(self, *, url: str | None = None, token: str | None = None, **settings: Any) -> ErpConnection:
        known = {"company": "ABC", "timeout_seconds": 1, "reference_field": self.site.reference_field}
        connection = Connection(
            url=self.server.url + (url or ""), settings=known | settings, credentials={"api_key": KEY, "api_secret": token or SECRET}
        )
        return self._adapters.connect("erpnext", connection)

    def fault(self, mode: str, **details: Any) -> None:
        self.server.fault(mode, **details)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    def posted(self, reference: str) -> list[dict[str, Any]]:
        entries = self.site.docs[JOURNAL_ENTRY].values()
        return [each for each in entries if each[self.site.reference_field] == reference and each["docstatus"] == 1]

    def booked(self, reference: str) -> Seen | None:
        docs = self.posted(reference)
        assert len(docs) <= 1
        if not docs:
            return None
        lines = [(self.code(row), _signed(row, "_in_account_currency"), _signed(row, "")) for row in docs[0]["accounts"]]
        return Seen(accounting_date=date.fromisoformat(docs[0]["posting_date"]), currency="NZD", lines=tuple(lines))

    def code(self, row: dict[str, Any]) -> str:
        account = self.site.docs["Account"][row["account"]]
        return str(account["account_number"] or account["name"])

    def balances(self) -> dict[str, str]:
        sums: dict[str, Decimal] = {}
        for entry in self.site.docs["GL Entry"].values():
            if not entry["is_cancelled"]:
                sums[self.code(entry)] = sums.get(self.code(entry), Decimal()) + _signed(entry, "")
        return {code: format(total, ".2f") for code, total in sums.items()}

    def leave_draft(self, document: JournalDocument) -> bool:
        names = {account["account_number"]: name for name, account in self.site.docs["Account"].items()}
        rows = [{"account": names[each.account_code], f"{each.side}_in_account_currency": float(each.amount)} for each in document.lines]
        head = {"company": "ABC", "voucher_type": JOURNAL_ENTRY, "posting_date": str(document.accounting_date)}
        self.site.insert({**head, self.site.reference_field: document.reference, "accounts": rows})
        return True

    def close_november(self) -> None:
        self.site.close(*NOVEMBER)


def _signed(row: dict[str, Any], suffix: str) -> Decimal:
    return (Decimal(str(row[f"debit{suffix}"])) - Decimal(str(row[f"credit{suffix}"]))).quantize(Decimal("0.01"))


@asynccontextmanager
async def running(version: int = 15, **options: Any) -> AsyncIterator[ErpNextHarness]:
    site = ErpNext(version, **options)
    for code, title in (("2100", "Accruals"), ("2110", "GRNI")):
        site.account(code, title)
    site.account("4100-12", "Expenses", report_type="Profit and Loss")
    site.close(*OCTOBER)
    with FaultyServer(site.app, target_of) as server:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            yield ErpNextHarness(site, server, http)


@pytest.fixture
async def erp() -> AsyncIterator[ErpNextHarness]:
    async with running() as harness:
        yield harness


class TestErpNextAdapter(ErpContract):
    """All of the contract."""


def long(reference: str, lines: int = 101, amount: str = "1.00") -> JournalDocument:
    debits = [line(number, "debit", "2100", amount) for number in range(1, lines)]
    return journal(reference, lines=(*debits, line(lines, "credit", "2110", str(Decimal(amount) * (lines - 1)))))


@pytest.mark.anyio
@pytest.mark.parametrize("version", [14, 15, 16])
@pytest.mark.parametrize("how", ["freeze", "close_year"])
async def test_what_is_frozen_or_closed_with_the_year_is_refused_at_both_places(version: int, how: str) -> None:
    async with running(version) as erp:
        getattr(erp.site, how)(date(2026, 11, 10))
        connection = erp.connect()
        early, later = journal("JNL-1", accounting_date=date(2026, 11, 10)), journal("JNL-2", accounting_date=date(2026, 11, 11))

        verdict = await validated(connection, early)
        outcome = await sent(connection, early)

        assert isinstance(verdict, Validation)
        assert [problem.code for problem in verdict.problems] == ["period-closed"]
        assert isinstance(outcome, Rejected)
        assert erp.site.docs[JOURNAL_ENTRY] == {}, "the draft that was refused is gone"
        assert isinstance(await sent(connection, later), Booked)
        assert (await connection.check()).open_dates[0].starts_on == date(2026, 11, 11)


@pytest.mark.anyio
@pytest.mark.parametrize("version", [14, 15, 16])
async def test_an_imbalance_is_refused_and_leaves_nothing(version: int) -> None:
    async with running(version) as erp:
        lopsided = journal("JNL-1", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "2110", "1.01")))

        outcome = await sent(erp.connect(), lopsided)

        assert isinstance(outcome, Rejected)
        assert "The difference is -0.01" in outcome.problems[0].message
        assert erp.site.docs[JOURNAL_ENTRY] == {}


@pytest.mark.anyio
async def test_a_disabled_period_closes_nothing(erp: ErpNextHarness) -> None:
    erp.site.close(*NOVEMBER, disabled=1)

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)


@pytest.mark.anyio
async def test_more_than_100_rows_are_queued_and_found_when_they_are_posted(erp: ErpNextHarness) -> None:
    connection = erp.connect()

    outcome = await sent(connection, long("JNL-1"))

    assert isinstance(outcome, AcceptedAsync)
    assert await found(connection, "JNL-1") == FoundDraft(number=outcome.job)
    assert isinstance(await sent(connection, long("JNL-1")), AcceptedAsync), "it is still locked"
    erp.site.run_queue()
    located = (await connection.find(connection.prepare("find", [long("JNL-1")]))).results["JNL-1"]  # type: ignore[arg-type]
    assert located == FoundBooked(number=outcome.job)
    assert erp.balances() == {"2100": "100.00", "2110": "-100.00"}


@pytest.mark.anyio
async def test_what_failed_in_the_queue_is_told_when_it_is_sent_again(erp: ErpNextHarness) -> None:
    connection = erp.connect()
    assert isinstance(await sent(connection, long("JNL-1")), AcceptedAsync)
    erp.site.freeze(date(2026, 11, 30))
    erp.site.run_queue()
    assert isinstance(await found(connection, "JNL-1"), FoundDraft)

    again = await sent(connection, long("JNL-1"))

    assert isinstance(again, Rejected)
    assert "not authorized to add or update entries" in again.problems[0].message
    assert erp.site.docs[JOURNAL_ENTRY] == {}


@pytest.mark.anyio
async def test_100_rows_are_posted_at_once(erp: ErpNextHarness) -> None:
    assert isinstance(await sent(erp.connect(), long("JNL-1", 100)), Booked)


@pytest.mark.anyio
async def test_one_that_was_cancelled_is_not_booked_again_without_a_person(erp: ErpNextHarness) -> None:
    connection = erp.connect()
    first = await sent(connection, journal("JNL-1"))
    assert isinstance(first, Booked)
    erp.site.cancel(first.number)

    assert await found(connection, "JNL-1") == Absent()
    again = await sent(connection, journal("JNL-1"))

    assert isinstance(again, Rejected)
    assert [(problem.code, first.number in problem.message) for problem in again.problems] == [("cancelled-in-erp", True)]


@pytest.mark.anyio
async def test_an_entry_that_somebody_else_made_meanwhile_is_looked_up(erp: ErpNextHarness) -> None:
    """The look-up saw nothing, and then the field that is unique refuses."""
    erp.site.changes = {erp.site.reference_field: "JNL-0"}
    erp.leave_draft(journal("JNL-0"))

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Unknown)


@pytest.mark.anyio
async def test_two_drafts_become_one_entry() -> None:
    async with running(unique=False) as erp:
        erp.leave_draft(journal("JNL-1"))
        erp.leave_draft(journal("JNL-1"))

        assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
        assert len(erp.site.docs[JOURNAL_ENTRY]) == 1


@pytest.mark.anyio
async def test_what_was_booked_twice_is_told() -> None:
    async with running(unique=False) as erp:
        connection = erp.connect()
        await sent(connection, journal("JNL-1"))
        erp.leave_draft(journal("JNL-1"))
        erp.site._post(list(erp.site.docs[JOURNAL_ENTRY].values())[-1])

        located, again = await found(connection, "JNL-1"), await sent(connection, journal("JNL-1"))

        assert isinstance(located, FoundBooked)
        assert isinstance(again, Booked)
        assert {problem.code for problem in located.problems} == {"booked-otherwise"} == {problem.code for problem in again.problems}


@pytest.mark.anyio
@pytest.mark.parametrize("changes", [{"posting_date": "2026-12-01"}, {"company": "ABC", "custom_glint_reference": "JNL-9"}])
async def test_a_draft_that_the_site_changes_is_not_submitted(erp: ErpNextHarness, changes: dict[str, Any]) -> None:
    erp.site.changes = changes

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [problem.code for problem in outcome.problems] == ["made-otherwise"]
    assert erp.site.docs[JOURNAL_ENTRY] == {}


@pytest.mark.anyio
async def test_a_draft_that_somebody_edits_meanwhile_is_left_to_them(erp: ErpNextHarness) -> None:
    make = erp.site.insert

    def edited(body: Mapping[str, Any]) -> Doc:
        doc = make(body)
        doc["modified"], made = "2026-11-22 11:00:00.000000", dict(doc)
        return made

    erp.site.insert = edited  # type: ignore[method-assign]

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Retryable)
    assert [doc["docstatus"] for doc in erp.site.docs[JOURNAL_ENTRY].values()] == [0]


@pytest.mark.anyio
async def test_another_draft_that_is_queued_is_waited_for(erp: ErpNextHarness) -> None:
    """The mapping was mended while the first one stood in the queue."""
    connection = erp.connect()
    assert isinstance(await sent(connection, long("JNL-1")), AcceptedAsync)

    assert isinstance(await sent(connection, long("JNL-1", amount="2.00")), Retryable)
    erp.site.run_queue()
    again = await sent(connection, long("JNL-1", amount="2.00"))
    assert isinstance(again, Booked)
    assert {problem.code for problem in again.problems} == {"booked-otherwise"}


@pytest.mark.anyio
async def test_long_codes_are_asked_for_in_several_urls(erp: ErpNextHarness) -> None:
    names = [erp.site.account("", f"{'Kōwhai ' * 15}{number}") for number in range(30)]
    lines = [line(number, "debit", name, "1.00") for number, name in enumerate(names, start=1)]

    assert isinstance(await sent(erp.connect(), journal("JNL-1", lines=(*lines, line(31, "credit", "2110", "30.00")))), Booked)
    assert max(len(path) for _, path, _, _ in erp.server.requests) < 8_000


@pytest.mark.anyio
async def test_without_its_field_nothing_is_sent(erp: ErpNextHarness) -> None:
    connection = erp.connect(reference_field="custom_missing")

    assert isinstance(await sent(connection, journal("JNL-1")), Retryable)
    assert erp.site.docs[JOURNAL_ENTRY] == {}
    assert any("field custom_missing" in problem for problem in (await connection.check()).problems)


@pytest.mark.anyio
async def test_the_standard_reference_number_will_do() -> None:
    async with running(reference_field="cheque_no", unique=False) as erp:
        assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
        (doc,) = erp.posted("JNL-1")
        assert (doc["cheque_no"], doc["cheque_date"]) == ("JNL-1", "2026-11-01")
        assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
        assert len(erp.posted("JNL-1")) == 1


@pytest.mark.anyio
async def test_accounts_that_cannot_be_used_are_named_by_their_line_at_both_places(erp: ErpNextHarness) -> None:
    erp.site.account("2200", "Creditors", account_type="Payable")
    erp.site.account("2300", "Group", is_group=1)
    erp.site.account("2400", "Old", disabled=1)
    erp.site.account("2500", "Euros", account_currency="EUR")
    erp.site.account("2600", "Twin one")
    erp.site.account("2600", "Twin two")
    codes = ("2200", "2300", "2400", "2500", "2600", "2100 - Accruals - ABC")
    document = journal("JNL-1", lines=tuple(line(number, "debit", code, "1.00") for number, code in enumerate(codes, start=1)))
    connection = erp.connect()

    verdict, outcome = await validated(connection, document), await sent(connection, document)

    assert isinstance(verdict, Validation)
    assert isinstance(outcome, Rejected)
    told = [(problem.line, problem.code) for problem in outcome.problems]
    assert told == [(1, "account-refused"), (2, "account-refused"), (3, "account-refused"), (4, "account-refused"), (5, "unknown-account")]
    assert verdict.problems == outcome.problems


@pytest.mark.anyio
async def test_dimensions_go_into_the_fields_of_their_row_and_a_party_with_them(erp: ErpNextHarness) -> None:
    erp.site.account("2200", "Creditors", account_type="Payable")
    cost = replace(line(1, "debit", "4100-12", "10.50"), dimensions={"cost_center": "North - ABC", "project": "PRJ-1", "branch": "B"})
    plain = line(2, "debit", "4100-12", "1.00")
    payable = replace(line(3, "credit", "2200", "11.50"), dimensions={"party_type": "Supplier", "party": "Acme"})

    assert isinstance(await sent(erp.connect(), journal("JNL-1", lines=(cost, plain, payable))), Booked)

    rows = erp.posted("JNL-1")[0]["accounts"]
    assert [row.get("cost_center") for row in rows] == ["North - ABC", "Main - ABC", None]
    assert (rows[0]["project"], rows[0]["branch"], rows[2]["party_type"], rows[2]["party"]) == ("PRJ-1", "B", "Supplier", "Acme")


@pytest.mark.anyio
async def test_a_foreign_currency_keeps_both_amounts_on_accounts_in_it(erp: ErpNextHarness) -> None:
    erp.site.account("2115", "GRNI dollars", account_currency="USD")
    lines = (line(1, "debit", "2100", "100.00", "163.47"), line(2, "credit", "2115", "100.00", "163.47"))
    document = journal("JNL-1", currency="USD", lines=lines)
    connection = erp.connect(foreign_currency=True)

    verdict = await validated(connection, document)
    assert isinstance(verdict, Validation)
    assert verdict.problems == ()
    assert isinstance(await sent(connection, document), Booked)

    (doc,) = erp.posted("JNL-1")
    assert doc["multi_currency"] == 1
    base, own = doc["accounts"]
    assert (base["debit_in_account_currency"], base["exchange_rate"], base["user_remark"]) == (163.47, 1, "Widget 1 (100.00 USD)")
    assert (own["credit_in_account_currency"], own["exchange_rate"], own["credit"]) == (100.0, 1.6347, 163.47)
    assert erp.balances() == {"2100": "163.47", "2115": "-163.47"}


@pytest.mark.anyio
async def test_a_rate_that_the_site_would_replace_is_refused(erp: ErpNextHarness) -> None:
    """ERPNext takes a rate of exactly 1 for a missing one."""
    erp.site.account("2115", "GRNI dollars", account_currency="USD")
    lines = (line(1, "debit", "2100", "100.00", "100.00"), line(2, "credit", "2115", "100.00", "100.00"))

    outcome = await sent(erp.connect(foreign_currency=True), journal("JNL-1", currency="USD", lines=lines))

    assert isinstance(outcome, Rejected)
    assert [(problem.line, problem.code) for problem in outcome.problems] == [(2, "rate-not-exact")]


@pytest.mark.anyio
async def test_a_company_in_another_currency_is_refused(erp: ErpNextHarness) -> None:
    erp.site.docs["Company"]["ABC"]["default_currency"] = "AUD"

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert outcome.problems[0].code == "wrong-base-currency"


@pytest.mark.anyio
async def test_a_company_that_is_not_there_is_misconfigured(erp: ErpNextHarness) -> None:
    connection = erp.connect(company="Nobody")

    assert await sent(connection, journal("JNL-1")) == Misconfigured(reason="Company Nobody not found")
    assert await validated(connection, journal("JNL-1")) == Misconfigured(reason="Company Nobody not found")


@pytest.mark.anyio
async def test_a_batch_that_is_slowed_down_stops_there(erp: ErpNextHarness) -> None:
    erp.fault("throttle", retry_after=7, times=1)

    answered = await send(erp.connect(), journal("JNL-1"), journal("JNL-2"), journal("JNL-3"))

    assert list(answered.results.values()) == [Throttled(retry_after=7)] * 3
    assert sum(path.endswith("frappe.client.submit") for _, path, _, _ in erp.server.requests) == 1


@pytest.mark.anyio
async def test_a_batch_looks_up_and_reads_back_once(erp: ErpNextHarness) -> None:
    documents = [journal(f"JNL-{number}", f"{number}.00") for number in range(1, 21)]

    answered = await send(erp.connect(), *documents)

    assert all(isinstance(outcome, Booked) and outcome.problems == () for outcome in answered.results.values())
    assert len(erp.server.requests) == 4 + 2 * 20


@pytest.mark.anyio
async def test_a_traceback_is_neither_kept_nor_shown(erp: ErpNextHarness) -> None:
    connection = erp.connect(company="Nobody")
    answered = await send(connection, journal("JNL-1"))

    assert "Company Nobody not found" in answered.exchange.body
    assert "Traceback" not in answered.exchange.body
    assert "secret-of-the-site" not in answered.exchange.body


@pytest.mark.anyio
async def test_the_ledger_is_read_with_what_people_booked(erp: ErpNextHarness) -> None:
    connection = erp.connect()
    first = await sent(connection, journal("JNL-1"))
    assert isinstance(first, Booked)
    other = {"voucher_type": "Purchase Receipt", "voucher_no": "PR-1", "company": "ABC", "posting_date": "2026-11-02", "is_cancelled": 0}
    erp.site.docs["GL Entry"]["PR-1"] = {"name": "PR-1", **other, "account": "2110 - GRNI - ABC", "debit": 0, "credit": 5.25}
    gone = await sent(connection, journal("JNL-2"))
    assert isinstance(gone, Booked)
    erp.site.cancel(gone.number)

    entries = await connection.entries(["2110", "nowhere"], *NOVEMBER)

    assert not isinstance(entries, CannotTell)
    assert [(each.reference, each.number, each.amount) for each in entries] == [
        ("JNL-1", first.number, Decimal("-10.5")),
        (None, "PR-1", Decimal("-5.25")),
    ]


@pytest.mark.anyio
async def test_lists_are_read_page_by_page(erp: ErpNextHarness) -> None:
    for number in range(1_200):
        erp.site.account(f"9{number:04}", "Many")

    assert len((await erp.connect().check()).accounts) == 1_203
