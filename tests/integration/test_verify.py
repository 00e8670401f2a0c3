"""`verify` says equal after random histories, also while others write, and finds every kind of tampering."""

import asyncio
import json
import uuid
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.adapters.postgres.repositories.ledger_statements import FOLD, FOLD_BEGIN, FOLD_END
from app.adapters.postgres.statements import statement
from app.adapters.postgres.tenant_directory import PostgresTenantDirectory
from app.application.verification import Difference, DifferenceKind, Verification
from app.cli import app
from app.domain.errors import DomainError
from tests.events import entry, event, invoice, order, receipt
from tests.tenant_wall import TenantWall
from tests.world import World

pytestmark = pytest.mark.anyio


async def verified(world: World) -> Verification:
    return await world.operations.verify(world.tenant_id)


async def history(world: World) -> None:
    """An order that is received, invoiced, credited and closed, a foreign one, and an entry that is reversed."""
    await world.record("e1", "order.created", order(charges=[{"kind": "shipping", "amount": "12.00"}]))
    await world.record("e2", "goods.received", receipt(quantity="2"))
    await world.record("e3", "invoice.matched", invoice(quantity="2", amount="20.00", tax=[{"amount": "3.00", "recoverable": True}]))
    foreign = order("PO-2", quantity="7", unit_price="3.335", currency="USD", exchange_rate="1.6667")
    await world.record("e4", "order.created", foreign)
    await world.record("e5", "goods.received", receipt("PO-2", quantity="3", exchange_rate="1.7"))
    await world.record("e6", "invoice.matched", invoice("PO-2", invoice_number="I-2", quantity="1", currency="USD", amount="3.40"))
    await world.record("e7", "entry.recorded", entry())
    await world.record("e8", "entry.reversed", {"transaction_number": "T-1", "date": "2026-11-04", "reason": "wrong day"})
    await world.record("e9", "order.closed", {"order_number": "PO-2", "reason": "done"})


async def corrupt(world: World, *statements: str) -> None:
    """What only the owner of the tables can do: triggers off, keys dropped. Every statement may name `:tenant_id`."""
    off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("account_transaction", "account_transaction_line")]
    off.append("ALTER TABLE account_transaction DROP CONSTRAINT IF EXISTS account_transaction_tenant_id_event_id_fkey")
    async with world.engine.begin() as connection:
        for each in (*off, "SET CONSTRAINTS ALL IMMEDIATE"):
            await connection.execute(text(each))
    async with world.engine.begin() as connection:
        for each in statements:
            changed = await connection.execute(text(each), {"tenant_id": world.tenant_id} if ":tenant_id" in each else {})
            assert changed.rowcount > 0, each


async def found(world: World, *statements: str) -> list[Difference]:
    """What is found after these corruptions; before them all is equal."""
    await history(world)
    before = await verified(world)
    assert before.equal, before.differences
    await corrupt(world, *statements)
    after = await verified(world)
    assert not after.equal
    assert after.difference_count == len(after.differences)
    return list(after.differences)


async def test_a_history_is_equal_and_counted(world: World) -> None:
    await history(world)
    report = await verified(world)
    assert report.equal, report.differences
    assert (report.totals.events, report.totals.orders, report.totals.transactions) == (9, 2, 9)
    assert report.totals.debit == report.totals.credit > 0


async def test_an_empty_tenant_is_equal(world: World) -> None:
    report = await verified(world)
    assert report.equal
    assert report.totals.events == report.totals.lines == 0


async def test_parked_refused_and_duplicate_events_change_nothing(world: World) -> None:
    await world.record("r1", "goods.received", receipt())
    with pytest.raises(DomainError):
        await world.record("x", "goods.received", receipt(quantity="0"))
    assert (await verified(world)).totals.events == 0
    await world.record("e1", "order.created", order())
    await world.record("e1", "order.created", order())
    report = await verified(world)
    assert report.equal, report.differences
    assert report.totals.events == 2


async def test_an_undated_event_keeps_the_day_of_the_time_zone_it_came_in(world: World) -> None:
    """The tenant moves across the date line afterwards."""
    undated = {name: value for name, value in receipt().items() if name != "receipt_date"}
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", undated)
    async with world.units_of_work(world.tenant_id) as uow:
        tenant = await uow.tenants.get()
        assert tenant is not None
        await uow.tenants.update(replace(tenant, time_zone="Pacific/Honolulu"))
        await uow.commit()
    report = await verified(world)
    assert report.equal, report.differences


# Tampering


