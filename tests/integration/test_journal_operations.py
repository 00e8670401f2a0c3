"""What a person does with a journal: marks it as sent, takes that back, redates, holds, retries. The ERP is real, the clock a fake."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.application.ports.delivery import Attempt
from app.application.ports.journal_sets import Mark
from app.application.ports.journals import Journal
from app.application.select_journals import Selection
from app.domain.delivery import Purpose
from app.domain.errors import Conflict, DomainError, ErpDidNotAnswer, Invalid, JournalAlreadySent, NotFound
from app.domain.journal import JournalStatus
from tests.api_fixtures import Api, set_up
from tests.events import entry, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import World, in_place

pytestmark = pytest.mark.anyio

NOT_REQUIRED = Mark(reason_code="not_required", reason="a test order", number=None)
BY_HAND = Mark(reason_code="booked_by_hand", reason="typed in while the link was down", number="HAND-7")


def booked(erp: ReferenceErp) -> list[str]:
    _, listed = erp.call("GET", "/journals")
    return [journal["reference"] for journal in listed["journals"]]


async def mark(world: World, mark: Mark, *journals: Journal) -> Any:
    return await world.operations.mark_as_sent(world.tenant_id, [each.id for each in journals], mark, "anna")


async def attempts(world: World, journal: Journal) -> list[Attempt]:
    async with world.units_of_work(world.tenant_id) as uow:
        return list(await uow.attempts.of_journal(journal.id))


async def steps(world: World, journal: Journal) -> list[tuple[str, str, str, str | None]]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [(each.actor, each.action, each.status, each.reason) for each in await uow.journals.steps(journal.id)]


async def rejected_order(world: World, erp: ReferenceErp) -> list[Journal]:
    """Two journals of one order, of which the ERP will not have the first."""
    await world.add_endpoint(erp.url, rate_limit_per_minute=60_000)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    await world.deliver()
    assert await world.statuses() == [JournalStatus.INVALID, JournalStatus.OPEN]
    return await world.journals()


async def unknown_journal(world: World, erp: ReferenceErp) -> Journal:
    """A journal whose send got no answer, in an ERP that does not have it."""
    await world.add_endpoint(erp.url, rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order())
    erp.fault("fail", status=500, times=1)
    await world.deliver()
    (journal,) = await world.journals()
    assert journal.status is JournalStatus.UNKNOWN
    return journal


async def book(world: World, journal: Journal) -> None:
    """The request that was thought lost arrives at the ERP after all."""
    async with world.units_of_work(world.tenant_id) as uow:
        document = await uow.journals.document(journal)
        endpoint = await uow.endpoints.get(journal.endpoint)
    assert endpoint is not None
    connection = world.operations.validate_journals.one._connect(world.tenant_id, endpoint)
    await connection.send(connection.prepare(Purpose.SEND, [document]))


async def put_status(world: World, journal: Journal, status: JournalStatus) -> None:
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.journals.update(replace(journal, status=status), "test")
        await uow.commit()


async def test_the_lane_goes_on_behind_a_journal_that_is_not_required(world: World, erp: ReferenceErp) -> None:
    first, second = await rejected_order(world, erp)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": True})
    marked = await mark(world, NOT_REQUIRED, first)
    assert (marked.count, list(marked.found)) == (1, [])
    await world.deliver()
    assert await world.statuses() == [JournalStatus.MARKED_AS_SENT, JournalStatus.SENT]
    assert booked(erp) == [second.reference]
    journal = (await world.journals())[0]
    assert (journal.reason_code, journal.reason, journal.number) == ("not_required", "a test order", None)
    assert journal.finished_at == world.clock.now()
    assert (await steps(world, first))[-1] == ("anna", "mark_as_sent", "marked_as_sent", "a test order")
    async with world.units_of_work(world.tenant_id) as uow:
        last = (await uow.audit.page(None, 1))[0]
    assert (last.actor, last.command, last.detail["reason"]) == ("anna", "journals.mark_as_sent", "a test order")


async def test_what_was_booked_by_hand_keeps_the_erps_reference(world: World, erp: ReferenceErp) -> None:
    first, second = await rejected_order(world, erp)
    for wrong, journals in (
        (replace(BY_HAND, number=None), [first]),
        (BY_HAND, [first, second]),
        (replace(NOT_REQUIRED, number="HAND-7"), [first]),
    ):
        with pytest.raises(Invalid):
            await mark(world, wrong, *journals)
    await mark(world, BY_HAND, first)
    assert (await world.journals())[0].number == "HAND-7"


@pytest.mark.parametrize("status", [JournalStatus.SENT, JournalStatus.SENDING])
async def test_marking_is_all_or_none(world: World, erp: ReferenceErp, status: JournalStatus) -> None:
    first, second = await rejected_order(world, erp)
    await put_status(world, second, status)
    with pytest.raises(JournalAlreadySent) as caught:
        await mark(world, NOT_REQUIRED, first, second)
    assert [fault.message for fault in caught.value.faults] == [f"journal {second.reference} is {status}"]
    assert await world.statuses() == [JournalStatus.INVALID, status]
    with pytest.raises(NotFound):
        await mark(world, NOT_REQUIRED, first, replace(second, id=world.tenant_id))


async def test_a_journal_that_the_erp_turns_out_to_have_is_sent_instead(world: World, erp: ReferenceErp) -> None:
    journal = await unknown_journal(world, erp)
    await book(world, journal)
    marked = await mark(world, NOT_REQUIRED, journal)
    assert (marked.count, list(marked.found)) == (0, [journal.id])
    (now,) = marked.journals
    assert (now.status, now.number, now.reason_code) == (JournalStatus.SENT, "JE-1", None)
    assert (await attempts(world, journal))[-1].purpose is Purpose.FIND
    assert (await steps(world, journal))[-1][:3] == ("anna", "found_booked", "sent")
    world.clock.forward(days=1)
    await world.deliver()
    assert len(booked(erp)) == 1


async def test_what_is_unknown_is_marked_only_once_the_erp_certainly_lacks_it(world: World, erp: ReferenceErp) -> None:
    journal = await unknown_journal(world, erp)
    with pytest.raises(ErpDidNotAnswer):
        await mark(world, NOT_REQUIRED, journal)
    assert await world.statuses() == [JournalStatus.UNKNOWN]
    world.clock.forward(seconds=6)
    assert (await mark(world, NOT_REQUIRED, journal)).count == 1
    await world.deliver()
    assert await world.statuses() == [JournalStatus.MARKED_AS_SENT]
    assert booked(erp) == []


async def test_an_erp_that_cannot_tell_keeps_all_from_being_marked_but_not_what_was_found(world: World, erp: ReferenceErp) -> None:
    journal = await unknown_journal(world, erp)
    await world.record("t1", "entry.recorded", entry())
    takings = (await world.journals())[1]
    erp.fault("fail", on="find", status=500)
    with pytest.raises(ErpDidNotAnswer) as caught:
        await mark(world, NOT_REQUIRED, journal, takings)
    assert journal.reference in caught.value.detail
    assert await world.statuses() == [JournalStatus.UNKNOWN, JournalStatus.OPEN]


async def test_a_verdict_that_comes_after_a_mark_is_void(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    await during_validation(world, erp, journal, mark(world, NOT_REQUIRED, journal))
    await world.deliver()
    assert await world.statuses() == [JournalStatus.MARKED_AS_SENT]
    assert booked(erp) == []


async def test_a_persons_validation_is_void_where_the_journal_changed_meanwhile(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, release="manual", rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    erp.fault("slow", on="validate", seconds=0.5, times=1)
    selection = Selection(journal_ids=(journal.id,))
    validating = asyncio.create_task(world.operations.validate_journals(world.tenant_id, selection, "ops"))
    await called(world, journal)
    await world.operations.redate_journal(world.tenant_id, journal.id, journal.accounting_date.replace(day=9), "moved", "anna")
    (found,) = in_place(await validating)
    assert (found.status, found.posting_date) == (JournalStatus.OPEN, journal.accounting_date.replace(day=9))
    assert [each.outcome for each in await attempts(world, journal)] == ["validation"]


async def test_a_verdict_is_void_where_a_late_transaction_came_meanwhile(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, release="manual", rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    one = world.operations.validate_journals.one
    verdict = await one.ask(world.tenant_id, journal.id)
    fewer = replace(verdict, journal=replace(verdict.journal, transactions=verdict.journal.transactions - 1))
    for given, status in ((fewer, JournalStatus.OPEN), (verdict, JournalStatus.VALID)):
        async with world.units_of_work(world.tenant_id) as uow:
            await one.record(uow, given, "ops")
            await uow.commit()
        assert await world.statuses() == [status]


async def called(world: World, journal: Journal) -> None:
    """Until a call about the journal is under way."""
    async with asyncio.timeout(10):
        while not any(each.finished_at is None for each in await attempts(world, journal)):
            await asyncio.sleep(0.01)


async def during_validation(world: World, erp: ReferenceErp, journal: Journal, action: Any) -> None:
    """Does something while a worker's validation of the journal is under way."""
    erp.fault("slow", on="validate", seconds=0.5, times=1)
    worker = world.worker()
    await worker.start_due()
    await called(world, journal)
    await action
    await worker.finish()


