"""What every adapter must do with a real ERP behind it, or a fake. A module of tests subclasses `ErpContract` and gives it an `erp`."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol

import anyio
import pytest

from app.application.ports.erp import Answered, ErpConnection
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FindOutcome,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Purpose,
    Rejected,
    Retryable,
    SendOutcome,
    Throttled,
    Unauthorised,
    Unknown,
    ValidateOutcome,
    Validation,
)
from app.domain.journal import JournalDocument, JournalLine

NOT_YET = (Absent, FoundDraft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A posted journal as it stands in the ERP's ledger: its date, and per line the account code, the amount in its currency and in the
    base currency, debit positive, in the order of the lines."""

    accounting_date: date
    currency: str
    lines: tuple[tuple[str, Decimal, Decimal], ...]


class ErpHarness(Protocol):
    """An ERP with accounts 2100, 2110 and 4100-12 in NZD, November 2026 open and October 2026 closed, and a way to break it.

    Calls time out after a second, if `slow` is to be told from `late`. An ERP that answers the call that books without a body says so
    with `empty_answers = True`.
    """

    def connect(self, *, url: str | None = None, token: str | None = None) -> ErpConnection:
        """A connection that works, but for what is given instead: `url` is a path below the ERP's that leads nowhere, `token` a secret
        that is wrong."""
        ...

    def fault(self, mode: str, **details: Any) -> None:
        """See `app.reference_erp.faults.Fault`. On `send` it hits the call that books, the last one where there are several."""
        ...

    def stop(self) -> None:
        """From here on nothing listens."""
        ...

    def restart(self) -> None:
        """After a crash, with the same books."""
        ...

    def booked(self, reference: str) -> Seen | None:
        """What is posted in the ERP's ledger, read past the adapter. Fails the test where there are two."""
        ...

    def balances(self) -> dict[str, str]:
        """Debit − credit per account in NZD with two digits, of what is posted, read past the adapter. No accounts without entries."""
        ...

    def leave_draft(self, document: JournalDocument) -> bool:
        """Leaves what a crash between making and posting leaves. False where this ERP posts in one step."""
        ...

    def close_november(self) -> None:
        """From here on the ERP does not post to November 2026."""
        ...


def seen(document: JournalDocument) -> Seen:
    """A document as it must stand in the ledger."""
    signs = {"debit": 1, "credit": -1}
    lines = tuple((each.account_code, signs[each.side] * each.amount, signs[each.side] * each.base_amount) for each in document.lines)
    return Seen(accounting_date=document.accounting_date, currency=document.currency, lines=lines)


def journal(reference: str, amount: str = "10.50", **changes: Any) -> JournalDocument:
    """Two lines that balance, in the base currency."""
    known: dict[str, Any] = {
        "reference": reference,
        "accounting_date": date(2026, 11, 1),
        "currency": "NZD",
        "base_currency": "NZD",
        "description": "Receipt R-7, Kōwhai",
        "lines": (line(1, "debit", "2100", amount), line(2, "credit", "2110", amount)),
    }
    return JournalDocument(**known | changes)


def line(number: int, side: Literal["debit", "credit"], account_code: str, amount: str, base_amount: str | None = None) -> JournalLine:
    return JournalLine(
        line=number,
        role="grni",
        ledger="actual",
        account=None,
        account_code=account_code,
        side=side,
        amount=Decimal(amount),
        base_amount=Decimal(base_amount or amount),
        charge_code="4100-12",
        description=f"Widget {number}",
    )


async def send(connection: ErpConnection, *journals: JournalDocument) -> Answered[SendOutcome]:
    return await connection.send(connection.prepare(Purpose.SEND, journals))


async def sent(connection: ErpConnection, document: JournalDocument) -> SendOutcome:
    answered = await send(connection, document)
    assert list(answered.results) == [document.reference]
    return answered.results[document.reference]


async def validated(connection: ErpConnection, document: JournalDocument) -> ValidateOutcome:
    answered = await connection.validate(connection.prepare(Purpose.VALIDATE, [document]))
    return answered.results[document.reference]


