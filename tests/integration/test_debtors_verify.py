"""Debtor transactions are replayed by `verify` with the set-up that was in force, whatever it is by now, and every tampering is found."""

import asyncio
from collections import Counter, defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from app.application.verification import Verification
from app.bootstrap import Container
from tests.api_fixtures import Api
from tests.debtor_cases import DEBTORS, combination
from tests.debtor_set_up import choose_option, invoice_data, posted, send, set_up_debtors
from tests.random_debtor_events import RandomDebtorEvents, random_change
from tests.tenant_wall import TenantWall

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(api: Api) -> Api:
    return await set_up_debtors(api)


async def tenant_of(container: Container, api: Api) -> Any:
    async with container.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT tenant_id FROM tenant WHERE name = :name AND tenant_id IS NOT NULL"), {"name": api.name}
        )
        return found.scalar_one()


async def verified(container: Container, api: Api) -> Verification:
    return await container.operations.verify(await tenant_of(container, api))


async def history(api: Api) -> None:
    """A transaction of every option, one reversed, and then everything in the set-up changed."""
    await posted(api, "1", "debtor.transaction", invoice_data("I-1"))
    await choose_option(api, combination("warehouse", "debtor"))
    await posted(api, "2", "debtor.transaction", invoice_data("I-2"))
    await posted(api, "3", "debtor.transaction", invoice_data("I-3", warehouse="03"))
    await choose_option(api, {"option": "dissect"})
    lines = [{"amount": "10.00", "gl_interface": code} for code in ("TOTAL", "NORTH", "EXP")]
    await posted(api, "4", "debtor.transaction", invoice_data("I-4", lines=lines, tax="1.00", currency="USD", exchange_rate="1.6111"))
    await choose_option(api, {"option": "gl_dissect"})
    lines = [{"amount": "70.00", "gl_account": "Consulting"}, {"amount": "30.00", "gl_account": "Sales"}]
    await posted(api, "5", "debtor.transaction", invoice_data("I-5", lines=lines))
    for code in ("Sales", "Consulting", "Trade%20Debtors"):
        body = (await api("GET", f"/v1/accounts/{code}")).json()
        await api("PUT", f"/v1/accounts/{code}", {"account_code": "9" + body["account_code"], "type": body["type"]})
    swapped = (await api("GET", "/v1/gl-interfaces/EXP")).json()
    del swapped["code"]
    await api("PUT", "/v1/gl-interfaces/TOTAL", swapped)
    await api("PUT", "/v1/debtors/D100", {"name": "Other", "sales_territory": "VIC"})
    reversal = {"transaction_number": "I-2", "kind": "invoice", "date": "2026-11-20", "reason": "wrong"}
    await posted(api, "6", "debtor.reversed", reversal)


async def test_a_history_is_equal_whatever_the_set_up_is_by_now(shop: Api, container: Container) -> None:
    await history(shop)
    report = await verified(container, shop)
    assert report.equal, report.differences
    assert (report.totals.events, report.totals.transactions) == (6, 6)


MOVED = "UPDATE account_transaction_line SET {} WHERE tenant_id = :tenant_id AND role = '{}'"
EVENT = "FROM event e WHERE e.tenant_id = t.tenant_id AND e.event_id = t.event_id AND t.tenant_id = :tenant_id AND e.external_id = "
TAMPERED = {
    "amounts": [MOVED.format("amount = amount + 1, base_amount = base_amount + 1", role) for role in ("receivable", "revenue")],
    "a control account": [MOVED.format("account = 'Debtors Export', account_code = '1210'", "receivable")],
    "an income account": [MOVED.format("account = 'Sales North', account_code = '4030'", "revenue")],
    "the debtor": ["UPDATE account_transaction SET subject_number = 'D200' WHERE tenant_id = :tenant_id"],
    "the warehouse": ["UPDATE account_transaction SET warehouse = '02' WHERE tenant_id = :tenant_id"],
    "the territory": ["UPDATE account_transaction SET sales_territory = 'VIC' WHERE tenant_id = :tenant_id"],
    "the records": ["UPDATE account_transaction SET gl_interfaces = '{NORTH}' WHERE tenant_id = :tenant_id"],
    "the number": ["UPDATE account_transaction SET document_number = 'I-9' WHERE tenant_id = :tenant_id"],
    "the option": [
        """UPDATE event SET decision = jsonb_set(decision, '{debtor,dissection,option}', '"total"')
           WHERE tenant_id = :tenant_id AND external_id = '3'"""
    ],
    "a record that was in force": [
        """UPDATE event SET decision = jsonb_set(decision, '{debtor,records,0,invoice_account}', '"Debtors Journal"')
           WHERE tenant_id = :tenant_id AND external_id = '1'"""
    ],
    "an account that never was": [
        """UPDATE event SET decision = replace(decision::text, '"4010"', '"6666"')::jsonb
           WHERE tenant_id = :tenant_id AND decision::text LIKE '%"4010"%'""",
        "UPDATE account_transaction_line SET account_code = '6666' WHERE tenant_id = :tenant_id AND account_code = '4010'",
    ],
    "all that was in force": ["UPDATE event SET decision = decision - 'debtor' WHERE tenant_id = :tenant_id AND external_id = '1'"],
    "an amount of the event": [
        """UPDATE event SET data = jsonb_set(data, '{tax}', '"16.00"') WHERE tenant_id = :tenant_id AND external_id = '1'"""
    ],
    "a number that was used": ["DELETE FROM debtor_document WHERE tenant_id = :tenant_id AND number = 'I-1'"],
    "a number that nobody used": ["UPDATE debtor_document SET number = 'I-9' WHERE tenant_id = :tenant_id AND number = 'I-5'"],
    "that it is reversed": ["UPDATE debtor_document SET reversed_by = NULL WHERE tenant_id = :tenant_id AND number = 'I-2'"],
    "a whole transaction": [
        "DELETE FROM account_transaction_line l USING account_transaction t WHERE l.tenant_id = t.tenant_id "
        f"AND l.transaction_id = t.transaction_id AND EXISTS (SELECT 1 {EVENT}'5')",
        f"DELETE FROM account_transaction t WHERE EXISTS (SELECT 1 {EVENT}'5')",
    ],
}