async def test_a_hold_and_a_new_date_outlive_a_verdict_that_was_under_way(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    day = journal.accounting_date.replace(day=20)
    await during_validation(world, erp, journal, world.operations.redate_journal(world.tenant_id, journal.id, day, "moved", "anna"))
    assert (await world.journals())[0].posting_date == day
    await during_validation(world, erp, journal, world.operations.send_journals.hold(world.tenant_id, journal.id, "anna", held=True))
    (now,) = await world.journals()
    assert (now.held, now.posting_date, now.status) == (True, day, JournalStatus.OPEN)


async def test_an_unmarked_journal_stands_where_it_stood(world: World, erp: ReferenceErp) -> None:
    first, second = await rejected_order(world, erp)
    await mark(world, BY_HAND, first)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": True})
    journal = await world.operations.mark_as_sent.unmark(world.tenant_id, first.id, "it was another one", "anna")
    assert (journal.status, journal.number, journal.reason_code, journal.finished_at) == (JournalStatus.OPEN, None, None, None)
    await world.deliver()
    assert booked(erp) == [first.reference, second.reference]
    assert ("anna", "unmark", "open", "it was another one") in await steps(world, first)
    with pytest.raises(Conflict):
        await world.operations.mark_as_sent.unmark(world.tenant_id, first.id, "again", "anna")


@pytest.mark.parametrize(("release", "sent"), [("automatic", 1), ("manual", 0)])
async def test_a_journal_marked_at_birth_finds_its_place_when_it_is_unmarked(
    world: World, erp: ReferenceErp, release: str, sent: int
) -> None:
    await world.add_endpoint(erp.url, release=release, rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order(opening=True))
    (journal,) = await world.journals()
    await world.operations.mark_as_sent.unmark(world.tenant_id, journal.id, "the ERP lacks it", "anna")
    await world.deliver()
    assert len(booked(erp)) == sent
    if not sent:
        await world.operations.send_journals.retry(world.tenant_id, journal.id, "anna")
        assert len(booked(erp)) == 1


async def test_a_redated_journal_is_sent_with_its_new_date_and_kept_under_its_own(world: World, erp: ReferenceErp) -> None:
    first, _ = await rejected_order(world, erp)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": True})
    day = first.accounting_date.replace(day=30)
    journal = await world.operations.redate_journal(world.tenant_id, first.id, day, "their period is closed", "anna")
    assert (journal.status, journal.accounting_date, journal.posting_date) == (JournalStatus.OPEN, first.accounting_date, day)
    await world.operations.send_journals.retry(world.tenant_id, first.id, "anna", "after the date")
    _, found = erp.call("GET", f"/journals/{first.reference}")
    assert found["accounting_date"] == day.isoformat()
    told = await steps(world, first)
    assert ("anna", "redate", "open", "their period is closed") in told
    assert ("anna", "retry", "open", "after the date") in told
    with pytest.raises(JournalAlreadySent):
        await world.operations.redate_journal(world.tenant_id, first.id, None, "too late", "anna")


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (JournalStatus.OPEN, False),
        (JournalStatus.VALID, False),
        (JournalStatus.INVALID, False),
        (JournalStatus.QUEUED, False),
        (JournalStatus.REJECTED, False),
        (JournalStatus.FAILED, False),
        (JournalStatus.SENDING, True),
        (JournalStatus.UNKNOWN, True),
        (JournalStatus.SENT, True),
    ],
)
async def test_which_journals_can_be_redated(world: World, status: JournalStatus, refused: bool) -> None:
    await world.add_endpoint("http://127.0.0.1:9", release="manual")
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    await put_status(world, journal, status)
    day = journal.accounting_date.replace(day=9)
    redate = world.operations.redate_journal
    if refused:
        with pytest.raises(JournalAlreadySent):
            await redate(world.tenant_id, journal.id, day, "r", "anna")
        return
    await redate(world.tenant_id, journal.id, day, "r", "anna")
    await world.deliver()
    assert await world.statuses() == [JournalStatus.OPEN], "what was released by hand is released anew"
    assert (await redate(world.tenant_id, journal.id, None, "back", "anna")).posting_date is None


