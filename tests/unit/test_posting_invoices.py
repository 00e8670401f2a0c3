"""Invoices, their cancellations, credits and the differences that they fix: worked by hand from POSTING.md, the reckoning beside the
figures where they are not plain."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import (
    CreditAboveInvoiced,
    InvoiceInUse,
    InvoiceNotInForce,
)
from app.domain.events import (
    GoodsReceived,
    InvoiceCancelled,
    InvoiceLine,
    InvoiceMatched,
    OrderChanged,
    OrderClosed,
)
from app.domain.invoicing import translation_rate
from app.domain.money import ONE
from app.domain.posting_manager import CreditReopens
from app.domain.transaction import Supplier
from tests.unit.posting_case import (
    ACME,
    DAY,
    MILLIONTH,
    Case,
    billed,
    cancel,
    charge,
    late_bill,
    ordered,
    repost,
    tax,
    the_order,
    tiny,
)

# Suppliers and invoice numbers


def test_an_invoice_number_is_its_suppliers_own() -> None:
    """Both bring an invoice 7, at 1.2 and at 1.3. A credit that names no supplier is the order's."""
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    other = {"code": "OTHER"}
    case.invoice(billed("4", "40.00"), number="7", rate="1.2")
    case.invoice(billed("4", "40.00"), number="7", rate="1.3", supplier=other)
    case.holds(estimate="22", ap="100", expense="122")
    case.credit(billed(None, "10.00"), names="7", supplier=other)
    case.holds(estimate="22", ap="87", expense="109")
    case.credit(billed(None, "10.00"), names="7")
    case.holds(estimate="22", ap="75", expense="97")


def test_an_order_without_a_supplier_knows_its_invoices_by_number() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.ledger.orders["PO"] = replace(the_order(case), supplier=None)
    case.invoice(billed("4", "40.00"), number="A", rate="1.3")
    case.credit(billed("4", "40.00"), names="A", number="C")
    case.holds(estimate="110", expense="110")
    assert set(the_order(case).invoices) == {("", "A"), ("", "C")}


def test_a_cancellation_without_a_supplier_finds_the_invoice_of_that_number() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("4", "40.00"), number="A", rate="1.2")
    case.invoice(billed("4", "40.00"), number="B", rate="1.3", supplier={"code": "OTHER"})
    cancel(case, "B", None)
    case.holds(estimate="66", ap="48", expense="114")


def test_a_cancellation_takes_the_invoice_of_its_supplier() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("4", "40.00"), number="7", rate="1.2")
    case.invoice(billed("4", "40.00"), number="7", rate="1.3", supplier={"code": "OTHER"})
    cancel(case, "7", Supplier(code="OTHER"))
    case.holds(estimate="66", ap="48", expense="114")
    cancel(case, "7")
    case.holds(estimate="110", expense="110")


def test_the_rate_that_an_event_is_translated_at() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("4", "40.00"), number="A", rate="1.3")
    case.credit(billed(None, "1.00"), names="A", number="C", rate="1.9")
    eur = the_order(case).currency

    def bill(number: str, rate: Decimal | None) -> InvoiceMatched:
        line = InvoiceLine(order_number="PO", line_number=1, quantity=None, amount=0)
        return InvoiceMatched(
            document_date=DAY,
            invoice_number=number,
            supplier=ACME,
            currency=eur,
            exchange_rate=rate,
            lines=(line,),
            charges=(),
            tax=(),
        )

    cancelled = InvoiceCancelled(document_date=DAY, invoice_number="A", supplier=ACME, reason="r", order_numbers=("PO",))
    received = GoodsReceived(document_date=DAY, order_number="PO", receipt_number="R", exchange_rate=Decimal("1.9"), lines=())
    closed = OrderClosed(document_date=DAY, order_number="PO", reason="r")
    changed = OrderChanged(
        document_date=DAY,
        version=2,
        order_number="PO",
        currency=eur,
        exchange_rate=Decimal("1.9"),
        supplier=ACME,
        lines=(),
        charges=(),
    )
    events = (bill("A", None), bill("C", Decimal("1.9")), cancelled, received, closed, changed)
    assert [float(translation_rate(event, the_order(case))) for event in events] == [1.3, 1.3, 1.3, 1.9, 1.1, 1.1]


