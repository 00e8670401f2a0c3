"""Which day an event is posted on: POSTING.md 5, and I19."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import PeriodClosed
from app.domain.periods import Period, PeriodStatus, accounting_date
from app.domain.posting_manager import ClosedPeriod
from tests.unit.properties.profiles import EFFORT

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))
LATE = date(2026, 12, 31)


def period(name: str, starts_on: date, ends_on: date, status: PeriodStatus = PeriodStatus.CLOSED) -> Period:
    return Period(name=name, starts_on=starts_on, ends_on=ends_on, status=status)


JANUARY, FEBRUARY = period("jan", JAN, date(2026, 1, 31)), period("feb", FEB, date(2026, 2, 28))
MARCH = period("mar", MAR, date(2026, 3, 31), PeriodStatus.OPEN)


def day_of(document: date, *periods: Period, cutoff_days: int = 0, today: date = LATE) -> date:
    return accounting_date(document, periods, policy=ClosedPeriod.NEXT_OPEN, cutoff_days=cutoff_days, today=today)


def test_without_periods_every_day_is_open() -> None:
    assert day_of(date(1999, 2, 28)) == date(1999, 2, 28)


@pytest.mark.parametrize(
    ("document", "posted"),
    [
        (date(2025, 12, 31), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 3, 1)),
        (date(2026, 1, 31), date(2026, 3, 1)),
        (date(2026, 2, 28), date(2026, 3, 1)),
        (date(2026, 3, 15), date(2026, 3, 15)),
        (date(2026, 4, 1), date(2026, 4, 1)),
    ],
)
def test_the_first_open_day_after_closed_periods_in_a_row(document: date, posted: date) -> None:
    assert day_of(document, MARCH, FEBRUARY, JANUARY) == posted


def test_a_day_between_two_closed_periods_that_neither_covers_is_open() -> None:
    first, second = period("a", JAN, date(2026, 1, 20)), period("b", date(2026, 1, 25), date(2026, 1, 31))
    assert day_of(date(2026, 1, 20), first, second) == date(2026, 1, 21)
    assert day_of(date(2026, 1, 25), first, second) == FEB


@pytest.mark.parametrize(
    ("today", "closed"), [(date(2026, 1, 31), False), (date(2026, 2, 1), False), (date(2026, 2, 5), False), (date(2026, 2, 6), True)]
)
def test_a_period_counts_as_closed_once_the_cut_off_days_are_over(today: date, closed: bool) -> None:
    assert JANUARY.is_closed(today, 5) is closed
    assert day_of(date(2026, 1, 10), JANUARY, cutoff_days=5, today=today) == (FEB if closed else date(2026, 1, 10))


def test_without_cut_off_days_the_last_day_is_still_open() -> None:
    assert not JANUARY.is_closed(date(2026, 1, 31), 0)
    assert JANUARY.is_closed(FEB, 0)


def test_an_open_status_is_open_for_ever() -> None:
    assert not MARCH.is_closed(date(2099, 1, 1), 0)


def test_reject_refuses_what_lies_in_a_closed_period_and_nothing_else() -> None:
    reject = ClosedPeriod.REJECT
    with pytest.raises(PeriodClosed, match="2026-01-31 lies in period jan"):
        accounting_date(date(2026, 1, 31), [JANUARY, MARCH], policy=reject, cutoff_days=0, today=LATE)
    assert accounting_date(FEB, [JANUARY, MARCH], policy=reject, cutoff_days=0, today=LATE) == FEB
    assert accounting_date(MAR, [JANUARY, MARCH], policy=reject, cutoff_days=0, today=LATE) == MAR


def test_cut_off_days_past_the_end_of_the_calendar() -> None:
    assert day_of(JAN, period("ever", JAN, date.max), cutoff_days=10) == JAN


DAYS = st.integers(0, 120).map(lambda number: JAN + timedelta(days=number))
PERIODS = st.lists(
    st.builds(
        lambda start, length, status: period("p", start, start + timedelta(days=length), status),
        DAYS,
        st.integers(0, 40),
        st.sampled_from(PeriodStatus),
    ),
    max_size=6,
)


@EFFORT
@given(DAYS, PERIODS, st.integers(0, 20), DAYS)
def test_i19_never_into_a_closed_period_and_always_the_first_open_day(
    document: date, periods: list[Period], cutoff: int, today: date
) -> None:
    """Periods that overlap too: a day is open where no closed period covers it."""
    found = day_of(document, *periods, cutoff_days=cutoff, today=today)
    closed = [each for each in periods if each.status is PeriodStatus.CLOSED and (today - each.ends_on).days > cutoff]
    day = document
    while any(each.starts_on <= day <= each.ends_on for each in closed):
        day += timedelta(days=1)
    assert found == day


@EFFORT
@given(DAYS, PERIODS, st.integers(0, 20), DAYS)
def test_reject_is_next_open_where_the_day_is_open(document: date, periods: list[Period], cutoff: int, today: date) -> None:
    posted = day_of(document, *periods, cutoff_days=cutoff, today=today)
    try:
        found = accounting_date(document, periods, policy=ClosedPeriod.REJECT, cutoff_days=cutoff, today=today)
    except PeriodClosed:
        assert posted > document
    else:
        assert found == posted == document