async def test_a_held_journal_is_neither_sent_nor_retried(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, release="manual", rate_limit_per_minute=60_000)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    selection = Selection(journal_ids=(journal.id,))
    in_place(await world.operations.validate_journals(world.tenant_id, selection, "ops"))
    send = world.operations.send_journals
    await send.hold(world.tenant_id, journal.id, "anna", held=True, reason="ask Ben")
    errors: list[type[DomainError]] = []
    for action in (send(world.tenant_id, selection, "anna"), send.retry(world.tenant_id, journal.id, "anna")):
        with pytest.raises(Conflict) as caught:
            await action
        errors.append(type(caught.value))
    assert errors == [Conflict, Conflict]
    assert ("anna", "hold", "valid", "ask Ben") in await steps(world, journal)
    await send.hold(world.tenant_id, journal.id, "anna", held=False)
    assert (await send.retry(world.tenant_id, journal.id, "anna")).status is JournalStatus.SENT


async def test_a_retry_while_it_is_being_sent_is_refused(world: World, erp: ReferenceErp) -> None:
    first, _ = await rejected_order(world, erp)
    await put_status(world, first, JournalStatus.SENDING)
    with pytest.raises(JournalAlreadySent):
        await world.operations.send_journals.retry(world.tenant_id, first.id, "anna")


