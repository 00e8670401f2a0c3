"""Limits of an endpoint over all workers, its circuit breaker, and lanes that are blocked and go on. Only the clock is a fake."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.adapters.postgres.lanes import PostgresLaneClaims
from app.application.configure.resume_endpoint import ResumeEndpoint
from app.application.ports.delivery import Attempt, Lane
from app.application.ports.journal_sets import Mark
from app.application.select_journals import Selection
from app.domain.breaker import FIRST_PAUSE, THRESHOLD, Breaker
from app.domain.delivery import Purpose
from app.domain.errors import ErpDidNotAnswer
from app.domain.journal import JournalStatus
from app.domain.retry import SCHEDULE
from tests.events import entry, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import LEASE_SECONDS, World, in_place

pytestmark = pytest.mark.anyio

ALONE = {"time_limit_seconds": 5, "timeout_seconds": 2, "batch_max": 1}
"""Settings by which each journal is a call of its own, where calls are counted."""
NOWHERE = "http://127.0.0.1:9"


async def entries(world: World, count: int, first: int = 1) -> None:
    """So many journals, each in a lane of its own."""
    for number in range(first, first + count):
        await world.record(f"entry-{number}", "entry.recorded", entry(f"T-{number}"))


async def attempts(world: World) -> list[Attempt]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each for journal in await world.journals() for each in await uow.attempts.of_journal(journal.id)]


async def breaker(world: World) -> Breaker:
    async with world.units_of_work(world.tenant_id) as uow:
        return await uow.dispatch.lock_breaker("erp")


async def set_breaker(world: World, wanted: Breaker) -> None:
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.dispatch.set_breaker("erp", wanted)
        await uow.commit()


async def bucket_full_at(world: World) -> datetime:
    async with world.engine.connect() as connection:
        found: datetime = (await connection.execute(text("SELECT bucket_full_at FROM endpoint_flow"))).scalar_one()
    return found


async def claim(world: World, claims: PostgresLaneClaims | None = None, per_endpoint: int = 50, most: int = 50) -> list[Lane]:
    claims = claims or PostgresLaneClaims(world.engine)
    return list(await claims.claim(per_endpoint=per_endpoint, now=world.clock.now(), lease_seconds=LEASE_SECONDS, most=most))


async def test_the_rate_limit_holds_over_two_workers(world: World, erp: ReferenceErp) -> None:
    """12 calls a minute: 12 at once, then one every five seconds, whoever makes them."""
    await world.add_endpoint(erp.url, rate_limit_per_minute=12, settings=ALONE)
    await entries(world, 20)
    workers = [world.worker(), world.worker()]
    calls = []
    for _ in range(4):
        for _ in range(6):
            await asyncio.gather(*(worker.start_due() for worker in workers))
            await asyncio.gather(*(worker.finish() for worker in workers))
        calls.append(len(await attempts(world)))
        world.clock.forward(seconds=30)
    assert calls == [12, 18, 24, 30]
    assert await world.statuses() == [JournalStatus.SENT] * 15 + [JournalStatus.OPEN] * 5


async def test_tokens_that_were_not_used_go_back(world: World) -> None:
    await world.add_endpoint(NOWHERE, rate_limit_per_minute=20, max_concurrency=4)
    await entries(world, 4)
    claims = PostgresLaneClaims(world.engine)
    first = await claim(world, claims, per_endpoint=2)
    assert [lane.allowance.left for lane in first] == [10, 10]
    assert await claim(world) == [], "nothing is left for another worker"
    for lane in first:
        lane.allowance.take()
        claims.ended(lane)
    assert sum(lane.allowance.left for lane in await claim(world, claims)) == 18


async def test_what_a_person_asks_for_is_not_refused_and_workers_wait_for_it(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, rate_limit_per_minute=1, release="manual")
    await entries(world, 2)
    for journal in await world.journals():
        sent = await world.operations.send_journals.retry(world.tenant_id, journal.id, "ops")
        assert sent.status is JournalStatus.SENT
    await world.add_endpoint(erp.url, rate_limit_per_minute=1)
    await entries(world, 1, first=3)
    for _ in range(3):
        assert await claim(world) == []
        world.clock.forward(minutes=1)
    world.clock.forward(minutes=1)
    assert len(await claim(world)) == 1


async def test_no_more_lanes_are_leased_than_the_endpoint_allows(world: World) -> None:
    await world.add_endpoint(NOWHERE, max_concurrency=3)
    await entries(world, 12)
    rounds = [await asyncio.gather(*(claim(world, per_endpoint=2) for _ in range(8))) for _ in range(3)]
    assert sum(len(lanes) for together in rounds for lanes in together) == 3
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    assert len(await claim(world)) == 3


async def test_a_claim_is_bounded_and_every_endpoint_has_its_turn(world: World) -> None:
    for name in ("erp", "other", "third"):
        await world.add_endpoint(NOWHERE, name=name, credentials=None, max_concurrency=8)
    await entries(world, 8)
    lanes = await claim(world, per_endpoint=2, most=5)
    assert len(lanes) == 5
    assert max(Counter(lane.endpoint for lane in lanes).values()) == 2
    await claim(world)
    assert await claim(world) == []


async def test_an_erp_that_is_down_is_left_alone_and_then_probed_by_one(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, max_concurrency=8, settings=ALONE)
    erp.kill()
    await entries(world, 12)
    await world.deliver()
    made = len(await attempts(world))
    assert THRESHOLD <= made <= 8, "at most what was under way together"
    opened = await breaker(world)
    assert opened.is_open(world.clock.now())
    world.clock.forward(seconds=FIRST_PAUSE.total_seconds() * 1.2)
    await world.deliver()
    assert len(await attempts(world)) == made + 1, "one probe"
    assert (await breaker(world)).failures == THRESHOLD + 1
    assert len({each.journal_id for each in await attempts(world)}) == made + 1, "the held ones have burnt no try"
    erp.restart()
    world.clock.forward(seconds=2 * FIRST_PAUSE.total_seconds() * 1.2)
    await world.deliver()
    assert await breaker(world) == Breaker()
    world.clock.forward(minutes=10)
    await world.deliver()
    assert set(await world.statuses()) == {JournalStatus.SENT}


async def validate_all(world: World) -> None:
    """What a person asks for, answered in place."""
    selection = Selection(journal_ids=tuple(journal.id for journal in await world.journals()))
    in_place(await world.operations.validate_journals(world.tenant_id, selection, "ops"))


async def test_what_a_person_has_validated_tells_the_breaker_too(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, release="manual")
    await entries(world, THRESHOLD)
    erp.kill()
    await validate_all(world)
    opened = await breaker(world)
    assert opened.failures == THRESHOLD
    assert opened.is_open(world.clock.now())
    await world.add_endpoint(erp.url, max_concurrency=8)
    await entries(world, 1, first=THRESHOLD + 1)
    assert await claim(world) == [], "workers leave it alone"
    erp.restart()
    await validate_all(world)
    assert await breaker(world) == Breaker()
    assert len(await claim(world)) == 1


async def test_throttling_that_a_person_meets_holds_the_endpoint(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, release="manual")
    await entries(world, 1)
    erp.fault("throttle", on="validate", retry_after=120, times=1)
    await validate_all(world)
    held = await breaker(world)
    assert held.open_until is not None
    assert held.open_until >= world.clock.now() + timedelta(seconds=120)


async def test_a_key_that_a_persons_call_finds_refused_pauses_the_endpoint(world: World, erp: ReferenceErp) -> None:
    sealed = world.secrets.seal(b'{"token": "wrong"}', f"erp_endpoint/{world.tenant_id}/erp")
    await world.add_endpoint(erp.url, release="manual", credentials=sealed)
    await entries(world, 1)
    await validate_all(world)
    async with world.units_of_work(world.tenant_id) as uow:
        endpoint = await uow.endpoints.get("erp")
    assert endpoint is not None
    assert (endpoint.paused, endpoint.awaits_sign_in) == (True, True)
    assert await world.statuses() == [JournalStatus.OPEN]


async def test_a_look_up_that_a_person_needs_costs_and_counts_as_any_call(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, rate_limit_per_minute=60, settings=ALONE)
    await entries(world, 1)
    erp.fault("fail", on="send", status=500, times=1)
    await world.deliver()
    erp.fault("fail", on="find", status=500)
    (journal,) = await world.journals()
    assert journal.status is JournalStatus.UNKNOWN
    failed = (await breaker(world)).failures
    mark = Mark(reason_code="not_required", reason="a test", number=None)
    full = await bucket_full_at(world)
    with pytest.raises(ErpDidNotAnswer):
        await world.operations.mark_as_sent(world.tenant_id, [journal.id], mark, "ops")
    assert (await breaker(world)).failures == failed + 1
    assert await bucket_full_at(world) == full + timedelta(seconds=1)


async def test_throttling_holds_the_whole_endpoint_as_long_as_the_erp_asks(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, max_concurrency=1)
    erp.fault("throttle", on="validate", retry_after=90, times=1)
    await entries(world, 3)
    await world.deliver()
    assert len(await attempts(world)) == 1
    assert await breaker(world) == Breaker(open_until=(await breaker(world)).open_until)
    world.clock.forward(seconds=89)
    await world.deliver()
    assert len(await attempts(world)) == 1
    world.clock.forward(seconds=1)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT] * 3


async def test_a_breaker_that_opens_meanwhile_stops_the_lanes_under_way(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await entries(world, 1)
    (lane,) = await claim(world)
    await set_breaker(world, Breaker(failures=THRESHOLD, open_until=world.clock.now() + FIRST_PAUSE))
    await world.operations.deliver(lane, world.clock.now() + FIRST_PAUSE)
    assert await attempts(world) == []
    await set_breaker(world, Breaker())
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]


async def test_an_erp_that_is_down_for_the_whole_schedule_ends_in_failed_and_can_be_resumed(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    erp.kill()
    await entries(world, 1)
    for _ in range(len(SCHEDULE) + 1):
        await world.deliver()
        world.clock.forward(hours=13)
    assert await world.statuses() == [JournalStatus.FAILED]
    assert len(await attempts(world)) == len(SCHEDULE) + 1
    await world.deliver()
    assert len(await attempts(world)) == len(SCHEDULE) + 1
    erp.restart()
    (journal,) = await world.journals()
    await world.operations.send_journals.retry(world.tenant_id, journal.id, "ops")
    assert await world.statuses() == [JournalStatus.SENT]


async def test_a_lane_goes_on_once_its_head_is_marked_as_sent(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    await world.deliver()
    first, second = await world.journals()
    assert (first.status, second.status) == (JournalStatus.INVALID, JournalStatus.OPEN)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.journals.update(replace(first, status=JournalStatus.MARKED_AS_SENT, reason_code="not_required"), "mark", actor="ops")
        await uow.dispatch.finish(first.id)
        await uow.dispatch.wake(first.id, world.clock.now())
        await uow.commit()
    await world.deliver()
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": True})
    later = (await world.journals())[1]
    if later.status is JournalStatus.INVALID:
        await world.operations.send_journals.retry(world.tenant_id, later.id, "ops")
    assert await world.statuses() == [JournalStatus.MARKED_AS_SENT, JournalStatus.SENT]


async def test_a_hold_that_comes_during_a_call_stays(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await entries(world, 1)
    (journal,) = await world.journals()
    erp.fault("slow", on="validate", seconds=1, times=1)
    under_way = asyncio.create_task(world.deliver())
    while not await attempts(world):
        await asyncio.sleep(0.01)
    await world.operations.send_journals.hold(world.tenant_id, journal.id, "ops", held=True)
    await under_way
    (journal,) = await world.journals()
    assert (journal.held, journal.status) == (True, JournalStatus.OPEN), "and a verdict about an older version counts for nothing"
    await world.operations.send_journals.hold(world.tenant_id, journal.id, "ops", held=False)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]
    assert [each.purpose for each in await attempts(world)] == [Purpose.VALIDATE, Purpose.VALIDATE, Purpose.SEND]


async def test_resuming_an_endpoint_closes_its_breaker(world: World) -> None:
    await world.add_endpoint(NOWHERE)
    await set_breaker(world, Breaker(failures=9, open_until=world.clock.now() + FIRST_PAUSE))
    await ResumeEndpoint(world.units_of_work, world.secrets)(world.tenant_id, "ops", "erp")
    assert await breaker(world) == Breaker()


async def test_a_worker_that_is_told_to_stop_gives_its_lanes_back(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await entries(world, 1)
    erp.fault("slow", on="validate", seconds=1, times=1)
    worker = world.worker()
    running = asyncio.create_task(worker.run(grace_seconds=20))
    while not await attempts(world):
        await asyncio.sleep(0.01)
    worker.stop()
    await running
    assert [(each.purpose, each.outcome) for each in await attempts(world)] == [(Purpose.VALIDATE, "validation")]
    assert await world.statuses() == [JournalStatus.VALID]
    assert len(await claim(world)) == 1, "the lease was given back, and the lane is due"


async def test_what_a_person_validated_anew_during_a_call_is_what_is_sent(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await entries(world, 1)
    (journal,) = await world.journals()
    erp.fault("slow", on="validate", seconds=1, times=1)
    under_way = asyncio.create_task(world.deliver())
    while not await attempts(world):
        await asyncio.sleep(0.01)
    other_day = journal.accounting_date + timedelta(days=1)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.journals.update(replace(journal, status=JournalStatus.VALID, posting_date=other_day), "redate", actor="ops")
        await uow.commit()
    await under_way
    _, sent = erp.call("GET", f"/journals/{journal.reference}")
    assert sent["accounting_date"] == str(other_day)
