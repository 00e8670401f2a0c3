"""Daily journals, delivered to a real ERP: a day gathers until it goes, nothing is lost or sent twice while it closes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.application import make_journals
from app.application.ports.erp import Answered, Prepared
from app.application.ports.journals import Journal, Member
from app.application.select_journals import Selection
from app.domain.delivery import ValidateOutcome
from app.domain.errors import DomainError, JournalNotValid
from app.domain.journal import JournalStatus
from app.domain.money import Amounts
from tests.api_fixtures import Api, set_up
from tests.events import entry, event, invoice, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import World, in_place

pytestmark = pytest.mark.anyio

DAY = "2026-11-03"
END_OF_TODAY = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)
"""Midnight in Auckland, where it is the 16th."""


async def takings(world: World, number: int, day: str = DAY, **more: Any) -> None:
    """10.00 in the bank."""
    await world.record(f"takings-{number}", "entry.recorded", entry(f"T-{number}", amount="10.00", date=day, **more))


async def the_journal(world: World) -> Journal:
    (journal,) = await world.journals()
    return journal


async def validate(world: World, *journal_ids: UUID) -> list[Journal]:
    return list(in_place(await world.operations.validate_journals(world.tenant_id, Selection(journal_ids=journal_ids), "ops")))


async def send(world: World, *journal_ids: UUID) -> list[Journal]:
    return list(in_place(await world.operations.send_journals(world.tenant_id, Selection(journal_ids=journal_ids), "ops")))


async def steps(world: World, journal_id: UUID) -> list[tuple[str, str]]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [(step.action, step.status) for step in await uow.journals.steps(journal_id)]


async def members(world: World) -> list[UUID]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each for journal in await world.journals() for each in await uow.journals.transactions_of(journal.id)]


async def test_a_day_is_one_journal_and_goes_once_it_is_over_where_the_tenant_is(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    for number in range(3):
        await takings(world, number, "2026-11-16")
    journal = await the_journal(world)
    assert (journal.status, journal.gathering, journal.transactions) == (JournalStatus.OPEN, True, 3)
    assert (journal.debit_total, journal.base_debit_total) == (3000, 3000)
    assert journal.description == "Journals of 2026-11-16"
    world.clock.moment = END_OF_TODAY.replace(hour=10, minute=59)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.OPEN]
    world.clock.moment = END_OF_TODAY
    await world.deliver()
    sent = await the_journal(world)
    assert (sent.status, sent.gathering, sent.debit_total, sent.transactions) == (JournalStatus.SENT, False, 3000, 3)
    assert erp.balances() == {"1000": "30.00", "4000": "-30.00"}
    _, booked = erp.call("GET", f"/journals/{sent.reference}")
    assert [line["line"] for line in booked["lines"]] == [1, 2, 3, 4, 5, 6]


async def test_other_days_and_currencies_have_journals_and_lanes_of_their_own(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", description_template="{reference}: {currency} of {accounting_date}")
    await takings(world, 1)
    await takings(world, 2, "2026-11-04")
    await takings(world, 3, currency="USD", exchange_rate="2")
    await takings(world, 4)
    journals = await world.journals()
    assert [(journal.accounting_date.day, journal.currency.code, journal.transactions) for journal in journals] == [
        (3, "NZD", 2),
        (4, "NZD", 1),
        (3, "USD", 1),
    ]
    assert len({journal.lane_key for journal in journals}) == 3
    assert [journal.base_debit_total for journal in journals] == [2000, 1000, 2000]
    assert journals[2].description == f"{journals[2].reference}: USD of 2026-11-03"


async def test_a_day_that_is_over_gathers_a_quarter_of_an_hour_first_and_so_does_what_comes_after(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    for number, first in enumerate(("first", "further")):
        await takings(world, number)
        world.clock.forward(minutes=14)
        await world.deliver()
        assert (await world.statuses())[-1] is JournalStatus.OPEN, first
        world.clock.forward(minutes=1)
        await world.deliver()
        assert (await world.statuses())[-1] is JournalStatus.SENT, first
    assert len(await world.journals()) == 2
    assert erp.balances() == {"1000": "20.00", "4000": "-20.00"}


async def test_the_last_day_there_is_has_an_end_too(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    await takings(world, 1, "9999-12-31")
    await world.deliver()
    assert await world.statuses() == [JournalStatus.OPEN]


async def test_a_late_transaction_puts_a_valid_journal_back_to_open(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    await takings(world, 1)
    world.clock.forward(days=1)
    await world.deliver()
    (checked,) = await validate(world, (await the_journal(world)).id)
    assert checked.status is JournalStatus.VALID
    await takings(world, 2)
    late = await the_journal(world)
    assert (late.status, late.transactions, late.debit_total, late.validation_level) == (JournalStatus.OPEN, 2, 2000, None)
    assert late.version == checked.version + 1
    assert (await steps(world, late.id))[-1] == ("late transaction", "open")
    with pytest.raises(JournalNotValid):
        await send(world, late.id)
    await validate(world, late.id)
    assert [journal.status for journal in await send(world, late.id)] == [JournalStatus.SENT]
    assert erp.balances() == {"1000": "20.00", "4000": "-20.00"}


async def test_an_open_journal_takes_transactions_without_a_new_version(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    await takings(world, 1)
    await takings(world, 2)
    journal = await the_journal(world)
    assert journal.version == 1
    assert await steps(world, journal.id) == []


async def test_what_was_rejected_takes_no_more_and_a_further_journal_is_made(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    await takings(world, 1)
    journal = await the_journal(world)
    await validate(world, journal.id)
    erp.call("PUT", "/accounts/4000", {"name": "4000", "type": "income", "active": False})
    (rejected,) = await send(world, journal.id)
    assert (rejected.status, rejected.gathering) == (JournalStatus.REJECTED, False)
    await takings(world, 2)
    erp.call("PUT", "/accounts/4000", {"name": "4000", "type": "income", "active": True})
    await world.operations.send_journals.retry(world.tenant_id, journal.id, "ops")
    first, further = await world.journals()
    assert [first.status, further.status, further.gathering] == [JournalStatus.SENT, JournalStatus.OPEN, True]
    assert (first.transactions, further.transactions) == (1, 1)


async def test_an_invalid_journal_that_goes_by_itself_is_tried_again_with_what_came_late(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    erp.call("PUT", "/accounts/4000", {"name": "4000", "type": "income", "active": False})
    await takings(world, 1)
    world.clock.forward(minutes=15)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.INVALID]
    erp.call("PUT", "/accounts/4000", {"name": "4000", "type": "income", "active": True})
    await takings(world, 2)
    assert await world.statuses() == [JournalStatus.OPEN]
    world.clock.forward(minutes=15)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT]
    assert erp.balances() == {"1000": "20.00", "4000": "-20.00"}


async def test_an_opening_event_is_marked_on_its_own(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    await takings(world, 1, opening=True)
    await takings(world, 2)
    await takings(world, 3, opening=True)
    journals = await world.journals()
    assert [(journal.status, journal.gathering, journal.transactions) for journal in journals] == [
        (JournalStatus.MARKED_AS_SENT, False, 1),
        (JournalStatus.OPEN, True, 1),
        (JournalStatus.MARKED_AS_SENT, False, 1),
    ]


async def test_totals_and_the_summary_count_what_is_gathered(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    for number in range(3):
        await takings(world, number, currency="USD", exchange_rate="2")
    journal = await the_journal(world)
    assert (journal.debit_total, journal.base_debit_total) == (3000, 6000)
    async with world.units_of_work(world.tenant_id) as uow:
        summary = await uow.journals.summary("erp")
        assert (summary.oldest_not_sent, summary.transactions_not_posted, summary.debit_total) == (journal.accounting_date, 3, 6000)
        await uow.journals.update(replace(journal, status=JournalStatus.QUEUED), "test")
        await uow.commit()
    queued = await the_journal(world)
    assert (queued.gathering, queued.debit_total, queued.base_debit_total) == (False, 3000, 6000)


@dataclass
class Meanwhile:
    """A connection on which something happens while the ERP is asked."""

    connection: Any
    happens: Callable[[], Awaitable[None]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        answered: Answered[ValidateOutcome] = await self.connection.validate(prepared)
        await self.happens()
        return answered


async def test_a_verdict_is_not_taken_where_a_transaction_came_meanwhile(
    world: World, erp: ReferenceErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    await takings(world, 1)
    journal = await the_journal(world)
    use_case = world.operations.validate_journals.one
    connect = use_case._connect
    monkeypatch.setattr(use_case, "_connect", lambda *given: Meanwhile(connect(*given), lambda: takings(world, 2)))
    assert [each.status for each in await validate(world, journal.id)] == [JournalStatus.OPEN]
    monkeypatch.undo()
    assert [each.status for each in await validate(world, journal.id)] == [JournalStatus.VALID]


async def test_many_events_add_to_a_day_while_it_is_validated(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    await takings(world, 0)
    journal = await the_journal(world)

    async def check() -> None:
        for _ in range(5):
            await validate(world, journal.id)

    services = [world.service() for _ in range(4)]
    await asyncio.gather(check(), *(takings(services[number % 4], number) for number in range(1, 21)), check())
    gathered = await the_journal(world)
    assert (gathered.transactions, gathered.debit_total) == (21, 21_000)
    assert [each.status for each in await validate(world, journal.id)] == [JournalStatus.VALID]
    assert [each.status for each in await send(world, journal.id)] == [JournalStatus.SENT]
    assert erp.balances() == {"1000": "210.00", "4000": "-210.00"}


@pytest.fixture
def three_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_journals, "MOST_GATHERED", 3)


@pytest.mark.usefixtures("three_at_most")
async def test_a_full_day_goes_on_in_a_further_journal(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    for number in range(7):
        await takings(world, number)
    journals = await world.journals()
    assert [(each.transactions, each.gathering, each.debit_total) for each in journals] == [
        (3, False, 3000),
        (3, False, 3000),
        (1, True, 1000),
    ]
    assert len({journal.lane_key for journal in journals}) == 3
    assert await steps(world, journals[0].id) == [("full", "open")]
    assert len(set(await members(world))) == 7
    world.clock.forward(minutes=15)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT] * 3
    assert erp.balances() == {"1000": "70.00", "4000": "-70.00"}


@pytest.mark.usefixtures("three_at_most")
async def test_an_event_that_brings_more_than_a_journal_takes_fills_several(world: World, erp: ReferenceErp) -> None:
    numbers = [f"PO-{number}" for number in range(7)]
    for number in numbers:
        await world.record(number, "order.created", order(number))
    await world.add_endpoint(erp.url, grouping="daily")
    lines = [{"order_number": number, "line_number": 1, "quantity": "1", "amount": "10.50"} for number in numbers]
    result = await world.record("invoice", "invoice.matched", invoice(lines=lines))
    assert len(result.transactions) == 7
    assert [(each.transactions, each.gathering) for each in await world.journals()] == [(3, False), (3, False), (1, True)]
    assert await members(world) == [each.transaction.id for each in result.transactions]


@pytest.mark.usefixtures("three_at_most")
@pytest.mark.parametrize("account", ["4000", "4001"])
async def test_what_was_said_of_a_full_journal_still_counts(world: World, erp: ReferenceErp, account: str) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    if account != "4000":
        erp.call("PUT", "/accounts/4000", {"name": "4000", "type": "income", "active": False})
    for number in range(3):
        await takings(world, number)
    (checked,) = await validate(world, (await the_journal(world)).id)
    await takings(world, 3)
    full, further = await world.journals()
    assert (full.status, full.version, full.problems) == (checked.status, checked.version, checked.problems)
    assert checked.status is (JournalStatus.VALID if account == "4000" else JournalStatus.INVALID)
    assert (full.gathering, full.transactions, full.debit_total) == (False, 3, 3000)
    assert (further.gathering, further.transactions, further.status) == (True, 1, JournalStatus.OPEN)


@pytest.mark.usefixtures("three_at_most")
async def test_a_verdict_that_was_under_way_while_a_journal_became_full_counts(
    world: World, erp: ReferenceErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    for number in range(3):
        await takings(world, number)
    journal = await the_journal(world)
    use_case = world.operations.validate_journals.one
    connect = use_case._connect
    monkeypatch.setattr(use_case, "_connect", lambda *given: Meanwhile(connect(*given), lambda: takings(world, 3)))
    assert [(each.status, each.gathering) for each in await validate(world, journal.id)] == [(JournalStatus.VALID, False)]
    assert [each.transactions for each in await world.journals()] == [3, 1]


@pytest.mark.usefixtures("three_at_most")
async def test_many_events_at_once_fill_journals_and_lose_none(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    services = [world.service() for _ in range(4)]
    await asyncio.gather(*(takings(services[number % 4], number) for number in range(30)))
    journals = await world.journals()
    assert sum(journal.transactions for journal in journals) == len(set(await members(world))) == 30
    assert [journal.gathering for journal in journals].count(True) == 1
    both = [one.transactions + following.transactions for one, following in pairwise(sorted(journals, key=lambda each: each.reference))]
    assert all(together > 3 for together in both), "a further journal only where what came at once did not fit into the one before"
    assert sum(journal.debit_total for journal in journals) == 30_000
    world.clock.forward(minutes=15)
    await world.deliver()
    assert set(await world.statuses()) == {JournalStatus.SENT}
    assert erp.balances() == {"1000": "300.00", "4000": "-300.00"}


async def test_many_events_at_once_make_one_journal_of_a_new_day(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily")
    services = [world.service() for _ in range(4)]
    await asyncio.gather(*(takings(services[number % 4], number) for number in range(20)))
    assert (await the_journal(world)).transactions == 20


async def waiting_for_locks(world: World, count: int) -> None:
    """Returns once so many statements wait for a lock of this database."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with world.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while (await connection.execute(query)).scalar_one() < count:
            await asyncio.sleep(0.01)


