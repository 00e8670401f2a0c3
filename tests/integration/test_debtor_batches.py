"""Batches of debtor transactions on a real database: posted whole, once, and only where they come to their control total."""

import asyncio
import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.application.configure.master_kinds import DEBTOR, GL_INTERFACE, SALES_TERRITORY
from app.application.debtor_batches.keep_batch import MOST_ENTRIES
from app.application.ports.debtor_batches import DebtorBatch
from app.domain.accounts import Account, AccountType
from app.domain.debtors import Debtor, GlInterface, SalesTerritory
from app.domain.errors import (
    Conflict,
    ControlTotalDiffers,
    DebtorBatchPosted,
    DebtorTransactionExists,
    DomainError,
    EventIdReused,
    GlInterfaceMissing,
    Invalid,
    NotFound,
)
from tests.world import World

pytestmark = pytest.mark.anyio

RECORD = GlInterface(
    code="TOTAL", description="", trade_debtors_account="Debtors", invoice_account="Sales", journal_account="Adjusted", tax_account="GST"
)


def data(number: str, amount: str = "100.00", kind: str = "invoice", **more: Any) -> dict[str, Any]:
    """15 % of tax besides."""
    lines = [{"description": "Work", "amount": amount}]
    tax = str((Decimal(amount) * 15 / 100).quantize(Decimal("0.01")))
    return {
        "transaction_number": number,
        "kind": kind,
        "debtor": "D1",
        "date": "2026-11-03",
        "currency": "NZD",
        "lines": lines,
        "tax": tax,
    } | more


@pytest.fixture
async def ledger(world: World) -> World:
    async with world.units_of_work(world.tenant_id) as uow:
        types = {"Debtors": AccountType.ASSET, "Sales": AccountType.INCOME, "Adjusted": AccountType.EXPENSE, "GST": AccountType.LIABILITY}
        for number, (name, account_type) in enumerate(types.items()):
            await uow.accounts.put(Account(name=name, code=f"8{number}00", type=account_type))
        await GL_INTERFACE.pick(uow).put([RECORD])
        await SALES_TERRITORY.pick(uow).put([SalesTerritory(code="T", name="Territory")])
        await DEBTOR.pick(uow).put([Debtor(code="D1", name="One", sales_territory="T")])
        await uow.commit()
    return world


async def opened(world: World, count: int, amount: str, actor: str = "pia") -> DebtorBatch:
    return await world.operations.debtor_batches.keep.open(
        world.tenant_id, actor, description="Monday", currency="NZD", count=count, amount=Decimal(amount)
    )


async def put(world: World, batch: DebtorBatch, given: dict[str, Any], actor: str = "pia", entry_id: uuid.UUID | None = None) -> uuid.UUID:
    entry = await world.operations.debtor_batches.entries.put(world.tenant_id, actor, batch.id, entry_id or uuid.uuid4(), given)
    return entry.id


async def query(world: World, sql: str) -> list[tuple[Any, ...]]:
    async with world.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql), {"tenant_id": world.tenant_id})]


async def posted_numbers(world: World) -> list[str]:
    found = await query(world, "SELECT kind || ' ' || number FROM debtor_document WHERE tenant_id = :tenant_id ORDER BY 1")
    return [number for (number,) in found]


