"""Lanes of one endpoint that store and begin their calls together: few statements, and each lane stands for itself. The ERP is real."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import text

from app.application.next_call import Called, make
from app.application.ports.delivery import Attempt, Lane
from app.application.turn_group import Turn
from app.domain.delivery import Purpose
from app.domain.journal import JournalStatus
from tests.events import entry
from tests.reference_erp_process import ReferenceErp
from tests.world import LEASE_SECONDS, World

pytestmark = pytest.mark.anyio


async def claimed(world: World, count: int) -> list[Lane]:
    """So many new journals, each at the head of a lane that is leased."""
    before = len(await world.journals())
    for number in range(before, before + count):
        await world.record(f"entry-{number}", "entry.recorded", entry(f"T-{number}"))
    claims = world.operations.send_journals._claims
    return list(await claims.claim(per_endpoint=50, now=world.clock.now(), lease_seconds=LEASE_SECONDS, most=50))


async def deliver(world: World, lanes: list[Lane]) -> list[BaseException | None]:
    ends_at = world.clock.now() + timedelta(days=1)
    return await asyncio.gather(*(world.operations.deliver(lane, ends_at) for lane in lanes), return_exceptions=True)


async def attempts(world: World) -> list[Attempt]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each for journal in await world.journals() for each in await uow.attempts.of_journal(journal.id)]


async def execute(world: World, sql: str, **values: object) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(text(sql), {"tenant_id": world.tenant_id, **values})


async def test_twenty_lanes_take_as_many_statements_as_five(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, max_concurrency=50)
    take_turns = world.operations.deliver._take_turns
    said: list[str] = []
    sql_event.listen(world.engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    taken = []
    for count in (5, 20):
        lanes = await claimed(world, count)
        calls: list[Called | None] = [None] * count
        statements = []
        for purpose in (Purpose.VALIDATE, Purpose.SEND, None):
            said.clear()
            turns = zip(lanes, calls, strict=True)
            ends_at = world.clock.now() + timedelta(days=1)
            steps = await take_turns([Turn(lane=lane, called=called, ends_at=ends_at) for lane, called in turns])
            statements.append(len(said))
            assert [step and step.prepared.purpose for step in steps] == [purpose] * count
            calls = [await make(step) for step in steps if step is not None]
        taken.append(statements)
    assert set(await world.statuses()) == {JournalStatus.SENT}
    assert taken == [[7, 3, 4], [6, 3, 4]], "the first of all tells claims how many journals a call carries"


async def test_a_journal_that_cannot_be_read_holds_back_no_other(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    lanes = await claimed(world, 4)
    poisoned = (await world.journals())[1]
    change = "UPDATE journal SET problems = CAST(:problems AS jsonb) WHERE tenant_id = :tenant_id AND journal_id = :journal_id"
    await execute(world, change, problems='[{"no": "problem"}]', journal_id=poisoned.id)
    results = await deliver(world, lanes)
    assert sorted(type(result) is TypeError for result in results) == [False, False, False, True]
    await execute(world, change, problems="[]", journal_id=poisoned.id)
    sent, open_ = JournalStatus.SENT, JournalStatus.OPEN
    assert await world.statuses() == [sent, open_, sent, sent]
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    await world.deliver()
    assert await world.statuses() == [sent] * 4


async def test_a_lease_that_is_lost_during_a_call_loses_that_lane_alone(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    lanes = await claimed(world, 3)
    lost = lanes[1]
    erp.fault("slow", on="validate", seconds=1, times=3)
    under_way = asyncio.create_task(deliver(world, lanes))
    while len(await attempts(world)) < 3:
        await asyncio.sleep(0.01)
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    claims = world.operations.send_journals._claims
    key = (lost.tenant_id, lost.endpoint, lost.lane_key)
    newer = await claims.claim_one(*key, now=world.clock.now(), lease_seconds=LEASE_SECONDS)
    assert newer is not None
    assert await under_way == [None] * 3
    by_lane = {journal.lane_key: journal for journal in await world.journals()}
    assert {key: journal.status for key, journal in by_lane.items()} == {
        lane.lane_key: JournalStatus.OPEN if lane is lost else JournalStatus.SENT for lane in lanes
    }
    async with world.units_of_work(world.tenant_id) as uow:
        (only,) = await uow.attempts.of_journal(by_lane[lost.lane_key].id)
    assert only.outcome == "validation", "what came back is kept, and says nothing about the journal"
    await deliver(world, [newer])
    assert await world.statuses() == [JournalStatus.SENT] * 3