# Cancelled invoices


def test_cancelling_an_invoice_takes_its_differences_charges_and_tax_back() -> None:
    """One line billed twice, at 5.50 and 6.00 against 5.00; shipping 12.00 and tax 3.00. Received at 1.2, billed at 1.3."""
    case = Case(price_variance="Variance", exchange_difference="Exchange")
    case.order(ordered(), charges=(charge("shipping", "20.00"),), currency="EUR", rate="1.1")
    case.receive("10", rate="1.2")
    case.holds(estimate="22", grni="60", expense="60", shipping="22")
    case.invoice(
        billed("4", "22.00"),
        billed("2", "12.00"),
        charges=[charge("shipping", "5.00"), charge("shipping", "7.00")],
        tax=[tax("3.00"), tax("1.00", recoverable=False)],
        rate="1.3",
        number="A",
    )
    # variance 2 + 2 + the 1.00 of tax, exchange 20 × 0.1 + 10 × 0.1; shipping 8 × 1.1 + 12 × 1.3; AP 50 × 1.3
    case.holds(
        estimate="8.80", grni="24", ap="65", tax="3.90", price_variance="6.50", exchange_difference="3", shipping="24.40", expense="60"
    )
    cancel(case, "A")
    case.holds(estimate="22", grni="60", expense="60", shipping="22")
    case.invoice(billed("10", "50.00"), charges=[charge("shipping", "20.00")])
    case.holds(ap="77", expense="60", exchange_difference="-5", shipping="22")


def test_cancelling_reopens_a_line_only_where_the_invoice_had_closed_it() -> None:
    case = Case()
    case.order(ordered())
    case.receive("10")
    case.invoice(billed("4", "20.00"), number="A")
    case.invoice(billed("4", "20.00", final=True), number="B")
    case.holds(ap="40", expense="40")
    cancel(case, "A")
    case.holds(ap="20", expense="20")
    cancel(case, "B")
    case.holds(grni="50", expense="50")
    assert (the_order(case).lines[1].closed_by, the_order(case).header) == (None, ())
    case.invoice(billed("4", "20.00", final=True), number="C")
    case.flag("order.reopened", 1)
    case.flag("order.closed", 1)
    cancel(case, "C")
    case.holds()
    case.flag("order.reopened", 1)
    case.holds(grni="50", expense="50")


def test_an_invoice_is_cancelled_once_and_a_credit_note_never() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(billed("4", "20.00"), number="A")
    case.invoice(billed("4", "20.00"), number="B")
    case.credit(billed("1", "5.00"), names="B", number="C1")
    case.credit(billed("1", "5.00"), names="B", number="C2")
    case.credit(billed("1", "5.00"), names=None, number="C3")
    with pytest.raises(InvoiceInUse, match="C1, C2"):
        cancel(case, "B")
    for note in ("C1", "C3"):
        with pytest.raises(InvoiceNotInForce):
            cancel(case, note)
    for note in ("C1", "C3"):
        with pytest.raises(InvoiceNotInForce):
            case.credit(billed(None, "1.00"), names=note)


def test_a_cancelled_invoice_is_neither_cancelled_nor_credited_again() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(billed("4", "20.00"), number="A")
    case.invoice(billed("4", "20.00"), number="B")
    cancel(case, "A")
    for _ in range(2):
        with pytest.raises(InvoiceNotInForce):
            cancel(case, "A")
    with pytest.raises(InvoiceNotInForce):
        case.credit(billed(None, "1.00"), names="A")
    case.holds(estimate="30", ap="20", expense="50")
    cancel(case, "B")
    case.holds(estimate="50", expense="50")