async def found(connection: ErpConnection, reference: str) -> FindOutcome:
    prepared = connection.prepare(Purpose.FIND, [journal(reference)])
    return (await connection.find(prepared)).results[reference]


@pytest.mark.anyio
class ErpContract:
    """Subclasses provide the fixture `erp: ErpHarness`, with an empty ledger for each test."""

    async def test_what_is_booked_is_what_was_sent(self, erp: ErpHarness) -> None:
        document = journal("PO/2026 1")
        connection = erp.connect()

        outcome = await sent(connection, document)

        assert isinstance(outcome, Booked)
        assert await found(connection, "PO/2026 1") == FoundBooked(number=outcome.number)
        assert erp.booked("PO/2026 1") == seen(document)
        assert erp.balances() == {"2100": "10.50", "2110": "-10.50"}

    async def test_a_foreign_currency_is_booked_in_both_or_refused_beforehand(self, erp: ErpHarness) -> None:
        lines = (line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57"))
        document = journal("JNL-1", currency="JPY", lines=lines)
        connection = erp.connect()

        if not connection.capabilities.foreign_currency:
            assert [problem.code for problem in connection.problems(document)] == ["foreign-currency"]
            assert isinstance(await sent(connection, document), Rejected)
            assert erp.balances() == {}
            return
        assert connection.problems(document) == ()
        assert isinstance(await sent(connection, document), Booked)
        assert erp.booked("JNL-1") == seen(document)
        assert erp.balances() == {"2100": "13.57", "2110": "-13.57"}

    async def test_sending_again_books_nothing_and_gives_the_first_number(self, erp: ErpHarness) -> None:
        connection = erp.connect()

        first, again = await sent(connection, journal("JNL-1")), await sent(connection, journal("JNL-1"))

        assert isinstance(first, Booked)
        assert again == first
        assert erp.balances()["2100"] == "10.50"

    async def test_a_reference_with_other_content_is_told_and_books_nothing(self, erp: ErpHarness) -> None:
        """The ERP refuses it, or the adapter finds what is there and says how it differs."""
        connection = erp.connect()
        await sent(connection, journal("JNL-1"))

        outcome = await sent(connection, journal("JNL-1", "11.50"))

        assert isinstance(outcome, Rejected | Booked)
        codes = {problem.code for problem in outcome.problems}
        assert codes == {"reference-reused"} if isinstance(outcome, Rejected) else codes == {"booked-otherwise"}
        assert erp.balances()["2100"] == "10.50"

    async def test_a_rejection_names_the_lines_and_spares_the_rest_of_the_batch(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        bad = journal("JNL-2", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "nowhere", "1.00")))

        answered = await send(connection, journal("JNL-1"), bad, journal("JNL-3"))

        assert isinstance(answered.results["JNL-1"], Booked)
        assert isinstance(answered.results["JNL-3"], Booked)
        rejected = answered.results["JNL-2"]
        assert isinstance(rejected, Rejected)
        assert [problem.line for problem in rejected.problems] == [2]
        assert erp.booked("JNL-2") is None
        assert await found(connection, "JNL-2") == Absent()

    async def test_a_closed_period_and_an_imbalance_are_rejected(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        lopsided = (line(1, "debit", "2100", "1.00"), line(2, "credit", "2110", "1.01"))

        assert isinstance(await sent(connection, journal("JNL-1", accounting_date=date(2026, 10, 31))), Rejected)
        assert isinstance(await sent(connection, journal("JNL-2", lines=lopsided)), Rejected)
        assert erp.balances() == {}

    async def test_validation_says_the_same_and_books_nothing(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        bad = journal("JNL-2", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "nowhere", "1.00")))

        good_verdict, bad_verdict = await validated(connection, journal("JNL-1")), await validated(connection, bad)

        level = connection.capabilities.highest_validation
        assert isinstance(good_verdict, Validation)
        assert (good_verdict.valid, good_verdict.level) == (True, level)
        assert isinstance(bad_verdict, Validation)
        assert (bad_verdict.valid, [problem.line for problem in bad_verdict.problems]) == (False, [2])
        assert erp.balances() == {}

    @pytest.mark.parametrize("mode", ["book_then_drop", "garbage", "half_body"])
    async def test_an_answer_that_got_lost_is_unknown_and_then_found(self, erp: ErpHarness, mode: str) -> None:
        connection = erp.connect()
        erp.fault(mode, times=1)

        outcome = await sent(connection, journal("JNL-1"))
        located = await found(connection, "JNL-1")

        # There is no half of an answer without a body: only the connection is cut, which the next call may or may not meet.
        whole = mode == "half_body" and getattr(erp, "empty_answers", False)
        assert isinstance(outcome, Booked | Unknown if whole else Unknown)

        assert isinstance(located, FoundBooked)
        assert erp.booked("JNL-1") == seen(journal("JNL-1"))
        assert await sent(connection, journal("JNL-1")) == Booked(number=located.number)
        assert erp.balances()["2100"] == "10.50"

    async def test_a_late_answer_is_unknown_although_it_is_booked(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        erp.fault("slow", seconds=2, times=1)

        assert isinstance(await sent(connection, journal("JNL-1")), Unknown)
        assert isinstance(await found(connection, "JNL-1"), NOT_YET)  # why absent counts only after the ERP's time limit
        with anyio.fail_after(10):
            while not isinstance(await found(connection, "JNL-1"), FoundBooked):
                await anyio.sleep(0.1)

    async def test_a_failure_of_the_server_is_unknown_and_then_not_booked(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        erp.fault("fail", status=502, times=1)

        assert isinstance(await sent(connection, journal("JNL-1")), Unknown)
        assert isinstance(await found(connection, "JNL-1"), NOT_YET)
        assert erp.balances() == {}
        assert isinstance(await sent(connection, journal("JNL-1")), Booked)
        assert erp.booked("JNL-1") == seen(journal("JNL-1"))

    async def test_a_draft_that_a_crash_left_is_found_and_finished(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        if not erp.leave_draft(journal("JNL-1")):
            assert connection.capabilities.dry_run != "draft"
            return

        assert isinstance(await found(connection, "JNL-1"), FoundDraft)
        assert erp.balances() == {}
        assert isinstance(await sent(connection, journal("JNL-1")), Booked)
        assert erp.booked("JNL-1") == seen(journal("JNL-1"))

    async def test_a_draft_with_other_content_is_not_what_gets_booked(self, erp: ErpHarness) -> None:
        """The mapping or the date was mended since."""
        if not erp.leave_draft(journal("JNL-1", "9.00")):
            return

        assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
        assert erp.booked("JNL-1") == seen(journal("JNL-1"))

    async def test_a_period_that_was_closed_meanwhile_is_refused_or_told(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        assert isinstance(await validated(connection, journal("JNL-1")), Validation)
        erp.close_november()

        outcome = await sent(connection, journal("JNL-1"))

        assert isinstance(outcome, Rejected | Booked)
        assert outcome.problems
        if isinstance(outcome, Rejected):
            assert erp.balances() == {}
        else:
            assert {problem.code for problem in outcome.problems} == {"date-moved"}
            assert isinstance(again := await found(connection, "JNL-1"), FoundBooked)
            assert again.problems == outcome.problems

    async def test_what_is_booked_is_read_back_for_reconciliation(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        await sent(connection, journal("JNL-1"))
        await sent(connection, journal("JNL-2", "3.25", accounting_date=date(2026, 11, 30)))

        entries = await connection.entries(["2100"], date(2026, 11, 1), date(2026, 11, 29))

        if not connection.capabilities.reads_books:
            assert isinstance(entries, CannotTell)
            return
        assert not isinstance(entries, CannotTell)
        assert [(each.reference, each.account_code, each.amount) for each in entries] == [("JNL-1", "2100", Decimal("10.50"))]
        both = await connection.entries(["2100", "2110"], date(2026, 11, 1), date(2026, 11, 30))
        assert not isinstance(both, CannotTell)
        assert sum(each.amount for each in both if each.account_code == "2110") == Decimal("-13.75")
        assert {each.accounting_date for each in both} == {date(2026, 11, 1), date(2026, 11, 30)}

    async def test_throttled_and_unavailable(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        erp.fault("throttle", retry_after=7, times=1)
        assert await sent(connection, journal("JNL-1")) == Throttled(retry_after=7)
        erp.fault("unavailable", retry_after=9, times=1)
        assert await sent(connection, journal("JNL-1")) == Throttled(retry_after=9)
        erp.fault("unavailable", times=1)
        assert isinstance(await sent(connection, journal("JNL-1")), Retryable)
        assert isinstance(await sent(connection, journal("JNL-1")), Booked)

    @pytest.mark.parametrize("mode", ["book_then_drop", "garbage", "half_body", "fail", "unavailable"])
    async def test_a_validation_that_broke_makes_nothing_valid(self, erp: ErpHarness, mode: str) -> None:
        erp.fault(mode, on="validate", times=1)

        assert isinstance(await validated(erp.connect(), journal("JNL-1")), Retryable)

    @pytest.mark.parametrize("mode", ["book_then_drop", "garbage", "half_body", "fail", "throttle", "unavailable"])
    async def test_a_look_up_that_broke_says_nothing(self, erp: ErpHarness, mode: str) -> None:
        connection = erp.connect()
        erp.fault(mode, on="find", times=1)

        assert isinstance(await found(connection, "JNL-1"), CannotTell)

    async def test_wrong_credentials(self, erp: ErpHarness) -> None:
        connection = erp.connect(token="wrong")

        assert isinstance(await sent(connection, journal("JNL-1")), Unauthorised)
        assert isinstance(await validated(connection, journal("JNL-1")), Unauthorised)
        assert isinstance(await found(connection, "JNL-1"), CannotTell)
        checked = await connection.check()
        assert (checked.reachable, checked.signed_in) == (True, False)
        assert checked.problems

    async def test_a_wrong_path_is_misconfigured_and_never_absent(self, erp: ErpHarness) -> None:
        connection = erp.connect(url="/elsewhere")

        assert isinstance(await sent(connection, journal("JNL-1")), Misconfigured)
        assert isinstance(await found(connection, "JNL-1"), CannotTell)

    async def test_nobody_there(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        erp.stop()

        assert isinstance(await sent(connection, journal("JNL-1")), Retryable)
        assert isinstance(await validated(connection, journal("JNL-1")), Retryable)
        assert isinstance(await found(connection, "JNL-1"), CannotTell)
        assert not (await connection.check()).reachable

    async def test_a_crash_after_booking_loses_and_doubles_nothing(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        first = await sent(connection, journal("JNL-1"))
        erp.restart()

        assert isinstance(first, Booked)
        assert await found(connection, "JNL-1") == FoundBooked(number=first.number)
        assert await sent(connection, journal("JNL-1")) == first
        assert erp.balances()["2100"] == "10.50"

    async def test_check_reads_accounts_and_open_periods(self, erp: ErpHarness) -> None:
        checked = await erp.connect().check()

        assert (checked.reachable, checked.signed_in, checked.problems) == (True, True, ())
        assert {"2100", "2110"} <= {account.code for account in checked.accounts if account.active}
        assert all(account.name for account in checked.accounts if account.code in ("2100", "2110"))
        assert any(each.starts_on <= date(2026, 11, 1) and date(2026, 11, 30) <= each.ends_on for each in checked.open_dates)
        assert not any(each.starts_on <= date(2026, 10, 31) <= each.ends_on for each in checked.open_dates)

    async def test_what_is_kept_of_a_call_holds_the_answer_and_no_credentials(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        prepared = connection.prepare(Purpose.SEND, [journal("JNL-1")])
        answered = await connection.send(prepared)

        assert answered.exchange.status == 200
        assert answered.exchange.body
        for kept in (prepared.body, answered.exchange.body):
            assert "erp-token" not in kept

    async def test_preparing_is_pure(self, erp: ErpHarness) -> None:
        connection = erp.connect()
        document = journal("JNL-1")

        assert connection.prepare(Purpose.SEND, [document]) == connection.prepare(Purpose.SEND, [replace(document)])
        assert connection.prepare(Purpose.SEND, [document]).references == ("JNL-1",)
        assert erp.balances() == {}
