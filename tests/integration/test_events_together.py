"""A batch of events does what they would have done one by one, with as many statements for many of them as for a few."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from app.adapters.clock import TimeOrderedIds
from app.adapters.currencies import IsoCurrencies
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.application.events_in.envelope import open_envelope, read_event
from app.application.ports.events import EventStatus
from app.application.recorded import EventResult
from app.application.sent_events import LEAST_IN_A_PART, MOST_PARTS, Sent, in_parts
from app.domain.errors import DomainError, InvoiceExists
from tests.events import entry, event, invoice, order, receipt
from tests.random_events import RandomEvents
from tests.world import World, set_up_tenant

pytestmark = pytest.mark.anyio

BOOKS = {
    "events": """
        SELECT source, external_id, type, status, waits_for, subjects, problem ->> 'code', data, fingerprint,
               decision - 'manager_versions', decision -> 'manager_versions'
        FROM event WHERE tenant_id = :tenant_id ORDER BY source, external_id
    """,
    "log": """
        SELECT o.order_number, e.external_id, o.accounting_date, e.applied = o.applied
        FROM order_event o JOIN event e ON e.tenant_id = o.tenant_id AND e.event_id = o.event_id
        WHERE o.tenant_id = :tenant_id ORDER BY o.order_number, o.applied
    """,
    "orders": """
        SELECT order_number, supplier_code, supplier_name, currency, status, version, manager_version, state, posted, outstanding
        FROM purchase_order WHERE tenant_id = :tenant_id ORDER BY order_number
    """,
    "lines": """
        SELECT order_number, line_number, state, posted, outstanding FROM purchase_order_line
        WHERE tenant_id = :tenant_id ORDER BY order_number, line_number
    """,
    "invoices": """
        SELECT order_number, supplier_code, number, state FROM order_invoice
        WHERE tenant_id = :tenant_id ORDER BY order_number, supplier_code, number
    """,
    "documents": """
        SELECT d.supplier_code, d.number, e.external_id
        FROM supplier_document d JOIN event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id
        WHERE d.tenant_id = :tenant_id ORDER BY d.supplier_code, d.number
    """,
    "transactions": """
        SELECT t.subject_type, t.subject_number, e.external_id, t.event_type, t.supplier_code, t.document_number, t.document_date,
               t.accounting_date, t.currency, t.description, l.line, l.role, l.ledger, l.account, l.account_code, l.side, l.amount,
               l.base_amount, l.order_line, l.charge_code, l.description
        FROM account_transaction t
        JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id
        JOIN event e ON e.tenant_id = t.tenant_id AND e.event_id = t.event_id
        WHERE t.tenant_id = :tenant_id ORDER BY t.subject_type, t.subject_number, t.sequence, l.line
    """,
    "journals": """
        SELECT j.endpoint, CASE WHEN j.lane_key LIKE 'journal:%' THEN '' ELSE j.lane_key END, j.accounting_date, j.currency, j.status,
               j.part, j.omit, j.reason_code, m.lines, m.debit_total, m.base_debit_total, t.subject_number, e.external_id, d.wanted,
               l.due_at IS NULL
        FROM journal j
        JOIN journal_transaction m ON m.tenant_id = j.tenant_id AND m.journal_id = j.journal_id
        JOIN account_transaction t ON t.tenant_id = j.tenant_id AND t.transaction_id = m.transaction_id
        JOIN event e ON e.tenant_id = t.tenant_id AND e.event_id = t.event_id
        LEFT JOIN delivery d ON d.tenant_id = j.tenant_id AND d.journal_id = j.journal_id
        LEFT JOIN lane l ON l.tenant_id = j.tenant_id AND l.endpoint = j.endpoint AND l.lane_key = j.lane_key
        WHERE j.tenant_id = :tenant_id
        ORDER BY j.endpoint, t.subject_type, t.subject_number, j.part, t.sequence, m.group_number
    """,
    "lanes": """
        SELECT j.endpoint, j.lane_key, e.external_id
        FROM delivery d
        JOIN journal j ON j.tenant_id = d.tenant_id AND j.journal_id = d.journal_id
        JOIN journal_transaction m ON m.tenant_id = j.tenant_id AND m.journal_id = j.journal_id
        JOIN account_transaction t ON t.tenant_id = j.tenant_id AND t.transaction_id = m.transaction_id
        JOIN event e ON e.tenant_id = t.tenant_id AND e.event_id = t.event_id
        WHERE d.tenant_id = :tenant_id AND j.lane_key LIKE 'order:%' ORDER BY j.endpoint, j.lane_key, d.position, j.part, m.group_number
    """,
}
"""What is compared: everything but ids, instants, and the order of what is about different subjects."""


@pytest.fixture
async def other(world: World) -> World:
    """A second tenant, set up alike."""
    second = replace(world, tenant_id=TimeOrderedIds().new())
    await set_up_tenant(second, "Others", "OTH3RS")
    return second


async def books_of(world: World) -> dict[str, list[tuple[Any, ...]]]:
    async with world.engine.connect() as connection:
        rows = {name: await connection.execute(text(sql), {"tenant_id": world.tenant_id}) for name, sql in BOOKS.items()}
        return {name: [tuple(row) for row in each] for name, each in rows.items()}


async def alone(world: World, sent: object, *, dry_run: bool = False) -> EventResult | DomainError:
    try:
        return await world.operations.record_event(world.tenant_id, sent, dry_run=dry_run)
    except DomainError as error:
        return error


async def foretold(world: World, sent: object) -> EventResult | DomainError:
    """A dry run goes a way of its own, on which what was posted is read back: its answer must be what then becomes of the event."""
    expected = said(await alone(world, sent, dry_run=True))
    answer = await alone(world, sent)
    assert said(answer) == expected, sent
    return answer


async def together(world: World, sent: Sequence[object]) -> list[EventResult | DomainError]:
    return await world.operations.record_batch(world.tenant_id, sent)


def said(answer: EventResult | DomainError) -> tuple[Any, ...]:
    """An answer without ids and instants."""
    if isinstance(answer, DomainError):
        return (type(answer), str(answer), answer.faults)
    posted = [
        (each.transaction.lines, each.transaction.description, sorted((to.endpoint, to.status, to.erp_reference) for to in each.delivery))
        for each in answer.transactions
    ]
    return (answer.status, answer.duplicate, answer.order_numbers, posted, answer.problem)


def a_stream(seed: int) -> list[Any]:
    """Purchases, some of it out of order or twice; entries and their reversals; what is no event, and what nobody can read."""
    random = Random(seed)
    events: list[Any] = RandomEvents(seed, orders=4).take(90)
    for place in random.sample(range(1, len(events)), 12):
        events[place - 1], events[place] = events[place], events[place - 1]
    for number in range(6):
        events.insert(random.randrange(len(events)), event(f"t-{number}", "entry.recorded", entry(f"T-{number % 5}")))
        events.insert(
            random.randrange(len(events)),
            event(f"r-{number}", "entry.reversed", {"transaction_number": f"T-{number}", "reason": "counted twice"}),
        )
    for _ in range(8):
        events.insert(random.randrange(len(events)), random.choice(events))
    events.insert(random.randrange(len(events)), {"specversion": "1.0"})
    events.insert(random.randrange(len(events)), event("bad", "goods.received", {"order_number": "PO-1"}))
    again = random.choice([each for each in events if "data" in each])
    events.insert(random.randrange(len(events)), again | {"data": {"order_number": "PO-1"}})
    opening = order("PO-OPEN") | {"opening": True}
    events[3:3] = [
        event("opening", "order.created", opening),
        event("after", "goods.received", receipt("PO-OPEN", receipt_number="R-OPEN")),
    ]
    return events


@pytest.mark.parametrize("seed", range(6))
async def test_a_batch_posts_what_its_events_would_have_posted_one_by_one(world: World, other: World, seed: int) -> None:
    for each in (world, other):
        await each.add_endpoint("https://erp.invalid", name="each", max_lines=2)
        await each.add_endpoint("https://erp.invalid", name="daily", grouping="daily", release="manual", commitments="apart")
    stream, random = a_stream(seed), Random(seed)
    one_by_one = [await foretold(world, each) for each in stream]
    batches: list[EventResult | DomainError] = []
    while len(batches) < len(stream):
        batches += await together(other, stream[len(batches) : len(batches) + random.choice((2, 5, 40, 130))])
    for place, (ours, theirs) in enumerate(zip(batches, one_by_one, strict=True)):
        assert said(ours) == said(theirs), stream[place]
    kept, expected = await books_of(other), await books_of(world)
    for name in BOOKS:
        assert kept[name] == expected[name], name
    verified = await world.operations.verify(other.tenant_id)
    assert verified.equal, verified.differences


def purchases(count: int) -> list[dict[str, Any]]:
    """Orders with a receipt and an invoice each."""
    return [
        event(f"{kind}-{number}", kind, data)
        for number in range(count)
        for kind, data in (
            ("order.created", order(f"PO-{number}")),
            ("goods.received", receipt(f"PO-{number}", receipt_number=f"R-{number}")),
            ("invoice.matched", invoice(f"PO-{number}", invoice_number=f"I-{number}")),
            ("entry.recorded", entry(f"T-{number}")),
        )
    ]


async def statements_of(world: World, sending: Callable[[], Awaitable[Sequence[EventResult | DomainError]]]) -> int:
    """How many it takes, in which everything is posted or a duplicate."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sqlalchemy_event.listen(world.engine.sync_engine, "before_cursor_execute", note)
    try:
        answers = await sending()
    finally:
        sqlalchemy_event.remove(world.engine.sync_engine, "before_cursor_execute", note)
    assert [each.status if isinstance(each, EventResult) else each for each in answers] == [EventStatus.POSTED] * len(answers)
    return len(seen)