LINE_OF_RECEIPT = """transaction_id = (SELECT transaction_id FROM account_transaction WHERE tenant_id = :tenant_id
    AND event_type = 'goods.received' AND subject_number = 'PO-1')"""


async def test_a_changed_line_amount(world: World) -> None:
    """Balanced in itself: both sides say one cent more."""
    changed = f"UPDATE account_transaction_line SET amount = amount + 1, base_amount = base_amount + 1 WHERE {LINE_OF_RECEIPT}"
    differences = await found(world, changed)
    lines = [each for each in differences if each.kind == "transaction_lines"]
    assert {(each.subject, each.order_line, each.what) for each in lines} == {("PO-1", 1, "a line differs")}
    assert any(each.stored and "2101 / 2101" in each.stored and each.replayed and "2100 / 2100" in each.replayed for each in lines)
    assert {each.key for each in differences if each.kind == "ledger_sum"} == {
        "estimate 2100 Estimate, charge code E1",
        "grni 2110 GRNI, charge code E1",
    }


async def test_a_missing_line(world: World) -> None:
    differences = await found(world, f"DELETE FROM account_transaction_line WHERE role = 'grni' AND {LINE_OF_RECEIPT}")
    assert {"a line is missing"} == {each.what for each in differences if each.kind == "transaction_lines"}
    assert [each.what for each in differences if each.kind == "total"] == ["debits and credits of all transactions, base minor units"]


async def test_a_transaction_that_lost_all_lines_and_one_that_is_gone(world: World) -> None:
    differences = await found(world, f"DELETE FROM account_transaction_line WHERE {LINE_OF_RECEIPT}")
    assert "a transaction without lines" in {each.what for each in differences}
    await corrupt(world, f"DELETE FROM account_transaction WHERE {LINE_OF_RECEIPT}")
    after = (await verified(world)).differences
    assert "an event without its transaction of 2 lines" in {each.what for each in after}


async def test_swapped_accounts(world: World) -> None:
    swapped = f"""UPDATE account_transaction_line SET
        account = CASE account WHEN 'GRNI' THEN 'Estimate' ELSE 'GRNI' END,
        account_code = CASE account WHEN 'GRNI' THEN '2100' ELSE '2110' END WHERE {LINE_OF_RECEIPT}"""
    differences = await found(world, swapped)
    assert len([each for each in differences if each.kind == "transaction_lines"]) == 2


async def test_swapped_sides_of_an_entry(world: World) -> None:
    """Reversed twice over it still balances; the event says otherwise."""
    swapped = """UPDATE account_transaction_line SET side = CASE side WHEN 'debit' THEN 'credit' ELSE 'debit' END WHERE role = 'entry'"""
    differences = await found(world, swapped)
    assert len([each for each in differences if each.kind == "transaction_lines" and each.subject == "T-1"]) == 4


async def test_an_entry_on_another_account_of_the_chart(world: World) -> None:
    """The event names Bank by its name: a code that Bank never had is found."""
    changed = "UPDATE account_transaction_line SET account_code = '2000' WHERE account = 'Bank'"
    differences = await found(world, changed)
    assert [(each.kind, each.key) for each in differences] == [("transaction_lines", "entry")] * 2


async def test_an_account_that_got_another_code_later_is_no_difference(world: World) -> None:
    await history(world)
    async with world.units_of_work(world.tenant_id) as uow:
        for code in ("1000", "1001"):
            await uow.audit.write("ops", "account.put", "Bank", {"account_code": code})
        await uow.commit()
    await corrupt(world, "UPDATE account SET account_code = '1001' WHERE tenant_id = :tenant_id AND name = 'Bank'")
    report = await verified(world)
    assert report.equal, report.differences


async def test_a_changed_posted_balance(world: World) -> None:
    changed = """UPDATE purchase_order_line SET posted = jsonb_set(posted, '{0,5}', '999')
        WHERE tenant_id = :tenant_id AND order_number = 'PO-1'"""
    differences = await found(world, changed)
    assert {each.kind for each in differences} == {"posted_balance", "ledger_sum"}
    (posted,) = [each for each in differences if each.kind == "posted_balance"]
    assert (posted.subject, posted.order_line) == ("PO-1", 1)
    assert posted.stored is not None
    assert posted.stored.startswith("999 / ")


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE purchase_order_line SET state = state || '{\"received\": 1}' WHERE order_number = 'PO-2'", "line 1: received"),
        ("UPDATE purchase_order SET state = state || '{\"closed\": false}' WHERE order_number = 'PO-2'", "order: closed"),
        ("UPDATE purchase_order SET status = 'open' WHERE order_number = 'PO-2'", "order: status"),
        ("UPDATE order_invoice SET state = state || '{\"rate\": \"2\"}' WHERE order_number = 'PO-2'", "invoice I-2 of ACME: rate"),
    ],
)
async def test_a_changed_state(world: World, statement: str, key: str) -> None:
    differences = await found(world, statement)
    assert [(each.kind, each.what, each.subject) for each in differences] == [("state", key, "PO-2")]


