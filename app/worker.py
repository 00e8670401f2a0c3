"""The worker: claims due lanes and delivers them, so many at a time. Any number may run against one database."""

import asyncio
from datetime import timedelta

import structlog

from app.application.deliver import Deliver
from app.application.ports.clock import Clock
from app.application.ports.delivery import Lane, LaneClaims

log = structlog.get_logger()

PER_ENDPOINT = 8
LEASE_SECONDS = 120
IDLE_SECONDS = 0.2
AFTER_ERROR_SECONDS = 2.0


class Worker:
    """Runs until it is told to stop; then it finishes the lanes it has."""

    def __init__(self, claims: LaneClaims, deliver: Deliver, clock: Clock) -> None:
        self._claims = claims
        self._deliver = deliver
        self._clock = clock
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Claims and delivers; an error of the database is logged and waited out."""
        while not self._stopping.is_set():
            try:
                busy = await self.run_once()
                pause = 0.0 if busy else IDLE_SECONDS
            except Exception:  # noqa: BLE001 - the worker's outermost loop: whatever it is, the next round may work
                log.exception("worker_round_failed")
                pause = AFTER_ERROR_SECONDS
            if pause:
                await self._wait(pause)

    async def run_once(self) -> bool:
        """One claim, delivered; True where there was something to do."""
        now = self._clock.now()
        lanes = await self._claims.claim(per_endpoint=PER_ENDPOINT, now=now, lease_seconds=LEASE_SECONDS)
        if lanes:
            ends_at = now + timedelta(seconds=LEASE_SECONDS)
            results = await asyncio.gather(*(self._deliver(lane, ends_at) for lane in lanes), return_exceptions=True)
            for lane, result in zip(lanes, results, strict=True):
                if isinstance(result, BaseException):
                    self._log_failure(lane, result)
        return bool(lanes)

    def _log_failure(self, lane: Lane, error: BaseException) -> None:
        """The lane's lease runs out and it is taken again; an attempt left open is looked up then."""
        log.error("delivery_failed", tenant=str(lane.tenant_id), endpoint=lane.endpoint, lane=lane.lane_key, exc_info=error)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
