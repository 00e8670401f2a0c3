"""The checks of the fault suite see what they are there for: a suite that cannot fail proves nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import checks
from tests.faults.call_log import Call
from tests.faults.checks import Attempt, Booked, OurJournal
from tests.faults.clock import WORKERS, SharedClock
from tests.faults.crash import CrashPoint

T0 = datetime(2026, 11, 22, tzinfo=UTC)
LINES = {("2100", "debit"): 1050, ("2110", "credit"): 1050}


def attempt(purpose: str, outcome: str = "booked", seconds: int = 0) -> Attempt:
    return Attempt(purpose=purpose, started_at=T0 + timedelta(seconds=seconds), finished=True, outcome=outcome)


def ours(number: int, *attempts: Attempt) -> OurJournal:
    return OurJournal(
        endpoint="erp-1-1",
        lane="order:PO-1",
        sequence=number,
        reference=f"T-{number}",
        status="sent",
        number=f"JE-{number}",
        lines=LINES,
        attempts=attempts or (attempt("send"),),
    )


def booked(number: int) -> Booked:
    return Booked(place=number, number=f"JE-{number}", reference=f"T-{number}", lines=LINES)


def call(number: int, purpose: str = "send", seconds: int = 1) -> Call:
    return Call(at=T0 + timedelta(seconds=seconds), purpose=purpose, references=(f"T-{number}",))


JOURNALS = [ours(1), ours(2)]
BOOKS = [booked(1), booked(2)]


def test_all_is_well() -> None:
    assert checks.all_sent(JOURNALS) == []
    assert checks.exactly_once(JOURNALS, BOOKS, ()) == []
    assert checks.equal_amounts(JOURNALS, BOOKS) == []
    assert checks.in_order(JOURNALS, BOOKS) == []
    assert checks.no_call_without_its_row(JOURNALS, [call(1), call(2)], timedelta(0)) == []
    assert checks.nothing_open(JOURNALS) == []
    assert checks.nothing_blind(JOURNALS) == []
    assert checks.equal_balances({"2100": 5, "2110": -5}, {"2110": -5, "2100": 5}) == []


def test_a_journal_that_was_not_sent() -> None:
    assert checks.all_sent([replace(ours(1), status="queued")]) == ["T-1 is queued"]


@pytest.mark.parametrize(
    ("books", "again", "wrong"),
    [
        (BOOKS[:1], (), ["T-2 is 0 times in the ERP"]),
        ([*BOOKS, replace(booked(2), number="JE-3", place=3)], (), ["T-2 is 2 times in the ERP"]),
        ([*BOOKS, booked(3)], (), ["T-3 is in the ERP and not ours"]),
        ([booked(1), replace(booked(2), number="JE-9")], (), ["T-2 is JE-2 here and JE-9 in the ERP"]),
        (BOOKS, ("T-1",), ["T-1 was sent again though it was booked"]),
    ],
)
def test_not_exactly_once(books: list[Booked], again: tuple[str, ...], wrong: list[str]) -> None:
    assert checks.exactly_once(JOURNALS, books, again) == wrong


def test_other_amounts() -> None:
    other = replace(booked(1), lines={("2100", "debit"): 1051, ("2110", "credit"): 1051})

    assert checks.equal_amounts(JOURNALS, [other, booked(2)]) == ["T-1 has other amounts in the ERP"]
    assert checks.equal_balances({"2100": 5}, {"2100": 4, "2110": 1}) == [
        "account 2100: 5 here, 4 in the ERPs",
        "account 2110: 0 here, 1 in the ERPs",
    ]


def test_out_of_order_within_a_lane_only() -> None:
    swapped = [replace(booked(1), place=2), replace(booked(2), place=1)]

    assert checks.in_order(JOURNALS, swapped) == ["T-2 was booked before T-1, which comes first in its lane"]
    assert checks.in_order([ours(1), replace(ours(2), lane="order:PO-2")], swapped) == []


def test_a_call_without_its_row() -> None:
    twice = [call(1), call(1, seconds=2), call(2)]
    early = [call(1, seconds=-5), call(2)]

    assert checks.no_call_without_its_row(JOURNALS, twice, timedelta(0)) == ["T-1: 2 calls to send, 1 attempts"]
    assert checks.no_call_without_its_row(JOURNALS, [call(1, "find")], timedelta(0)) == ["T-1: 1 calls to find, 0 attempts"]
    assert checks.no_call_without_its_row(JOURNALS, early, timedelta(0)) == ["T-1: a call to send came before its attempt was written"]
    assert checks.no_call_without_its_row(JOURNALS, early, timedelta(seconds=5)) == []
    assert checks.no_call_without_its_row(JOURNALS, [call(3)], timedelta(0)) == ["a call about T-3, which is not ours"]


def test_an_attempt_that_is_left_open() -> None:
    assert checks.nothing_open([ours(1, replace(attempt("send"), finished=False))]) == ["T-1: its attempt to send is left open"]


@pytest.mark.parametrize(
    ("history", "blind"),
    [
        (["send throttled", "send retryable", "send booked"], False),
        (["send unknown", "find cannot_tell", "find absent", "send booked"], False),
        (["send unknown", "send booked"], True),
        (["send unknown", "find cannot_tell", "send booked"], True),
        (["find absent", "send unknown", "validate validation", "send booked"], True),
        (["send booked", "send booked"], True),
    ],
)
def test_sent_again_blindly(history: list[str], blind: bool) -> None:
    attempts = [attempt(purpose, outcome) for purpose, outcome in map(str.split, history)]

    assert bool(checks.nothing_blind([ours(1, *attempts)])) is blind


def test_the_shared_clock(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    suite, worker = SharedClock(path), SharedClock(path, WORKERS[0])
    before = worker.now()

    suite.forward(3600)
    suite.skew(WORKERS[0], -30)

    assert timedelta(seconds=3570) <= worker.now() - before < timedelta(seconds=3600)
    assert suite.now() - worker.now() >= timedelta(seconds=29)


def test_a_crash_point_counts_its_own_step_and_purpose_only() -> None:
    point = CrashPoint("after_answer", "send", nth=2, delay=0)

    assert [point.reached(*each) for each in (("after_answer", "send"), ("after_answer", "find"), ("during_call", "send"))] == [False] * 3
    assert point.reached("after_answer", "send")
