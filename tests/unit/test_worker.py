"""The worker while the database is away."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.application.ports.delivery import Lane
from app.application.ports.unit_of_work import StoreUnavailable
from app.worker import Worker
from tests.fakes import FakeClock

pytestmark = pytest.mark.anyio

LANES = 3


class Claims:
    """A database that gives lanes, is away while they are worked on and at the next claim, and then is back."""

    def __init__(self) -> None:
        self.answers: list[Sequence[Lane] | None] = [[_lane(number) for number in range(LANES)], None, []]
        self.back = asyncio.Event()

    async def claim(self, **_: Any) -> Sequence[Lane]:
        answer = self.answers.pop(0) if self.answers else []
        if answer is None:
            raise StoreUnavailable
        if not self.answers:
            self.back.set()
        return answer

    def ended(self, lane: Lane) -> None:
        pass


class Wakeups:
    """Nobody waits for long."""

    def nudge(self) -> None:
        pass

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(0)


def _lane(number: int) -> Lane:
    return Lane(tenant_id=UUID(int=1), endpoint="erp", lane_key=f"order:{number}", fence=1)


async def test_an_outage_is_a_line_in_the_log_for_each_that_it_hit_and_no_traceback() -> None:
    async def away(_: Lane, __: datetime) -> None:
        raise StoreUnavailable

    claims = Claims()
    worker = Worker(claims, away, Wakeups(), FakeClock(), lease_seconds=5)  # type: ignore[arg-type]
    with capture_logs() as logs:
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(claims.back.wait(), 5)
        worker.stop()
        await running
    assert sorted(each["event"] for each in logs) == ["database_unreachable", *["delivery_interrupted"] * LANES]
    assert {each["log_level"] for each in logs} == {"warning"}
    assert not any(each.get("exc_info") for each in logs)