async def test_a_removed_event(world: World) -> None:
    differences = await found(world, "DELETE FROM event WHERE external_id = 'e2'")
    kinds = {each.what for each in differences}
    assert "a transaction without its event" in kinds
    assert "an event missing that moved the order" in kinds


async def test_the_event_that_created_an_order_is_gone(world: World) -> None:
    differences = await found(world, "DELETE FROM event WHERE external_id = 'e4'")
    assert any(each.kind == "replay" and each.subject == "PO-2" for each in differences)


async def test_an_event_removed_with_all_its_traces_in_the_log(world: World) -> None:
    gone = "DELETE FROM order_event WHERE event_id = (SELECT event_id FROM event WHERE external_id = 'e2')"
    differences = await found(world, gone, "DELETE FROM event WHERE external_id = 'e2'")
    assert "a transaction of an event that is not in the order's log" in {each.what for each in differences}
    assert "state" in {each.kind for each in differences}


async def test_an_event_that_lost_its_place_in_the_orders_log(world: World) -> None:
    gone = "DELETE FROM order_event WHERE event_id = (SELECT event_id FROM event WHERE external_id = 'e2')"
    assert "the event is not in the order's log with its accounting date" in {each.what for each in await found(world, gone)}


async def test_an_event_with_other_data(world: World) -> None:
    changed = """UPDATE event SET data = jsonb_set(data, '{lines,0,quantity}', '"1"') WHERE external_id = 'e2'"""
    differences = await found(world, changed)
    assert "the event's type or data are not what its fingerprint was taken of" in {each.what for each in differences}
    assert {"transaction_lines", "state"} <= {each.kind for each in differences}


async def test_a_transaction_without_an_event(world: World) -> None:
    made, made_by = uuid.uuid4(), uuid.uuid4()
    header = f"""INSERT INTO account_transaction (tenant_id, transaction_id, event_id, event_type, subject_type, subject_number,
        document_type, document_number, document_date, accounting_date, currency, currency_digits, base_currency, base_digits, description)
        SELECT tenant_id, '{made}', '{made_by}', event_type, subject_type, subject_number, document_type, document_number, document_date,
        accounting_date, currency, currency_digits, base_currency, base_digits, description FROM account_transaction
        WHERE tenant_id = :tenant_id AND event_type = 'goods.received' AND subject_number = 'PO-1'"""
    lines = f"""INSERT INTO account_transaction_line (tenant_id, transaction_id, line, role, ledger, account, account_code, side, amount,
        base_amount, order_line, charge_code, description, accounting_date, sequence)
        SELECT tenant_id, '{made}', line, role, ledger, account, account_code, side, amount, base_amount, order_line, charge_code,
        description, accounting_date,
        (SELECT sequence FROM account_transaction WHERE tenant_id = :tenant_id AND transaction_id = '{made}')
        FROM account_transaction_line WHERE {LINE_OF_RECEIPT.replace("= (", "IN (")} AND transaction_id <> '{made}'"""
    differences = await found(world, header, lines)
    assert {each.what for each in differences if each.transaction_id == made} == {
        "a transaction without its event",
        "a transaction of an event that is not in the order's log",
    }
    assert "ledger_sum" in {each.kind for each in differences}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("accounting_date = accounting_date + 1", "accounting_date"),
        ("document_date = document_date + 9", "document_date"),
        ("currency = 'AUD'", "currency"),
        ("base_currency = 'AUD'", "base_currency"),
        ("document_number = 'R-9'", "document_number"),
        ("supplier_code = 'OTHER'", "supplier_code"),
        ("supplier_name = 'Other'", "supplier_name"),
        ("currency_digits = 3", "currency_digits"),
    ],
)
async def test_a_changed_header(world: World, change: str, name: str) -> None:
    differences = await found(world, f"UPDATE account_transaction SET {change} WHERE {LINE_OF_RECEIPT}")
    assert [(each.kind, each.key, each.subject) for each in differences] == [("transaction_header", name, "PO-1")]


# Random histories


MOVES = (
    "receive",
    "receive",
    "invoice",
    "invoice",
    "return",
    "credit",
    "change",
    "close",
    "reopen",
    "close_line",
    "freight",
    "cancel_invoice",
)


