"""What only Tryton does, seen in a real one: drafts and who posts them, its own refusals, rights, companies, analytic accounts, faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import anyio
import asyncpg
import pytest

from app.adapters.erp.tryton import reading
from app.adapters.erp.tryton.verdicts import BUSY
from app.domain.booked import BookedEntry
from app.domain.delivery import (
    Absent,
    Booked,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Purpose,
    Rejected,
    Retryable,
    SendOutcome,
    Unknown,
    Validation,
)
from app.domain.journal import JournalDocument
from tests.contract.erp_suite import found, journal, line, seen, send, sent, validated
from tests.contract.tryton_harness import TrytonHarness, running
from tests.databases import execute, with_database
from tests.erps.tryton_books import APPLICATION_KEY, CLERK, COMPANY, DIMENSION
from tests.erps.tryton_server import TrytonServer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[TrytonHarness]:
    async with running(tryton) as harness:
        yield harness


def problems_of(outcome: object) -> list[tuple[int | None, str]]:
    assert isinstance(outcome, Rejected | Validation)
    return [(problem.line, problem.code) for problem in outcome.problems]


def on(account: str, reference: str = "JNL-1", **changes: Any) -> JournalDocument:
    return journal(reference, lines=(line(1, "debit", "2100", "1.00"), replace(line(2, "credit", account, "1.00"), **changes)))


class TestDrafts:
    async def test_a_validation_leaves_nothing_behind(self, erp: TrytonHarness) -> None:
        assert await validated(erp.connect(), journal("JNL-1")) == Validation(level=erp.connect().capabilities.highest_validation)
        assert erp.moves() == []

    async def test_a_journal_that_is_booked_is_valid_and_stays_as_it_is(self, erp: TrytonHarness) -> None:
        await sent(erp.connect(), journal("JNL-1"))
        before = erp.moves()

        assert isinstance(await validated(erp.connect(), journal("JNL-1")), Validation)
        assert erp.moves() == before

    async def test_of_several_drafts_one_is_posted_and_the_others_go(self, erp: TrytonHarness) -> None:
        kept = [erp.draft(journal("JNL-1", amount)) for amount in ("9.00", "10.50", "10.50")][1]

        assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
        assert [(move["id"], move["state"]) for move in erp.moves()] == [(kept, "posted")]

    async def test_drafts_of_other_references_are_left_alone(self, erp: TrytonHarness) -> None:
        """Wildcards of the search, and references that begin like ours."""
        others = [erp.draft(journal(reference)) for reference in ("JNL_1", "JNLx1", "JNL_12", "%", "JNL\\1")]

        assert isinstance(await found(erp.connect(), "JNL_1"), FoundDraft)
        assert await found(erp.connect(), "JNL%") == Absent()
        assert isinstance(await sent(erp.connect(), journal("JNL_1")), Booked)
        assert [move["id"] for move in erp.moves() if move["state"] == "draft"] == others[1:]

    async def test_two_sendings_at_once_book_once(self, erp: TrytonHarness) -> None:
        """Lanes and leases forbid it; Tryton has no key that would."""
        outcomes = await asyncio.gather(*(sent(erp.connect(), journal("JNL-1")) for _ in range(4)))
        for _ in range(5):
            outcomes.append(await sent(erp.connect(), journal("JNL-1")))

        assert erp.booked("JNL-1") == seen(journal("JNL-1"))
        assert {outcome.number for outcome in outcomes if isinstance(outcome, Booked)} == {"1"}
        assert all(isinstance(outcome, Booked | Unknown | Retryable) for outcome in outcomes)
        assert isinstance(outcomes[-1], Booked)

    async def test_a_number_that_somebody_else_takes_is_waited_for(self, erp: TrytonHarness) -> None:
        """Tryton undoes a posting that does not get the next number at once: it is posted again."""
        async with numbers_held(erp):
            posting = asyncio.create_task(sent(erp.connect(timeout_seconds=60), journal("JNL-1")))
            await postings_seen(erp, 2)

        assert isinstance(await posting, Booked)

    async def test_a_number_that_stays_taken_leaves_a_draft_to_post_later(self, erp: TrytonHarness) -> None:
        async with numbers_held(erp):
            assert await sent(erp.connect(timeout_seconds=60), journal("JNL-1")) == Retryable(reason=BUSY)

        assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
        assert erp.booked("JNL-1") == seen(journal("JNL-1"))

    async def test_more_at_a_time_than_can_wait_are_certain_and_end_booked_once(self, erp: TrytonHarness) -> None:
        """How many get their number in time is a matter of speed; that none is left unknown is not."""
        documents = [journal(f"JNL-{number}") for number in range(8)]

        outcomes = await asyncio.gather(*(sent(erp.connect(timeout_seconds=60), document) for document in documents))

        assert {type(outcome) for outcome in outcomes} <= {Booked, Retryable}
        again = [await sent(erp.connect(timeout_seconds=60), document) for document in documents]
        assert len({outcome.number for outcome in again if isinstance(outcome, Booked)}) == len(documents)
        assert erp.balances()["2100"] == "84.00"
        assert all(move["state"] == "posted" for move in erp.moves())

    async def test_two_sendings_of_other_content_at_once_book_once(self, erp: TrytonHarness) -> None:
        documents = [journal("JNL-1", amount) for amount in ("1.00", "2.00", "3.00")]

        await asyncio.gather(*(sent(erp.connect(), document) for document in documents))
        last = await sent(erp.connect(), documents[0])

        assert isinstance(last, Booked)
        assert erp.booked("JNL-1") in [seen(document) for document in documents]

    async def test_killed_between_draft_and_posting(self, erp: TrytonHarness) -> None:
        """The draft is in the books when the server dies; the call that would have posted it never came through."""
        connection = erp.connect(timeout_seconds=20)
        erp.fault("slow", seconds=2, times=1)
        sending = asyncio.create_task(sent(connection, journal("JNL-1")))
        await postings_seen(erp, 1)
        erp.tryton.kill()

        assert isinstance(await sending, Unknown)
        erp.tryton.start()
        assert isinstance(await found(connection, "JNL-1"), FoundDraft)
        assert isinstance(await sent(connection, journal("JNL-1")), Booked)
        assert erp.booked("JNL-1") == seen(journal("JNL-1"))

    async def test_what_is_too_late_finds_its_draft_posted_or_gone(self, erp: TrytonHarness) -> None:
        """A worker that slept through its lease wakes up before its last call."""
        connection = erp.connect(timeout_seconds=20)
        for meanwhile, expected in ((erp.connect(), Booked), (None, Retryable)):
            reference = f"JNL-{expected.__name__}"
            erp.proxy.requests.clear()
            erp.fault("slow", seconds=2, times=1)
            late = asyncio.create_task(sent(connection, journal(reference)))
            await postings_seen(erp, 1)
            if meanwhile is None:
                erp.admin.call("model.account.move.delete", [move["id"] for move in erp.moves() if move["state"] == "draft"])
            else:
                first = await sent(meanwhile, journal(reference))
            outcome = await late
            assert isinstance(outcome, expected)
            if isinstance(outcome, Booked):
                assert outcome == first

        assert erp.balances() == {"2100": "10.50", "2110": "-10.50"}


class TestRefusals:
    async def test_of_reference_data_each_at_its_line(self, erp: TrytonHarness) -> None:
        connection = erp.connect()
        change(erp, "5300", party_required=True)
        change(erp, "5900", closed=True)
        change(erp, "9999", type=None)
        change(erp, "1200", start_date=date(2026, 12, 1))
        change(erp, "1050", second_currency=currency(erp, "USD"))
        expected = {
            "5300": "party-required",
            "5900": "inactive-account",
            "9999": "account-not-postable",
            "1200": "inactive-account",
            "1050": "other-account-currency",
            "nowhere": "unknown-account",
        }

        for account, code in expected.items():
            for outcome in (await validated(connection, on(account)), await sent(connection, on(account))):
                assert problems_of(outcome) == [(2, code)], account
        assert erp.moves() == []

    async def test_of_the_whole(self, erp: TrytonHarness) -> None:
        connection = erp.connect()

        assert problems_of(await sent(connection, journal("A", accounting_date=date(2031, 1, 1)))) == [(None, "period-closed")]
        assert problems_of(await sent(connection, journal("B", currency="USD", base_currency="USD"))) == [(None, "other-base-currency")]
        assert problems_of(await sent(connection, journal("C", currency="XAU"))) == [(None, "unknown-currency")]
        assert erp.moves() == []

    async def test_in_trytons_own_words_and_the_rest_of_a_batch_is_booked(self, erp: TrytonHarness) -> None:
        """The journal is closed for December alone, which only making a move there tells."""
        november, december = journal("JNL-1"), journal("JNL-2", accounting_date=date(2026, 12, 1))
        assert isinstance(await sent(erp.connect(), replace(december, reference="JNL-0")), Booked)
        closed = erp.admin.read("account.journal.period", [["period.name", "=", "2026-12"]])
        erp.admin.call("model.account.journal.period.close", [each["id"] for each in closed])

        answered = await send(erp.connect(), november, december, journal("JNL-3"))

        assert problems_of(answered.results["JNL-2"]) == [(None, "refused")]
        refused = answered.results["JNL-2"]
        assert isinstance(refused, Rejected)
        assert "closed" in refused.problems[0].message
        assert [type(answered.results[each]) for each in ("JNL-1", "JNL-3")] == [Booked, Booked]
        assert len(erp.moves()) == 3

    async def test_what_tryton_does_not_post_leaves_no_draft(self, erp: TrytonHarness) -> None:
        """A user who may make drafts and remove them, but not press the button."""
        (button,) = erp.admin.read("ir.model.button", [["model", "=", "account.move"], ["name", "=", "post"]])
        groups = erp.admin.shipped("account", "group_account_admin")
        erp.admin.call("model.ir.model.button.write", [button["id"]], {"groups": [["add", [groups]]]})

        outcome = await sent(erp.connect(), journal("JNL-1"))

        assert problems_of(outcome) == [(None, "refused")]
        assert erp.moves() == []


class TestSetUp:
    async def test_a_user_without_rights(self, erp: TrytonHarness) -> None:
        (clerk,) = erp.admin.read("res.user", [["login", "=", CLERK]])
        erp.admin.call("model.res.user.write", [clerk["id"]], {"groups": [["remove", [erp.admin.shipped("account", "group_account")]]]})

        outcome = await sent(erp.connect(), journal("JNL-1"))

        assert isinstance(outcome, Misconfigured)
        assert "denies" in outcome.reason
        assert any("may not read, create, write, delete moves" in problem for problem in (await erp.connect().check()).problems)

    async def test_a_key_that_was_cancelled(self, erp: TrytonHarness) -> None:
        keys = erp.admin.read("res.user.application", [["key", "=", APPLICATION_KEY]])
        erp.admin.call("model.res.user.application.cancel", [each["id"] for each in keys])

        checked = await erp.connect().check()

        assert (checked.reachable, checked.signed_in) == (True, False)
        assert checked.problems == ("The company: the application key was refused",)

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"journal": "NONE"}, "0 journals with the code NONE"),
            ({"company": "Another"}, "no company Another"),
            ({"database": "nowhere"}, "answered 404"),
        ],
    )
    async def test_settings_that_lead_nowhere(self, erp: TrytonHarness, settings: dict[str, Any], said: str) -> None:
        connection = erp.connect(**settings)

        assert said in " ".join((await connection.check()).problems)
        outcome = await sent(connection, journal("JNL-1"))
        assert isinstance(outcome, Misconfigured)
        assert said in outcome.reason
        assert erp.moves() == []

    async def test_of_several_companies_one_is_named(self, erp: TrytonHarness) -> None:
        party = erp.admin.create("party.party", name="Glint College")
        second = erp.admin.create("company.company", party=party, currency=currency(erp, "USD"))
        assert second

        outcome = await sent(erp.connect(), journal("JNL-1"))
        named = await sent(erp.connect(company=COMPANY), journal("JNL-1"))

        assert isinstance(outcome, Misconfigured)
        assert "2 companies" in outcome.reason
        assert isinstance(named, Booked)
        assert await found(erp.connect(company=COMPANY), "JNL-1") == FoundBooked(number=named.number)
        assert await found(erp.connect(company="Glint College"), "JNL-1") == Absent()


class TestContent:
    async def test_dimensions_are_analytic_accounts(self, erp: TrytonHarness) -> None:
        connection = erp.connect(analytic_accounting=True)
        document = on("4100", dimensions={DIMENSION: "MAR"})

        assert isinstance(await validated(connection, document), Validation)
        erp.draft(document)  # without its dimension: not what was to be booked
        assert isinstance(await sent(connection, document), Booked)
        assert isinstance(await sent(connection, document), Booked)

        (split,) = erp.admin.read("analytic_account.line", [], "account.code", "account.root.code", "debit", "credit", "date")
        assert (split["account."]["code"], split["account."]["root."]["code"]) == ("MAR", DIMENSION)
        assert (split["debit"], split["credit"], split["date"]) == (Decimal(0), Decimal("1.00"), date(2026, 11, 1))

    @pytest.mark.parametrize("dimensions", [{DIMENSION: "NONE"}, {DIMENSION: "OLD"}, {"PROJECT": "MAR"}])
    async def test_dimensions_that_tryton_does_not_know(self, erp: TrytonHarness, dimensions: dict[str, str]) -> None:
        outcome = await sent(erp.connect(analytic_accounting=True), on("4100", dimensions=dimensions))

        assert problems_of(outcome) == [(2, "unknown-dimension-value")]
        assert erp.moves() == []

    async def test_dimensions_are_refused_where_nobody_said_that_there_are_any(self, erp: TrytonHarness) -> None:
        assert problems_of(await sent(erp.connect(), on("4100", dimensions={DIMENSION: "MAR"}))) == [(2, "dimension-not-taken")]

    async def test_currencies_of_three_digits_and_large_amounts(self, erp: TrytonHarness) -> None:
        lines = (
            line(1, "debit", "2100", "123456789012.345", "654321098765.43"),
            line(2, "credit", "2110", "123456789012.344", "654321098765.42"),
            line(3, "credit", "5900", "0.001", "0.01"),
        )
        document = journal("JNL-1", currency="KWD", lines=lines)

        assert isinstance(await sent(erp.connect(), document), Booked)
        assert erp.booked("JNL-1") == seen(document)

    async def test_a_batch_comes_back_journal_by_journal(self, erp: TrytonHarness) -> None:
        documents = [journal(f"JNL-{number}", f"{number}.00") for number in range(1, 9)]
        connection = erp.connect()

        answered = await connection.send(connection.prepare(Purpose.SEND, documents))

        outcomes: list[SendOutcome] = [answered.results[document.reference] for document in documents]
        assert [outcome.number for outcome in outcomes if isinstance(outcome, Booked)] == [str(number) for number in range(1, 9)]
        assert erp.balances()["2100"] == "36.00"

    async def test_a_ledger_of_more_than_a_page(self, erp: TrytonHarness, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "PAGE", 100)
        count = 250
        lines = [line(number, "debit", "2100", "1.00") for number in range(1, count + 1)]
        document = journal("JNL-1", lines=(*lines, line(count + 1, "credit", "2110", f"{count}.00")))
        connection = erp.connect(timeout_seconds=60)
        assert isinstance(await sent(connection, document), Booked)
        hand = erp.draft(replace(journal("x"), description="by hand", reference="x"))
        erp.admin.call("model.account.move.write", [hand], {"description": "by hand"})
        erp.admin.call("model.account.move.post", [hand])

        entries = await connection.entries(["2100", "2110"], date(2026, 11, 1), date(2026, 11, 30))

        assert isinstance(entries, list)
        ours = [entry for entry in entries if entry.reference == "JNL-1"]
        assert len(ours) == count + 1
        assert sum(entry.amount for entry in ours) == 0
        assert {entry.reference for entry in entries} == {"JNL-1", None}
        by_hand = [entry for entry in entries if entry.reference is None]
        assert by_hand[0] == BookedEntry(
            reference=None, number="2", accounting_date=date(2026, 11, 1), account_code="2100", amount=Decimal("10.50")
        )


@pytest.mark.slow  # Tryton waits 30 seconds for a connection to its database
async def test_without_its_database_nothing_is_believed(erp: TrytonHarness) -> None:
    """A posting that Tryton answers 503 to may have been committed; a look-up books nothing."""
    connection = erp.connect(timeout_seconds=100)
    erp.fault("slow", seconds=1, times=1)
    posting = asyncio.create_task(sent(connection, journal("JNL-1")))
    await postings_seen(erp, 1)
    await anyio.to_thread.run_sync(cut_off, erp.tryton)
    try:
        outcomes = tuple(await asyncio.gather(posting, sent(connection, journal("JNL-2"))))
    finally:
        await anyio.to_thread.run_sync(let_in, erp.tryton)

    assert outcomes == (Unknown(reason="the ERP lost its database"), Retryable(reason=BUSY))
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert erp.booked("JNL-1") == seen(journal("JNL-1"))


async def postings_seen(erp: TrytonHarness, times: int) -> None:
    """Until the call that books has been made so many times."""
    with anyio.fail_after(60):
        while sum("/post?" in path for _, path, _, _ in erp.proxy.requests) < times:
            await asyncio.sleep(0.05)


@asynccontextmanager
async def numbers_held(erp: TrytonHarness) -> AsyncIterator[None]:
    """The sequences of Tryton's books, locked as another posting locks them."""
    connection = await asyncpg.connect(with_database(erp.tryton.postgres_url, erp.tryton.database).replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            await connection.fetch("SELECT id FROM ir_sequence_strict FOR UPDATE")
            yield
    finally:
        await connection.close()


def change(erp: TrytonHarness, account: str, **values: Any) -> None:
    (one,) = erp.admin.read("account.account", [["code", "=", account]])
    erp.admin.call("model.account.account.write", [one["id"]], values)


def currency(erp: TrytonHarness, code: str) -> int:
    (one,) = erp.admin.read("currency.currency", [["code", "=", code]])
    return int(one["id"])


def cut_off(tryton: TrytonServer) -> None:
    """No connection to its database any more, and no new one."""
    name = tryton.database
    execute(
        tryton.postgres_url,
        f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false",
        f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'",
    )


def let_in(tryton: TrytonServer) -> None:
    execute(tryton.postgres_url, f"ALTER DATABASE {tryton.database} WITH ALLOW_CONNECTIONS true")