async def test_many_events_take_as_many_statements_as_a_few(world: World, other: World) -> None:
    for each in (world, other):
        await each.add_endpoint("https://erp.invalid")
        await each.add_endpoint("https://erp.invalid", name="daily", grouping="daily")
    few = await statements_of(world, lambda: together(world, purchases(2)))
    some = await statements_of(other, lambda: together(other, purchases(12)))
    many = await statements_of(world, lambda: together(world, purchases(100)))
    again = await statements_of(world, lambda: together(world, purchases(100)))
    assert some == few
    assert many <= MOST_PARTS * few + 1, "the set-up is read once more, to find what has to stay together"
    assert again <= many, "and so does a batch that comes again"


async def test_parts_of_a_batch_are_of_one_size_and_have_nothing_in_common(world: World) -> None:
    sent = purchases(100)
    sent.append(event("twice", "invoice.matched", invoice("PO-99", invoice_number="I-0")))
    before = await together(world, sent)
    refused = {place for place, answer in enumerate(before) if isinstance(answer, DomainError)}
    assert refused == {len(sent) - 1}, "the later of two invoices of one number, however far apart they are"
    numbers = [len(part) for part in await parts_of(world, purchases(100))]
    assert len(numbers) == MOST_PARTS
    assert max(numbers) - min(numbers) <= LEAST_IN_A_PART
    one_order = [event(f"r-{each}", "goods.received", receipt("PO-1", receipt_number=f"R-{each}", quantity="1")) for each in range(200)]
    assert [len(part) for part in await parts_of(world, one_order)] == [200]


