"""What goes on beside a round: the person who retries and resumes, and whoever starts workers again that died."""

import asyncio
from typing import NoReturn

from tests.faults.clock import WORKERS
from tests.faults.crash import EVERY_STEP, CrashPoint
from tests.faults.world import World

PERSON_SECONDS = 0.5
LOOK_SECONDS = 0.05
DOOMED = 1
"""The worker that gets crash points, one after the other."""

STUCK = """
SELECT j.journal_id FROM journal j JOIN delivery d ON d.tenant_id = j.tenant_id AND d.journal_id = j.journal_id
WHERE NOT d.done AND (j.status IN ('invalid', 'rejected', 'failed') OR j.status = 'unknown' AND NOT d.wanted) LIMIT 40
"""
PAUSED = "SELECT name FROM erp_endpoint WHERE paused"
STALE = """
SELECT DISTINCT endpoint FROM journal j WHERE j.status = 'invalid' AND EXISTS (
    SELECT FROM jsonb_array_elements(j.problems) p WHERE p ->> 'code' = 'inactive-account' AND p ->> 'message' LIKE '%test the endpoint%'
)
"""
"""Endpoints with journals that a chart of accounts holds up which may have changed since it was read."""


async def person(world: World) -> NoReturn:
    """Retries what waits for a person, resumes endpoints that paused themselves, has a chart read again where a problem says so."""
    while True:
        await asyncio.sleep(PERSON_SECONDS)
        if not world.hands_off:
            for row in await world.database.rows(PAUSED):
                await world.service.once("POST", f"/v1/erp-endpoints/{row['name']}/resume")
        for row in await world.database.rows(STALE):
            await world.service.once("POST", f"/v1/erp-endpoints/{row['endpoint']}/test")
        stuck = [f"jnl_{row['journal_id'].hex}" for row in await world.database.rows(STUCK)]
        await asyncio.gather(*(world.service.once("POST", f"/v1/journals/{each}/retry") for each in stuck))


class Keeper:
    """Starts a worker again that died; the doomed one with the next crash point while a round is under fire."""

    def __init__(self, world: World) -> None:
        self.under_fire = False
        self._world = world
        self._steps: list[tuple[str, str]] = []
        self._point: CrashPoint | None = None

    async def run(self) -> NoReturn:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for number in range(len(WORKERS)):
                if not self._world.fleet.alive(f"worker-{number}"):
                    await self._start_again(number)

    async def doom(self) -> None:
        """Kills the doomed worker, so that it comes back with a crash point."""
        self.under_fire = True
        await asyncio.to_thread(self._world.fleet.kill, f"worker-{DOOMED}")

    async def _start_again(self, number: int) -> None:
        if self._point is not None and self._world.fleet.crashed(f"worker-{number}"):
            self._world.done[f"worker died {self._point.step} {self._point.purpose}"] += 1
        point = None
        if number == DOOMED:
            point = self._point = self._next_point() if self.under_fire else None
        await asyncio.to_thread(self._world.fleet.start_worker, number, point)

    def _next_point(self) -> CrashPoint:
        self._steps = self._steps or self._world.shuffled([*EVERY_STEP])
        step, purpose = self._steps.pop()
        random = self._world.random
        return CrashPoint(step, purpose, random.randint(1, 3 if purpose == "find" else 8), random.uniform(0, 0.03))