def random_event(random: Random, number: str, step: int) -> tuple[str, dict[str, Any]]:
    """Something that may happen to an order; many are refused, which is as good."""
    quantity, line = str(random.choice([1, 2, 3, "0.5", "1.333"])), random.choice([1, 2])
    name = f"{number}-{step}"
    amount = f"{random.randint(1, 4000) / 100:.2f}"
    billed = {"order_number": number, "line_number": line, "quantity": quantity, "amount": amount}
    rate = {} if number.startswith("N") else {"exchange_rate": random.choice(["1.1", "1.25", "0.9"])}
    currency = "NZD" if number.startswith("N") else "KWD"
    charges = [{"kind": random.choice(["shipping", "other"]), "amount": "1.37"}] if random.random() < 0.3 else []
    tax = [{"amount": "0.71", "recoverable": random.random() < 0.5}] if random.random() < 0.3 else []
    lines = [{"line_number": line, "quantity": quantity}]
    kind = random.choice(MOVES)
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "receive": ("goods.received", {"order_number": number, "receipt_number": name, "lines": lines, **rate}),
        "return": ("goods.returned", {"order_number": number, "receipt_number": name, "lines": lines}),
        "invoice": (
            "invoice.matched",
            {"invoice_number": name, "currency": currency, "lines": [billed], "charges": charges, "tax": tax, **rate},
        ),
        "credit": (
            "invoice.credited",
            {"invoice_number": name, "currency": currency, "lines": [billed], "credits_invoice": f"{number}-{max(0, step - 2)}"},
        ),
        "change": ("order.changed", {**random_order(random, number), "version": step + 2}),
        "close": ("order.closed", {"order_number": number, "reason": "r"}),
        "reopen": ("order.reopened", {"order_number": number, "reason": "r"}),
        "close_line": (random.choice(["order.closed", "order.reopened"]), {"order_number": number, "reason": "r", "line_numbers": [line]}),
        "freight": (
            "invoice.matched",
            {"invoice_number": name, "currency": currency, "charges": [{"kind": "freight", "amount": "9.99", "order_number": number}]},
        ),
        "cancel_invoice": ("invoice.cancelled", {"invoice_number": f"{number}-{random.randint(0, step)}", "reason": "r"}),
    }
    return made[kind]


def random_order(random: Random, number: str) -> dict[str, Any]:
    splits = [[("E1", "100")], [("E1", "60"), ("E2", "40")], [("E1", "33.33"), ("E2", "33.33"), ("E3", "33.34")]]
    lines = [
        {
            "line_number": line,
            "description": f"Thing {line}",
            "quantity": str(random.randint(1, 9)),
            "unit_price": f"{random.randint(1, 9999) / 1000:.3f}",
            "non_recoverable_tax_rate": random.choice(["0", "0.15"]),
            "matching": random.choice(["three_way", "two_way"]),
            "account_codes": [{"code": code, "percentage": share} for code, share in random.choice(splits)],
        }
        for line in (1, 2)
    ]
    charges = [{"kind": random.choice(["shipping", "other"]), "amount": "12.34"}] if random.random() < 0.5 else []
    money = {"currency": "NZD"} if number.startswith("N") else {"currency": "KWD", "exchange_rate": "1.2345"}
    return {"order_number": number, "supplier": {"code": "ACME"}, "lines": lines, "charges": charges, **money}


async def live(world: World, number: str, seed: int, steps: int) -> int:
    """A random life of one order; how many of its events were posted."""
    random, posted = Random(seed), 0
    for step in range(-1, steps):
        what = ("order.created", random_order(random, number)) if step < 0 else random_event(random, number, step)
        try:
            result = await world.operations.record_event(world.tenant_id, event(f"{number}-{step}", *what))
        except DomainError:
            continue
        posted += result.status == "posted"
    return posted


async def test_random_histories_are_equal(world: World) -> None:
    posted = 0
    for seed in range(10):
        posted += await live(world, f"{'NK'[seed % 2]}-{seed}", seed, 25)
    report = await verified(world)
    assert report.equal, report.differences[:5]
    assert report.totals.events == posted > 100


async def test_equal_while_writers_are_busy(world: World) -> None:
    writers = [asyncio.create_task(live(world, f"{'NK'[seed % 2]}-{seed}", 100 + seed, 40)) for seed in range(3)]
    seen = set()
    while not all(writer.done() for writer in writers):
        report = await verified(world)
        assert report.equal, report.differences[:5]
        seen.add(report.totals.events)
    await asyncio.gather(*writers)
    assert len(seen) > 2, "nothing was written while it ran"
    assert (await verified(world)).equal