@pytest.mark.parametrize(
    ("credited", "refused"),
    [
        ({"lines": [billed("1", "0.00")]}, True),
        ({"lines": [billed(None, "0.01")]}, True),
        ({"charges": [charge("freight", "0.01", order_number="PO")]}, True),
        ({"lines": [billed(None, "0.00")], "tax": [tax("0.01")]}, True),
        ({"lines": [billed("1", "0.00", 2)]}, False),
        ({"lines": [billed(None, "0.01", 2)]}, False),
        ({"charges": [charge("discount", "-0.01", order_number="PO")]}, True),
    ],
    ids=["units", "goods", "a charge", "tax", "units of another line", "goods of another line", "a discount"],
)
def test_an_invoice_of_which_a_credit_without_a_name_took_back_a_part_is_not_cancelled(credited: dict[str, Any], refused: bool) -> None:
    case = Case()
    case.order(ordered(1), ordered(2))
    case.invoice(billed("10", "50.00", 2))
    bill = {"charges": [charge("freight", "3.00"), charge("discount", "-1.00")], "tax": [tax("2.00")]}
    case.invoice(billed("10", "50.00"), number="A", **bill)
    lines = credited.get("lines", [])
    case.credit(*lines, **{name: value for name, value in credited.items() if name != "lines"})
    if refused:
        with pytest.raises(InvoiceInUse):
            cancel(case, "A")
    else:
        cancel(case, "A")


def test_an_invoice_over_two_lines_of_which_one_was_credited_is_not_cancelled() -> None:
    case = Case()
    case.order(ordered(1), ordered(2))
    case.invoice(billed("1", "5.00"), billed("1", "5.00", 2), number="A")
    case.credit(billed("1", "5.00", 2))
    with pytest.raises(InvoiceInUse):
        cancel(case, "A")


def test_an_order_whose_one_invoice_is_cancelled_may_be_cancelled_itself() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(billed("4", "20.00"), charges=[charge("freight", "3.00"), charge("other", "1.00")], tax=[tax("2.00")], number="A")
    cancel(case, "A")
    case.flag("order.cancelled")
    case.holds()


def test_an_invoice_of_a_trade_in_is_cancelled_unless_a_part_is_credited() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, "2", "-10.00", "E2"))
    for number in ("A", "B"):
        case.invoice(billed("1", "-10.00", 2), number=number)
    case.credit(billed("1", "-10.00", 2), names="A")
    cancel(case, "B")
    case.invoice(billed("1", "-10.00", 2), number="C")
    case.credit(billed(None, "-4.00", 2))
    with pytest.raises(InvoiceInUse):
        cancel(case, "C")
    case.holds_on("E2", estimate="-10", ap="-6", expense="-16")


# Credits


def test_a_credit_that_names_its_invoice_takes_back_the_units_part_of_its_variance() -> None:
    """0.01 over two units: the first takes round(0.005) = 0.01, the last the rest, 0.00."""
    case = Case(price_variance="Variance")
    case.order(ordered(quantity="2"))
    case.receive("2")
    case.invoice(billed("2", "10.01"), number="A")
    case.holds(ap="10.01", price_variance="0.01", expense="10")
    case.credit(billed("1", "5.00"), names="A")
    case.holds(grni="5", ap="5.01", expense="10.01")
    case.credit(billed("1", "5.01"), names="A")
    case.holds(grni="10", expense="10")


def test_a_credit_that_names_its_invoice_takes_back_the_units_part_of_its_exchange_difference() -> None:
    """0.10 × 0.1 over two units: the first takes round(0.005) = 0.01. 0.10 × 1.3 = 0.13, 0.05 × 1.2 = 0.06, 0.05 × 1.3 → 0.07."""
    case = Case(exchange_difference="Exchange")
    case.order(ordered(quantity="2", price="0.05"), currency="EUR", rate="1.2")
    case.receive("2")
    case.invoice(billed("2", "0.10"), number="A", rate="1.3")
    case.holds(ap="0.13", exchange_difference="0.01", expense="0.12")
    case.credit(billed("1", "0.05"), names="A")
    case.holds(grni="0.06", ap="0.07", expense="0.13")


def test_a_credit_that_names_nothing_takes_back_the_variance_of_its_own_price() -> None:
    """4 × 5.50 − 4 × 5.00 = 2.00 of the 5.00."""
    case = Case(price_variance="Variance")
    case.order(ordered())
    case.invoice(billed("10", "55.00"))
    case.holds(ap="55", price_variance="5", expense="50")
    case.credit(billed("4", "22.00"))
    case.holds(estimate="20", ap="33", price_variance="3", expense="50")


