"""The worker: claims due lanes and delivers them, so many at a time. Any number may run against one database."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from app.application.ports.clock import Clock
from app.application.ports.delivery import MOST_LANES, Lane, LaneClaims
from app.application.ports.unit_of_work import StoreUnavailable
from app.application.ports.waking import Wakeups
from app.observability import Trace, trace_id_from

log = structlog.get_logger()

PER_ENDPOINT = 32
POLL_SECONDS = 1.0
AFTER_ERROR_SECONDS = 2.0
LOOK_EVERY_SECONDS = 60.0
TOGETHER_SECONDS = 0.005
"""Lanes that end within this time are followed by one claim."""

WorkLane = Callable[[Lane, datetime], Awaitable[None]]


class Worker:
    """Runs until it is told to stop. A slow endpoint occupies at most its own places.

    It claims when lanes became due, when one of its own is done, and once a second at least.
    """

    def __init__(self, claims: LaneClaims, work_lane: WorkLane, wakeups: Wakeups, clock: Clock, lease_seconds: int) -> None:
        self._claims = claims
        self._work_lane = work_lane
        self._wakeups = wakeups
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._stopping = False
        self._under_way: dict[asyncio.Task[None], Lane] = {}

    def stop(self) -> None:
        """No more claims and no more calls: what is being called is finished, then each lane is given back."""
        self._stopping = True
        for lane in self._under_way.values():
            lane.allowance.left = 0
        self._wakeups.nudge()

    async def run(self, grace_seconds: float | None = None) -> None:
        """Claims and delivers; an error of the database is logged and waited out. Told to stop it ends after the grace at the latest."""
        while not self._stopping:
            try:
                free = MOST_LANES - len(self._under_way)
                pause = 0.0 if await self.start_due() == free > 0 else POLL_SECONDS
            except StoreUnavailable:
                log.warning("database_unreachable")
                pause = AFTER_ERROR_SECONDS
            except Exception:  # the worker's outermost loop: whatever it is, the next round may work
                log.exception("worker_round_failed")
                pause = AFTER_ERROR_SECONDS
            if pause:
                await self._wakeups.wait(pause)
        await self.finish(grace_seconds)

    async def start_due(self) -> int:
        """Claims what is due and starts delivering it: so many lanes. Fewer than there was room for means that no more may go now."""
        free = MOST_LANES - len(self._under_way)
        if not free:
            return 0
        counts = Counter((lane.tenant_id, lane.endpoint) for lane in self._under_way.values())
        busy = [endpoint for endpoint, count in counts.items() if count >= PER_ENDPOINT]
        now = self._clock.now()
        lanes = await self._claims.claim(per_endpoint=PER_ENDPOINT, now=now, lease_seconds=self._lease_seconds, most=free, busy=busy)
        for lane in lanes:
            task = asyncio.create_task(self._run_lane(lane, now + timedelta(seconds=self._lease_seconds)))
            self._under_way[task] = lane
            task.add_done_callback(self._done)
        if self._stopping:
            self.stop()
        return len(lanes)

    async def finish(self, grace_seconds: float | None = None) -> None:
        """Waits for the lanes that are under way. One that is cut off is looked up in the ERP when its lease has run out."""
        if self._under_way:
            _, late = await asyncio.wait(set(self._under_way), timeout=grace_seconds)
            for task in late:
                log.warning("delivery_cut_off", lane=self._under_way[task].lane_key)
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._claims.ended(self._under_way.pop(task))
        asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._wakeups.nudge)

    async def _run_lane(self, lane: Lane, ends_at: datetime) -> None:
        with Trace(trace_id_from(None)):
            try:
                await self._work_lane(lane, ends_at)
            except StoreUnavailable:
                log.warning("delivery_interrupted", tenant_id=str(lane.tenant_id), endpoint=lane.endpoint, lane=lane.lane_key)
            except Exception:  # one lane's failure must not stop the others; its lease runs out, and an open attempt is looked up then
                log.exception("delivery_failed", tenant_id=str(lane.tenant_id), endpoint=lane.endpoint, lane=lane.lane_key)


class ChartPuller:
    """Has ERPs asked for their charts of accounts by night, one at a time beside the deliveries. Ended by cancelling it: what it was asking
    then is asked again once its claim has run out."""

    def __init__(self, pull_one: Callable[[], Awaitable[bool]]) -> None:
        self._pull_one = pull_one

    async def run(self) -> None:
        """Looks once a minute for what is due. An error is logged, and the next look may work."""
        while True:
            try:
                more = await self._pull_one()
            except StoreUnavailable:
                log.warning("database_unreachable")
                more = False
            except Exception:  # an outermost loop, like the worker's
                log.exception("chart_pull_failed")
                more = False
            if not more:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
