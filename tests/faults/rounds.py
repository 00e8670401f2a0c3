"""A round: post, deliver under fire, settle."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from tests.faults.bundle import Bundle
from tests.faults.clock import WORKERS
from tests.faults.hands import Keeper, person
from tests.faults.incidents import INCIDENTS
from tests.faults.world import World

WEIGHTS = {
    "book_then_drop": 10,
    "half_body": 8,
    "garbage": 8,
    "fail": 8,
    "unavailable": 8,
    "throttle": 8,
    "reject_some": 5,
    "slow": 3,
    "flood": 1,
}
"""How often the ERPs' plans draw which fault, before the seed shakes it."""
LEAST_SHARE, MOST_SHARE = 0.45, 0.75
"""Of the calls that meet a fault."""
SLOWEST_SECONDS = 1.5
SETTLE_SECONDS = 240
WAITING = "SELECT count(*) AS journals FROM journal WHERE status NOT IN ('sent', 'marked_as_sent')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of a round: purchases, entries, incidents, and how long it stays under fire after the last of them, in seconds."""

    orders: int
    entries: int
    incidents: int
    longest: float


SHORT = Size(orders=2, entries=10, incidents=9, longest=5)
LONG = Size(orders=16, entries=40, incidents=6, longest=60)


class Rounds:
    def __init__(self, world: World, size: Size) -> None:
        self.number = 0
        self._world = world
        self._size = size
        self._keeper = Keeper(world)
        self._incidents: list[str] = []

    async def play(self) -> None:
        """The next round. All is sent after it, or never will be."""
        self.number += 1
        async with _beside(self._world.pacer.run(), person(self._world), self._keeper.run()):
            await self._under_fire()
            await self._settle()

    async def _under_fire(self) -> None:
        size = self._size
        bundle = Bundle(self._world.seed, self.number, orders=size.orders, entries=size.entries)
        await self._plan()
        await self._keeper.doom()
        try:
            for share in bundle.shares(size.incidents):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._post(share))
                    tasks.create_task(self._injure())
            await self._until_all_sent(size.longest)
        finally:
            self._keeper.under_fire = False

    async def _settle(self) -> None:
        """The faults are over; what is stuck is retried as a person would, until all is sent."""
        self._world.say("the faults are over")
        for erp in self._world.erps:
            await erp("PUT", "/faults", {"mode": "none"})
            await erp.follow({})
            await erp("POST", "/faults/release")
        for slot in WORKERS:
            self._world.fleet.clock.skew(slot, 0)
        await self._until_all_sent(SETTLE_SECONDS)

    async def _plan(self) -> None:
        random = self._world.random
        share = random.uniform(LEAST_SHARE, MOST_SHARE)
        for erp in self._world.erps:
            weights = {mode: weight * random.uniform(0.2, 2) for mode, weight in WEIGHTS.items()}
            rates = {mode: share * weight / sum(weights.values()) for mode, weight in weights.items()}
            await erp.follow({"seed": random.randrange(2**31), "rates": rates, "seconds": SLOWEST_SECONDS})

    async def _post(self, events: list[dict[str, Any]]) -> None:
        results = await self._world.service("POST", "/v1/events", events)
        refused = [result for result in results if result["status"] not in ("posted", "duplicate")]
        if refused:
            raise RuntimeError(f"the suite's own events were refused: {refused[:2]}")

    async def _injure(self) -> None:
        """The next incident, while what was posted with it is being delivered."""
        self._incidents = self._incidents or self._world.shuffled(list(INCIDENTS))
        name = self._incidents.pop()
        await asyncio.sleep(self._world.random.uniform(0, 0.5))
        began = time.monotonic()
        happened = await INCIDENTS[name](self._world)
        self._world.done[name] += happened
        self._world.say(f"{name}: {happened} in {time.monotonic() - began:.1f} s")

    async def _until_all_sent(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and (await self._world.database.rows(WAITING))[0]["journals"]:
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, NoReturn]) -> AsyncIterator[None]:
    """Runs these while the block runs; an error of one of them ends it."""
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(each) for each in work]
        try:
            yield
        finally:
            for task in started:
                task.cancel()