def test_a_credit_that_names_nothing_takes_back_the_exchange_difference_at_its_own_rate() -> None:
    """40 × (1.25 − 1.2) of the 100 × (1.3 − 1.2)."""
    case = Case(exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("10", rate="1.2")
    case.invoice(billed("10", "100.00"), rate="1.3")
    case.credit(billed("4", "40.00"), rate="1.25")
    case.holds(grni="48", ap="80", exchange_difference="8", expense="120")


def test_after_return_only_the_units_that_reopen_have_a_variance() -> None:
    """1 returned, 3 credited at 15.02: 15.02 / 3 = 5.0067 → 5.01 for the one, 0.01 above its price; the rest is a price credit."""
    case = Case(credit_reopens="after_return", price_variance="Variance")
    case.order(ordered())
    case.receive("10")
    case.invoice(billed("10", "50.02"))
    case.holds(ap="50.02", price_variance="0.02", expense="50")
    case.give_back("1")
    case.credit(billed("3", "15.02"))
    case.holds(estimate="5", ap="35", price_variance="0.01", expense="39.99")


def test_after_return_counts_to_the_millionth() -> None:
    case = tiny(credit_reopens="after_return")
    case.receive("0.000002")
    case.invoice(billed("0.000002", "2.00"))
    case.give_back(MILLIONTH)
    case.credit(billed("0.000002", "2.00"))
    case.holds(estimate="1", expense="1")


def test_after_return_a_credit_without_a_return_reopens_not_a_millionth() -> None:
    case = tiny(credit_reopens="after_return")
    case.receive("0.000002")
    case.invoice(billed("0.000002", "2.00"))
    case.credit(billed("0.000002", "1.00"))
    case.holds(ap="1", expense="1")


def test_after_return_a_return_before_the_invoice_counts_too() -> None:
    """10 received, 4 given back, 6 invoiced and 2 of them credited: 2 × 5.00 are accrued again (decision 12)."""
    case = Case(credit_reopens="after_return")
    case.order(ordered())
    case.receive("10")
    case.give_back("4")
    case.invoice(billed("6", "30.00"))
    case.credit(billed("2", "10.00"))
    case.holds(estimate="20", grni="10", ap="20", expense="50")


def test_after_return_what_was_reopened_under_another_policy_is_not_taken_twice() -> None:
    case = Case()
    case.order(ordered())
    case.receive("10")
    case.invoice(billed("10", "50.00"))
    case.credit(billed("3", "15.00"))
    repost(case, credit_reopens=CreditReopens.AFTER_RETURN)
    case.credit(billed("1", "5.00"))
    case.holds(grni="15", ap="30", expense="45")
    assert the_order(case).lines[1].invoiced == 7 * ONE


def test_a_price_credit_and_a_late_bill_move_not_a_millionth() -> None:
    case = tiny(shipping=None)
    case.receive(MILLIONTH)
    case.invoice(billed("0.000002", "2.00"))
    case.credit(billed(None, "0.50"))
    case.holds(ap="1.50", expense="1.50")
    other = tiny(shipping=None)
    late_bill(other, charge("freight", "3.00"))
    other.holds(estimate="2", ap="3", expense="5")
    other.receive("0.000002")
    other.invoice(billed("0.000002", "2.00"))
    other.holds(ap="5", expense="5")


@pytest.mark.parametrize("flag", [(), (1,)], ids=["order", "line"])
def test_a_credit_on_what_is_closed_moves_no_difference(flag: tuple[int, ...]) -> None:
    """Received at 1.2, billed 110 for 100 at 1.3: variance 13, exchange difference 10. The credit takes 55 × 1.3 from AP alone."""
    case = Case(price_variance="Variance", exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("10", rate="1.2")
    case.invoice(billed("10", "110.00"), rate="1.3", number="A")
    case.flag("order.closed", *flag)
    case.credit(billed("5", "55.00"), names="A")
    case.holds(ap="71.50", price_variance="13", exchange_difference="10", expense="48.50")


def test_a_single_millionth_is_credited_on_a_closed_order() -> None:
    case = tiny(price_variance="Variance")
    case.receive("0.000002")
    case.invoice(billed("0.000002", "4.00"), number="A")
    case.flag("order.closed")
    case.credit(billed(MILLIONTH, "2.00"), names="A")
    case.holds(ap="2", price_variance="2")


def test_credits_reach_from_nothing_to_what_was_invoiced() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, "2", "-10.00", "E2"), ordered(3, "1", "1.00", "E3"))
    case.invoice(billed("10", "50.00"), billed("2", "-20.00", 2))
    for line in (billed(None, "-0.01"), billed(None, "50.01"), billed(None, "0.01", 2), billed(None, "-20.01", 2), billed(None, "0.01", 3)):
        with pytest.raises(CreditAboveInvoiced):
            case.credit(line)
    with pytest.raises(CreditAboveInvoiced):
        case.credit(billed(None, "-0.01", 3))
    case.credit(billed("1", "0.00"), billed("1", "0.00", 2))
    case.credit(billed("9", "50.00"), billed("1", "-20.00", 2))
    case.holds(estimate="31", expense="31")