async def test_it_is_posted_whole_once_it_agrees(ledger: World) -> None:
    await ledger.add_endpoint("http://127.0.0.1:9", release="manual")
    use = ledger.operations.debtor_batches
    batch = await opened(ledger, 3, "103.50")
    await put(ledger, batch, data("I-1"))
    await put(ledger, batch, data("I-2", "20.00"))
    with pytest.raises(ControlTotalDiffers, match=r"2 entered of 3, by 34\.50"):
        await use.post(ledger.tenant_id, "paul", batch.id)
    await put(ledger, batch, data("C-1", "30.00", "credit_note"))
    assert await posted_numbers(ledger) == []
    await use.post(ledger.tenant_id, "paul", batch.id)
    assert await posted_numbers(ledger) == ["credit_note C-1", "invoice I-1", "invoice I-2"]
    shown = await use.read.one(ledger.tenant_id, batch.id)
    assert (shown.batch.posted_by, shown.batch.posted_at, shown.agrees) == ("paul", ledger.clock.now(), True)
    transactions = [
        (await ledger.operations.browse.transaction(ledger.tenant_id, each.entry.transaction_id))
        for each in shown.entries
        if each.entry.transaction_id
    ]
    assert [each.transaction.document.number for each in transactions] == ["I-1", "I-2", "C-1"]
    assert all(each.delivery for each in transactions)
    sources = await query(ledger, "SELECT DISTINCT source, type, status FROM event WHERE tenant_id = :tenant_id")
    assert sources == [("glint:people/pia", "debtor.transaction", "posted")]
    audit = await query(ledger, "SELECT actor, command, subject FROM audit_log WHERE tenant_id = :tenant_id ORDER BY audit_id DESC LIMIT 4")
    assert audit[0] == ("paul", "debtor_batch.post", "1")
    assert {each[:2] for each in audit[1:]} == {("paul", "debtor_transaction.enter")}
    assert (await ledger.operations.verify(ledger.tenant_id)).differences == ()


async def test_nothing_of_it_is_posted_where_one_is_refused(ledger: World) -> None:
    batch = await opened(ledger, 2, "138.00")
    await put(ledger, batch, data("I-1"))
    await put(ledger, batch, data("I-2", "20.00"))
    async with ledger.units_of_work(ledger.tenant_id) as uow:
        await GL_INTERFACE.pick(uow).delete("TOTAL")
        await uow.commit()
    with pytest.raises(GlInterfaceMissing, match=r"^invoice I-1: GL interface record TOTAL is missing"):
        await ledger.operations.debtor_batches.post(ledger.tenant_id, "pia", batch.id)
    assert await posted_numbers(ledger) == []
    assert await query(ledger, "SELECT count(*) FROM event WHERE tenant_id = :tenant_id") == [(0,)]
    assert not (await ledger.operations.debtor_batches.read.one(ledger.tenant_id, batch.id)).batch.is_posted


async def test_two_people_who_post_it_at_once_post_it_once(ledger: World) -> None:
    batch = await opened(ledger, 1, "115.00")
    await put(ledger, batch, data("I-1"))
    post = ledger.operations.debtor_batches.post
    results = await asyncio.gather(*(post(ledger.tenant_id, name, batch.id) for name in ("pia", "paul")), return_exceptions=True)
    assert [type(each) for each in results if isinstance(each, DomainError)] == [DebtorBatchPosted]
    assert await posted_numbers(ledger) == ["invoice I-1"]


async def test_what_is_posted_is_not_changed_any_more(ledger: World) -> None:
    use = ledger.operations.debtor_batches
    batch = await opened(ledger, 1, "115.00")
    entry_id = await put(ledger, batch, data("I-1"))
    await use.post(ledger.tenant_id, "pia", batch.id)
    for change in (
        put(ledger, batch, data("I-2")),
        use.entries.remove(ledger.tenant_id, "pia", batch.id, entry_id),
        use.keep.change(ledger.tenant_id, "pia", batch.id, description="", count=1, amount=Decimal(1)),
        use.keep.discard(ledger.tenant_id, "pia", batch.id),
        use.post(ledger.tenant_id, "pia", batch.id),
    ):
        with pytest.raises(DebtorBatchPosted):
            await change


async def test_numbers_are_looked_at_when_entered_and_again_when_posted(ledger: World) -> None:
    use = ledger.operations
    await use.enter_debtor_transaction.save(ledger.tenant_id, "pia", uuid.uuid4(), data("I-1"))
    batch = await opened(ledger, 1, "115.00")
    with pytest.raises(DebtorTransactionExists, match="used for this kind before"):
        await put(ledger, batch, data("I-1"))
    entry_id = await put(ledger, batch, data("I-2"))
    with pytest.raises(DebtorTransactionExists, match="the batch has a transaction of this kind and number already"):
        await put(ledger, batch, data("I-2"))
    await put(ledger, batch, data("I-2", "100.00", debtor="D1"), entry_id=entry_id)
    await use.enter_debtor_transaction.save(ledger.tenant_id, "pia", uuid.uuid4(), data("I-2"))
    assert [each.number_used for each in (await use.debtor_batches.read.one(ledger.tenant_id, batch.id)).entries] == [True]
    with pytest.raises(DebtorTransactionExists, match=r"^invoice I-2: "):
        await use.debtor_batches.post(ledger.tenant_id, "pia", batch.id)