async def test_events_that_waited_while_a_journal_was_checked_do_not_wait_for_each_other(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")
    await takings(world, 0)
    async with world.units_of_work(world.tenant_id) as uow:
        journal = await uow.journals.get((await the_journal(world)).id, lock=True)
        assert journal is not None
        await uow.journals.update(replace(journal, status=JournalStatus.VALID), "test")
        events = asyncio.gather(*(takings(world.service(), number) for number in range(1, 5)))
        await waiting_for_locks(world, 4)
        await uow.commit()
    await events
    after = await the_journal(world)
    assert (after.status, after.transactions, after.version) == (JournalStatus.OPEN, 5, 3)


async def test_who_locks_a_journal_sees_all_that_was_added_before(world: World, erp: ReferenceErp) -> None:
    result = await world.record("before", "entry.recorded", entry("T-0", amount="10.00", date=DAY))
    await world.add_endpoint(erp.url, grouping="daily")
    await takings(world, 1)
    journal = await the_journal(world)

    async def locked() -> Journal | None:
        async with world.units_of_work(world.tenant_id) as uow:
            return await uow.journals.get(journal.id, lock=True)

    async with world.units_of_work(world.tenant_id) as uow:
        member = Member(transaction_id=result.transactions[0].transaction.id, lines=2, totals=Amounts(1000, 1000))
        assert await uow.journals.gather(journal, [member], "T3STS1", most=1_000) == (journal.id, JournalStatus.OPEN)
        waiting = asyncio.create_task(locked())
        await waiting_for_locks(world, 1)
        await uow.commit()
    seen = await waiting
    assert seen is not None
    assert (seen.version, seen.transactions, seen.debit_total, seen.base_debit_total) == (1, 2, 2000, 2000)


async def test_nothing_is_lost_or_doubled_where_a_day_closes_again_and_again(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, grouping="daily", release="manual")

    async def close() -> None:
        for _ in range(6):
            for journal in await world.journals():
                try:
                    await validate(world, journal.id)
                    await send(world, journal.id)
                except DomainError:
                    pass  # it was sent, or a transaction came between: the next round sees it again
            await asyncio.sleep(0)

    services = [world.service() for _ in range(4)]
    await asyncio.gather(close(), *(takings(services[number % 4], number) for number in range(20)), close())
    await close()
    assert {journal.status for journal in await world.journals()} == {JournalStatus.SENT}
    found = await members(world)
    assert len(found) == len(set(found)) == 20
    assert sum(journal.debit_total for journal in await world.journals()) == 20_000
    assert erp.balances() == {"1000": "200.00", "4000": "-200.00"}


async def test_a_day_over_the_api(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    erp.load_chart({"2100": "liability", "2110": "liability", "2120": "liability", "E1": "expense"})
    body = {"adapter": "json", "url": erp.url, "credentials": {"token": "erp-token"}, "starts_on": "2026-01-01", "omit": ["ap"]}
    answer = await api("PUT", "/v1/erp-endpoints/gl?preset=daily_journals", body)
    assert answer.status_code == 201, answer.text
    same_day = {"receipt_date": "2026-11-02"}
    shipping = [{"kind": "shipping", "amount": "5.00"}]
    sent = [
        event("1", "order.created", order(charges=shipping)),
        event("2", "goods.received", receipt(quantity="2") | same_day),
        event("3", "invoice.matched", invoice(quantity="2", amount="21.00", invoice_date="2026-11-02", charges=shipping)),
    ]
    for each in sent:
        answer = await api("POST", "/v1/events", each)
        assert answer.status_code == 201, answer.text
    listed = (await api("GET", "/v1/journals?from=2026-11-02&to=2026-11-02")).json()
    (journal,) = listed["items"]
    assert (journal["status"], journal["gathering"], journal["debit_total"]) == ("open", True, "78.00")
    assert listed["summary"]["transactions_not_posted"] == {"count": 3, "debit_total": "78.00"}
    details = (await api("GET", f"/v1/journals/{journal['id']}")).json()
    assert details["omit"] == ["ap"]
    assert [(line["line"], line["role"], line["side"], line["amount"]) for line in details["lines"]] == [
        (1, "estimate", "credit", "26.00"),
        (2, "expense", "debit", "26.00"),
        (3, "estimate", "debit", "26.00"),
        (4, "grni", "credit", "26.00"),
        (5, "grni", "debit", "26.00"),
        (6, "expense", "credit", "26.00"),
    ]
    for action, status in (("validate", "valid"), ("send", "sent")):
        answer = await api("POST", f"/v1/journals/{action}", {"endpoint": "gl", "from": "2026-11-02", "to": "2026-11-02"})
        assert [item["status"] for item in answer.json()["items"]] == [status], answer.text
    (done,) = (await api("GET", "/v1/journals?from=2026-11-02&to=2026-11-02")).json()["items"]
    assert (done["gathering"], done["debit_total"]) == (False, "78.00")
    assert set(erp.balances().values()) == {"0.00"}
