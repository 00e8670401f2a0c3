"""Work that gathers while the same is being done: together, in bounds, and nobody falls with another."""

import asyncio
from collections.abc import Sequence

import pytest

from app.application.gathered import MOST_TOGETHER, Gathered
from app.application.ports.unit_of_work import StoreUnavailable

pytestmark = pytest.mark.anyio


class Doubling:
    """Doubles numbers; `gate` holds each group back. A negative number fails its group."""

    def __init__(self, error: Exception | None = None) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error = error or ValueError()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(numbers))
        await self.gate.wait()
        if any(number < 0 for number in numbers):
            raise self.error
        return [2 * number for number in numbers]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_together_is_done_together_in_bounds() -> None:
    do = Doubling()
    gathered = Gathered(do)
    many = range(MOST_TOGETHER + 3)
    assert await asyncio.gather(*(gathered(number) for number in many)) == [2 * number for number in many]
    assert [len(group) for group in do.groups] == [MOST_TOGETHER, 3]


async def test_what_comes_meanwhile_goes_with_the_next() -> None:
    do = Doubling()
    gathered = Gathered(do)
    do.gate.clear()
    tasks = [asyncio.create_task(gathered(1))]
    await settled()
    tasks += [asyncio.create_task(gathered(number)) for number in (2, 3)]
    await settled()
    do.gate.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert do.groups == [[1], [2, 3]]


async def test_one_that_fails_fails_alone() -> None:
    do = Doubling()
    gathered = Gathered(do)
    results = await asyncio.gather(*(gathered(number) for number in (1, -1, 2)), return_exceptions=True)
    assert (results[0], results[2]) == (2, 4)
    assert results[1] is do.error
    assert do.groups == [[1, -1, 2], [1], [-1], [2]]


async def test_without_a_store_nobody_tries_alone() -> None:
    do = Doubling(StoreUnavailable())
    gathered = Gathered(do)
    results = await asyncio.gather(*(gathered(number) for number in (1, -1)), return_exceptions=True)
    assert results == [do.error, do.error]
    assert do.groups == [[1, -1]]


async def test_who_is_cancelled_while_it_does_the_work_leaves_the_others_to_do_it() -> None:
    do = Doubling()
    gathered = Gathered(do)
    do.gate.clear()
    first, second = (asyncio.create_task(gathered(number)) for number in (1, 2))
    await settled()
    first.cancel()
    await settled()
    do.gate.set()
    assert await second == 4
    assert do.groups == [[1, 2], [2]]
    assert await gathered(3) == 6
