"""What QuickBooks Online does beyond the contract of all ERPs, against the stand-in."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.application.ports.erp import ErpConnection
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FoundBooked,
    Misconfigured,
    Purpose,
    Rejected,
    Retryable,
    Throttled,
    Unauthorised,
    Unknown,
    Validation,
)
from app.domain.journal import JournalDocument
from tests.contract.erp_suite import found, journal, line, send, sent, validated
from tests.contract.quickbooks_stand_in import REALM, TOKEN, account
from tests.contract.test_quickbooks_erp_contract import LOOPBACK, QuickBooksHarness, running
from tests.fake_sign_in import FakeSignIn
from tests.fakes import FakeClock

pytestmark = pytest.mark.anyio
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
async def erp() -> AsyncIterator[QuickBooksHarness]:
    async with running() as harness:
        yield harness


def on(code: str) -> JournalDocument:
    return journal("JNL-1", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", code, "1.00")))


class MissedOnce(list[dict[str, Any]]):
    """What a query misses the first time, and a check of numbers finds."""

    missed = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        seen, self.missed = self.missed, True
        return super().__iter__() if seen else iter(())


async def complaints(connection: ErpConnection, document: JournalDocument) -> list[tuple[str, int | None]]:
    verdict = await validated(connection, document)
    assert isinstance(verdict, Validation)
    return [(problem.code, problem.line) for problem in verdict.problems]


async def refusals(connection: ErpConnection, document: JournalDocument) -> list[tuple[str, int | None]]:
    outcome = await sent(connection, document)
    assert isinstance(outcome, Rejected)
    return [(problem.code, problem.line) for problem in outcome.problems]


async def test_a_batch_goes_in_one_call_and_is_read_back_in_one(erp: QuickBooksHarness) -> None:
    answered = await send(erp.connect(), *(journal(f"JNL-{number}") for number in range(1, 11)))

    assert {type(outcome) for outcome in answered.results.values()} == {Booked}
    assert [path.split("?")[0].rsplit("/", 1)[1] for _, path, *_ in erp.server.requests] == ["query", "query", "batch", "query"]
    assert erp.balances()["2100"] == "105.00"


async def test_half_a_batch_is_there_and_one_is_refused(erp: QuickBooksHarness) -> None:
    connection = erp.connect()
    first = await sent(connection, journal("JNL-1"))
    lopsided = journal("JNL-3", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "2110", "1.01")))
    answered = await send(connection, journal("JNL-1"), journal("JNL-2"), lopsided)

    assert answered.results["JNL-1"] == first
    assert isinstance(answered.results["JNL-2"], Booked)
    refused = answered.results["JNL-3"]
    assert isinstance(refused, Rejected)
    assert [problem.code for problem in refused.problems] == ["unbalanced"]
    assert erp.balances()["2100"] == "21.00"


async def test_address_and_numbers(erp: QuickBooksHarness) -> None:
    await sent(erp.connect(), journal("O'Brien 1"))

    path = next(path for method, path, *_ in erp.server.requests if method == "POST")
    assert path.startswith(f"/v3/company/{REALM}/journalentry?requestid=")
    assert path.endswith("&minorversion=75")
    assert isinstance(await found(erp.connect(), "O'Brien 1"), FoundBooked)
    assert isinstance(await sent(erp.connect(), journal("O'Brien 1")), Booked)
    assert len(erp.books.entries) == 1


async def test_two_late_requests_with_the_same_content_book_once(erp: QuickBooksHarness) -> None:
    connection = erp.connect()
    erp.fault("book_then_drop", times=1)
    assert isinstance(await sent(connection, journal("JNL-1")), Unknown)
    hidden, erp.books.entries = erp.books.entries, []  # the look-up does not see it yet

    assert isinstance(await sent(connection, journal("JNL-1")), Unknown)  # answered as before, but not found
    erp.books.entries = hidden
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert erp.balances()["2100"] == "10.50"


async def test_what_was_deleted_is_absent_and_a_repeated_answer_does_not_deny_it(erp: QuickBooksHarness) -> None:
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))
    erp.books.delete("JNL-1")

    assert await found(connection, "JNL-1") == Absent()
    assert isinstance(await sent(connection, journal("JNL-1")), Unknown)
    assert erp.balances() == {}


async def test_a_duplicate_number_answers_whether_it_was_booked(erp: QuickBooksHarness) -> None:
    """The look-up before did not see it: the refusal leads to another one."""
    erp.books.warn_duplicates = True
    connection = erp.connect()
    first = await sent(connection, journal("JNL-1"))
    assert isinstance(first, Booked)
    erp.books.entries = MissedOnce(erp.books.entries)
    outcome = await sent(connection, journal("JNL-1", "11.50"))

    assert isinstance(outcome, Booked)
    assert (outcome.number, {problem.code for problem in outcome.problems}) == (first.number, {"booked-otherwise"})


async def test_a_number_that_quickbooks_gives_itself_is_told(erp: QuickBooksHarness) -> None:
    erp.books.number_itself = True

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Booked)
    assert [problem.code for problem in outcome.problems] == ["reference-lost"]


async def test_two_of_one_number_are_told(erp: QuickBooksHarness) -> None:
    """QuickBooks takes a number twice unless the company's preferences say otherwise."""
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))
    erp.books.entries.append(erp.books.entries[0] | {"Id": "2000"})

    there = await found(connection, "JNL-1")

    assert isinstance(there, FoundBooked)
    assert [problem.code for problem in there.problems] == ["booked-twice"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("2000", "entity-required"), ("1200", "entity-required"), ("0999", "inactive-account"), ("777", "unknown-account")],
)
async def test_accounts_that_cannot_be_booked_are_found_by_both_before_anything_is_sent(
    erp: QuickBooksHarness, code: str, expected: str
) -> None:
    connection = erp.connect()

    assert await complaints(connection, on(code)) == await refusals(connection, on(code)) == [(expected, 2)]
    assert not any(method == "POST" for method, *_ in erp.server.requests)


