"""The loop that has charts pulled beside the deliveries."""

import asyncio

import pytest

from app.worker import ChartPuller

pytestmark = pytest.mark.anyio


async def test_it_goes_on_while_there_is_something_and_survives_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker.LOOK_EVERY_SECONDS", 0.001)
    told, enough = [True, True, False, None, True, False], asyncio.Event()

    async def pull_one() -> bool:
        if not told:
            enough.set()
            return False
        answer = told.pop(0)
        if answer is None:
            raise RuntimeError("the database is away")
        return answer

    task = asyncio.create_task(ChartPuller(pull_one).run())
    await asyncio.wait_for(enough.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