async def test_a_form_that_was_saved_by_itself_is_not_posted_again_by_a_batch(ledger: World) -> None:
    entry_id = uuid.uuid4()
    await ledger.operations.enter_debtor_transaction.save(ledger.tenant_id, "pia", entry_id, data("I-1"))
    batch = await opened(ledger, 1, "115.00")
    await put(ledger, batch, data("I-2"), entry_id=entry_id)
    with pytest.raises(EventIdReused, match=r"^invoice I-2 was entered by itself before"):
        await ledger.operations.debtor_batches.post(ledger.tenant_id, "pia", batch.id)
    assert await posted_numbers(ledger) == ["invoice I-1"]


async def test_entries_are_changed_removed_and_keep_their_places(ledger: World) -> None:
    use = ledger.operations.debtor_batches
    batch = await opened(ledger, 2, "46.00")
    first = await put(ledger, batch, data("I-1"))
    second = await put(ledger, batch, data("I-2"))
    third = await put(ledger, batch, data("I-3"))
    await use.entries.remove(ledger.tenant_id, "pia", batch.id, second)
    await put(ledger, batch, data("I-1", "20.00"), actor="paul", entry_id=first)
    await put(ledger, batch, data("I-3", "20.00"), entry_id=third)
    shown = await use.read.one(ledger.tenant_id, batch.id)
    assert [(each.entry.number, each.entry.position, each.entry.entered_by) for each in shown.entries] == [
        ("I-1", 1, "paul"),
        ("I-3", 3, "pia"),
    ]
    assert shown.agrees
    with pytest.raises(NotFound):
        await use.entries.remove(ledger.tenant_id, "pia", batch.id, second)
    commands = await query(
        ledger, "SELECT command FROM audit_log WHERE tenant_id = :tenant_id AND command LIKE 'debtor_batch.%' ORDER BY audit_id"
    )
    assert [each for (each,) in commands] == [
        "debtor_batch.open",
        *["debtor_batch.enter"] * 3,
        "debtor_batch.remove",
        *["debtor_batch.enter"] * 2,
    ]


async def test_what_is_entered_is_looked_over_as_if_it_were_posted(ledger: World) -> None:
    batch = await opened(ledger, 1, "115.00")
    for given, pointer in (
        (data("I-1", debtor="D9"), "/debtor"),
        (data("I-1", lines=[{"amount": "x"}]), "/lines/0/amount"),
        (data("I-1", currency="AUD", exchange_rate="1.1"), "/currency"),
    ):
        with pytest.raises(Invalid) as refused:
            await put(ledger, batch, given)
        assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_a_batch_takes_so_many(ledger: World) -> None:
    batch = await opened(ledger, MOST_ENTRIES, "1.00")
    copies = """INSERT INTO debtor_batch_item (tenant_id, batch_id, item_id, position, kind, number, amount, data, entered_by)
        SELECT tenant_id, batch_id, gen_random_uuid(), n, 'invoice', 'N-' || n, 1, '{}', 'pia'
        FROM debtor_batch, generate_series(1, 200) n"""
    async with ledger.engine.begin() as connection:
        await connection.execute(text(copies))
    with pytest.raises(Conflict, match="at most 200"):
        await put(ledger, batch, data("I-1"))


async def test_control_totals_are_sound(ledger: World) -> None:
    for count, amount, pointer in (
        (0, "1.00", "/control_count"),
        (201, "1.00", "/control_count"),
        (1, "1.005", "/control_amount"),
        (1, "1e17", "/control_amount"),
    ):
        with pytest.raises(Invalid) as refused:
            await opened(ledger, count, amount)
        assert [fault.pointer for fault in refused.value.faults] == [pointer]
    with pytest.raises(Invalid):
        await ledger.operations.debtor_batches.keep.open(
            ledger.tenant_id, "pia", description="", currency="XYZ", count=1, amount=Decimal(1)
        )