async def test_a_vendor_from_the_settings_goes_on_lines_of_payables(erp: QuickBooksHarness) -> None:
    connection = erp.connect(entities={"2000": {"type": "Vendor", "id": "56"}})

    assert await complaints(connection, on("2000")) == []
    assert isinstance(await sent(connection, on("2000")), Booked)
    detail = erp.books.entries[0]["Line"][1]["JournalEntryLineDetail"]
    assert detail["Entity"] == {"Type": "Vendor", "EntityRef": {"value": "56"}}


@pytest.mark.parametrize(("ref", "code"), [("id", "107"), ("name", "Unnumbered")])
async def test_accounts_by_id_or_name(erp: QuickBooksHarness, ref: str, code: str) -> None:
    other = {"id": "101", "name": "Estimates"}[ref]
    document = journal("JNL-1", lines=(line(1, "debit", other, "1.00"), line(2, "credit", code, "1.00")))
    connection = erp.connect(account_ref=ref)

    assert await sent(connection, document) == Booked(number="1001")
    assert await complaints(connection, document) == []


async def test_classes_and_departments_arrive_by_their_ids(erp: QuickBooksHarness) -> None:
    connection = erp.connect()
    good = replace(line(1, "debit", "2100", "1.00"), dimensions={"Class": "Faculty:Science", "Department": "Auckland"})
    bad = replace(good, dimensions={"Class": "Arts"})
    other = line(2, "credit", "2110", "1.00")

    assert await complaints(connection, journal("JNL-1", lines=(bad, other))) == [("unknown-dimension", 1)]
    assert await refusals(connection, journal("JNL-1", lines=(bad, other))) == [("unknown-dimension", 1)]
    assert isinstance(await sent(connection, journal("JNL-2", lines=(good, other))), Booked)
    detail = erp.books.entries[0]["Line"][0]["JournalEntryLineDetail"]
    assert (detail["ClassRef"], detail["DepartmentRef"]) == ({"value": "201"}, {"value": "301"})


async def test_ids_are_kept_a_minute_and_read_again_where_one_is_missing(erp: QuickBooksHarness) -> None:
    clock = FakeClock(datetime.fromisoformat("2026-11-01T00:00:00+00:00"))
    async with HttpClient(allowed_networks=LOOPBACK, clock=clock.now) as http:
        connection = QuickBooksHarness(erp.books, erp.server, http).connect()
        await sent(connection, journal("JNL-1"))
        await sent(connection, journal("JNL-2"))
        assert _chart_calls(erp) == 1
        erp.books.lists["Account"].append(account("108", "777", "New", "Expense"))
        assert isinstance(await sent(connection, replace(on("777"), reference="JNL-3")), Booked)
        assert _chart_calls(erp) == 2
        clock.moment += timedelta(seconds=61)
        await sent(connection, journal("JNL-4"))
        assert _chart_calls(erp) == 3


def _chart_calls(erp: QuickBooksHarness) -> int:
    return sum("from%20Account" in path for _, path, *_ in erp.server.requests)


async def test_a_chart_of_several_pages_is_read_to_its_end(erp: QuickBooksHarness) -> None:
    erp.books.lists["Account"][:0] = [account(str(5_000 + each), f"X{each}", f"Account {each}", "Expense") for each in range(2_500)]

    checked = await erp.connect().check()

    assert len(checked.accounts) == 2_506
    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)


