"""Writers who post purchases, one event at a time and in batches, and say the same again until they are told that it is posted."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count
from random import Random
from typing import Any

import httpx

from tests.faults.bundle import Bundle
from tests.faults.world import World

WRITERS = 6
BATCH = 10
PAUSE_SECONDS = (0.05, 0.25)
AGAIN_SECONDS = 0.1
DONE = frozenset({"posted", "duplicate"})


class Writers:
    """`told` are the ids of events whose writer was told that they are posted; `accepted` when that was, by the monotonic clock."""

    def __init__(self, world: World, number: int) -> None:
        self.told: set[str] = set()
        self.accepted: list[float] = []
        self._world = world
        self._number = number
        self._stopping = False

    def stop(self) -> None:
        """Each ends with the request that it is about."""
        self._stopping = True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for writer in range(WRITERS):
                tasks.create_task(self._write(writer))

    async def accepted_after(self, moment: float, seconds: float) -> None:
        """Returns once an event was accepted that was sent after this moment; `TimeoutError` where none is in so many seconds."""
        async with asyncio.timeout(seconds):
            while self._last_sent <= moment:
                await asyncio.sleep(0.02)

    _last_sent = 0.0

    async def _write(self, writer: int) -> None:
        random = Random(f"{self._world.seed}-writer-{self._number}-{writer}")
        for purchase in count():
            events = Bundle(self._world.seed, self._number * 1_000_000 + writer * 100_000 + purchase, orders=4, entries=3).events
            while events:
                if self._stopping:
                    return
                size = random.choice((1, 1, 1, BATCH))
                sent, events = events[:size], events[size:]
                await self._send(sent)
                await asyncio.sleep(random.uniform(*PAUSE_SECONDS))

    async def _send(self, events: Sequence[dict[str, Any]]) -> None:
        """Until all of them are posted, with the same ids: whoever got no answer cannot know what became of what was sent."""
        body = events[0] if len(events) == 1 else list(events)
        while True:
            began = time.monotonic()
            answer = await self._world.service.attempt("POST", "/v1/events", body)
            if answer is not None and answer.is_success:
                self._note(events, answer, began)
                return
            if answer is not None and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise RuntimeError(f"the suite's own events were refused: {answer.status_code} {answer.text}")
            await asyncio.sleep(AGAIN_SECONDS)

    def _note(self, events: Sequence[dict[str, Any]], answer: httpx.Response, began: float) -> None:
        results = answer.json() if len(events) > 1 else [answer.json()]
        refused = [result for result in results if result["status"] not in DONE]
        if refused:
            raise RuntimeError(f"the suite's own events were refused: {refused[:2]}")
        self.told.update(event["id"] for event in events)
        self.accepted.append(time.monotonic())
        self._last_sent = max(self._last_sent, began)
