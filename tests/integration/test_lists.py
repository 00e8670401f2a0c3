"""Lists page by page on a real database: whatever they are narrowed by, the pages together are what was asked for, in commit order."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

import pytest

from app.application.ports.events import EventStatus
from app.application.ports.journals import Journal
from app.application.ports.transactions import TransactionFilter
from tests.events import entry, order, receipt
from tests.world import World

pytestmark = pytest.mark.anyio

FIRST = date(2026, 6, 1)
DAYS = (9, 0, 4, 9, 2, 700, 4, 1, 9, 3)
"""After the first, in the order in which entries were recorded: neither by day nor within one span."""


class Placed(Protocol):
    @property
    def place(self) -> int: ...


Item = TypeVar("Item", bound=Placed)


async def all_pages(page: Callable[[int], Awaitable[Sequence[Item]]]) -> list[Item]:
    """Two at a time."""
    found: list[Item] = []
    while items := await page(found[-1].place if found else 0):
        assert len(items) <= 2
        found += items
    return found


async def entries(world: World) -> None:
    for number, days in enumerate(DAYS):
        await world.record(f"e{number}", "entry.recorded", entry(f"T-{number}", date=str(FIRST + timedelta(days=days))))


async def numbers(world: World, **wanted: object) -> list[int]:
    """The entries found, by their places in `DAYS`."""
    sought = TransactionFilter(**wanted)  # type: ignore[arg-type]
    found = await all_pages(lambda place: world.operations.browse.transactions(world.tenant_id, sought, place, 2))
    return [int(each.transaction.subject.number.removeprefix("T-")) for each in found]


@pytest.mark.parametrize(("first", "last"), [(0, 9), (2, 4), (3, 700), (0, 1_000), (10, 600), (9, 9), (None, 4), (4, None)])
async def test_transactions_of_days_come_in_commit_order(world: World, first: int | None, last: int | None) -> None:
    await entries(world)
    span = {
        "date_from": None if first is None else FIRST + timedelta(days=first),
        "date_to": None if last is None else FIRST + timedelta(days=last),
    }
    expected = [number for number, days in enumerate(DAYS) if (first or 0) <= days <= (1_000 if last is None else last)]
    assert await numbers(world, **span) == expected
    assert await numbers(world, **span, account_code="4000", event_type="entry.recorded") == expected
    assert await numbers(world, **span, account_code="2000") == []
    assert await numbers(world, **span, event_type="order.created") == []


async def test_without_transactions_there_are_none_of_any_day(world: World) -> None:
    assert await numbers(world, date_from=FIRST) == []


@pytest.mark.parametrize(("first", "last"), [(0, 9), (2, 4), (0, 1_000)])
async def test_journals_of_days_come_in_their_order_from_all_endpoints(world: World, first: int, last: int) -> None:
    for name in ("a", "b"):
        await world.add_endpoint("http://127.0.0.1:9", name=name, release="manual", starts_on=FIRST)
    await entries(world)
    span = {"date_from": FIRST + timedelta(days=first), "date_to": FIRST + timedelta(days=last)}
    days = [FIRST + timedelta(days=each) for each in DAYS if first <= each <= last]
    for endpoint, times in ((None, 2), ("a", 1), ("none", 0)):
        async with world.units_of_work(world.tenant_id) as uow:
            journals = uow.journals
            found: list[Journal] = []
            while items := await journals.page(
                **span, endpoint=endpoint, status="open", after_place=found[-1].sequence if found else 0, limit=2
            ):
                found += items
            assert await journals.page(**span, endpoint=endpoint, status="sent", after_place=0, limit=2) == []
        assert [each.accounting_date for each in found] == [day for day in days for _ in range(times)]


async def test_events_are_found_by_order_type_and_status(world: World) -> None:
    await world.record("o1", "order.created", order("PO-1"))
    await world.record("early", "goods.received", receipt("PO-2"))
    await world.record("r1", "goods.received", receipt("PO-1"))
    await world.record("o3", "order.created", order("PO-3"))

    async def found(status: EventStatus | None = None, event_type: str | None = None, order_number: str | None = None) -> list[str]:
        page = world.operations.browse.events
        narrowed = {"status": status, "event_type": event_type, "order_number": order_number}
        stored = await all_pages(lambda place: page(world.tenant_id, **narrowed, after_place=place, limit=2))  # type: ignore[arg-type]
        return [each.external_id for each in stored]

    assert await found() == ["o1", "early", "r1", "o3"]
    assert await found(order_number="PO-1") == ["o1", "r1"]
    assert await found(order_number="PO-2") == ["early"]
    assert await found(order_number="PO-2", status=EventStatus.POSTED) == []
    assert await found(event_type="goods.received") == ["early", "r1"]
    assert await found(event_type="goods.received", order_number="PO-1") == ["r1"]
    assert await found(status=EventStatus.PARKED) == ["early"]
    assert await found(status=EventStatus.POSTED, event_type="order.created") == ["o1", "o3"]


async def test_orders_are_found_by_supplier_and_status(world: World) -> None:
    for number in range(4):
        supplier = {"code": "ACME" if number % 2 else "OTHER", "name": "S"}
        await world.record(f"o{number}", "order.created", order(f"PO-{number}", supplier=supplier))
    await world.record("c1", "order.closed", {"order_number": "PO-1", "reason": "done"})

    async def found(supplier: str | None, status: str | None) -> list[str]:
        listed = await all_pages(lambda place: world.operations.browse.orders(world.tenant_id, supplier, status, place, 2))
        return [each.number for each in listed]

    assert await found(None, None) == ["PO-0", "PO-1", "PO-2", "PO-3"]
    assert await found("ACME", None) == ["PO-1", "PO-3"]
    assert await found("ACME", "open") == ["PO-3"]
    assert await found(None, "closed") == ["PO-1"]
