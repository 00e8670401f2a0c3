"""Several journals in one call: each keeps its own lane, attempt and outcome, and one call costs one call. The ERP is real."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.adapters.postgres.lanes import PostgresLaneClaims
from app.application import compose_calls
from app.application.ports.delivery import Attempt, Lane
from app.domain.breaker import Breaker
from app.domain.delivery import Purpose
from app.domain.journal import JournalStatus
from tests.events import entry, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import CHART, LEASE_SECONDS, World, make_world

pytestmark = pytest.mark.anyio

SENT = JournalStatus.SENT
SETTINGS = {"time_limit_seconds": 5, "timeout_seconds": 2}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with make_world(database_url) as world:
        yield world


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(CHART)
        yield erp


async def endpoint(world: World, url: str, *, batch_max: int = 50, **changes: Any) -> None:
    """An endpoint of which claims know how many journals a call carries."""
    await world.add_endpoint(url, settings=SETTINGS | {"batch_max": batch_max}, **changes)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.turns.learn("erp", batch_max)
        await uow.commit()


async def entries(world: World, count: int) -> None:
    for number in range(count):
        await world.record(f"entry-{number}", "entry.recorded", entry(f"T-{number}"))


async def claim(world: World) -> list[Lane]:
    claims = PostgresLaneClaims(world.engine)
    return list(await claims.claim(per_endpoint=50, now=world.clock.now(), lease_seconds=LEASE_SECONDS, most=50))


async def attempts(world: World) -> list[Attempt]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each for journal in await world.journals() for each in await uow.attempts.of_journal(journal.id)]


async def begun(world: World, count: int) -> None:
    while len(await attempts(world)) < count:
        await asyncio.sleep(0.01)


async def rows(world: World, sql: str) -> list[Any]:
    async with world.engine.begin() as connection:
        return list((await connection.execute(text(sql), {"tenant_id": world.tenant_id})).all())


def calls(world: World, purpose: str) -> float:
    labels = {"tenant": str(world.tenant_id), "endpoint": "erp", "purpose": purpose}
    return world.metrics.registry.get_sample_value("glint_delivery_calls_total", labels) or 0


def booked(erp: ReferenceErp) -> list[str]:
    return [journal["reference"] for journal in erp.call("GET", "/journals")[1]["journals"]]


async def deliver(world: World, lanes: list[Lane]) -> list[BaseException | None]:
    ends_at = world.clock.now() + timedelta(days=1)
    return await asyncio.gather(*(world.operations.deliver(lane, ends_at) for lane in lanes), return_exceptions=True)


async def test_twelve_journals_are_two_calls_that_are_stored_once(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url)
    await entries(world, 12)
    await world.deliver()
    journals = await world.journals()
    assert {journal.status for journal in journals} == {SENT}
    assert (calls(world, "validate"), calls(world, "send")) == (1, 1)
    made = await attempts(world)
    assert [each.purpose for each in made] == [Purpose.VALIDATE, Purpose.SEND] * 12
    for each in made:
        assert all(journal.reference in each.request and journal.reference in str(each.response) for journal in journals)
    bodies = (
        "SELECT count(*) FILTER (WHERE request <> ''), count(response), count(DISTINCT call_id) FROM attempt WHERE tenant_id = :tenant_id"
    )
    assert [tuple(row) for row in await rows(world, bodies)] == [(2, 2, 2)]


async def test_one_at_a_time_where_the_erp_takes_no_more(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url, batch_max=1)
    await entries(world, 5)
    assert not any(lane.rides for lane in await claim(world))
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    await world.deliver()
    assert await world.statuses() == [SENT] * 5
    assert (calls(world, "validate"), calls(world, "send")) == (5, 5)
    assert {each.call_id for each in await attempts(world)} == {None}


async def test_how_much_a_call_carries_is_learnt_and_unlearnt(world: World, erp: ReferenceErp) -> None:
    """What claims know may be old: lanes that find no place in a call then are given back, and no call is too large."""
    await world.add_endpoint(erp.url, settings=SETTINGS | {"batch_max": 3})
    await entries(world, 1)
    await world.deliver()
    await world.record("o-1", "order.created", order("PO-1"))
    learnt = "SELECT batch_max FROM endpoint_flow WHERE tenant_id = :tenant_id"
    assert [row.batch_max for row in await rows(world, learnt)] == [3]
    await world.add_endpoint(erp.url, settings=SETTINGS | {"batch_max": 1}, max_concurrency=1)
    await world.record("o-2", "order.created", order("PO-2"))
    lanes = await claim(world)
    assert [lane.rides for lane in lanes] == [False, True]
    assert await deliver(world, lanes) == [None, None]
    assert await world.statuses() == [SENT, SENT, JournalStatus.OPEN]
    assert [row.batch_max for row in await rows(world, learnt)] == [1]
    await world.deliver()
    assert await world.statuses() == [SENT] * 3


async def test_a_call_is_one_of_the_rate_and_of_the_concurrency(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url, rate_limit_per_minute=2, max_concurrency=1)
    await entries(world, 12)
    lanes = await claim(world)
    assert [lane.rides for lane in lanes] == [False] + [True] * 11
    assert await claim(world) == []
    assert await deliver(world, lanes) == [None] * 12
    assert await world.statuses() == [SENT] * 12
    assert [lane.allowance.left for lane in lanes] == [0] * 12


async def test_as_many_lanes_lead_as_calls_are_needed(world: World) -> None:
    await endpoint(world, "http://127.0.0.1:9", batch_max=4, max_concurrency=2)
    await entries(world, 12)
    assert [sum(lane.rides for lane in lanes) for lanes in (await claim(world), await claim(world))] == [6, 0]


async def test_a_batch_that_is_partly_refused_ends_with_each_journals_own_truth(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url)
    erp.fault("reject_some", on="send", times=1)
    await entries(world, 12)
    await world.deliver()
    journals = await world.journals()
    assert {journal.status for journal in journals} == {SENT, JournalStatus.REJECTED}
    assert sorted(booked(erp)) == [journal.reference for journal in journals if journal.status is SENT]
    assert all(bool(journal.problems) == (journal.status is JournalStatus.REJECTED) for journal in journals)
    for journal in journals:
        if journal.status is not SENT:
            await world.operations.send_journals.retry(world.tenant_id, journal.id, "ops")
    assert await world.statuses() == [SENT] * 12


async def test_verdicts_differ_too_and_who_is_left_without_a_call_has_the_next(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url, max_concurrency=1)
    erp.fault("reject_some", on="validate", times=1)
    await entries(world, 12)
    await world.deliver()
    assert set(await world.statuses()) == {SENT, JournalStatus.INVALID}
    sent = [journal.reference for journal in await world.journals() if journal.status is SENT]
    assert sorted(booked(erp)) == sent


async def test_a_batch_whose_answer_was_lost_is_looked_up_journal_by_journal(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url, max_concurrency=2)
    erp.fault("book_then_drop", times=1)
    await entries(world, 6)
    await world.deliver()
    assert await world.statuses() == [SENT] * 6
    assert sorted(booked(erp)) == [journal.reference for journal in await world.journals()]
    assert [each.outcome for each in await attempts(world)] == ["validation", "unknown", "found_booked"] * 6
    assert (calls(world, "send"), calls(world, "find")) == (1, 6)


async def test_a_throttled_batch_burns_no_try_and_keeps_the_order(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url)
    for number in range(4):
        await world.record(f"o-{number}", "order.created", order(f"PO-{number}"))
        await world.record(f"r-{number}", "goods.received", receipt(f"PO-{number}", quantity="2"))
    erp.fault("throttle", on="send", retry_after=90, times=1)
    await world.deliver()
    assert calls(world, "send") == 1
    assert {row.failures for row in await rows(world, "SELECT failures FROM delivery WHERE tenant_id = :tenant_id")} == {0}
    world.clock.forward(seconds=90)
    await world.deliver()
    assert await world.statuses() == [SENT] * 8
    order_of = {journal.reference: (journal.lane_key, journal.sequence) for journal in await world.journals()}
    for lane_key in {lane_key for lane_key, _ in order_of.values()}:
        places = [order_of[reference][1] for reference in booked(erp) if order_of[reference][0] == lane_key]
        assert places == sorted(places)
    assert calls(world, "send") == 3, "the throttled one, then the first and the second journal of each order"


async def test_a_batch_that_fails_is_one_failure_of_the_endpoint(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url)
    erp.kill()
    await entries(world, 12)
    await world.deliver()
    made = await rows(world, "SELECT DISTINCT coalesce(call_id, attempt_id) FROM attempt WHERE tenant_id = :tenant_id")
    assert len(made) < 12, "the first call tells how many the next may carry"
    async with world.units_of_work(world.tenant_id) as uow:
        assert await uow.dispatch.lock_breaker("erp") == Breaker(failures=len(made))
    assert {row.failures for row in await rows(world, "SELECT failures FROM delivery WHERE tenant_id = :tenant_id")} == {1}


@pytest.mark.parametrize("lost", [0, 2])
async def test_a_lease_that_is_lost_loses_that_lane_alone(world: World, erp: ReferenceErp, lost: int) -> None:
    await endpoint(world, erp.url)
    await entries(world, 4)
    lanes = await claim(world)
    erp.fault("slow", on="send", seconds=1, times=1)
    under_way = asyncio.create_task(deliver(world, lanes))
    await begun(world, 8)
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    newer = await PostgresLaneClaims(world.engine).claim_one(
        world.tenant_id, "erp", lanes[lost].lane_key, now=world.clock.now(), lease_seconds=LEASE_SECONDS
    )
    assert newer is not None
    assert await under_way == [None] * 4
    statuses = {journal.lane_key: journal.status for journal in await world.journals()}
    assert statuses == {lane.lane_key: JournalStatus.SENDING if lane is lanes[lost] else SENT for lane in lanes}
    await deliver(world, [newer])
    assert await world.statuses() == [SENT] * 4
    assert len(booked(erp)) == 4


async def test_a_lane_that_is_cancelled_leaves_the_others_their_answer(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url)
    await entries(world, 4)
    lanes = await claim(world)
    erp.fault("slow", on="send", seconds=1, times=1)
    ends_at = world.clock.now() + timedelta(days=1)
    tasks = [asyncio.create_task(world.operations.deliver(lane, ends_at)) for lane in lanes]
    await begun(world, 8)
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) is asyncio.CancelledError for result in results] == [True, False, False, False]
    by_lane = {journal.lane_key: journal.status for journal in await world.journals()}
    assert [by_lane[lane.lane_key] for lane in lanes] == [JournalStatus.SENDING, SENT, SENT, SENT]
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    await world.deliver()
    assert await world.statuses() == [SENT] * 4
    assert len(booked(erp)) == 4


async def test_a_call_that_nobody_waits_for_any_more_is_cancelled(world: World, erp: ReferenceErp) -> None:
    await endpoint(world, erp.url)
    await entries(world, 3)
    lanes = await claim(world)
    erp.fault("hold", on="send", times=1)
    before = asyncio.all_tasks()
    ends_at = world.clock.now() + timedelta(days=1)
    tasks = [asyncio.create_task(world.operations.deliver(lane, ends_at)) for lane in lanes]
    await begun(world, 6)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    left = asyncio.all_tasks() - before
    await asyncio.wait_for(asyncio.gather(*left, return_exceptions=True), timeout=1)


async def test_a_body_that_would_be_too_large_is_cut(world: World, erp: ReferenceErp, monkeypatch: pytest.MonkeyPatch) -> None:
    await endpoint(world, erp.url)
    await entries(world, 8)
    monkeypatch.setattr(compose_calls, "MOST_BYTES", 2_000)
    await world.deliver()
    assert await world.statuses() == [SENT] * 8
    assert max(len(each.request) for each in await attempts(world)) <= 2_000
    assert 2 <= calls(world, "send") < 8


async def test_a_lane_that_makes_its_own_calls_never_rides(world: World) -> None:
    await endpoint(world, "http://127.0.0.1:9", max_concurrency=2)
    await entries(world, 2)
    world.clock.forward(seconds=1)
    async with world.engine.begin() as connection:
        add = "INSERT INTO lane (tenant_id, endpoint, lane_key, due_at) VALUES (:tenant_id, 'erp', 'batch:1', :now)"
        await connection.execute(text(add), {"tenant_id": world.tenant_id, "now": world.clock.now()})
    assert sorted(lane.rides for lane in await claim(world)) == [False, True]
    assert [(lane.lane_key, lane.rides) for lane in await claim(world)] == [("batch:1", False)]
