"""Delivery to a real ERP over HTTP: validated, sent once, in order, whatever breaks on the way. Only the clock is a fake."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.application.ports.delivery import Attempt
from app.application.select_journals import Selection
from app.domain.delivery import Purpose
from app.domain.errors import JournalAlreadySent, JournalBlocked, JournalNotValid
from app.domain.journal import JournalStatus
from tests.events import entry, invoice, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import CHART, LEASE_SECONDS, World, in_place

pytestmark = pytest.mark.anyio


async def purchase(world: World) -> None:
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    await world.record("e3", "invoice.matched", invoice(quantity="2", amount="20.00"))


def booked(erp: ReferenceErp) -> list[str]:
    """The references in the ERP's ledger, in its own order."""
    _, listed = erp.call("GET", "/journals")
    return [journal["reference"] for journal in listed["journals"]]


async def attempts(world: World) -> list[Attempt]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each for journal in await world.journals() for each in await uow.attempts.of_journal(journal.id)]


async def test_a_purchase_is_validated_and_booked_in_order(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await purchase(world)
    await world.deliver()
    journals = await world.journals()
    assert [journal.status for journal in journals] == [JournalStatus.SENT] * 3
    assert booked(erp) == [journal.reference for journal in journals]
    assert [journal.number for journal in journals] == ["JE-1", "JE-2", "JE-3"]
    assert [each.purpose for each in await attempts(world)] == [Purpose.VALIDATE, Purpose.SEND] * 3


async def test_the_same_worker_again_sends_nothing(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await purchase(world)
    await world.deliver()
    before = await attempts(world)
    world.clock.forward(days=2)
    await world.deliver()
    assert await attempts(world) == before
    assert len(booked(erp)) == 3


async def test_an_erp_that_is_down_is_tried_again_later(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    erp.kill()
    await purchase(world)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.OPEN] * 3
    assert len(await attempts(world)) == 1
    erp.restart()
    await world.deliver()
    assert len(await attempts(world)) == 1, "not before its time"
    world.clock.forward(seconds=10)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT] * 3


async def test_a_booking_whose_answer_was_lost_is_found_and_not_sent_again(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    erp.fault("book_then_drop", times=1)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]
    assert [each.purpose for each in await attempts(world)] == [Purpose.VALIDATE, Purpose.SEND, Purpose.FIND]
    assert len(booked(erp)) == 1


async def test_what_is_not_found_is_sent_again_only_after_the_time_limit(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    erp.fault("fail", status=500, times=1)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.UNKNOWN]
    world.clock.forward(seconds=3)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.UNKNOWN]
    world.clock.forward(seconds=3)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]
    assert len(booked(erp)) == 1


async def test_a_worker_that_died_in_a_send_leaves_it_to_be_looked_up(world: World, erp: ReferenceErp) -> None:
    """The attempt is committed and the ERP has booked, but the worker never came back to say so."""
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    async with world.units_of_work(world.tenant_id) as uow:
        document = await uow.journals.document(journal)
        endpoint = await uow.endpoints.get("erp")
        assert endpoint is not None
        connection = world.operations.validate_journals.one._connect(world.tenant_id, endpoint)
        prepared = connection.prepare(Purpose.SEND, [document])
        await uow.attempts.start(
            Attempt(
                id=world.tenant_id,
                journal_id=journal.id,
                purpose=Purpose.SEND,
                fence=1,
                started_at=world.clock.now(),
                request=prepared.body,
            )
        )
        await uow.journals.update(replace(journal, status=JournalStatus.SENDING), "test")
        await uow.commit()
    await connection.send(prepared)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]
    assert [each.outcome for each in await attempts(world)] == ["unknown", "found_booked"]
    assert len(booked(erp)) == 1


