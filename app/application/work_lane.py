"""What a worker does with a lane that it has leased: a batch's is worked through, any other is delivered."""

from datetime import datetime

from app.application.deliver import Deliver
from app.application.ports.batches import LANE_PREFIX
from app.application.ports.delivery import Lane
from app.application.run_batch import RunBatch


class WorkLane:
    def __init__(self, deliver: Deliver, run_batch: RunBatch) -> None:
        self._deliver = deliver
        self._run_batch = run_batch

    async def __call__(self, lane: Lane, lease_ends_at: datetime) -> None:
        if lane.lane_key.startswith(LANE_PREFIX):
            await self._run_batch(lane, lease_ends_at)
        else:
            await self._deliver(lane, lease_ends_at)
