"""Moves the shared clock on whenever nothing moves: to the next try, the end of a lease, of a breaker's pause, whatever is waited for."""

import asyncio
import math
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import NoReturn

from tests.faults.clock import SharedClock
from tests.faults.service import Database, ErpConsole

TICK_SECONDS = 0.05
STILL_TICKS = 40
"""So often in a row a lane may be seen under way or due without any sign of life before the clock moves on all the same: its worker may be
dead. Looks, not seconds: on a busy machine, where workers are slow, looking is slow too."""
JITTER = 1.5
"""Tries of many journals lie ±20 % around the same pause: one jump takes them all."""
LONGEST_STALL = 12

NEXT = """
SELECT min(greatest(l.due_at, l.leased_until, f.open_until)) FILTER (WHERE NOT e.paused) AS at, count(*) AS lanes,
    sum(l.fence) AS fences, count(l.leased_until) AS leased, sum(extract(epoch FROM l.due_at)) AS dues,
    count(*) FILTER (WHERE l.leased_until > $1 OR NOT e.paused AND greatest(l.due_at, f.open_until) <= $1) AS under_way
FROM lane l
JOIN erp_endpoint e ON e.tenant_id = l.tenant_id AND e.name = l.endpoint
LEFT JOIN endpoint_flow f ON f.tenant_id = l.tenant_id AND f.endpoint = l.endpoint
WHERE l.due_at IS NOT NULL
"""
"""A call that is under way when its endpoint is paused is under way all the same: the clock must not pass its ERP's promise."""


SIGNS = ("at", "lanes", "fences", "leased", "dues")
"""What changes with every lease that is taken or given back."""


class Pacer:
    """A task beside the others."""

    def __init__(self, database: Database, erps: Sequence[ErpConsole], clock: SharedClock, random: Random) -> None:
        self._database = database
        self._erps = erps
        self._clock = clock
        self._logs = [erp.erp.calls for erp in erps]
        self._random = random
        self._seen: object = None
        self._still = 0
        self._stalled = 0
        self.moved = 0.0
        """Seconds so far."""

    async def run(self) -> NoReturn:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            (row,) = await self._database.rows(NEXT, self._clock.now())
            seen = (*(row[name] for name in SIGNS), *(log.stat().st_size for log in self._logs if log.exists()))
            self._still += 1
            if seen != self._seen:
                self._seen, self._still, self._stalled = seen, 0, 0
            if row["at"] is not None and (not row["under_way"] or self._still > STILL_TICKS):
                await self.forward(self._pause(row["at"]))

    async def forward(self, seconds: float) -> None:
        """Once the ERPs have done what reached them before: on a busy machine a call may lie in a socket while its sender has given up,
        and must not look as if it had arrived days later."""
        self.moved += seconds
        await asyncio.gather(*(erp.catch_up() for erp in self._erps))
        await asyncio.to_thread(self._clock.forward, seconds)
        self._still = 0

    def _pause(self, at: datetime) -> float:
        """To the next moment at which something is due; where that is over and yet nothing happens, further with every tick."""
        ahead = (at - self._clock.now()).total_seconds()
        if ahead > 0:
            return ahead * JITTER + self._random.random()
        self._stalled = min(self._stalled + 1, LONGEST_STALL)
        self._still = 0
        return math.pow(2, self._stalled) / 2