async def test_a_company_without_account_numbers_is_told(erp: QuickBooksHarness) -> None:
    for each in erp.books.lists["Account"]:
        each.pop("AcctNum", None)

    assert "account numbers" in (await erp.connect().check()).problems[0]


async def test_a_foreign_journal_needs_a_company_with_several_currencies(erp: QuickBooksHarness) -> None:
    lines = (line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57"))
    document = journal("JNL-1", currency="JPY", lines=lines)
    erp.books.multi_currency = False

    assert await complaints(erp.connect(), document) == [("foreign-currency", None)]
    assert await refusals(erp.connect(), document) == [("refused", None)]
    refusing = erp.connect(foreign_currency="refuse")
    assert not refusing.capabilities.foreign_currency
    assert await refusals(refusing, document) == [("foreign-currency", None)]
    base = erp.connect(foreign_currency="base_amounts")
    assert await complaints(base, document) == []
    assert isinstance(await sent(base, document), Booked)
    assert erp.balances() == {"2100": "13.57", "2110": "-13.57"}


async def test_a_rate_that_was_changed_there_is_told(erp: QuickBooksHarness) -> None:
    lines = (line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57"))
    document = journal("JNL-1", currency="JPY", lines=lines)
    connection = erp.connect()
    await sent(connection, document)
    erp.books.entries[0]["ExchangeRate"] = 0.0114

    outcome = await sent(connection, document)

    assert isinstance(outcome, Booked)
    assert {problem.code for problem in outcome.problems} == {"booked-otherwise"}


async def test_closed_books_are_refused_by_both(erp: QuickBooksHarness) -> None:
    document = journal("JNL-1", accounting_date=date(2026, 10, 31))

    assert await complaints(erp.connect(), document) == await refusals(erp.connect(), document) == [("period-closed", None)]


async def test_its_limit_asks_for_a_minute(erp: QuickBooksHarness) -> None:
    erp.books.minute_limit = 2  # the look-up and the chart

    assert await sent(erp.connect(), journal("JNL-1")) == Throttled(retry_after=60)
    assert await validated(erp.connect(), journal("JNL-1")) == Throttled(retry_after=60)
    assert erp.balances() == {}


async def test_a_read_back_that_fails_leaves_what_was_answered(erp: QuickBooksHarness) -> None:
    erp.books.minute_limit = 3  # the look-up, the chart and the booking

    assert await sent(erp.connect(), journal("JNL-1")) == Booked(number="1001")


async def test_a_token_that_ended_is_renewed_once(erp: QuickBooksHarness) -> None:
    sign_in = FakeSignIn(["old", TOKEN], REALM)

    assert isinstance(await sent(erp.connect(sign_in=sign_in), journal("JNL-1")), Booked)
    assert sign_in.refusals == ["old"]


async def test_another_company_and_none(erp: QuickBooksHarness) -> None:
    other, nothing = erp.connect(sign_in=FakeSignIn([TOKEN], "1")), erp.connect(sign_in=FakeSignIn([TOKEN], None))

    assert isinstance(await sent(other, journal("JNL-1")), Misconfigured)
    assert "disconnected" in (await other.check()).problems[0]
    assert isinstance(await sent(nothing, journal("JNL-1")), Unauthorised)


async def test_the_ledger_shows_what_others_booked(erp: QuickBooksHarness) -> None:
    connection = erp.connect()
    booked = await sent(connection, journal("JNL-1"))
    erp.books.book_bill("2026-11-03", "101", "7.25")

    for several in (True, False):
        erp.books.multi_currency = several
        entries = await connection.entries(["2100", "nowhere"], *NOVEMBER)

        assert isinstance(booked, Booked)
        assert not isinstance(entries, CannotTell)
        assert sorted((each.reference or "", each.number, each.amount) for each in entries) == [
            ("INV-7", "91", Decimal("7.25")),
            ("JNL-1", booked.number, Decimal("10.50")),
        ]
    assert await connection.entries(["nowhere"], *NOVEMBER) == []


async def test_what_is_kept_of_a_send_names_accounts_by_our_codes(erp: QuickBooksHarness) -> None:
    connection = erp.connect()
    body = json.loads(connection.prepare(Purpose.SEND, [journal("JNL-1")]).body)
    assert body["JournalEntry"][0]["Line"][0]["JournalEntryLineDetail"]["AccountRef"] == {"name": "2100"}


async def test_failures_before_anything_is_booked_are_tried_again(erp: QuickBooksHarness) -> None:
    erp.fault("fail", on="find", status=500, times=1)

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Retryable)
    assert erp.balances() == {}
