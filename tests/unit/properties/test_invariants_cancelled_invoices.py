"""I8's invoice then cancel: the balances become those without that invoice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DomainError
from app.domain.events import InvoiceCancelled
from app.domain.transaction import Supplier
from tests.unit.posting_case import Case, billed, charge, ordered, tax
from tests.unit.properties.player import Player
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import Move, Plan, plans

KINDS = ("receive", "invoice", "credit", "return", "change", "freight", "price_credit", "full_credit", "receive")


def cancelled(number: str, *orders: str) -> InvoiceCancelled:
    return InvoiceCancelled(
        document_date=date(2026, 11, 20), invoice_number=number, supplier=Supplier(code="ACME"), reason="r", order_numbers=orders or ("PO",)
    )


@EFFORT
@given(plans(kinds=KINDS), st.integers(0, 2), st.integers(0, 6), st.integers(0, 7), st.integers(0, 2))
def test_i8_invoice_then_cancel(plan: Plan, line: int, size: int, tweak: int, rate: int) -> None:
    """Final invoices and both credit policies too."""
    player = Player(plan).play_all()
    before = player.posted()
    if player.move(Move("invoice", line, size, tweak, rate)) is None:
        return
    player.ledger.apply(cancelled(player.accepted[-1][1]["invoice_number"]))
    assert player.posted() == before


@EFFORT
@given(plans(kinds=KINDS), st.integers(0, 6), st.integers(0, 7), st.integers(0, 2))
def test_i8_late_bill_then_cancel(plan: Plan, size: int, tweak: int, rate: int) -> None:
    player = Player(plan).play_all()
    before = player.posted()
    if player.move(Move("freight", 0, size, tweak, rate)) is None:
        return
    player.ledger.apply(cancelled(player.accepted[-1][1]["invoice_number"]))
    assert player.posted() == before


def test_a_late_bill_is_cancelled_on_the_lines_that_carry_it() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "60.00", "E2"))
    case.invoice(billed("1", "60.00"))
    case.invoice(charges=[charge("freight", "10.00", order_number="PO")], number="F")
    case.invoice(billed("1", "60.00", 2))
    case.ledger.apply(cancelled("F"))
    case.holds_on("E1", ap="60", expense="60")
    case.holds_on("E2", ap="60", expense="60")


def test_an_invoice_over_two_orders_is_cancelled_on_both() -> None:
    case = Case()
    case.order(ordered(1, "1", "60.00"), number="PO-1")
    case.order(ordered(1, "1", "40.00"), number="PO-2")
    case.invoice(
        billed("1", "60.00", order="PO-1", final=True),
        billed("1", "40.00", order="PO-2"),
        charges=[charge("shipping", "10.01")],
        tax=[tax("15.00")],
        number="A",
    )
    case.ledger.apply(cancelled("A", "PO-1", "PO-2"))
    case.holds("PO-1", estimate="60", expense="60")
    case.holds("PO-2", estimate="40", expense="40")


def test_an_invoice_whose_units_are_credited_elsewhere_is_not_cancelled() -> None:
    """Without the invoice more would be credited than was invoiced: as refused as the credit note would have been."""
    case = Case()
    case.order(ordered())
    case.invoice(billed("10", "50.00"), number="A")
    case.credit(billed("4", "20.00"))
    with pytest.raises(DomainError):
        case.ledger.apply(cancelled("A"))
    case.holds(estimate="20", ap="30", expense="50")
