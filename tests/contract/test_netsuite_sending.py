"""What is special to NetSuite: nothing is overwritten, approval, lines named by paths, throttling by codes, periods, segments, pages."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.application.ports.sign_in import NotAuthorised, NoTokenNow
from app.domain.delivery import (
    Booked,
    CannotTell,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    SendOutcome,
    Throttled,
    Unauthorised,
    Unknown,
    Validation,
)
from app.domain.journal import JournalDocument
from tests.contract.erp_suite import found, journal, line, seen, send, sent, validated
from tests.contract.netsuite_stand_in import TOKEN
from tests.contract.test_netsuite_erp_contract import LOOPBACK, NetSuiteHarness
from tests.fake_sign_in import FakeSignIn

pytestmark = pytest.mark.anyio


@pytest.fixture
async def erp() -> AsyncIterator[NetSuiteHarness]:
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        harness = NetSuiteHarness(http)
        with harness.server:
            yield harness


def written(erp: NetSuiteHarness) -> list[str]:
    """The paths of the calls that wrote."""
    return [path for method, path, _, _ in erp.server.requests if method == "PUT"]


def with_dimensions(reference: str, **dimensions: str) -> JournalDocument:
    document = journal(reference)
    return replace(document, lines=(replace(document.lines[0], dimensions=dimensions), document.lines[1]))


async def both(erp: NetSuiteHarness, document: JournalDocument) -> list[tuple[int | None, str]]:
    """Line and code of what sending and validating complain of, which must be the same."""
    connection = erp.connect()
    outcome, verdict = await sent(connection, document), await validated(connection, document)
    assert isinstance(outcome, Rejected)
    assert isinstance(verdict, Validation)
    assert not verdict.valid
    assert verdict.problems == outcome.problems
    assert written(erp) == []
    return [(problem.line, problem.code) for problem in outcome.problems]


async def test_what_is_there_is_never_overwritten(erp: NetSuiteHarness) -> None:
    """Somebody changed the entry in NetSuite: that is told, and stays."""
    await sent(erp.connect(), journal("JNL-1"))
    erp.books.db.execute("UPDATE transactionaccountingline SET debit = '12.00' WHERE debit IS NOT NULL")

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Booked)
    assert [problem.code for problem in outcome.problems] == ["booked-otherwise"]
    assert len(written(erp)) == 1


async def test_a_journal_that_awaits_approval_is_not_booked(erp: NetSuiteHarness) -> None:
    connection = erp.connect(approve=False)

    outcome = await sent(connection, journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [problem.code for problem in outcome.problems] == ["awaits-approval"]
    assert isinstance(await found(connection, "JNL-1"), FoundDraft)
    assert await sent(connection, journal("JNL-1")) == outcome
    assert len(written(erp)) == 1
    erp.books.approve()
    assert isinstance(await found(connection, "JNL-1"), FoundBooked)
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert len(written(erp)) == 1


async def test_a_workflow_that_takes_approval_back_is_noticed(erp: NetSuiteHarness) -> None:
    erp.books.approval_by_people = True

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [problem.code for problem in outcome.problems] == ["awaits-approval"]
    assert erp.balances() == {}


async def test_what_awaits_approval_is_written_over_with_all_its_lines(erp: NetSuiteHarness) -> None:
    erp.leave_draft(journal("JNL-1", "9.00"))

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)

    assert written(erp) == ["/services/rest/record/v1/journalEntry/eid:JNL-1?replace=line"]
    assert erp.booked("JNL-1") == seen(journal("JNL-1"))


async def test_a_refusal_names_our_line_by_its_path(erp: NetSuiteHarness) -> None:
    """The account was made inactive between the reading and the writing."""
    lines = (line(4, "debit", "2100", "1.00"), line(7, "credit", "2110", "1.00"))

    def retire(external_id: str) -> None:
        erp.books.db.execute("UPDATE account SET isinactive = 'T' WHERE acctnumber = '2110'")

    erp.books.meanwhile = retire

    outcome = await sent(erp.connect(), journal("JNL-1", lines=lines))

    assert isinstance(outcome, Rejected)
    assert [(problem.line, problem.code) for problem in outcome.problems] == [(7, "invalid-content")]
    assert "Invalid Field Value" in outcome.problems[0].message


async def test_a_period_that_closes_meanwhile_is_refused_and_not_exchanged(erp: NetSuiteHarness) -> None:
    """The period is named in the record: NetSuite could choose the first open one otherwise."""
    erp.books.meanwhile = lambda external_id: erp.close_november()

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [problem.code for problem in outcome.problems] == ["user-error"]
    assert erp.balances() == {}


async def test_a_journal_that_was_posted_to_another_period_is_told(erp: NetSuiteHarness) -> None:
    await sent(erp.connect(), journal("JNL-1"))
    erp.books.db.execute("UPDATE \"transaction\" SET postingperiod = (SELECT id FROM accountingperiod WHERE periodname = 'Dec 2026')")

    located = await found(erp.connect(), "JNL-1")

    assert isinstance(located, FoundBooked)
    message = "the ERP booked it on 2026-12-01, not on 2026-11-01"
    assert located.problems == (Problem(line=None, code="date-moved", message=message),)


async def test_a_voided_journal_is_told(erp: NetSuiteHarness) -> None:
    await sent(erp.connect(), journal("JNL-1"))
    erp.books.db.execute("UPDATE \"transaction\" SET voided = 'T'")
    erp.books.db.execute("UPDATE transactionaccountingline SET debit = NULL, credit = NULL")

    located = await found(erp.connect(), "JNL-1")

    assert isinstance(located, FoundBooked)
    assert [problem.code for problem in located.problems] == ["voided", "booked-otherwise", "booked-otherwise"]


async def test_too_many_at_once_is_told_by_a_code(erp: NetSuiteHarness) -> None:
    connection = erp.connect()
    erp.books.blocked = 1
    assert await sent(connection, journal("JNL-1")) == Throttled(retry_after=None)
    erp.books.blocked = 1
    assert await validated(connection, journal("JNL-1")) == Throttled(retry_after=None)
    erp.books.blocked = 1
    assert isinstance(await found(connection, "JNL-1"), CannotTell)
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)


async def test_throttling_in_the_middle_of_a_batch_stops_it_there(erp: NetSuiteHarness) -> None:
    def block_the_second(external_id: str) -> None:
        erp.fault("throttle", retry_after=5, times=1)

    erp.books.meanwhile = block_the_second

    answered = await send(erp.connect(), journal("JNL-1"), journal("JNL-2"), journal("JNL-3"))

    assert [type(outcome) for outcome in answered.results.values()] == [Booked, Throttled, Throttled]
    assert len(written(erp)) == 2


async def test_an_unclear_answer_in_the_middle_spares_the_rest(erp: NetSuiteHarness) -> None:
    erp.fault("fail", status=500, times=1)

    answered = await send(erp.connect(), journal("JNL-1"), journal("JNL-2"))

    assert [type(outcome) for outcome in answered.results.values()] == [Unknown, Booked]


async def test_a_look_up_that_broke_before_anything_was_made_is_retried(erp: NetSuiteHarness) -> None:
    erp.fault("fail", status=504, on="find", times=1)

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Retryable)
    assert written(erp) == []


async def test_one_that_cannot_be_looked_up_spares_the_rest(erp: NetSuiteHarness) -> None:
    erp.fault("garbage", on="find", times=1)

    answered = await send(erp.connect(), journal("JNL-1"), journal("JNL-2"))

    assert [type(outcome) for outcome in answered.results.values()] == [Retryable, Booked]


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ({"kind": "AcctPay"}, "account-refused"),
        ({"kind": "Stat"}, "account-refused"),
        ({"inactive": "T"}, "account-refused"),
        ({"summary": "T"}, "account-refused"),
    ],
)
async def test_accounts_that_take_no_line_are_refused_by_both(erp: NetSuiteHarness, account: dict[str, str], code: str) -> None:
    erp.books.add_account("2000", "Payables", **account)
    lines = (line(1, "debit", "2100", "1.00"), line(2, "credit", "2000", "1.00"))

    assert await both(erp, journal("JNL-1", lines=lines)) == [(2, code)]


async def test_locked_periods_dates_without_a_period_and_currencies_are_refused_by_both(erp: NetSuiteHarness) -> None:
    erp.books.add_period("Jan 2027", "2027-01-01", "2027-01-31", locked="T")

    assert await both(erp, journal("JNL-1", accounting_date=date(2027, 1, 15))) == [(None, "period-closed")]
    assert await both(erp, journal("JNL-2", accounting_date=date(2027, 2, 1))) == [(None, "period-closed")]
    assert await both(erp, journal("JNL-3", currency="CHF")) == [(None, "unknown-currency")]
    assert await both(erp, journal("JNL-4", currency="AUD", base_currency="AUD")) == [
        (None, "wrong-base-currency"),
        (None, "unknown-currency"),
    ]


async def test_segments_go_by_name_or_by_internal_id(erp: NetSuiteHarness) -> None:
    erp.books.db.execute("INSERT INTO department VALUES ('11', 'Facilities', 'F'), ('12', 'Old', 'T')")
    erp.books.db.execute("INSERT INTO classification VALUES ('21', 'Research', 'F')")
    document = with_dimensions("JNL-1", department="Facilities", **{"class": "21", "cseg_grant": "99"})

    assert isinstance(await sent(erp.connect(), document), Booked)

    (record,) = [each["record"] for each in erp.books.rows("transaction")]
    assert '"department": {"id": "11"}' in record
    assert '"class": {"id": "21"}' in record
    assert '"cseg_grant": {"id": "99"}' in record


@pytest.mark.parametrize(
    ("dimensions", "code"),
    [
        ({"department": "Old"}, "unknown-dimension-value"),
        ({"location": "Attic"}, "unknown-dimension-value"),
        ({"team": "7"}, "unknown-dimension"),
    ],
)
async def test_segments_that_are_not_there_are_refused_by_both(erp: NetSuiteHarness, dimensions: dict[str, str], code: str) -> None:
    erp.books.db.execute("INSERT INTO department VALUES ('12', 'Old', 'T')")

    assert await both(erp, with_dimensions("JNL-1", **dimensions)) == [(1, code)]


async def test_a_subsidiary_that_cannot_be_seen_is_misconfigured(erp: NetSuiteHarness) -> None:
    outcome = await sent(erp.connect(subsidiary_id="8"), journal("JNL-1"))

    assert isinstance(outcome, Misconfigured)
    assert "subsidiary 8" in outcome.reason


async def test_an_account_without_subsidiaries(erp: NetSuiteHarness) -> None:
    connection = erp.connect(subsidiary_id=None)

    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    entries = await connection.entries(["2100"], date(2026, 11, 1), date(2026, 11, 30))
    assert not isinstance(entries, CannotTell)
    assert [entry.amount for entry in entries] == [Decimal("10.50")]


async def test_chart_and_ledger_are_read_page_by_page(erp: NetSuiteHarness) -> None:
    connection = erp.connect()
    await send(connection, *(journal(f"JNL-{number}") for number in range(5)))
    erp.books.page_size = 2

    checked = await connection.check()
    entries = await connection.entries(["2100", "2110"], date(2026, 11, 1), date(2026, 11, 30))

    assert [account.code for account in checked.accounts] == ["2100", "2110", "4100-12"]
    assert checked.open_periods == ("Nov 2026", "Dec 2026")
    assert not isinstance(entries, CannotTell)
    assert len(entries) == 10
    assert sum(entry.amount for entry in entries) == Decimal(0)


async def test_text_in_a_question_is_quoted(erp: NetSuiteHarness) -> None:
    erp.books.db.execute("INSERT INTO department VALUES ('13', 'Dean''s office', 'F')")

    assert isinstance(await sent(erp.connect(), with_dimensions("JNL-1", department="Dean's office")), Booked)


async def test_a_refused_token_is_renewed_once_and_the_call_repeated(erp: NetSuiteHarness) -> None:
    sign_in = FakeSignIn(["stale", TOKEN])

    answered = await send(erp.connect(sign_in=sign_in), journal("JNL-1"))

    assert isinstance(answered.results["JNL-1"], Booked)
    assert sign_in.refusals == ["stale"]


@pytest.mark.parametrize(("instead", "kind"), [(NotAuthorised(reason="ask"), Unauthorised), (NoTokenNow(reason="later"), Retryable)])
async def test_without_a_token_nothing_is_called(
    erp: NetSuiteHarness, instead: NotAuthorised | NoTokenNow, kind: type[SendOutcome]
) -> None:
    connection = erp.connect(sign_in=FakeSignIn([], instead=instead))

    assert isinstance(await sent(connection, journal("JNL-1")), kind)
    assert isinstance(await found(connection, "JNL-1"), CannotTell)
    assert erp.server.requests == []


async def test_a_journal_in_another_currency_keeps_both_amounts_of_every_line(erp: NetSuiteHarness) -> None:
    lines: Any = (
        line(1, "debit", "2100", "1000", "11.31"),
        line(2, "debit", "4100-12", "200", "2.26"),
        line(3, "credit", "2110", "1200", "13.57"),
    )
    document = journal("JNL-1", currency="JPY", lines=lines)

    assert await sent(erp.connect(), document) == Booked(number="JE7000")
    assert erp.booked("JNL-1") == seen(document)