async def parts_of(world: World, events: Sequence[object]) -> list[list[Sent]]:
    """How a batch of events would be divided; nothing is lost, and each part is in the order in which its events came."""
    now = world.clock.now()
    sent = []
    for place, each in enumerate(events):
        envelope = open_envelope(each)
        read = read_event(envelope, received_at=now, time_zone="Pacific/Auckland", currencies=IsoCurrencies())
        sent.append(Sent.of(place, envelope, read))
    parts = in_parts(sent)
    assert sorted(each.place for part in parts for each in part) == list(range(len(events)))
    assert all([each.place for each in part] == sorted(each.place for each in part) for part in parts)
    ties = [frozenset[object]().union(*(each.ties for each in part)) for part in parts]
    assert all(one.isdisjoint(another) for one, another in combinations(ties, 2))
    return parts


async def test_events_that_come_at_the_same_time_go_together(world: World) -> None:
    await world.add_endpoint("https://erp.invalid")
    orders = [event(f"o-{number}", "order.created", order(f"PO-{number}")) for number in range(30)]

    async def all_at_once() -> Sequence[EventResult | DomainError]:
        return await asyncio.gather(*(alone(world, each) for each in orders))

    one = await statements_of(world, lambda: together(world, [event("first", "order.created", order("PO-first"))]))
    assert await statements_of(world, all_at_once) <= 2 * one
    assert (await world.operations.verify(world.tenant_id)).equal


