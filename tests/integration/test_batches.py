"""Many journals at once: accepted set by set, worked through by workers, each journal with its own outcome. Only the clock is a fake."""

import asyncio
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.application.gathered import Gathered
from app.application.ports.batches import Batch, BatchItem, BatchProgress
from app.application.ports.delivery import Lane
from app.application.ports.journal_sets import Mark
from app.application.select_journals import Selection
from app.domain.errors import Conflict, DomainError, Invalid, JournalAlreadySent, JournalBlocked, JournalNotValid, NotFound
from app.domain.journal import JournalStatus
from tests.api_fixtures import Api
from tests.events import entry, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import LEASE_SECONDS, World, in_place

pytestmark = pytest.mark.anyio

MANY = 60
NOT_REQUIRED = Mark(reason_code="not_required", reason="in the ERP already", number=None)


async def takings(world: World, url: str, count: int = MANY, **endpoint: object) -> None:
    """So many journals, each in a lane of its own, that wait for a person."""
    await world.add_endpoint(url, release="manual", rate_limit_per_minute=60_000, max_concurrency=8, **endpoint)
    for number in range(count):
        await world.record(f"t{number}", "entry.recorded", entry(f"T-{number}"))


async def everything(world: World) -> Selection:
    return Selection(journal_ids=tuple(journal.id for journal in await world.journals()))


async def validate(world: World, selection: Selection) -> Batch:
    batch = await world.operations.validate_journals(world.tenant_id, selection, "ops")
    assert isinstance(batch, Batch)
    return batch


async def send(world: World, selection: Selection) -> Batch:
    batch = await world.operations.send_journals(world.tenant_id, selection, "ops")
    assert isinstance(batch, Batch)
    return batch


async def read(world: World, batch: Batch) -> tuple[BatchProgress, list[BatchItem]]:
    progress, items = await world.operations.read_batch(world.tenant_id, batch.id, after_position=0, limit=1_000)
    return progress, list(items)


async def counts(world: World, batch: Batch) -> dict[str, int]:
    progress, _ = await read(world, batch)
    return dict(progress.counts)


async def validations(world: World) -> list[int]:
    """How often a verdict was stored on each journal."""
    async with world.units_of_work(world.tenant_id) as uow:
        steps = [await uow.journals.steps(journal.id) for journal in await world.journals()]
    return [sum(step.action == "validate" for step in each) for each in steps]


async def claim(world: World) -> Lane:
    claims = world.operations.send_journals._claims
    (lane,) = await claims.claim(per_endpoint=8, now=world.clock.now(), lease_seconds=LEASE_SECONDS)
    return lane


