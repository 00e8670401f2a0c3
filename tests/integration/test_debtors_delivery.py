"""Debtor transactions go to the ERP as entries do: each in a lane of its own, or gathered by the day, and its books are equal to ours."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.debtors import Debtor, GlInterface, SalesTerritory
from app.domain.journal import JournalStatus
from tests.debtor_set_up import invoice_data
from tests.reference_erp_process import ReferenceErp
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(world: World) -> World:
    """One debtor on the standard record, of accounts that the world's ERP has."""
    record = GlInterface(
        code="TOTAL",
        description="",
        trade_debtors_account="Bank",
        invoice_account="Membership fees",
        journal_account="Shipping",
        tax_account="Tax",
    )
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.debtors_ledger.gl_interfaces.put([record])
        await uow.debtors_ledger.sales_territories.put([SalesTerritory(code="NSW", name="")])
        await uow.debtors_ledger.debtors.put([Debtor(code="D100", name="Acme", sales_territory="NSW")])
        await uow.commit()
    return world


REVERSAL = {"transaction_number": "I-1", "kind": "invoice", "date": "2026-11-03", "reason": "wrong"}


async def month(world: World, **more: Any) -> None:
    await world.record("1", "debtor.transaction", invoice_data("I-1", **more))
    await world.record("2", "debtor.transaction", invoice_data("J-1", kind="journal_credit", amount="40.00", tax="0", **more))
    await world.record("3", "debtor.transaction", invoice_data("C-1", kind="credit_note", amount="10.00", tax="1.50", **more))
    await world.record("4", "debtor.reversed", REVERSAL | more)


def balances(erp: ReferenceErp) -> dict[str, str]:
    """Of the ERP's ledger, debit positive, what is not zero."""
    return {code: balance for code, balance in erp.balances().items() if Decimal(balance)}


BOOKED = {"1000": "-51.50", "4000": "10.00", "5100": "40.00", "1400": "1.50"}


async def test_each_is_booked_in_a_lane_of_its_own(shop: World, erp: ReferenceErp) -> None:
    await shop.add_endpoint(erp.url)
    await month(shop)
    journals = await shop.journals()
    assert len({journal.lane_key for journal in journals}) == len(journals) == 4
    await shop.deliver()
    assert await shop.statuses() == [JournalStatus.SENT] * 4
    assert balances(erp) == BOOKED
    assert [journal.description for journal in journals] == [
        "Invoice I-1 to debtor D100",
        "Journal credit J-1 to debtor D100",
        "Credit note C-1 to debtor D100",
        "Reversal of invoice I-1 to debtor D100",
    ]


async def test_one_that_the_erp_refuses_holds_up_no_other(shop: World, erp: ReferenceErp) -> None:
    await shop.add_endpoint(erp.url)
    await shop.record("1", "debtor.transaction", invoice_data("J-1", kind="journal_debit", amount="40.00"))
    erp.call("PUT", "/accounts/5100", {"name": "Shipping", "type": "expense", "active": False})
    await shop.record("2", "debtor.transaction", invoice_data("I-1"))
    await shop.deliver()
    assert await shop.statuses() == [JournalStatus.INVALID, JournalStatus.SENT]


async def test_a_days_transactions_are_gathered(shop: World, erp: ReferenceErp) -> None:
    await shop.add_endpoint(erp.url, grouping="daily")
    await month(shop)
    (journal,) = await shop.journals()
    assert journal.debit_total == 11500 + 4000 + 1150 + 11500
    shop.clock.forward(days=2)
    await shop.deliver()
    assert await shop.statuses() == [JournalStatus.SENT]
    assert balances(erp) == BOOKED


async def test_what_an_endpoint_omits_of_procurement_is_not_omitted_of_debtors(shop: World, erp: ReferenceErp) -> None:
    await shop.add_endpoint(erp.url, omit=("ap", "grni", "estimate"))
    await month(shop)
    await shop.deliver()
    assert balances(erp) == BOOKED


async def test_opening_balances_count_as_sent(shop: World, erp: ReferenceErp) -> None:
    await shop.add_endpoint(erp.url)
    await month(shop, opening=True)
    await shop.deliver()
    assert await shop.statuses() == [JournalStatus.MARKED_AS_SENT] * 4
    assert balances(erp) == {}
