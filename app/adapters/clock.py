"""The system's clock, and ids made from it."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class TimeOrderedIds:
    """Version 7 of RFC 9562: 48 bits of milliseconds, then 74 random bits."""

    def new(self) -> UUID:
        milliseconds, random = time.time_ns() // 1_000_000, secrets.randbits(74)
        value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (2**62 - 1)
        return UUID(int=value)


class SystemChance:
    def permille(self, bound: int) -> int:
        return secrets.randbelow(2 * bound + 1) - bound