async def test_a_validate_batch_ends_with_each_journals_own_truth(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    await world.record("e1", "order.created", order())
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    journals = await world.journals()
    batch = await validate(world, await everything(world))
    assert await counts(world, batch) == {"waiting": MANY + 1}
    assert (await read(world, batch))[0].finished_at is None
    await world.deliver()
    progress, items = await read(world, batch)
    assert dict(progress.counts) == {"valid": MANY, "invalid": 1}
    assert progress.finished_at == world.clock.now()
    assert [item.journal_id for item in items] == [journal.id for journal in journals]
    assert items[-1].outcome == "invalid"
    assert await validations(world) == [1] * (MANY + 1)
    async with world.units_of_work(world.tenant_id) as uow:
        assert {step.actor for step in await uow.journals.steps(journals[0].id)} == {"ops"}


async def test_what_cannot_be_validated_is_refused_with_its_reason_and_the_rest_goes_on(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    selection = await everything(world)
    few = Selection(journal_ids=selection.journal_ids[:2])
    in_place(await world.operations.validate_journals(world.tenant_id, few, "ops"))
    await world.operations.send_journals(world.tenant_id, few, "ops")
    batch = await validate(world, selection)
    await world.deliver()
    _, items = await read(world, batch)
    assert [item.outcome for item in items] == ["refused"] * 2 + ["valid"] * (MANY - 2)
    assert items[0].problem is not None
    assert items[0].problem["code"] == "journal-already-sent"


async def test_few_of_which_one_is_sent_are_refused_as_a_whole(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url, 2)
    selection = await everything(world)
    first = Selection(journal_ids=selection.journal_ids[:1])
    in_place(await world.operations.validate_journals(world.tenant_id, first, "ops"))
    await world.operations.send_journals(world.tenant_id, first, "ops")
    with pytest.raises(JournalAlreadySent):
        await world.operations.validate_journals(world.tenant_id, selection, "ops")
    assert await validations(world) == [1, 0]


async def test_a_worker_that_comes_too_late_stores_nothing(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    batch = await validate(world, await everything(world))
    old = await claim(world)
    world.clock.forward(seconds=LEASE_SECONDS + 1)
    run = world.operations.work_lane._run_batch
    async with world.units_of_work(world.tenant_id) as uow:
        ((position, journal_id),) = await uow.batches.waiting(old, 1)
    new = await claim(world)
    await run._item(old, position, journal_id, Gathered(partial(run._store, old, "ops")))
    assert await counts(world, batch) == {"waiting": MANY}
    assert await validations(world) == [0] * MANY
    await world.operations.work_lane(old, world.clock.now())
    assert await counts(world, batch) == {"waiting": MANY}
    await world.operations.work_lane(new, world.clock.now())
    assert await counts(world, batch) == {"waiting": MANY - 8, "valid": 8}, "no second round without enough of the lease"
    await world.deliver()
    assert await counts(world, batch) == {"valid": MANY}
    assert await validations(world) == [1] * MANY


async def test_a_verdict_that_cannot_be_stored_takes_no_other_with_it(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    batch = await validate(world, await everything(world))
    first = (await world.journals())[0]
    async with world.engine.begin() as connection:
        await connection.execute(text("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$"))
        only = f"CREATE TRIGGER refuse BEFORE UPDATE ON journal FOR EACH ROW WHEN (NEW.journal_id = '{first.id}') EXECUTE FUNCTION refuse()"
        await connection.execute(text(only))
    with pytest.raises(DBAPIError, match="not this one"):
        await world.operations.work_lane(await claim(world), world.clock.now())
    async with asyncio.timeout(10):
        while (await counts(world, batch)).get("valid") != 7:
            await asyncio.sleep(0.01)
    assert await counts(world, batch) == {"waiting": MANY - 7, "valid": 7}


async def test_two_workers_share_a_batch_without_doubling_anything(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    batch = await validate(world, await everything(world))
    await asyncio.gather(world.deliver(), world.deliver())
    assert await counts(world, batch) == {"valid": MANY}
    assert await validations(world) == [1] * MANY


async def test_a_paused_endpoint_holds_its_batch(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    batch = await validate(world, await everything(world))
    lane = await claim(world)
    await world.add_endpoint(erp.url, release="manual", paused=True)
    await world.operations.work_lane(lane, world.clock.now())
    await world.deliver()
    assert await counts(world, batch) == {"waiting": MANY}
    await world.add_endpoint(erp.url, release="manual")
    await world.deliver()
    assert await counts(world, batch) == {"valid": MANY}


async def test_a_throttled_batch_waits_as_long_as_the_erp_asks(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    batch = await validate(world, await everything(world))
    erp.fault("throttle", on="validate", retry_after=30, times=3)
    await world.deliver()
    assert await counts(world, batch) == {"waiting": MANY - 5, "valid": 5}
    world.clock.forward(seconds=29)
    await world.deliver()
    assert await counts(world, batch) == {"waiting": MANY - 5, "valid": 5}
    world.clock.forward(seconds=2)
    await world.deliver()
    assert await counts(world, batch) == {"valid": MANY}


async def test_refused_credentials_pause_the_endpoint_and_lose_no_item(world: World, erp: ReferenceErp) -> None:
    sealed = world.secrets.seal(b'{"token": "wrong"}', f"erp_endpoint/{world.tenant_id}/erp")
    await takings(world, erp.url, credentials=sealed)
    batch = await validate(world, await everything(world))
    await world.deliver()
    assert await counts(world, batch) == {"waiting": MANY}
    assert set(await world.statuses()) == {JournalStatus.OPEN}
    async with world.units_of_work(world.tenant_id) as uow:
        endpoint = await uow.endpoints.get("erp")
    assert endpoint is not None
    assert endpoint.paused
    await world.add_endpoint(erp.url, release="manual")
    await world.deliver()
    assert await counts(world, batch) == {"valid": MANY}


async def test_an_erp_that_is_down_makes_nothing_valid(world: World, erp: ReferenceErp) -> None:
    """After one round the breaker holds the rest, until the ERP answers a probe."""
    await takings(world, erp.url)
    batch = await validate(world, await everything(world))
    erp.kill()
    await world.deliver()
    progress, items = await read(world, batch)
    assert dict(progress.counts) == {"open": 8, "waiting": MANY - 8}
    assert {item.problem and item.problem["code"] for item in items if item.outcome == "open"} == {"erp-did-not-answer"}
    erp.restart()
    await world.deliver()
    assert await counts(world, batch) == {"open": 8, "waiting": MANY - 8}
    world.clock.forward(minutes=1)
    await world.deliver()
    assert await counts(world, batch) == {"open": 8, "valid": MANY - 8}


async def test_a_polling_erp_is_asked_when_it_comes(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url, MANY)
    first = (await world.journals())[0]
    await world.add_endpoint(erp.url, release="manual", delivery="poll")
    selection = await everything(world)
    await world.operations.mark_as_sent(world.tenant_id, [first.id], NOT_REQUIRED, "ops")
    batch = await validate(world, selection)
    progress, items = await read(world, batch)
    assert dict(progress.counts) == {"asked": MANY - 1, "refused": 1}
    assert items[0].problem is not None
    assert progress.finished_at == world.clock.now()
    async with world.engine.connect() as connection:
        wanted = await connection.execute(
            text("SELECT count(*) FROM delivery WHERE tenant_id = :id AND validation_wanted"), {"id": world.tenant_id}
        )
        assert wanted.scalar_one() == MANY - 1
    await world.deliver()


async def test_a_send_batch_is_each_journals_own_status(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    await world.record("e1", "order.created", order())
    selection = await everything(world)
    await validate(world, selection)
    await world.deliver()
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    batch = await send(world, selection)
    assert await counts(world, batch) == {"queued": MANY + 1}
    await world.deliver()
    progress, items = await read(world, batch)
    assert dict(progress.counts) == {"sent": MANY, "rejected": 1}
    assert progress.finished_at is not None
    assert items[-1].outcome == "rejected"
    _, listed = erp.call("GET", "/journals")
    assert len(listed["journals"]) == MANY


async def valid_world(world: World, erp: ReferenceErp) -> Selection:
    """Entries, and two journals of one order, all valid."""
    await takings(world, erp.url)
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    selection = await everything(world)
    await validate(world, selection)
    await world.deliver()
    assert set(await world.statuses()) == {JournalStatus.VALID}
    return selection


async def refused(world: World, selection: Selection, error: type[DomainError]) -> list[str]:
    """The messages of a refusal. Nothing was done."""
    before = await world.statuses()
    with pytest.raises(error) as caught:
        await world.operations.send_journals(world.tenant_id, selection, "ops")
    assert type(caught.value) is error
    assert await world.statuses() == before
    return [fault.message for fault in caught.value.faults]


async def test_a_send_batch_is_all_or_none(world: World, erp: ReferenceErp) -> None:
    selection = await valid_world(world, erp)
    journals = await world.journals()
    ids = [journal.id for journal in journals]
    assert await refused(world, Selection(journal_ids=tuple(ids[:-2] + ids[-1:])), JournalBlocked) == [
        f"jnl_{ids[-2].hex} would be skipped"
    ]
    versions = (journals[0].version - 1, *(journal.version for journal in journals[1:]))
    (moved,) = await refused(world, Selection(journal_ids=tuple(ids), versions=versions), JournalNotValid)
    assert journals[0].reference in moved
    await world.operations.send_journals.hold(world.tenant_id, ids[3], "ops", held=True)
    (held,) = await refused(world, selection, Conflict)
    assert held == f"journal {journals[3].reference} is held: release it first"
    await world.operations.redate_journal(world.tenant_id, ids[4], journals[4].accounting_date, "again", "ops")
    named = await refused(world, selection, JournalNotValid)
    assert [journals[3].reference in named[0], journals[4].reference in named[1]] == [True, True]
    first = Selection(journal_ids=(ids[0],))
    await world.operations.send_journals(world.tenant_id, first, "ops")
    assert journals[0].reference in (await refused(world, selection, JournalAlreadySent))[0]
    with pytest.raises(NotFound):
        await world.operations.send_journals(world.tenant_id, Selection(journal_ids=(*ids, UUID(int=1))), "ops")


async def test_a_refusal_names_up_to_fifty(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    assert len(await refused(world, await everything(world), JournalNotValid)) == 50


async def test_a_batch_by_dates_means_what_is_unsent_on_them(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url)
    journals = await world.journals()
    day = journals[0].accounting_date
    await world.operations.mark_as_sent(world.tenant_id, [journals[0].id], NOT_REQUIRED, "ops")
    batch = await validate(world, Selection(endpoint="erp", date_from=day, date_to=day))
    assert await counts(world, batch) == {"waiting": MANY - 1}
    with pytest.raises(NotFound):
        await world.operations.validate_journals(world.tenant_id, Selection(endpoint="none", date_from=day, date_to=day), "ops")
    with pytest.raises(Invalid):
        await world.operations.validate_journals(world.tenant_id, Selection(endpoint="erp"), "ops")


async def test_accepting_costs_the_same_statements_however_many_journals_there_are(world: World, erp: ReferenceErp) -> None:
    await takings(world, erp.url, 2 * MANY)
    selection = await everything(world)
    few, rest = selection.journal_ids[: MANY - 5], selection.journal_ids[MANY - 5 :]
    await validate(world, selection)
    await world.deliver()
    said: list[str] = []
    sql_event.listen(world.engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    taken = []
    for ids in (few, rest):
        said.clear()
        await send(world, Selection(journal_ids=ids))
        taken.append(len(said))
    assert taken[0] == taken[1] < 20


async def test_a_batch_over_http(api: Api) -> None:
    for name, code in (("Bank", "1000"), ("Membership fees", "4000")):
        await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "asset"})
    body = {"adapter": "json", "url": "http://127.0.0.1:9/gl", "starts_on": "2026-01-01", "environment": "test"}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    events = [
        {"specversion": "1.0", "id": f"t{n}", "source": "/tests", "type": "entry.recorded", "data": entry(f"T-{n}")} for n in range(51)
    ]
    assert (await api("POST", "/v1/events", events)).status_code == 200
    selection = {"endpoint": "erp", "from": "2026-11-03", "to": "2026-11-03"}
    answer = await api("POST", "/v1/journals/validate", selection)
    assert answer.status_code == 202, answer.text
    batch_id = answer.json()["batch_id"]
    assert answer.headers["location"] == f"/v1/batches/{batch_id}"
    found = (await api("GET", answer.headers["location"], params={"limit": 50})).json()
    assert {name: found[name] for name in ("id", "kind", "finished_at", "total", "counts")} == {
        "id": batch_id,
        "kind": "validate",
        "finished_at": None,
        "total": 51,
        "counts": {"waiting": 51},
    }
    assert found["items"][0].keys() == {"journal_id", "reference", "outcome", "problem"}
    last = (await api("GET", f"/v1/batches/{batch_id}", params={"cursor": found["next_cursor"]})).json()
    assert (len(found["items"]), len(last["items"]), last["next_cursor"]) == (50, 1, None)
    refusal = await api("POST", "/v1/journals/send", selection)
    assert (refusal.status_code, refusal.json()["code"], len(refusal.json()["errors"])) == (409, "journal-not-valid", 50)
    assert (await api("GET", f"/v1/batches/bat_{'0' * 32}")).status_code == 404
    key = (await api("POST", "/v1/keys", {"name": "reports", "scopes": ["reports:read"]})).json()["key"]
    assert (await api.holding(key)("GET", f"/v1/batches/{batch_id}")).status_code == 403
    stranger = await api.tenant()
    assert (await stranger("GET", f"/v1/batches/{batch_id}")).status_code == 404
