"""What a worker checks before it asks the ERP: our own rules and what the ERP told of itself, without a call. The ERP is real."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event as sql_event

from app.adapters.erp.json.connection import JsonConnection
from app.application.ports.delivery import Attempt
from app.application.ports.erp import ErpConnection
from app.application.ports.setup import Endpoint
from app.domain.delivery import Purpose, ValidationLevel
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalStatus
from app.domain.periods import Period, PeriodStatus
from tests.events import entry, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import CHART, World, make_world

pytestmark = pytest.mark.anyio

SENT, INVALID, OPEN = JournalStatus.SENT, JournalStatus.INVALID, JournalStatus.OPEN


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with make_world(database_url) as world:
        yield world


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(CHART)
        yield erp


async def attempts(world: World) -> list[Attempt]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each for journal in await world.journals() for each in await uow.attempts.of_journal(journal.id)]


async def set_active(world: World, name: str, *, active: bool) -> None:
    async with world.units_of_work(world.tenant_id) as uow:
        account = await uow.accounts.get(name)
        assert account is not None
        await uow.accounts.put(replace(account, active=active))
        await uow.commit()


async def told(world: World, codes: Sequence[str]) -> None:
    """What the ERP said of its chart of accounts."""
    async with world.units_of_work(world.tenant_id) as uow:
        accounts = [ErpAccount(code=code) for code in codes]
        await uow.reference_data.told("erp", accounts=accounts, open_periods=(), at=world.clock.now())
        await uow.commit()


async def test_our_own_rules_stop_a_journal_and_its_lane_without_a_call(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    await world.record("e3", "entry.recorded", entry())
    await set_active(world, "Estimate", active=False)
    await world.deliver()
    first, second, other = await world.journals()
    assert (first.status, first.validation_level, second.status) == (INVALID, ValidationLevel.LOCAL, OPEN)
    assert {problem.code for problem in first.problems} == {"inactive-account"}
    assert other.status is SENT, "another lane of the same group goes on"
    assert {each.journal_id for each in await attempts(world)} == {other.id}
    await world.deliver()
    assert await world.statuses() == [INVALID, OPEN, SENT], "it waits for a person"
    async with world.units_of_work(world.tenant_id) as uow:
        steps = await uow.journals.steps(first.id)
    assert [(step.actor, step.action, step.status) for step in steps] == [("worker", "validation", "invalid")]
    await set_active(world, "Estimate", active=True)
    await world.operations.send_journals.retry(world.tenant_id, first.id, "ops")
    await world.deliver()
    assert await world.statuses() == [SENT] * 3


async def test_what_the_erp_told_of_itself_is_checked_before_it_is_asked(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await told(world, [code for code in CHART if code != "E1"])
    await world.record("e1", "order.created", order())
    await world.record("e2", "entry.recorded", entry())
    await world.deliver()
    ordered, other = await world.journals()
    assert (ordered.status, ordered.validation_level) == (INVALID, ValidationLevel.REFERENCE_DATA)
    assert {problem.code for problem in ordered.problems} == {"unknown-account"}
    assert (other.status, other.validation_level) == (SENT, ValidationLevel.ERP_DRY_RUN)
    assert [(each.journal_id, each.purpose) for each in await attempts(world)] == [
        (other.id, Purpose.VALIDATE),
        (other.id, Purpose.SEND),
    ]
    await told(world, list(CHART))
    await world.operations.send_journals.retry(world.tenant_id, ordered.id, "ops")
    assert await world.statuses() == [SENT] * 2


async def test_a_date_that_a_person_chose_in_a_closed_period_of_ours(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "entry.recorded", entry())
    (journal,) = await world.journals()
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.journals.update(replace(journal, posting_date=journal.accounting_date.replace(year=2020)), "redate", actor="ops")
        await uow.periods.put(Period(name="2020", starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31), status=PeriodStatus.CLOSED))
        await uow.commit()
    await world.deliver()
    (journal,) = await world.journals()
    assert (journal.status, [problem.code for problem in journal.problems]) == (INVALID, ["period-closed"])
    assert await attempts(world) == []


async def test_twenty_journals_are_checked_with_as_many_statements_as_five(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, max_concurrency=50)
    await told(world, list(CHART))
    said: list[str] = []
    sql_event.listen(world.engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    taken = []
    for count in (1, 5, 20):
        await set_active(world, "Bank", active=True)
        for number in range(count):
            await world.record(f"{count}-{number}", "entry.recorded", entry(f"T-{count}-{number}"))
        await set_active(world, "Bank", active=False)
        said.clear()
        await world.deliver()
        taken.append(len(said))
    assert set(await world.statuses()) == {INVALID}
    assert taken[1] == taken[2], "the first tells claims how many journals a call carries"


async def test_where_the_erp_has_no_checks_ours_are_all_there_is(world: World, erp: ReferenceErp) -> None:
    take_turns = world.operations.deliver._take_turns
    connect = take_turns._connect

    def without_checks(tenant_id: UUID, endpoint: Endpoint) -> ErpConnection:
        connection = connect(tenant_id, endpoint)
        assert isinstance(connection, JsonConnection)
        connection.capabilities = replace(connection.capabilities, dry_run="none", highest_validation=ValidationLevel.LOCAL)
        return connection

    take_turns._connect = without_checks  # type: ignore[assignment]
    await world.add_endpoint(erp.url)
    await world.record("e1", "entry.recorded", entry())
    await world.deliver()
    (journal,) = await world.journals()
    assert (journal.status, journal.validation_level) == (SENT, ValidationLevel.LOCAL)
    assert [each.purpose for each in await attempts(world)] == [Purpose.SEND]