async def test_batches_are_numbered_and_listed_newest_first_with_what_is_entered(ledger: World) -> None:
    use = ledger.operations.debtor_batches
    batches = await asyncio.gather(*(opened(ledger, 1, "-23.00") for _ in range(4)))
    assert sorted(batch.number for batch in batches) == [1, 2, 3, 4]
    last = next(batch for batch in batches if batch.number == 4)
    await put(ledger, last, data("C-1", "20.00", "credit_note"))
    await use.keep.change(ledger.tenant_id, "paul", last.id, description="Tuesday", count=2, amount=Decimal("-46.00"))
    first_page = await use.read.page(ledger.tenant_id, before=None, limit=2)
    assert [(batch.number, batch.description, entered.count, entered.amount) for batch, entered in first_page] == [
        (4, "Tuesday", 1, -2300),
        (3, "Monday", 0, 0),
    ]
    assert [batch.number for batch, _ in await use.read.page(ledger.tenant_id, before=3, limit=2)] == [2, 1]
    await use.keep.discard(ledger.tenant_id, "pia", last.id)
    with pytest.raises(NotFound):
        await use.read.one(ledger.tenant_id, last.id)
    audit = await query(
        ledger, "SELECT command, subject, detail->>'amount' FROM audit_log WHERE tenant_id = :tenant_id ORDER BY audit_id DESC LIMIT 1"
    )
    assert audit == [("debtor_batch.discard", "4", "-23.00")]


REFUSED = {
    "what differs is posted": (
        "UPDATE debtor_batch SET status = 'posted', posted_by = 'x', posted_at = now() WHERE number = 2",
        "debtor_batch_control_total",
    ),
    "posted by nobody": ("UPDATE debtor_batch SET posted_at = now() WHERE number = 2", "debtor_batch_posted_check"),
    "a posted one is opened": (
        "UPDATE debtor_batch SET status = 'open', posted_by = NULL, posted_at = NULL WHERE number = 1",
        "debtor_batch_immutable",
    ),
    "a posted one is deleted": ("DELETE FROM debtor_batch WHERE number = 1", "debtor_batch_immutable"),
    "a posted entry is changed": (
        "UPDATE debtor_batch_item SET amount = 1 WHERE transaction_id IS NOT NULL",
        "debtor_batch_item_immutable",
    ),
    "a posted entry is deleted": ("DELETE FROM debtor_batch_item WHERE transaction_id IS NOT NULL", "debtor_batch_item_immutable"),
    "an entry joins a posted one": (
        """INSERT INTO debtor_batch_item (tenant_id, batch_id, item_id, position, kind, number, amount, data, entered_by)
        SELECT tenant_id, batch_id, gen_random_uuid(), 9, 'invoice', 'X', 1, '{}', 'x' FROM debtor_batch WHERE number = 1""",
        "debtor_batch_item_immutable",
    ),
    "an entry moves out of a posted one": (
        """UPDATE debtor_batch_item SET batch_id = (SELECT batch_id FROM debtor_batch WHERE number = 2)
        WHERE transaction_id IS NOT NULL""",
        "debtor_batch_item_immutable",
    ),
    "none is expected": ("UPDATE debtor_batch SET control_count = 0 WHERE number = 2", "debtor_batch_control_count_check"),
}


async def test_the_database_keeps_the_rules_by_itself(ledger: World) -> None:
    batch = await opened(ledger, 1, "115.00")
    await put(ledger, batch, data("I-1"))
    await ledger.operations.debtor_batches.post(ledger.tenant_id, "pia", batch.id)
    other = await opened(ledger, 1, "115.00")
    await put(ledger, other, data("I-2", "99.00"))
    for name, (sql, constraint) in REFUSED.items():
        with pytest.raises(DBAPIError) as refused:
            async with ledger.engine.begin() as connection:
                await connection.execute(text(sql))
        assert getattr(refused.value.orig.__cause__, "constraint_name", None) == constraint, name  # type: ignore[union-attr]