async def test_an_order_that_is_locked_keeps_nobody_else_waiting(world: World) -> None:
    units_of_work = PostgresUnitsOfWork(world.engine, IsoCurrencies())
    await together(world, [event(f"o-{number}", "order.created", order(f"PO-{number}")) for number in range(5)])
    sent = [event(f"r-{number}", "goods.received", receipt(f"PO-{number}")) for number in range(5)]
    async with units_of_work(world.tenant_id) as uow:
        await uow.orders.lock("order", ["PO-3"])
        coming = [asyncio.create_task(alone(world, each)) for each in sent]
        free = [each for place, each in enumerate(coming) if place != 3]
        done, _ = await asyncio.wait(free, timeout=30)
        assert len(done) == len(free)
        assert not coming[3].done()
    assert isinstance(await coming[3], EventResult)


async def test_one_that_is_refused_leaves_the_others_that_came_with_it(world: World) -> None:
    sent = [event(f"o-{number}", "order.created", order(f"PO-{number}")) for number in range(6)]
    sent[2] = event("bad", "goods.received", {"order_number": "PO-1"})
    answers = await asyncio.gather(*(alone(world, each) for each in sent))
    assert [place for place, answer in enumerate(answers) if isinstance(answer, DomainError)] == [2]


async def test_a_bad_event_in_the_middle_costs_the_others_nothing(world: World) -> None:
    sent = purchases(20)
    sent[50] = event("again", "invoice.matched", invoice("PO-12", invoice_number="I-3"))
    answers = await together(world, sent)
    assert [place for place, answer in enumerate(answers) if isinstance(answer, DomainError)] == [50]
    assert isinstance(answers[50], InvoiceExists)
    assert (await world.operations.verify(world.tenant_id)).equal


async def test_what_several_send_at_the_same_time_is_posted_once(world: World) -> None:
    sent = purchases(12)

    async def one_by_one(service: World) -> list[EventResult | DomainError]:
        return [await alone(service, each) for each in sent]

    async def at_once(service: World) -> list[EventResult | DomainError]:
        return await asyncio.gather(*(alone(service, each) for each in sent))

    answers = await asyncio.gather(
        together(world, sent),
        one_by_one(world),
        together(world, sent),
        together(world, [*reversed(sent)]),
        one_by_one(world.service()),
        at_once(world.service()),
        at_once(world.service()),
    )
    first = [each for answer in answers for each in answer if isinstance(each, EventResult) and not each.duplicate]
    assert len(first) == len({each.event_id for each in first}) == len(sent)
    assert {each.status for each in await together(world, sent) if isinstance(each, EventResult)} == {EventStatus.POSTED}
    verified = await world.operations.verify(world.tenant_id)
    assert verified.equal, verified.differences
