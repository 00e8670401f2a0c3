"""When a failed delivery is tried again: data, and a pure decision over it."""

from datetime import datetime, timedelta

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    *(timedelta(hours=10),) * 6,
)
"""The pause after the first failure, the second, …; after the last one the journal has failed and waits for a person."""

JITTER_PERMILLE = 200
LONGEST_WAIT = timedelta(hours=24)


def next_try(failures: int, now: datetime, jitter_permille: int) -> datetime | None:
    """When to try again after `failures` failures in a row (≥ 1), None when the schedule is over.

    `jitter_permille` in ±200 spreads the tries of many journals that failed together.
    """
    if failures > len(SCHEDULE):
        return None
    return now + SCHEDULE[failures - 1] * (1000 + jitter_permille) / 1000


def after_throttling(now: datetime, retry_after: int | None) -> datetime:
    """When to try again after an ERP said that it was too fast: as long as it asked for, at most a day; 60 s where it did not say."""
    return now + min(timedelta(seconds=60 if retry_after is None else max(1, retry_after)), LONGEST_WAIT)