def test_charges_and_tax_are_credited_up_to_what_was_invoiced() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(
        billed("10", "50.00"),
        charges=[charge("shipping", "5.00"), charge("shipping", "7.00"), charge("discount", "-4.00")],
        tax=[tax("2.00"), tax("1.00")],
    )
    case.holds(ap="61", tax="3", shipping="12", expense="46")

    def beside(kind: str, amount: str) -> None:
        case.credit(charges=[charge(kind, amount, order_number="PO")])

    for kind, amount in (("shipping", "12.01"), ("discount", "-4.01"), ("freight", "0.01"), ("other", "-0.01"), ("other", "0.01")):
        with pytest.raises(CreditAboveInvoiced):
            beside(kind, amount)
    with pytest.raises(CreditAboveInvoiced):
        case.credit(billed(None, "0.00"), tax=[tax("2.00"), tax("1.01")])
    for kind, amount in (("shipping", "0.00"), ("discount", "0.00"), ("shipping", "12.00"), ("discount", "-4.00")):
        beside(kind, amount)
    case.credit(billed(None, "0.00"), tax=[tax("1.00")])
    with pytest.raises(CreditAboveInvoiced):
        case.credit(billed(None, "0.00"), tax=[tax("2.01")])
    case.credit(billed(None, "0.00"), tax=[tax("1.00"), tax("1.00")])
    case.holds(ap="50", expense="50")


def test_a_credit_of_charges_and_tax_goes_to_the_lines_that_carry_them() -> None:
    """Billed: 4.00 of charges and 2.00 of tax each. Credited first on line 2: 10.00 and its 2.00 of tax. Of what is left, charges
    are 4 : 4 and tax is 2 : 0; line 3 was not on the bill."""
    case = Case(shipping=None)
    case.order(*(ordered(number, "1", "60.00", f"E{number}") for number in (1, 2, 3)))
    case.invoice(billed("1", "60.00"), billed("1", "60.00", 2), charges=[charge("other", "8.00")], tax=[tax("4.00")], number="A")
    case.credit(billed(None, "10.00", 2), tax=[tax("2.00")], names="A")
    case.holds_on("E1", ap="66", tax="2", expense="64")
    case.holds_on("E2", ap="54", expense="54")
    case.credit(charges=[charge("other", "4.00", order_number="PO")], tax=[tax("2.00")], names="A")
    case.holds_on("E1", ap="62", expense="62")
    case.holds_on("E2", ap="52", expense="52")
    case.holds_on("E3", estimate="60", expense="60")


def test_the_credit_of_a_discount_goes_by_what_the_lines_had_of_it() -> None:
    """−0.03 over two equal lines is −0.02 / −0.01; 0.02 of it over 2 : 1 is 0.0133 / 0.0067, so 0.01 each."""
    case = Case()
    case.order(ordered(1, "1", "1.00", "E1"), ordered(2, "1", "1.00", "E2"))
    case.invoice(billed("1", "1.00"), billed("1", "1.00", 2), charges=[charge("discount", "-0.03")], number="A")
    case.credit(charges=[charge("discount", "-0.02", order_number="PO")], names="A")
    case.holds_on("E1", ap="0.99", expense="0.99")
    case.holds_on("E2", ap="1.00", expense="1.00")


# Differences


