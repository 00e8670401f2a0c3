"""The worker: claims due lanes and delivers them, so many at a time. Any number may run against one database."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.application.deliver import Deliver
from app.application.ports.clock import Clock
from app.application.ports.delivery import Lane, LaneClaims

log = structlog.get_logger()

PER_ENDPOINT = 8
IDLE_SECONDS = 0.2
AFTER_ERROR_SECONDS = 2.0


class Worker:
    """Runs until it is told to stop; then it finishes the lanes it has. A slow endpoint occupies at most its own places."""

    def __init__(self, claims: LaneClaims, deliver: Deliver, clock: Clock, lease_seconds: int) -> None:
        self._claims = claims
        self._deliver = deliver
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._stopping = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], tuple[UUID, str]] = {}

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Claims and delivers; an error of the database is logged and waited out."""
        while not self._stopping.is_set():
            try:
                pause = 0.0 if await self.start_due() else IDLE_SECONDS
            except Exception:  # the worker's outermost loop: whatever it is, the next round may work
                log.exception("worker_round_failed")
                pause = AFTER_ERROR_SECONDS
            await self._wait(pause)
        await self.finish()

    async def start_due(self) -> bool:
        """Claims what is due and starts delivering it; True where there was something."""
        counts = Counter(self._under_way.values())
        busy = [endpoint for endpoint, count in counts.items() if count >= PER_ENDPOINT]
        now = self._clock.now()
        lanes = await self._claims.claim(per_endpoint=PER_ENDPOINT, now=now, lease_seconds=self._lease_seconds, busy=busy)
        for lane in lanes:
            task = asyncio.create_task(self._run_lane(lane, now + timedelta(seconds=self._lease_seconds)))
            self._under_way[task] = (lane.tenant_id, lane.endpoint)
            task.add_done_callback(self._under_way.pop)
        return bool(lanes)

    async def finish(self) -> None:
        """Waits for the lanes that are under way."""
        if self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _run_lane(self, lane: Lane, ends_at: datetime) -> None:
        try:
            await self._deliver(lane, ends_at)
        except Exception:  # one lane's failure must not stop the others; its lease runs out, and an open attempt is looked up then
            log.exception("delivery_failed", tenant=str(lane.tenant_id), endpoint=lane.endpoint, lane=lane.lane_key)

    async def _wait(self, seconds: float) -> None:
        if not seconds:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