OWNED = ("account_transaction", "account_transaction_line", "debtor_document")


@pytest.mark.parametrize("what", TAMPERED)
async def test_tampering_is_found(shop: Api, container: Container, tenant_wall: TenantWall, what: str) -> None:
    await history(shop)
    tenant_id = await tenant_of(container, shop)
    async with container.engine.begin() as connection:
        for table in OWNED:
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in TAMPERED[what]:
            changed = await connection.execute(text(statement), {"tenant_id": tenant_id})
            assert changed.rowcount > 0, statement
        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for table in OWNED:
            await connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    tenant_wall.taken()  # only the owner of the tables may say what was said here
    report = await verified(container, shop)
    assert not report.equal, what


@pytest.mark.parametrize("seed", range(4))
async def test_random_transactions_under_a_set_up_that_changes(shop: Api, container: Container, seed: int) -> None:
    """Equal books, and balances per debtor that add up to each control account, at the end and on an earlier day."""
    random, events, statuses = Random(seed), RandomDebtorEvents(seed), Counter[str]()
    for _ in range(12):
        path, body = random_change(random)
        assert (await shop("PUT", path, body)).status_code in (200, 201)
        option = (await shop("GET", "/v1/debtor-dissection")).json()["option"]
        results = (await shop("POST", "/v1/events", events.take(10, random.choice((option, option, option, None))))).json()
        statuses.update(result["status"] for result in results)
    assert statuses["posted"] > 20, statuses
    assert set(statuses) <= {"posted", "refused"}
    report = await verified(container, shop)
    assert report.equal, report.differences
    for day in ("2026-10-20", "2026-12-31"):
        for by in ("debtor", "warehouse", "sales_territory"):
            found = (await shop("GET", "/v1/reports/debtors", params={"as_of": day, "by": by})).json()
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for row in found["rows"]:
                sums[row["control_account"]] += Decimal(row["balance"])
            assert sums == {each["account"]: Decimal(each["ledger_balance"]) for each in found["control_accounts"]}


async def test_the_same_number_sent_at_once_is_posted_once(shop: Api) -> None:
    answers = await asyncio.gather(*(send(shop, str(number), "debtor.transaction", invoice_data()) for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    reversal = {"transaction_number": "I-1", "kind": "invoice", "date": "2026-11-20", "reason": "wrong"}
    answers = await asyncio.gather(*(send(shop, f"r{number}", "debtor.reversed", reversal) for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


async def test_what_is_being_posted_with_is_not_deleted_meanwhile(shop: Api, container: Container) -> None:
    """Whoever comes first wins: a transaction never carries what is gone."""
    await choose_option(shop, {"option": "dissect"})
    for number in range(8):
        body = DEBTORS["D100"] | {"gl_interface": None}
        record = (await shop("GET", "/v1/gl-interfaces/EXP")).json()
        del record["code"]
        await shop("PUT", "/v1/gl-interfaces/X", {**record, "for": None})
        await shop("PUT", "/v1/debtors/D900", body)
        data = invoice_data(f"I-{number}", debtor="D900", lines=[{"amount": "1.00", "gl_interface": "X"}])
        sent, *deleted = await asyncio.gather(
            send(shop, str(number), "debtor.transaction", data), shop("DELETE", "/v1/gl-interfaces/X"), shop("DELETE", "/v1/debtors/D900")
        )
        assert {answer.status_code for answer in deleted} <= {204, 409}
        assert sent.status_code in (201, 422), sent.text
        if sent.status_code == 201:
            assert [answer.status_code for answer in deleted] == [409, 409]
            break
    report = await verified(container, shop)
    assert report.equal, report.differences
