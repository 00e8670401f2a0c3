"""Work that comes while the same is being done for others waits for that, and is then done together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.application.ports.unit_of_work import StoreUnavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_TOGETHER = 64


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    result: Result | None = None
    error: Exception | None = None
    done: bool = False


class Gathered(Generic[Item, Result]):
    """Calls `do` with what has gathered, one group at a time. Whoever comes first does it for all; nobody waits for company.

    `do` keeps all or nothing. Where it fails for a group each item is done alone, so that one does not take the others with it.
    """

    def __init__(self, do: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._do = do
        self._lock = asyncio.Lock()
        self._waiting: list[_Waiting[Item, Result]] = []

    async def __call__(self, item: Item) -> Result:
        mine: _Waiting[Item, Result] = _Waiting(item)
        self._waiting.append(mine)
        try:
            async with self._lock:
                if not mine.done:
                    await asyncio.sleep(0)  # what is ready at this moment comes along
                    await self._together(self._waiting[:MOST_TOGETHER])
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)  # it was cancelled
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # it is done

    async def _together(self, group: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = await self._do([each.item for each in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whom it concerns
            if len(group) > 1 and not isinstance(error, StoreUnavailable):
                for each in group:
                    await self._together([each])
                return
            for each in group:
                self._end(each, error=error)
        else:
            for each, result in zip(group, results, strict=True):
                self._end(each, result)

    def _end(self, each: _Waiting[Item, Result], result: Result | None = None, error: Exception | None = None) -> None:
        each.result, each.error, each.done = result, error, True
        if each in self._waiting:
            self._waiting.remove(each)