# The command line


def run(database_url: str, *arguments: str, monkeypatch: pytest.MonkeyPatch, data_dir: Any) -> tuple[int, str, str]:
    monkeypatch.setenv("GLINT_DATABASE_URL", database_url)
    monkeypatch.setenv("GLINT_DATA_DIR", str(data_dir))
    result = CliRunner().invoke(app, ["verify", *arguments])
    return result.exit_code, result.stdout, result.stderr


SUMS = {
    "a day's": ("UPDATE ledger_day SET credit = credit + 1 WHERE role = 'grni' AND account_code = '2110'", "day"),
    "a month's": ("UPDATE ledger_month SET debit = debit - 1, credit = credit - 1 WHERE role = 'ap'", "month"),
    "a day's that is gone": ("DELETE FROM ledger_day WHERE role = 'entry'", "day"),
    "one too many": (
        "INSERT INTO ledger_month (tenant_id, month, role, account, account_code, debit, credit)"
        " VALUES (:tenant_id, '2026-01-01', 'ap', '', '9', 1, 0)",
        "month",
    ),
}


@pytest.mark.parametrize("name", SUMS)
async def test_a_wrong_sum_of_the_reports(world: World, name: str) -> None:
    await history(world)
    await fold(world)
    assert (await verified(world)).equal
    change, span = SUMS[name]
    await corrupt(world, change)
    differences = (await verified(world)).differences
    assert differences
    assert {(each.kind, each.what) for each in differences} == {
        (DifferenceKind.REPORT, f"the reports' sum of a {span} is not that of its lines")
    }
    assert all(each.stored != each.replayed for each in differences)


async def test_lines_that_changed_after_they_were_summed(world: World) -> None:
    await history(world)
    await fold(world)
    await corrupt(world, f"UPDATE account_transaction_line SET base_amount = base_amount + 1 WHERE {LINE_OF_RECEIPT}")
    kinds = Counter(each.kind for each in (await verified(world)).differences)
    assert kinds[DifferenceKind.REPORT] == 4, "day and month of two accounts"


async def fold(world: World) -> None:
    """Sums up all that is posted, however little."""
    async with world.engine.begin() as connection:
        until = (await connection.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))).scalar_one()
        known = {"tenant_id": world.tenant_id, "done": "0", "until": until}
        for each in (FOLD_BEGIN, FOLD, FOLD_END):
            await connection.execute(statement(each), {name: value for name, value in known.items() if f":{name}" in each})


async def test_the_command_tells_and_exits_by_the_result(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    await history(world)

    async def verify(*arguments: str) -> tuple[int, str, str]:
        return await asyncio.to_thread(run, database_url, *arguments, monkeypatch=monkeypatch, data_dir=tmp_path)

    status, told, _ = await verify()
    assert (status, told.splitlines()[-1].strip()) == (0, "equal")
    assert "9 events, 2 orders, 9 transactions" in told
    assert (await verify("--tenant", "Tests"))[0] == (await verify("--tenant", str(world.tenant_id)))[0] == 0
    status, _, complaint = await verify("--tenant", "Nobody")
    assert (status, complaint.strip()) == (2, "glint verify: there is no tenant Nobody")
    await corrupt(world, "UPDATE purchase_order SET status = 'open' WHERE order_number = 'PO-2'")
    status, told, _ = await verify("--json")
    report = json.loads(told)
    assert (status, report["result"], report["tenants"][0]["difference_count"]) == (1, "1 differences", 1)
    difference = report["tenants"][0]["differences"][0]
    assert (difference["what"], difference["stored"], difference["replayed"]) == ("order: status", '"open"', '"closed"')
    status, told, _ = await verify()
    assert status == 1
    assert "state: order: status [PO-2]" in told


def test_a_database_that_is_not_there_is_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    status, told, complaint = run("postgresql://nobody@127.0.0.1:9/none", monkeypatch=monkeypatch, data_dir=tmp_path)
    assert (status, told) == (2, "")
    assert complaint.startswith("glint verify could not run:")


# The tenant wall


async def test_only_the_list_of_tenants_crosses_the_wall(world: World) -> None:
    await history(world)
    wall = TenantWall(world.engine)
    assert (await verified(world)).equal
    tenants = await PostgresTenantDirectory(world.engine).list()
    assert [(tenant.id, tenant.name) for tenant in tenants] == [(world.tenant_id, "Tests")]
    assert wall.taken() == []
