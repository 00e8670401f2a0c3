"""How long tries to sign in have to wait, and how they are counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.application.ports.unit_of_work import UnitOfWork

FREE_BY_NAME, FREE_BY_ADDRESS = 5, 30
"""So many failures in a row cost nothing: people mistype, and many may sit behind one address."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
BY_ADDRESS = "address:"


def waits_until(key: str, failures: int, last: datetime) -> datetime:
    """Before this moment no password is looked at for this key: each failure past the free ones doubles the pause."""
    free = FREE_BY_ADDRESS if key.startswith(BY_ADDRESS) else FREE_BY_NAME
    if failures < free:
        return last
    return last + min(FIRST_PAUSE * (1 << min(failures - free, 10)), LONGEST_PAUSE)


def keys_of(name: str, address: str) -> tuple[str, str]:
    """What a try to sign in is counted under."""
    return name_key(name), f"{BY_ADDRESS}{address}"


def name_key(name: str) -> str:
    """What every try of a name is counted under."""
    return f"name:{name}"


async def count_tries(uow: UnitOfWork, keys: Sequence[str], now: datetime) -> timedelta | None:
    """Counts a try as failed before its password is looked at; or says how long it has to wait, and counts nothing."""
    before = await uow.sign_in_throttle.lock(keys)
    until = max((waits_until(key, *failed) for key, failed in before.items()), default=now)
    if until > now:
        return until - now
    for key in sorted(keys):
        await uow.sign_in_throttle.count(key, _recent(before.get(key), now) + 1, now)
    await uow.sign_in_throttle.forget_older(now - FORGOTTEN_AFTER)
    return None


def _recent(failed: tuple[int, datetime] | None, now: datetime) -> int:
    return 0 if failed is None or failed[1] < now - FORGOTTEN_AFTER else failed[0]
