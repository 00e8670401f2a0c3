"""When an ERP is asked for its chart of accounts again: by night where its people are. Pure."""

from datetime import datetime, time, timedelta, tzinfo
from hashlib import sha256

NIGHT_ENDS = time(5)
LAST_START = 4 * 60
"""In minutes after midnight: what fails late in the night can be tried once more."""
AGAIN = timedelta(minutes=30)
FRESH = timedelta(hours=20)
"""Told since then, an ERP is not asked this night: less than a day, since the minute of a night is not met to the second."""


def minute_of_the_night(name: str) -> int:
    """Minutes after midnight, the same for a name for ever, and spread over the night for many names."""
    return int.from_bytes(sha256(name.encode()).digest()[:8]) % LAST_START


def next_night(name: str, now: datetime, zone: tzinfo) -> datetime:
    """The first moment after `now` at which it is this name's minute there."""
    hours, minutes = divmod(minute_of_the_night(name), 60)
    today = now.astimezone(zone).date()
    for day in (today, today + timedelta(days=1)):
        moment = datetime.combine(day, time(hours, minutes), zone)
        if moment > now:
            return moment.astimezone(now.tzinfo)
    raise AssertionError("tomorrow's is after now")


def is_night(now: datetime, zone: tzinfo) -> bool:
    return now.astimezone(zone).time() < NIGHT_ENDS


def after_failure(name: str, now: datetime, zone: tzinfo) -> datetime:
    """Later in the same night, or in the next one."""
    again = now + AGAIN
    return again if is_night(again, zone) else next_night(name, now, zone)
