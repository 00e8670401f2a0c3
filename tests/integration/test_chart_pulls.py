"""Charts of accounts asked for again by night: when, by whom, and what becomes of a failure. A real ERP; only the clock is a fake."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import InstalledAdapters
from app.adapters.postgres.pull_claims import PostgresPullClaims
from app.application.ports.chart_pulls import PullState
from app.application.ports.reference_data import ChartState
from app.application.pull_charts import PullCharts
from app.domain.pull_times import is_night, next_night
from app.wiring import wire_pull_charts
from tests.reference_erp_process import ReferenceErp
from tests.world import CHART, World, make_world

pytestmark = pytest.mark.anyio

ZONE = ZoneInfo("Pacific/Auckland")


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with make_world(database_url) as world:
        yield world


@pytest.fixture
async def pulls(world: World) -> AsyncIterator[PullCharts]:
    async with HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),)) as http:
        yield wire_pull_charts(world.engine, world.units_of_work, InstalledAdapters(http), world.secrets, world.clock)


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(CHART)
        yield erp


async def chart(world: World) -> ChartState | None:
    async with world.units_of_work(world.tenant_id) as uow:
        return await uow.reference_data.state("erp")


async def plan(world: World) -> PullState:
    async with world.units_of_work(world.tenant_id) as uow:
        state = await uow.chart_pulls.state("erp")
    assert state is not None
    return state


def tonight(world: World) -> datetime:
    return next_night(f"{world.tenant_id}/erp", world.clock.now(), ZONE)


async def rounds(pulls: PullCharts) -> int:
    """How many ERPs were due until none was."""
    for number in range(10):
        if not await pulls():
            return number
    raise AssertionError("it would never end")


async def test_an_erp_is_asked_at_its_minute_of_the_night_and_once(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    await world.add_endpoint(erp.url)
    assert await rounds(pulls) == 0
    first = tonight(world)
    assert (await plan(world)).next_at == first
    world.clock.moment = first - timedelta(seconds=1)
    assert (await rounds(pulls), await chart(world)) == (0, None)
    world.clock.moment = first
    assert is_night(first, ZONE)
    assert await rounds(pulls) == 1
    told = await chart(world)
    assert told is not None
    assert (told.accounts, told.asked_at) == (len(CHART), first)
    assert await plan(world) == PullState(next_at=tonight(world), failures=0, failed_at=None, problem=None)
    erp.call("PUT", "/accounts/7777", {"name": "New", "type": "expense"})
    world.clock.moment = (await plan(world)).next_at
    await rounds(pulls)
    again = await chart(world)
    assert again is not None
    assert again.accounts == len(CHART) + 1, "every night, to the minute"


async def test_an_erp_that_was_asked_today_is_left_alone(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    await world.add_endpoint(erp.url)
    await rounds(pulls)
    due = (await plan(world)).next_at
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.reference_data.told("erp", accounts=(), open_periods=(), at=due - timedelta(hours=10))
        await uow.commit()
    world.clock.moment = due
    assert await rounds(pulls) == 1
    known = await chart(world)
    assert known is not None
    assert (known.accounts, known.asked_at) == (0, due - timedelta(hours=10))
    assert (await plan(world)).next_at == due + timedelta(days=1)


async def test_a_failure_is_kept_tried_again_in_the_same_night_and_forgotten(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    await world.add_endpoint(erp.url)
    await rounds(pulls)
    world.clock.moment = due = (await plan(world)).next_at
    erp.kill()
    assert await rounds(pulls) == 1
    failed = await plan(world)
    assert (failed.failures, failed.failed_at, failed.next_at) == (1, due, due + timedelta(minutes=30))
    assert failed.problem
    world.clock.moment = failed.next_at
    await rounds(pulls)
    assert (await plan(world)).failures == 2
    erp.restart()
    world.clock.moment = (await plan(world)).next_at
    await rounds(pulls)
    assert await chart(world) is not None
    done = await plan(world)
    assert (done.failures, done.failed_at, done.problem) == (0, None, None)


async def test_a_wrong_token_is_kept_as_a_failure(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    await world.add_endpoint(erp.url, credentials=None)
    await rounds(pulls)
    world.clock.moment = (await plan(world)).next_at
    await rounds(pulls)
    assert await chart(world) is None
    assert "401" in str((await plan(world)).problem) or "credentials" in str((await plan(world)).problem)


async def test_neither_paused_nor_polled_endpoints_are_asked_and_none_by_day(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    endpoint = await world.add_endpoint(erp.url, paused=True)
    await rounds(pulls)
    world.clock.moment = (await plan(world)).next_at
    assert (await rounds(pulls), await chart(world)) == (0, None)
    world.clock.forward(hours=9)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.endpoints.put(replace(endpoint, paused=False))
        await uow.commit()
    assert (await rounds(pulls), await chart(world)) == (1, None), "it waits for the next night"
    assert (await plan(world)).next_at == tonight(world)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.endpoints.put(replace(endpoint, paused=False, delivery="poll"))
        await uow.commit()
    world.clock.moment = (await plan(world)).next_at
    assert (await rounds(pulls), await chart(world)) == (0, None)


async def test_one_worker_of_many_asks_and_a_dead_ones_claim_runs_out(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    await world.add_endpoint(erp.url)
    await rounds(pulls)
    world.clock.moment = due = (await plan(world)).next_at
    claims = PostgresPullClaims(world.engine)
    until = due + timedelta(minutes=15)
    won = [each for each in await asyncio.gather(*(claims.claim(due, until) for _ in range(5))) if each is not None]
    assert len(won) == 1, "the others pass it by"
    assert await rounds(pulls) == 0
    world.clock.moment = until
    assert await rounds(pulls) == 1
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.chart_pulls.settle(won[0], PullState(next_at=due, failures=9, failed_at=due, problem="too late"))
        await uow.commit()
    assert (await plan(world)).failures == 0, "the word of who lost the claim is void"


async def test_credentials_that_do_not_open_are_a_failure_and_no_accident(world: World, erp: ReferenceErp, pulls: PullCharts) -> None:
    await world.add_endpoint(erp.url, credentials=b"\x00nonsense")
    await rounds(pulls)
    world.clock.moment = (await plan(world)).next_at
    await rounds(pulls)
    assert "sealed" in str((await plan(world)).problem)