def test_an_invoice_of_less_than_was_received_has_the_variance_of_its_own_units() -> None:
    case = Case(price_variance="Variance")
    case.order(ordered())
    case.receive("10")
    case.invoice(billed("4", "22.00"))
    case.holds(grni="30", ap="22", price_variance="2", expense="50")


def test_layers_that_an_invoice_does_not_reach_have_no_part_in_its_exchange_difference() -> None:
    """Of 2 at 1.2, 3 at 1.25 and 5 at 1.15 the invoice takes the first two units: 20 × 0.1."""
    case = Case(exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    for units, rate in (("2", "1.2"), ("3", "1.25"), ("5", "1.15")):
        case.receive(units, rate=rate)
    case.invoice(billed("2", "20.00"), rate="1.3")
    case.holds(grni="95", ap="26", exchange_difference="2", expense="119")


def test_the_differences_of_a_millionth() -> None:
    """One of two is received at 1.2 and billed 1.50 at 1.3: variance 0.50 × 1.3, exchange difference 1.00 × 0.1."""
    case = Case(price_variance="Variance", exchange_difference="Exchange")
    case.order(ordered(quantity="0.000002", price="1000000"), currency="EUR", rate="1.1")
    case.receive(MILLIONTH, rate="1.2")
    case.holds(estimate="1.10", grni="1.20", expense="2.30")
    case.invoice(billed(MILLIONTH, "1.50"), rate="1.3", number="A")
    case.holds(estimate="1.10", ap="1.95", price_variance="0.65", exchange_difference="0.10", expense="2.30")
    case.credit(billed(MILLIONTH, "1.40"), names="A")
    case.holds(estimate="1.10", grni="1.20", ap="0.13", expense="2.43")


def test_a_millionth_more_than_was_received_is_ahead_of_it() -> None:
    case = Case(price_variance="Variance")
    case.order(ordered(quantity="0.000002", price="1000000"))
    case.receive(MILLIONTH)
    case.invoice(billed("0.000002", "2.50"))
    case.holds(ap="2.50", price_variance="0.50", expense="2")


def test_a_line_by_amount_has_no_variance_whatever_quantity_its_bill_shows() -> None:
    case = Case(price_variance="Variance")
    case.order(ordered(amount="100.00"))
    case.invoice(billed("2", "70.00"))
    case.holds(estimate="30", ap="70", expense="100")


def test_without_a_grni_account_there_is_no_exchange_difference() -> None:
    case = Case(grni=None, exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("10", rate="1.2")
    case.invoice(billed("10", "100.00"), rate="1.3")
    case.holds(ap="130", expense="130")


def test_a_credit_in_pieces_over_two_orders_is_refused_by_name_where_a_cent_would_stay() -> None:
    """0.03 of tax over two equal lines is 0.02 : 0.01; each credited 0.01 falls to the first order, the third is above its part. A
    credit note on the second order alone goes through (decision 12)."""
    case = Case()
    case.order(ordered(quantity="4"), number="PO-2")
    case.order(ordered(quantity="4"))
    both = (billed("4", "20.00"), billed("4", "20.00", order="PO-2"))
    piece = (billed("1", "5.00"), billed("1", "5.00", order="PO-2"))
    case.invoice(*both, number="I", tax=[tax("0.03")])
    for _ in range(2):
        case.credit(*piece, names="I", tax=[tax("0.01")])
    with pytest.raises(CreditAboveInvoiced, match="PO"):
        case.credit(*piece, names="I", tax=[tax("0.01")])
    case.credit(billed("1", "5.00", order="PO-2"), names="I", tax=[tax("0.01")])
    case.holds("PO", estimate="10", ap="10", expense="20")


def test_a_credit_of_tax_is_held_against_its_order_not_against_a_line() -> None:
    """The invoice taxed line 1 alone by its amount; the credit names line 2 (decision 12)."""
    case = Case()
    case.order(ordered(1), ordered(2))
    case.invoice(billed("1", "5.00", 1), number="A", tax=[tax("0.50")])
    case.invoice(billed("1", "5.00", 2), number="B")
    case.credit(billed("1", "5.00", 2), names="B", tax=[tax("0.50")])
    case.holds(estimate="95", ap="5", expense="100")
