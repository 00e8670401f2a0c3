"""The token bucket of an endpoint: as many calls as its rate says in a minute, refilled evenly. Kept as one moment: when it is full."""

from datetime import datetime, timedelta

REFILL = timedelta(minutes=1)
"""How long an empty bucket takes to be full."""


def available(full_at: datetime | None, now: datetime, per_minute: int) -> int:
    """The whole tokens in the bucket; less than none where it is in debt."""
    missing = timedelta(0) if full_at is None else max(full_at - now, timedelta(0))
    return (REFILL - missing) * per_minute // REFILL


def after_taking(full_at: datetime | None, now: datetime, per_minute: int, tokens: int) -> datetime:
    """When it is full after `tokens` were taken, or given back where they are negative. Taking more than there are is a debt."""
    return max(full_at or now, now) + tokens * REFILL / per_minute


def refund(unused: int, taken_at: datetime, now: datetime, per_minute: int) -> int:
    """How many of unused tokens may go back. The bucket may have been full without them: what it would have refilled since is lost."""
    refilled = -((taken_at - now) * per_minute // REFILL)
    return max(0, unused - refilled)
