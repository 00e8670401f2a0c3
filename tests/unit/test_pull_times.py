"""When an ERP is asked for its chart again: its own minute of the night, where its people are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.pull_times import after_failure, is_night, minute_of_the_night, next_night

AUCKLAND = ZoneInfo("Pacific/Auckland")


def test_the_minute_is_stable_and_spread_over_the_night() -> None:
    minutes = [minute_of_the_night(f"tenant/{number}") for number in range(2_000)]
    assert minutes == [minute_of_the_night(f"tenant/{number}") for number in range(2_000)]
    assert (min(minutes), max(minutes)) == (0, 239)
    assert len(set(minutes)) > 200


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Europe/Berlin", "America/Los_Angeles", "Pacific/Chatham", "UTC"])
def test_the_next_night_is_within_a_day_and_at_the_same_minute_there(zone: str) -> None:
    place, moment = ZoneInfo(zone), datetime(2026, 3, 20, 12, 34, tzinfo=UTC)
    minute = minute_of_the_night("t/erp")
    for _ in range(20):  # over both changes of the clocks
        following = next_night("t/erp", moment, place)
        assert timedelta(0) < following - moment <= timedelta(hours=25)
        local = following.astimezone(place)
        assert (local.hour * 60 + local.minute - minute) in (0, 60), "an hour that the clocks leave out is made up for"
        assert is_night(following, place)
        moment = following


def test_a_failure_is_tried_again_while_it_is_night() -> None:
    early, late = datetime(2026, 11, 16, 3, 0, tzinfo=AUCKLAND), datetime(2026, 11, 16, 4, 45, tzinfo=AUCKLAND)
    assert after_failure("t/erp", early, AUCKLAND) == early + timedelta(minutes=30)
    assert after_failure("t/erp", late, AUCKLAND) == next_night("t/erp", late, AUCKLAND)
    assert not is_night(datetime(2026, 11, 16, 5, 0, tzinfo=AUCKLAND), AUCKLAND)
