"""The rules of the debtors ledger as the database itself keeps them, whoever writes to it. Each names its constraint."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.bootstrap import Container
from tests.api_fixtures import Api
from tests.debtor_set_up import invoice_data, posted, set_up_debtors
from tests.tenant_wall import TenantWall

pytestmark = pytest.mark.anyio

MINE = "WHERE tenant_id = :tenant_id"
REFUSED = {
    "a control account that is an income account too": (
        f"UPDATE gl_interface SET invoice_account = trade_debtors_account {MINE} AND code = 'EXP'",
        "gl_interface_control_check",
    ),
    "an account that is not there": (
        f"UPDATE gl_interface SET tax_account = 'Nowhere' {MINE} AND code = 'EXP'",
        "gl_interface_tenant_id_tax_account_fkey",
    ),
    "half a pair": (f"UPDATE gl_interface SET for_warehouse = NULL {MINE} AND code = 'NSW-03'", "gl_interface_pair_check"),
    "a pair of two records": (
        f"UPDATE gl_interface SET for_warehouse = '03', for_debtors = 'NSW' {MINE} AND code = 'EXP'",
        "gl_interface_tenant_id_for_warehouse_for_debtors_key",
    ),
    "keys with another option": (
        "INSERT INTO debtor_dissection (tenant_id, option, warehouse_key, debtors_key) VALUES (:tenant_id, 'total', 'warehouse', 'none')",
        "debtor_dissection_keys_check",
    ),
    "an option that is none": (
        "INSERT INTO debtor_dissection (tenant_id, option, warehouse_key, debtors_key) VALUES (:tenant_id, 'some', 'none', 'none')",
        "debtor_dissection_option_check",
    ),
    "a record that a warehouse names": (f"DELETE FROM gl_interface {MINE} AND code = 'NORTH'", "warehouse_tenant_id_gl_interface_fkey"),
    "a debtor with a transaction": (f"DELETE FROM debtor {MINE} AND code = 'D100'", "debtor_document_tenant_id_debtor_fkey"),
    "a territory of a debtor": (f"DELETE FROM sales_territory {MINE} AND code = 'VIC'", "debtor_tenant_id_sales_territory_fkey"),
    "an account of a record": (f"DELETE FROM account {MINE} AND name = 'North Journal'", "gl_interface_tenant_id_journal_account_fkey"),
    "a number twice": (
        f"""INSERT INTO debtor_document (tenant_id, kind, number, event_id, debtor, sales_territory, gl_interfaces)
            SELECT tenant_id, kind, number, event_id, debtor, sales_territory, gl_interfaces FROM debtor_document {MINE}""",
        "debtor_document_pkey",
    ),
    "a number taken back": (f"DELETE FROM debtor_document {MINE}", "debtor_document_immutable"),
    "a number changed": (f"UPDATE debtor_document SET number = 'I-9' {MINE} AND number = 'I-1'", "debtor_document_immutable"),
    "a reversal undone": (f"UPDATE debtor_document SET reversed_by = NULL {MINE} AND number = 'I-2'", "debtor_document_immutable"),
    "a transaction that reverses itself": (
        f"UPDATE debtor_document SET reversed_by = event_id {MINE} AND number = 'I-1'",
        "debtor_document_reversed_by_check",
    ),
    "a debtor's transaction without its records": (
        """INSERT INTO account_transaction (tenant_id, transaction_id, event_id, event_type, subject_type, subject_number, document_type,
               document_number, document_date, accounting_date, currency, currency_digits, base_currency, base_digits, description)
           SELECT tenant_id, gen_random_uuid(), event_id, event_type, subject_type, subject_number, document_type, document_number,
               document_date, accounting_date, currency, currency_digits, base_currency, base_digits, description
           FROM account_transaction WHERE tenant_id = :tenant_id""",
        "account_transaction_debtor_check",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_the_database_refuses(api: Api, container: Container, tenant_wall: TenantWall, what: str) -> None:
    await set_up_debtors(api)
    await posted(api, "1", "debtor.transaction", invoice_data("I-1"))
    await posted(api, "2", "debtor.transaction", invoice_data("I-2"))
    reversal = {"transaction_number": "I-2", "kind": "invoice", "date": "2026-11-20", "reason": "wrong"}
    await posted(api, "3", "debtor.reversed", reversal)
    statement, constraint = REFUSED[what]
    with pytest.raises(DBAPIError) as refused:
        await said(container, api, statement)
    cause: Any = refused.value.orig
    assert cause.__cause__.constraint_name == constraint
    tenant_wall.taken()  # said to the database itself


async def said(container: Container, api: Api, statement: str) -> None:
    async with container.engine.connect() as connection:
        found = await connection.execute(text("SELECT tenant_id FROM tenant WHERE name = :name"), {"name": api.name})
        await connection.execute(text(statement), {"tenant_id": found.scalar_one()})
