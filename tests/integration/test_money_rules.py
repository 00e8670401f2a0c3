"""The money rules as the database itself keeps them, whoever writes to it and however. Each names its constraint."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, delete, insert, text, update

from app.adapters.postgres.tables import account_transaction, account_transaction_line, journal, journal_step, journal_transaction
from app.bootstrap import Container
from tests.books import BALANCED, DAY, Books, Refused

pytestmark = pytest.mark.anyio


@pytest.fixture
async def books(container: Container) -> AsyncIterator[Books]:
    async with container.engine.connect() as connection:
        yield Books(connection)


async def test_what_keeps_the_rules_is_posted(books: Books) -> None:
    await books.post()
    await books.post([("debit", 1000, 1050), ("credit", 1000, 1050)], currency="EUR")
    await books.post([("debit", 1000, 1050), ("credit", 1000, 1040), ("credit", 0, 10)], currency="EUR")
    assert await books.count(account_transaction_line) == 7


@pytest.mark.parametrize(
    ("lines", "currency"),
    [
        ([("debit", 1050, 1050), ("credit", 1049, 1049)], "NZD"),
        ([("debit", 1050, 1050)], "NZD"),
        ([("debit", 1050, 1050), ("debit", 1050, 1050)], "NZD"),
        ([("debit", 1000, 1050), ("credit", 1000, 1049)], "EUR"),
        ([("debit", 1000, 1050), ("credit", 999, 1050)], "EUR"),
    ],
)
async def test_debits_equal_credits_in_both_currencies(books: Books, lines: list[tuple[str, int, int]], currency: str) -> None:
    async with Refused(books, "account_transaction_balanced"):
        await books.post(lines, currency)
    assert await books.count(account_transaction) == 0


async def test_one_transaction_of_a_batch_cannot_make_up_for_another(books: Books) -> None:
    first, second = await books.header(), await books.header()
    rows = [
        (first, 1, "debit"),
        (second, 1, "credit"),
    ]
    values = [
        {
            "tenant_id": books.tenant_id,
            "transaction_id": transaction_id,
            "line": line,
            "role": "estimate",
            "ledger": "actual",
            "account_code": "2100",
            "side": side,
            "amount": 1,
            "base_amount": 1,
            "description": "",
            "accounting_date": DAY,
            "sequence": 0,
        }
        for transaction_id, line, side in rows
    ]
    async with Refused(books, "account_transaction_balanced"):
        await books.connection.execute(insert(account_transaction_line).values(values))


async def test_a_transaction_has_lines_when_it_is_committed(books: Books) -> None:
    await books.header()
    async with Refused(books, "account_transaction_not_empty"):
        await books.connection.commit()
    assert await books.count(account_transaction) == 0


async def test_nothing_is_added_to_what_is_posted(books: Books) -> None:
    transaction_id = await books.post()
    async with Refused(books, "account_transaction_immutable"):
        await books.lines(transaction_id, BALANCED, first=3)
    assert await books.count(account_transaction_line) == 2


@pytest.mark.parametrize(
    "lines", [[("debit", 0, 0), ("credit", 0, 0)], [("debit", -1, -1), ("credit", -1, -1)], [("debit", 1, -1), ("credit", 1, -1)]]
)
async def test_an_amount_is_never_negative_and_never_nothing_in_both(books: Books, lines: list[tuple[str, int, int]]) -> None:
    async with Refused(books, "account_transaction_line_amounts_check"):
        await books.post(lines, currency="EUR")


async def test_in_the_base_currency_both_amounts_are_the_same(books: Books) -> None:
    async with Refused(books, "account_transaction_base_amount"):
        await books.post([("debit", 1000, 1050), ("credit", 1000, 1050)], currency="NZD")


@pytest.mark.parametrize("change", [{"side": "left"}, {"ledger": "shadow"}])
async def test_sides_and_ledgers_are_those_there_are(books: Books, change: dict[str, str]) -> None:
    transaction_id = await books.header()
    row = {
        "line": 1,
        "role": "r",
        "ledger": "actual",
        "account_code": "1",
        "side": "debit",
        "amount": 1,
        "base_amount": 1,
        "description": "",
        "accounting_date": DAY,
        "sequence": 0,
    }
    (field,) = change
    async with Refused(books, f"account_transaction_line_{field}_check"):
        values = {"tenant_id": books.tenant_id, "transaction_id": transaction_id, **row, **change}
        await books.connection.execute(insert(account_transaction_line).values(values))


async def test_a_line_belongs_to_a_transaction_and_that_to_an_event(books: Books) -> None:
    async with Refused(books, "account_transaction_line_of_transaction"):
        await books.lines(uuid4(), BALANCED)
        await books.connection.commit()


@pytest.mark.parametrize("moved", [{"accounting_date": DAY + timedelta(days=1)}, {"sequence": -1}])
async def test_a_line_stands_where_its_transaction_does(books: Books, moved: dict[str, Any]) -> None:
    transaction_id = await books.header()
    rows = await books.line_rows(transaction_id, BALANCED)
    async with Refused(books, "account_transaction_line_place"):
        await books.connection.execute(insert(account_transaction_line).values([rows[0], rows[1] | moved]))


@pytest.mark.parametrize("table", [account_transaction, account_transaction_line])
async def test_what_is_posted_is_neither_changed_nor_deleted_nor_truncated(books: Books, table: Table) -> None:
    await books.post()
    mine = table.c.tenant_id == books.tenant_id
    async with Refused(books, "account_transaction_immutable"):
        await books.connection.execute(update(table).where(mine).values(description="other"))
    async with Refused(books, "account_transaction_immutable"):
        await books.connection.execute(delete(table).where(mine))
    async with Refused(books, "account_transaction_immutable"):
        await books.connection.execute(text(f"TRUNCATE {table.name} CASCADE"))
    assert await books.count(table) in (1, 2)


@pytest.mark.parametrize("values", [{"description": "other"}, {"debit_total": 1}, {"status": "open"}, {"number": "JE-2"}])
async def test_a_sent_journal_never_changes(books: Books, values: dict[str, Any]) -> None:
    journal_id = await books.journal(status="sent", number="JE-1")
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(update(journal).where(journal.c.journal_id == journal_id).values(**values))


async def test_a_reference_is_fixed_for_life(books: Books) -> None:
    journal_id = await books.journal()
    this = update(journal).where(journal.c.journal_id == journal_id)
    await books.connection.execute(this.values(status="valid"))
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(this.values(reference="another"))


async def test_a_reference_is_the_tenants_only_one_and_short(books: Books) -> None:
    await books.journal(reference="R-1")
    async with Refused(books, "journal_tenant_id_reference_key"):
        await books.journal(reference="R-1")
    async with Refused(books, "journal_reference_check"):
        await books.journal(reference="x" * 21)


async def test_no_journal_is_deleted(books: Books) -> None:
    journal_id = await books.journal()
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(delete(journal).where(journal.c.journal_id == journal_id))
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(text("TRUNCATE journal CASCADE"))


async def test_a_transaction_goes_to_an_endpoint_once_and_stays_in_its_journal(books: Books) -> None:
    transaction_id, journal_id, other = await books.post(), await books.journal(), await books.journal()
    row = {"tenant_id": books.tenant_id, "transaction_id": transaction_id, "endpoint": "erp", "debit_total": 1050, "base_debit_total": 1050}
    await books.connection.execute(insert(journal_transaction).values(journal_id=journal_id, **row))
    await books.connection.commit()
    async with Refused(books, "journal_transaction_group_key"):
        await books.connection.execute(insert(journal_transaction).values(journal_id=other, **row))
    mine = journal_transaction.c.tenant_id == books.tenant_id
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(update(journal_transaction).where(mine).values(journal_id=other))
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(delete(journal_transaction).where(mine))


async def test_only_an_open_journal_takes_a_transaction_and_only_a_gathering_one_takes_many(books: Books) -> None:
    first, second, third = await books.post(), await books.post(), await books.post()
    row = {"tenant_id": books.tenant_id, "endpoint": "erp", "debit_total": 1050, "base_debit_total": 1050}

    async def add(journal_id: UUID, transaction_id: UUID) -> None:
        await books.connection.execute(insert(journal_transaction).values(journal_id=journal_id, transaction_id=transaction_id, **row))

    daily, single, valid = await books.journal(gathering=True), await books.journal(), await books.journal(status="valid", gathering=True)
    await add(daily, first)
    await add(daily, second)
    await books.connection.commit()
    async with Refused(books, "journal_immutable"):
        await add(valid, third)
    row["endpoint"] = "other"
    await add(single, first)
    await books.connection.commit()
    async with Refused(books, "journal_immutable"):
        await add(single, second)


async def test_a_member_is_of_a_journal_and_of_a_transaction(books: Books) -> None:
    transaction_id, journal_id = await books.post(), await books.journal()
    row = {"tenant_id": books.tenant_id, "endpoint": "erp", "debit_total": 1050, "base_debit_total": 1050}
    await books.connection.commit()
    for wrong in ({"journal_id": uuid4(), "transaction_id": transaction_id}, {"journal_id": journal_id, "transaction_id": uuid4()}):
        async with Refused(books, "journal_transaction_of_both"):
            await books.connection.execute(insert(journal_transaction).values(**row, **wrong))


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "rejected", "failed", "unknown"])
async def test_a_journal_that_is_on_its_way_gathers_no_longer(books: Books, status: str) -> None:
    async with Refused(books, "journal_gathering_check"):
        await books.journal(status=status, gathering=True)


async def test_what_was_done_to_a_journal_is_never_changed(books: Books) -> None:
    journal_id = await books.journal()
    step = {"tenant_id": books.tenant_id, "journal_id": journal_id, "actor": "worker", "action": "send", "status": "sending"}
    await books.connection.execute(insert(journal_step).values(**step))
    await books.connection.commit()
    mine = journal_step.c.tenant_id == books.tenant_id
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(update(journal_step).where(mine).values(actor="somebody"))
    async with Refused(books, "journal_immutable"):
        await books.connection.execute(delete(journal_step).where(mine))


async def test_marked_as_sent_has_its_reason_and_nothing_else_has(books: Books) -> None:
    await books.journal(status="marked_as_sent", reason_code="not_required")
    async with Refused(books, "journal_marked_check"):
        await books.journal(status="marked_as_sent")
    async with Refused(books, "journal_marked_check"):
        await books.journal(status="open", reason_code="not_required")
