"""How long tries to sign in have to wait. A pure decision."""

from datetime import datetime, timedelta

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
    """What a try is counted under."""
    return f"name:{name}", f"{BY_ADDRESS}{address}"
