"""The circuit breaker and the token bucket of an endpoint: the whole tables."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain import delivery as d
from app.domain.breaker import FIRST_PAUSE, LONGEST_PAUSE, THRESHOLD, Breaker, Outcome
from app.domain.bucket import after_taking, available, refund

NOW = datetime(2026, 11, 16, tzinfo=UTC)
NO_ANSWER: list[Outcome] = [d.Retryable(reason="down"), d.Unknown(reason="cut off"), d.CannotTell(reason="down")]
ANSWERS: list[Outcome] = [
    d.Booked(number="1"),
    d.Rejected(problems=()),
    d.Validation(level=d.ValidationLevel.ERP_DRY_RUN),
    d.FoundBooked(number="1"),
    d.Absent(),
    d.Unauthorised(reason="401"),
]


def failing(failures: int, now: datetime = NOW, jitter_permille: int = 0) -> Breaker:
    return Breaker(failures=failures - 1).after(NO_ANSWER[0], now=now, jitter_permille=jitter_permille)


@pytest.mark.parametrize("outcome", NO_ANSWER)
def test_the_fifth_failure_in_a_row_opens_it(outcome: Outcome) -> None:
    breaker = Breaker()
    for _ in range(THRESHOLD - 1):
        breaker = breaker.after(outcome, now=NOW, jitter_permille=0)
        assert not breaker.is_open(NOW)
        assert not breaker.probing
    breaker = breaker.after(outcome, now=NOW, jitter_permille=0)
    assert breaker == Breaker(failures=THRESHOLD, open_until=NOW + FIRST_PAUSE)
    assert breaker.is_open(NOW)
    assert not breaker.is_open(NOW + FIRST_PAUSE)
    assert breaker.probing


@pytest.mark.parametrize(("failures", "pause"), [(5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (11, 900), (10_000, 900)])
def test_each_failed_probe_doubles_the_pause_up_to_the_longest(failures: int, pause: int) -> None:
    assert failing(failures).open_until == NOW + timedelta(seconds=pause)
    assert timedelta(seconds=pause) <= LONGEST_PAUSE


@pytest.mark.parametrize(("jitter", "seconds"), [(200, 36), (-200, 24)])
def test_the_pause_has_jitter(jitter: int, seconds: int) -> None:
    assert failing(THRESHOLD, jitter_permille=jitter).open_until == NOW + timedelta(seconds=seconds)


def test_calls_that_were_under_way_together_count_once() -> None:
    opened = failing(THRESHOLD)
    assert opened.after(NO_ANSWER[0], now=NOW + timedelta(seconds=1), jitter_permille=0) == opened


@pytest.mark.parametrize("outcome", ANSWERS)
def test_any_real_answer_closes_it(outcome: Outcome) -> None:
    assert failing(THRESHOLD).after(outcome, now=NOW, jitter_permille=0) == Breaker()
    assert Breaker(failures=3).after(outcome, now=NOW, jitter_permille=0) == Breaker()


def test_throttling_holds_the_endpoint_and_is_no_failure() -> None:
    held = Breaker(failures=2).after(d.Throttled(retry_after=90), now=NOW, jitter_permille=200)
    assert held == Breaker(failures=0, open_until=NOW + timedelta(seconds=90))
    assert held.after(d.Throttled(retry_after=5), now=NOW, jitter_permille=0) == held
    assert held.after(ANSWERS[0], now=NOW, jitter_permille=0) == held, "an answer that was under way does not end the wait"


@pytest.mark.parametrize("per_minute", [1, 7, 60, 60_000])
def test_a_full_bucket_has_a_minute_of_calls_and_refills_evenly(per_minute: int) -> None:
    assert available(None, NOW, per_minute) == per_minute
    empty = after_taking(None, NOW, per_minute, per_minute)
    assert available(empty, NOW, per_minute) == 0
    assert available(empty, NOW + timedelta(seconds=30), per_minute) == per_minute // 2
    assert available(empty, NOW + timedelta(hours=1), per_minute) == per_minute


def test_a_bucket_in_debt_has_less_than_none() -> None:
    debt = after_taking(None, NOW, 60, 70)
    assert available(debt, NOW, 60) == -10
    assert available(debt, NOW + timedelta(seconds=11), 60) == 1


def test_what_was_taken_and_given_back_at_once_was_never_taken() -> None:
    full_at = NOW + timedelta(seconds=20)
    assert after_taking(after_taking(full_at, NOW, 60, 8), NOW, 60, -8) == full_at


@pytest.mark.parametrize(("unused", "seconds", "back"), [(8, 0, 8), (8, 3, 5), (8, 2.5, 5), (8, 60, 0), (0, 0, 0)])
def test_what_the_bucket_would_have_refilled_meanwhile_does_not_come_back(unused: int, seconds: float, back: int) -> None:
    assert refund(unused, NOW, NOW + timedelta(seconds=seconds), 60) == back
