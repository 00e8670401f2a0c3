"""What an endpoint omits, takes apart and writes on its journals, as it arrives in a real ERP's books."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.accounts import Account, AccountType
from app.domain.journal import JournalPart, JournalStatus
from app.domain.posting_manager import posting_manager
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, invoice, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import CHART, World

pytestmark = pytest.mark.anyio

SHIPPING = [{"kind": "shipping", "amount": "12.00"}]
NAMES = {each["account_code"]: name for name, each in ACCOUNTS.items()} | {"3100": "Offset"}


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(CHART | {"3100": "equity"})
        yield erp


def books(erp: ReferenceErp) -> dict[str, str]:
    """Debit − credit per account, zeros left out."""
    return {NAMES.get(code, code): balance for code, balance in erp.balances().items() if balance != "0.00"}


async def ordered(world: World) -> None:
    """2 × 10.50 with 12.00 of shipping."""
    await world.record("e1", "order.created", order(charges=SHIPPING))


async def received(world: World) -> None:
    await world.record("e2", "goods.received", receipt(quantity="2"))


async def invoiced(world: World) -> None:
    """2 × 10.00 with shipping and 3.00 of tax."""
    tax = [{"amount": "3.00", "recoverable": True}]
    await world.record("e3", "invoice.matched", invoice(quantity="2", amount="20.00", charges=SHIPPING, tax=tax))


async def set_offset(world: World) -> None:
    """From now on commitments stand against an account of their own."""
    offset = Account(name="Offset", code="3100", type=AccountType.EQUITY)
    chart = {name: Account(name=name, code=each["account_code"], type=AccountType(each["type"])) for name, each in ACCOUNTS.items()}
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.accounts.put(offset)
        manager = {**POSTING_MANAGER, "commitment_offset_account": "Offset"}
        await uow.posting_managers.add(posting_manager(manager, chart | {"Offset": offset}, 2))
        await uow.commit()


PURCHASED = {"E1": "20.00", "Shipping": "12.00", "Tax": "3.00", "AP": "-35.00"}


@pytest.mark.parametrize(
    ("omit", "after_order", "after_receipt", "after_invoice"),
    [
        (
            (),
            {"E1": "21.00", "Shipping": "12.00", "Estimate": "-33.00"},
            {"E1": "21.00", "Shipping": "12.00", "Estimate": "-12.00", "GRNI": "-21.00"},
            PURCHASED,
        ),
        (
            ("ap",),
            {"E1": "21.00", "Shipping": "12.00", "Estimate": "-33.00"},
            {"E1": "21.00", "Shipping": "12.00", "Estimate": "-12.00", "GRNI": "-21.00"},
            {},
        ),
        (("estimate",), {}, {"E1": "21.00", "GRNI": "-21.00"}, PURCHASED),
        (("grni",), {"E1": "21.00", "Shipping": "12.00", "Estimate": "-33.00"}, {"Shipping": "12.00", "Estimate": "-12.00"}, PURCHASED),
        (("estimate", "grni"), {}, {}, PURCHASED),
        (("estimate", "ap"), {}, {"E1": "21.00", "GRNI": "-21.00"}, {}),
    ],
)
@pytest.mark.parametrize("grouping", ["per_transaction", "daily"])
async def test_the_books_are_those_without_the_account(
    world: World,
    erp: ReferenceErp,
    grouping: str,
    omit: tuple[str, ...],
    after_order: dict[str, str],
    after_receipt: dict[str, str],
    after_invoice: dict[str, str],
) -> None:
    await world.add_endpoint(erp.url, omit=omit, grouping=grouping)
    for step, expected in ((ordered, after_order), (received, after_receipt), (invoiced, after_invoice)):
        await step(world)
        world.clock.forward(minutes=15)
        await world.deliver()
        assert books(erp) == expected
    assert set(await world.statuses()) == {JournalStatus.SENT}
    assert all(journal.omit == omit for journal in await world.journals())


async def test_where_nothing_is_left_there_is_no_journal(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, omit=("estimate", "grni", "ap"))
    for step in (ordered, received, invoiced):
        await step(world)
    assert await world.journals() == []


async def test_an_entry_is_sent_as_it_is(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, omit=("estimate", "grni", "ap"))
    lines = [{"account": "AP", "side": "debit", "amount": "5.00"}, {"account": "Bank", "side": "credit", "amount": "5.00"}]
    await world.record("e1", "entry.recorded", entry(lines=lines))
    await world.deliver()
    assert books(erp) == {"AP": "5.00", "Bank": "-5.00"}


async def test_totals_are_of_what_is_carried(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, omit=("ap",), release="manual")
    for step in (ordered, received, invoiced):
        await step(world)
    assert [journal.debit_total for journal in await world.journals()] == [3300, 2100, 3300]
    async with world.units_of_work(world.tenant_id) as uow:
        for journal in await world.journals():
            document = await uow.journals.document(journal)
            debits = sum((line.amount for line in document.lines if line.side == "debit"), Decimal(0))
            assert journal.currency.to_minor(debits) == journal.debit_total
            assert [line.line for line in document.lines] == list(range(1, len(document.lines) + 1))


async def test_commitments_in_a_journal_of_their_own(world: World, erp: ReferenceErp) -> None:
    await set_offset(world)
    await world.add_endpoint(erp.url, commitments="separate_journal")
    for step in (ordered, received, invoiced):
        await step(world)
    journals = await world.journals()
    actual, commitment = JournalPart.ACTUAL, JournalPart.COMMITMENT
    assert [journal.part for journal in journals] == [commitment, actual, commitment, actual, commitment]
    assert [journal.debit_total for journal in journals[:3]] == [3300, 2100, 2100]
    assert len({journal.lane_key for journal in journals}) == 1
    await world.deliver()
    assert set(await world.statuses()) == {JournalStatus.SENT}
    assert books(erp) == PURCHASED
    async with world.units_of_work(world.tenant_id) as uow:
        summary = await uow.journals.summary("erp")
    assert (summary.transactions_not_posted, summary.debit_total) == (0, 0)


async def test_a_transaction_in_two_journals_counts_once(world: World, erp: ReferenceErp) -> None:
    await set_offset(world)
    await world.add_endpoint(erp.url, commitments="separate_journal", grouping="daily", release="manual")
    await ordered(world)
    await received(world)
    assert [(journal.part, journal.transactions) for journal in await world.journals()] == [
        (JournalPart.COMMITMENT, 1),
        (JournalPart.ACTUAL, 1),
        (JournalPart.COMMITMENT, 1),
    ]
    async with world.units_of_work(world.tenant_id) as uow:
        summary = await uow.journals.summary("erp")
    assert (summary.transactions_not_posted, summary.debit_total) == (2, 3300 + 2100 + 2100)


@pytest.mark.parametrize("offset", [True, False])
async def test_commitments_left_out_are_the_estimate_left_out(world: World, erp: ReferenceErp, offset: bool) -> None:
    if offset:
        await set_offset(world)
    await world.add_endpoint(erp.url, commitments="omit")
    await ordered(world)
    assert await world.journals() == []
    await received(world)
    await world.deliver()
    assert books(erp) == {"E1": "21.00", "GRNI": "-21.00"}
    await invoiced(world)
    await world.deliver()
    assert books(erp) == PURCHASED


async def test_what_was_made_stays_as_it_was_made_whatever_the_endpoint_omits_later(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url)
    await ordered(world)
    await world.add_endpoint(erp.url, omit=("estimate",))
    await received(world)
    await world.deliver()
    assert books(erp) == {"E1": "42.00", "Shipping": "12.00", "Estimate": "-33.00", "GRNI": "-21.00"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (None, "Receipt R-1 of order PO-1"),
        (
            "{order_number}|{supplier}|{document_number}|{document_date}|{accounting_date}|{event_type}|{currency}|{description}",
            "PO-1|Acme Ltd|R-1|2026-11-05|2026-11-05|goods.received|NZD|Receipt R-1 of order PO-1",
        ),
        ("{{{reference}}} {{reference}}", "{REFERENCE} {reference}"),
        (" ", "Receipt R-1 of order PO-1"),
    ],
)
async def test_a_journal_is_called_what_the_template_says(world: World, erp: ReferenceErp, template: str | None, expected: str) -> None:
    await ordered(world)
    await world.add_endpoint(erp.url, description_template=template)
    await received(world)
    await world.deliver()
    (journal,) = await world.journals()
    assert journal.description == expected.replace("REFERENCE", journal.reference)
    _, booked = erp.call("GET", f"/journals/{journal.reference}")
    assert booked["description"] == journal.description


async def test_a_description_is_cut_at_500(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, description_template="{description}" * 30)
    line: list[dict[str, Any]] = entry()["lines"]
    await world.record("e1", "entry.recorded", entry(description="x" * 100, lines=line))
    (journal,) = await world.journals()
    assert journal.description == "x" * 500