@pytest.fixture
async def office(api: Api) -> Api:
    """Journals of an order and its receipt, for an ERP that is not there, released by hand."""
    await set_up(api)
    body = {"adapter": "json", "url": "http://127.0.0.1:9/gl", "starts_on": "2026-01-01", "environment": "test"}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    for event_id, kind, data in (("e1", "order.created", order()), ("e2", "goods.received", receipt())):
        event = {"specversion": "1.0", "id": event_id, "source": "/tests", "type": kind, "data": data}
        assert (await api("POST", "/v1/events", event)).status_code == 201
    return api


async def listed(office: Api) -> list[dict[str, Any]]:
    answer = await office("GET", "/v1/journals", params={"from": "2026-11-01", "to": "2026-11-30"})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_list_says_what_each_unsent_journal_waits_for(office: Api) -> None:
    first, second = await listed(office)
    assert (first["blocked_by"], second["blocked_by"]) == ([], [first["id"]])
    body = {"journal_ids": [first["id"]], "reason_code": "booked_by_hand", "reason": "typed", "erp_reference": "H-1"}
    answer = await office("POST", "/v1/journals/mark-as-sent", body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["marked"], answer.json()["found_in_erp"]) == (1, [])
    assert [(each["status"], each["number"]) for each in answer.json()["items"]] == [("marked_as_sent", "H-1")]
    first, second = await listed(office)
    assert (first["blocked_by"], second["blocked_by"]) == ([], [])


async def test_every_step_is_recorded_with_who_and_when(office: Api) -> None:
    journal = (await listed(office))[0]["id"]
    calls: list[tuple[str, Any]] = [
        ("hold", {"reason": "wait"}),
        ("release", None),
        ("redate", {"date": "2026-11-20", "reason": "their close"}),
        ("redate", {"date": None, "reason": "after all not"}),
    ]
    for action, body in calls:
        answer = await office("POST", f"/v1/journals/{journal}/{action}", body)
        assert answer.status_code == 200, answer.text
    mark_body = {"journal_ids": [journal], "reason_code": "not_required", "reason": "test"}
    assert (await office("POST", "/v1/journals/mark-as-sent", mark_body)).status_code == 200
    assert (await office("POST", f"/v1/journals/{journal}/unmark", {"reason": "needed"})).status_code == 200
    found = (await office("GET", f"/v1/journals/{journal}")).json()
    actions = ["hold", "release", "redate", "redate", "mark_as_sent", "unmark"]
    assert [step["action"] for step in found["history"]] == actions
    assert [step["reason"] for step in found["history"]] == ["wait", None, "their close", "after all not", "test", "needed"]
    assert {step["actor"] for step in found["history"]} == {"first"}
    assert all(step["at"] for step in found["history"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("mark-as-sent", {"journal_ids": [], "reason_code": "not_required", "reason": "r"}),
        ("mark-as-sent", {"journal_ids": ["{id}"], "reason_code": "not_required", "reason": ""}),
        ("mark-as-sent", {"journal_ids": ["{id}"], "reason_code": "opening", "reason": "r"}),
        ("mark-as-sent", {"journal_ids": ["{id}"], "reason_code": "booked_by_hand", "reason": "r"}),
        ("{id}/unmark", {}),
        ("{id}/redate", {"date": "2026-11-31", "reason": "r"}),
        ("{id}/redate", {"reason": "r"}),
        ("{id}/redate", {"date": None}),
    ],
)
async def test_what_is_incomplete_is_refused(office: Api, path: str, body: dict[str, Any]) -> None:
    journal = (await listed(office))[0]["id"]
    filled = {name: [journal] if value == ["{id}"] else value for name, value in body.items()}
    answer = await office("POST", f"/v1/journals/{path.replace('{id}', journal)}", filled)
    assert answer.status_code == 422, answer.text


async def test_marking_needs_its_scope_and_the_tenants_own_journals(office: Api) -> None:
    journal = (await listed(office))[0]["id"]
    body = {"journal_ids": [journal], "reason_code": "not_required", "reason": "r"}
    stranger = await office.tenant()
    assert (await stranger("POST", "/v1/journals/mark-as-sent", body)).status_code == 404
    key = (await office("POST", "/v1/keys", {"name": "reader", "scopes": ["reports:read"]})).json()["key"]
    assert (await office.holding(key)("POST", "/v1/journals/mark-as-sent", body)).status_code == 403
