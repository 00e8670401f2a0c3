"""A steady load: events are sent when their time has come, whether or not those before are answered, so that a service that stalls is
measured by all who would have waited meanwhile."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bench.events import Purchase
from bench.http_client import Connection

MOST_CONNECTIONS, IDLE_SECONDS = 64, 2
BEHIND = 100
"""So many purchases later an order's receipt follows, and its invoice as many later again."""


def interleaved(purchases: Iterator[Purchase]) -> Iterator[dict[str, Any]]:
    """Their events one by one, each of a purchase's long after the one before: as many places apart as `BEHIND` purchases have events."""
    under_way: deque[deque[dict[str, Any]]] = deque()
    for purchase in purchases:
        under_way.append(deque(purchase))
        for started in (under_way[-1], *(under_way[-1 - age] for age in (BEHIND, 2 * BEHIND) if age < len(under_way))):
            yield started.popleft()
        if len(under_way) > 2 * BEHIND:
            under_way.popleft()


class _Connections:
    """As many as are needed at a time. One that lay idle for a while is replaced: the service closes it soon."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._free: list[tuple[Connection, float]] = []
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)

    async def post(self, body: bytes) -> Any:
        async with self._room:
            connection = await self._take()
            answer = await connection.post("/v1/events", body)
            self._free.append((connection, time.monotonic()))
        return json.loads(answer)

    async def close(self) -> None:
        while self._free:
            await self._free.pop()[0].close()

    async def _take(self) -> Connection:
        while self._free:
            connection, used_at = self._free.pop()
            if time.monotonic() - used_at < IDLE_SECONDS:
                return connection
            await connection.close()
        return await Connection.to(self._url, self._headers)


async def steady(url: str, headers: Mapping[str, str], events: Iterator[dict[str, Any]], *, rate: float, seconds: float) -> list[float]:
    """Milliseconds from each event's time to its answer, of so many events a second for so long."""
    taken: list[float] = []
    connections = _Connections(url, headers)

    async def send(body: bytes, due: float) -> None:
        answer = await connections.post(body)
        taken.append((time.perf_counter() - due) * 1e3)
        if answer["status"] != "posted":
            raise AssertionError(answer)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number, event in enumerate(islice(events, int(rate * seconds))):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sending.create_task(send(json.dumps(event).encode(), due))
    await connections.close()
    return taken