async def test_a_lost_lease_says_nothing_about_the_journal(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    claims = world.operations.send_journals._claims
    now = world.clock.now()
    (old,) = await claims.claim(per_endpoint=1, now=now, lease_seconds=LEASE_SECONDS)
    assert await claims.claim(per_endpoint=1, now=now, lease_seconds=LEASE_SECONDS) == []
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    (new,) = await claims.claim(per_endpoint=1, now=world.clock.now(), lease_seconds=LEASE_SECONDS)
    assert new.fence == old.fence + 1
    await world.operations.deliver(old, now + timedelta(days=1))
    assert await world.statuses() == [JournalStatus.OPEN]
    await world.operations.deliver(new, world.clock.now() + timedelta(seconds=LEASE_SECONDS))
    assert await world.statuses() == [JournalStatus.SENT]


async def test_a_rejected_journal_holds_back_the_later_ones_of_its_order_alone(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    erp.load_chart({code: kind for code, kind in CHART.items() if code != "E1"} | {"E1": "expense"})
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    await purchase(world)
    await world.record("e9", "entry.recorded", entry())
    await world.deliver()
    first, second, third, takings = await world.journals()
    assert [first.status, second.status, third.status] == [JournalStatus.INVALID, JournalStatus.OPEN, JournalStatus.OPEN]
    assert [problem.line for problem in first.problems] == [2]
    assert takings.status is JournalStatus.SENT
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": True})
    await world.operations.send_journals.retry(world.tenant_id, first.id, "ops")
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT] * 4


async def test_a_refused_key_pauses_the_endpoint_and_loses_nothing(world: World, erp: ReferenceErp) -> None:
    sealed = world.secrets.seal(b'{"token": "wrong"}', f"erp_endpoint/{world.tenant_id}/erp")
    good = await world.add_endpoint(erp.url)
    await world.add_endpoint(erp.url, credentials=sealed)
    await world.record("e1", "order.created", order())
    await world.deliver()
    async with world.units_of_work(world.tenant_id) as uow:
        endpoint = await uow.endpoints.get("erp")
        assert endpoint is not None
        assert endpoint.paused
        assert endpoint.paused_reason
    await world.add_endpoint(erp.url, credentials=good.credentials, paused=False)
    world.clock.forward(seconds=1)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]


async def test_manual_release_waits_for_a_person(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, release="manual")
    await purchase(world)
    await world.deliver()
    journals = await world.journals()
    assert [journal.status for journal in journals] == [JournalStatus.OPEN] * 3
    send, validate = world.operations.send_journals, world.operations.validate_journals
    everything = Selection(journal_ids=tuple(journal.id for journal in journals))
    with pytest.raises(JournalNotValid):
        await send(world.tenant_id, everything, "ops")
    assert {journal.status for journal in in_place(await validate(world.tenant_id, everything, "ops"))} == {JournalStatus.VALID}
    with pytest.raises(JournalBlocked):
        await send(world.tenant_id, Selection(journal_ids=(journals[1].id,)), "ops")
    sent = in_place(await send(world.tenant_id, everything, "ops"))
    assert [journal.status for journal in sent] == [JournalStatus.SENT] * 3
    assert booked(erp) == [journal.reference for journal in journals]
    with pytest.raises(JournalAlreadySent):
        await send(world.tenant_id, everything, "ops")


async def test_a_held_journal_waits(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    await world.operations.send_journals.hold(world.tenant_id, journal.id, "ops", held=True)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.OPEN]
    await world.operations.send_journals.hold(world.tenant_id, journal.id, "ops", held=False)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]


async def test_an_opening_event_posts_and_is_never_sent(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    result = await world.record("e1", "order.created", order(opening=True))
    await world.deliver()
    (journal,) = await world.journals()
    assert len(result.transactions) == 1
    assert (journal.status, journal.reason_code) == (JournalStatus.MARKED_AS_SENT, "opening")
    assert booked(erp) == []


async def test_transactions_before_the_endpoint_starts_are_not_for_it(world: World, erp: ReferenceErp) -> None:
    endpoint = await world.add_endpoint(erp.url)
    await world.add_endpoint(erp.url, starts_on=endpoint.starts_on.replace(month=11, day=3))
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    assert len(await world.journals()) == 1
