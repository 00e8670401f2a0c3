"""Worked cases by hand, for what mutation testing of the domain showed that no other unit test pins down. As in
test_posting_cases, the figures come from POSTING.md and the reckoning stands beside them where they are not plain."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.accounts import Account, AccountType
from app.domain.allocation import allocate
from app.domain.entry import entry_lines
from app.domain.errors import (
    AmountTooLarge,
    CreditAboveInvoiced,
    Invalid,
    InvoiceInUse,
    InvoiceNotInForce,
    OrderCancelled,
    OrderInUse,
    QuantityBelowUsed,
    UnknownAccount,
    Waiting,
    WrongCurrency,
)
from app.domain.events import (
    Charge,
    ChargeKind,
    CommitmentsRolled,
    EntryLine,
    EntryRecorded,
    Event,
    GoodsReceived,
    InvoiceCancelled,
    InvoiceCredited,
    InvoiceLine,
    InvoiceMatched,
    OrderChanged,
    OrderClosed,
    OrderReposted,
    ReceivedLine,
    ReceivingClosed,
)
from app.domain.invoicing import translation_rate
from app.domain.money import ONE, in_base, minor_unit_rate, round_half_away
from app.domain.order import Order
from app.domain.posting import apply, apply_to, needed_lines, roll, touched_orders
from app.domain.posting_manager import CreditReopens, posting_manager
from app.domain.targets import commitment_targets
from app.domain.transaction import Side, Supplier, TransactionLine
from tests.domain_ledger import CURRENCIES, manager_from
from tests.unit.posting_case import CHART, USUAL, Case, Wire, billed, charge, ordered, tax

DAY = date(2026, 11, 20)
ACME = Supplier(code="ACME")
MILLIONTH = "0.000001"


def the_order(case: Case) -> Order:
    return case.ledger.orders["PO"]


def cancel(case: Case, number: str, supplier: Supplier | None = ACME) -> None:
    case.ledger.apply(InvoiceCancelled(document_date=DAY, invoice_number=number, supplier=supplier, reason="r", order_numbers=("PO",)))


def repost(case: Case, **setup: Any) -> None:
    """Moves the order to a version 2 of the posting manager that differs in `setup`."""
    case.ledger.manager = replace(case.ledger.manager, version=2, **setup)
    case.ledger.apply(OrderReposted(document_date=DAY, order_number="PO", manager_version=2))


def late_bill(case: Case, *charges: Wire, **more: Any) -> None:
    case.invoice(charges=[{**each, "order_number": "PO"} for each in charges], **more)


def tiny(*, shipping: str | None = "Shipping", **setup: str) -> Case:
    """Two millionths of a unit at a million each: 2.00. One unit that is counted wrong is 1.00."""
    case = Case("USD", shipping=shipping, **setup)
    case.order(ordered(quantity="0.000002", price="1000000"))
    return case


# Another version of the posting manager


def test_moving_to_a_set_up_without_a_shipping_account_spreads_the_charges() -> None:
    """10.00 over 60 : 40."""
    case = Case()
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "40.00", "E2"), charges=(charge("shipping", "10.00"),))
    case.holds(estimate="110", expense="100", shipping="10")
    repost(case, shipping_account=None)
    case.holds_on("E1", estimate="66", expense="66")
    case.holds_on("E2", estimate="44", expense="44")
    case.holds(estimate="110", expense="110")
    assert the_order(case).manager_version == 2


def test_shipping_that_was_invoiced_goes_over_the_lines_at_its_rate() -> None:
    """10.00 and 2.00 of tax over 60 : 40 at 1.3: 7.20 × 1.3 and 4.80 × 1.3, of which tax 1.20 × 1.3 and 0.80 × 1.3."""
    case = Case(price_variance="Variance", exchange_difference="Exchange")
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "40.00", "E2"), currency="EUR", rate="1.1")
    late_bill(case, charge("freight", "10.00"), tax=[tax("2.00")], rate="1.3")
    case.holds(estimate="110", ap="15.60", tax="2.60", expense="110", shipping="13")
    repost(case, shipping_account=None)
    case.holds_on("E1", estimate="66", ap="9.36", tax="1.56", expense="73.80")
    case.holds_on("E2", estimate="44", ap="6.24", tax="1.04", expense="49.20")
    assert the_order(case).header == ()


def test_shipping_that_was_invoiced_stays_where_the_new_set_up_has_an_account_for_it() -> None:
    case = Case()
    case.order(ordered())
    late_bill(case, charge("freight", "10.00"))
    freight = Account(name="Freight", code="5150", type=AccountType.EXPENSE)
    repost(case, shipping_account=freight)
    case.holds(estimate="50", ap="10", expense="50", shipping="10")
    held = {code: [0, 0] for code in ("5100", "5150")}
    for _, line in case.ledger.lines:
        if line.account_code in held:
            held[line.account_code][line.side == "credit"] += line.base_amount
    assert held == {"5100": [1000, 1000], "5150": [1000, 0]}


def test_a_closed_line_moves_to_the_accounts_of_the_new_set_up_too() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(billed("4", "20.00", final=True))
    case.holds(ap="20", expense="20")
    repost(case, ap_account=None)
    case.holds()


def test_moving_to_a_set_up_of_the_same_rules_changes_nothing() -> None:
    case = Case(shipping=None)
    words = {"sku": "P-1", "description": "Paper", "unit": "box"}
    case.order(
        ordered(1, "3", "3.335", "E1 60, E2 40", non_recoverable_tax_rate="0.15", matching="two_way", **words),
        ordered(2, amount="20.00"),
        charges=(charge("shipping", "1.00"),),
    )
    case.receive("1")
    before, posted = the_order(case), len(case.ledger.lines)
    repost(case)
    assert replace(the_order(case), manager_version=1) == before
    assert len(case.ledger.lines) == posted


# Commitments over the year's end


def rolled(case: Case) -> list[tuple[int | None, str, str, str | None, str, int, int, str]]:
    return [
        (each.order_line, str(each.role), str(each.ledger), each.charge_code, each.side, each.amount, each.base_amount, each.description)
        for each in roll(the_order(case), commitment_targets(the_order(case), case.ledger.manager))
    ]


def test_a_roll_takes_the_open_commitments_out_and_nothing_else() -> None:
    """4 of 10 received: 6 × 5.00 over 60 : 40, and shipping 12.00, at the order's 1.1."""
    case = Case()
    case.order(ordered(codes="E1 60, E2 40", description="Paper"), charges=(charge("shipping", "12.00"),), currency="EUR", rate="1.1")
    case.receive("4", rate="1.2")
    assert rolled(case) == [
        (1, "estimate", "actual", "E1", "debit", 1800, 1980, "Paper"),
        (1, "estimate", "actual", "E2", "debit", 1200, 1320, "Paper"),
        (1, "expense", "actual", "E1", "credit", 1800, 1980, "Paper"),
        (1, "expense", "actual", "E2", "credit", 1200, 1320, "Paper"),
        (None, "estimate", "actual", None, "debit", 1200, 1320, ""),
        (None, "shipping", "actual", None, "credit", 1200, 1320, ""),
    ]


def test_a_roll_of_commitments_that_are_pairs_of_their_own() -> None:
    case = Case(commitment_offset="Offset", shipping=None)
    case.order(ordered(1), ordered(2, "1", "7.00", "E2"), charges=(charge("shipping", "5.70"),))
    assert rolled(case) == [
        (1, "estimate", "commitment", "E1", "debit", 5500, 5500, ""),
        (1, "commitment_offset", "commitment", "E1", "credit", 5500, 5500, ""),
        (2, "estimate", "commitment", "E2", "debit", 770, 770, ""),
        (2, "commitment_offset", "commitment", "E2", "credit", 770, 770, ""),
    ]


# Transactions


def test_lines_are_numbered_by_order_line_and_role_with_the_header_last() -> None:
    case = Case()
    case.order(ordered(1, description="Paper"), ordered(2, "1", "7.00", "E2"), charges=(charge("shipping", "12.00"),))
    found = [(each.line, each.order_line, str(each.role), str(each.ledger), each.description) for _, each in case.ledger.lines]
    assert found == [
        (1, 1, "estimate", "actual", "Paper"),
        (2, 1, "expense", "actual", "Paper"),
        (3, 2, "estimate", "actual", ""),
        (4, 2, "expense", "actual", ""),
        (5, None, "estimate", "actual", ""),
        (6, None, "shipping", "actual", ""),
    ]


def test_what_is_nothing_in_base_is_posted_in_the_document_currency() -> None:
    """0.01 × 0.1 is 0.00."""
    case = Case()
    case.order(ordered(quantity="1", price="0.01"), currency="EUR", rate="0.1")
    assert [(str(each.role), each.side, each.amount, each.base_amount) for _, each in case.ledger.lines] == [
        ("estimate", "credit", 1, 0),
        ("expense", "debit", 1, 0),
    ]


def shown(made: list[TransactionLine]) -> list[tuple[str, str, int, int]]:
    return [(str(each.role), each.side, each.amount, each.base_amount) for each in made]


def test_a_change_that_is_nothing_in_base_is_one_entry() -> None:
    """0.02 × 0.5 = 0.01 and 0.01 × 0.5 = 0.005 → 0.01: Estimate loses a cent of its document amount and none of its base amount."""
    case = Case()
    case.order(ordered(quantity="2", price="0.01"), currency="EUR", rate="0.5")
    assert shown(case.receive("1")) == [("estimate", "debit", 1, 0), ("grni", "credit", 1, 1), ("expense", "debit", 0, 1)]


def test_a_cent_each_way_is_two_entries() -> None:
    """0.09 × 1.3 = 0.117 → 0.12 against 0.10 × 1.1 = 0.11: expense falls by 0.01 and rises by 0.01 in base; −0.01 × 1.3 → −0.01."""
    case = Case()
    case.order(ordered(quantity="1", price="0.10"), currency="EUR", rate="1.1")
    case.receive("1")
    made = shown(case.invoice(billed("1", "0.09"), rate="1.3"))
    assert made == [("grni", "debit", 10, 11), ("ap", "credit", 9, 12), ("expense", "credit", 1, 1), ("expense", "debit", 0, 2)]


def test_an_invoice_reads_line_by_line_and_role_by_role() -> None:
    """Line 2 stands first on the bill, at twice its price. 1.50 of tax over 10 : 5; 12.00 of shipping, none of it ordered."""
    case = Case()
    case.order(ordered(1), ordered(2, codes="E2 50, E1 50"))
    made = case.invoice(billed("1", "10.00", 2), billed("1", "5.00", 1), charges=[charge("shipping", "12.00")], tax=[tax("1.50")])
    assert [(each.line, each.order_line, str(each.role), each.charge_code, each.amount) for each in made] == [
        (1, 1, "estimate", "E1", 500),
        (2, 1, "ap", "E1", 550),
        (3, 1, "tax", "E1", 50),
        (4, 2, "estimate", "E2", 250),
        (5, 2, "estimate", "E1", 250),
        (6, 2, "ap", "E2", 550),
        (7, 2, "ap", "E1", 550),
        (8, 2, "expense", "E2", 250),
        (9, 2, "expense", "E1", 250),
        (10, 2, "tax", "E2", 50),
        (11, 2, "tax", "E1", 50),
        (12, None, "ap", None, 1200),
        (13, None, "shipping", None, 1200),
    ]


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


# Layers


def test_adjacent_receipts_of_equal_terms_are_rounded_once_in_base() -> None:
    """0.05 × 1.1 = 0.055 → 0.06; 0.10 × 1.1 = 0.11 and not 0.12. The third came at 1.2 and the fourth is a run of its own:
    0.05 × 1.2 = 0.06 and 0.06 again."""
    case = Case()
    case.order(ordered(quantity="4", price="0.05"), currency="EUR", rate="1.1")
    case.receive("1")
    case.holds(estimate="0.17", grni="0.06", expense="0.23")
    case.receive("1")
    case.holds(estimate="0.11", grni="0.11", expense="0.22")
    case.receive("1", rate="1.2")
    case.holds(estimate="0.06", grni="0.17", expense="0.23")
    case.receive("1")
    case.holds(grni="0.23", expense="0.23")
    assert [each.quantity for each in the_order(case).lines[1].layers] == [2 * ONE, ONE, ONE]
    case.receive("1")
    assert [each.quantity for each in the_order(case).lines[1].layers] == [2 * ONE, ONE, 2 * ONE]


def test_signed_what_is_received_and_not_invoiced_is_a_credit_as_ever() -> None:
    case = Case(grni_balance="signed")
    case.order(ordered())
    case.receive("4")
    case.invoice(billed("1", "5.00"))
    case.holds(estimate="30", grni="15", ap="5", expense="50")


# Shipping on its own account


@pytest.mark.parametrize(("account", "taxed", "shipping"), [("Tax", "1.95", "14.80"), (None, "0", "16.75")], ids=["tax", "no tax account"])
def test_shipping_and_its_tax_in_another_currency(account: str | None, taxed: str, shipping: str) -> None:
    """12.00 ordered at 1.1, 8.00 and 1.50 of tax billed at 1.3: AP 12.35, 4.40 committed still, shipping 4.40 + 10.40."""
    case = Case(tax=account)
    case.order(ordered(), charges=(charge("shipping", "12.00"),), currency="EUR", rate="1.1")
    case.holds(estimate="68.20", expense="55", shipping="13.20")
    late_bill(case, charge("freight", "8.00"), tax=[tax("1.50")], rate="1.3")
    case.holds(estimate="59.40", ap="12.35", expense="55", tax=taxed, shipping=shipping)


def test_bills_of_shipping_at_other_rates_add_up() -> None:
    """10 × 1.2 + 10 × 1.3 + 5 × 1.2."""
    case = Case()
    case.order(ordered(), currency="EUR", rate="1.1")
    for amount, rate in (("10.00", "1.2"), ("10.00", "1.3"), ("5.00", "1.2")):
        late_bill(case, charge("freight", amount), rate=rate)
    case.holds(estimate="55", ap="31", expense="55", shipping="31")


def test_a_change_of_the_shipping_alone_moves_its_commitment() -> None:
    case = Case()
    case.order(ordered(), charges=(charge("shipping", "12.00"),))
    case.change(ordered(), charges=(charge("shipping", "20.00"),))
    case.holds(estimate="70", expense="50", shipping="20")


def test_tax_on_a_bill_of_no_more_than_tax() -> None:
    """Import tax: a freight charge of nothing, and the tax that goes with it."""
    case = Case()
    case.order(ordered())
    late_bill(case, charge("freight", "0.00"), tax=[tax("1.50")])
    case.holds(estimate="50", ap="1.50", expense="50", tax="1.50")
    with pytest.raises(OrderInUse):
        case.flag("order.cancelled")


@pytest.mark.parametrize(
    ("recoverable", "shipping", "first", "taxed"), [(True, "8", "64", "3"), (False, "10", "65", "0")], ids=["recoverable", "a cost"]
)
def test_the_tax_of_a_late_bill_follows_its_charges(recoverable: bool, shipping: str, first: str, taxed: str) -> None:
    """3.00 over shipping 8.00 and other 4.00 is 2 : 1; what is not shipping's goes to the one line that was invoiced."""
    case = Case()
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "40.00", "E2"))
    case.invoice(billed("1", "60.00"))
    late_bill(case, charge("shipping", "8.00"), charge("other", "4.00"), tax=[tax("3.00", recoverable=recoverable)])
    case.holds(estimate="40", ap="75", tax=taxed, shipping=shipping, expense="104" if recoverable else "105")
    case.holds_on("E1", ap="65", tax="1" if recoverable else "0", expense=first)
    case.refuses("invoice.credited", **case.bill(billed(None, "0.00"), tax=[tax("3.01")]))
    case.credit(billed(None, "0.00"), tax=[tax("3.00", recoverable=recoverable)])


def test_several_charges_and_taxes_of_a_late_bill_add_up() -> None:
    """Both kinds of both: shipping 8 and freight 4 on the account, other 6 and 2 on the line; tax 10.00 and 5.00 over 8 : 4 : 6 : 2."""
    case = Case()
    case.order(ordered())
    kinds = (charge("shipping", "8.00"), charge("freight", "4.00"), charge("other", "6.00"), charge("other", "2.00"))
    late_bill(case, *kinds, tax=[tax("10.00"), tax("5.00", recoverable=False)], number="A")
    # recoverable: 6 with the shipping, 4 on the line; as cost: 3 and 2
    case.holds(estimate="50", ap="35", tax="10", shipping="15", expense="60")
    with pytest.raises(CreditAboveInvoiced):
        case.credit(charges=[charge("other", "8.01", order_number="PO")])
    cancel(case, "A")
    case.holds(estimate="50", expense="50")
    late_bill(case, *kinds)
    case.credit(charges=[charge("other", "8.00", order_number="PO")])
    case.holds(estimate="50", ap="12", shipping="12", expense="50")


def test_tax_on_charges_that_come_to_nothing() -> None:
    """Other 5.00 less a discount of 5.00, and 1.00 of tax on them."""
    case = Case()
    case.order(ordered())
    late_bill(case, charge("other", "5.00"), charge("discount", "-5.00"), tax=[tax("1.00")])
    case.holds(estimate="50", ap="1", tax="1", expense="50")


def test_tax_over_a_charge_and_a_discount_goes_by_their_size() -> None:
    """1.60 over 12 : 4 is 1.20 on the shipping account and 0.40 on the line."""
    case = Case()
    case.order(ordered())
    late_bill(case, charge("freight", "12.00"), charge("discount", "-4.00"), tax=[tax("1.60")])
    case.holds(estimate="50", ap="9.60", tax="1.60", shipping="12", expense="46")
    case.holds_on("E1", estimate="50", ap="-3.60", tax="0.40", expense="46")


def test_charges_and_tax_over_a_trade_in_go_by_its_size() -> None:
    """8.00 and 4.00 over 60 : 20."""
    case = Case(shipping=None)
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "-20.00", "E2"), charges=(charge("other", "8.00"),))
    case.holds_on("E1", estimate="66", expense="66")
    case.holds_on("E2", estimate="-18", expense="-18")
    case.invoice(billed("1", "60.00"), billed("1", "-20.00", 2), charges=[charge("other", "8.00")], tax=[tax("4.00")])
    case.holds_on("E1", ap="69", tax="3", expense="66")
    case.holds_on("E2", ap="-17", tax="1", expense="-18")
    late_bill(case, charge("freight", "4.00"))
    case.holds_on("E1", ap="72", tax="3", expense="69")
    case.holds_on("E2", ap="-16", tax="1", expense="-17")


def test_a_late_bill_of_odd_cents_goes_to_the_lower_line_however_the_lines_are_held() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "1", "5.00", "E1"), ordered(2, "1", "5.00", "E2"))
    held = the_order(case)
    case.ledger.orders["PO"] = replace(held, lines=dict(reversed([*held.lines.items()])))
    late_bill(case, charge("freight", "0.01"))
    case.holds_on("E1", estimate="5", ap="0.01", expense="5.01")
    case.holds_on("E2", estimate="5", expense="5")


@pytest.mark.parametrize("billed_before", [True, False], ids=["invoiced", "ordered"])
def test_on_another_set_up_odd_cents_go_to_the_lower_line_however_the_lines_are_held(billed_before: bool) -> None:
    case = Case()
    freight = () if billed_before else (charge("freight", "0.01"),)
    case.order(ordered(1, "1", "5.00", "E1"), ordered(2, "1", "5.00", "E2"), charges=freight)
    if billed_before:
        late_bill(case, charge("freight", "0.01"))
    held = the_order(case)
    case.ledger.orders["PO"] = replace(held, lines=dict(reversed([*held.lines.items()])))
    repost(case, shipping_account=None)
    case.holds_on("E1", **({"estimate": "5", "ap": "0.01"} if billed_before else {"estimate": "5.01"}), expense="5.01")
    case.holds_on("E2", estimate="5", expense="5")


def test_a_line_by_amount_that_is_closed_takes_no_invoice() -> None:
    case = Case()
    case.order(ordered(amount="100.00"))
    case.flag("order.closed", 1)
    case.refuses("invoice.matched", **case.bill(billed(None, "40.00")))


def test_the_other_lines_of_an_order_are_there_after_a_flag() -> None:
    case = Case()
    case.order(ordered(1), ordered(2))
    case.flag("order.closed", 1)
    case.flag("receiving.closed", 1)
    case.receive("4", 2)
    case.holds(estimate="30", grni="20", expense="50")


def test_weights_are_the_value_before_tax_to_the_cent() -> None:
    """10 010 000.00 over 1 000.00 : 1 000 000.00 is 10 000.00 : 10 000 000.00, whatever the rate of the tax."""
    case = Case(shipping=None)
    lines = (ordered(1, "1", "1000.00", "E1"), ordered(2, "1", "1000000.00", "E2", non_recoverable_tax_rate="0.5"))
    case.order(*lines, charges=(charge("other", "10010000.00"),))
    case.holds_on("E1", estimate="11000", expense="11000")
    case.holds_on("E2", estimate="11500000", expense="11500000")


def test_a_charge_finds_a_line_that_is_closed() -> None:
    """The freight of what was invoiced comes after its line is closed: AP and expense still move."""
    case = Case(shipping=None)
    case.order(ordered(1), ordered(2))
    case.invoice(billed("10", "50.00", final=True))
    late_bill(case, charge("freight", "3.00"))
    case.holds(estimate="50", ap="53", expense="103")
    case.refuses("invoice.matched", **case.bill(billed("1", "0.00")))
    case.refuses("invoice.matched", **case.bill(billed(None, "0.00"), billed("1", "0.00")))


def test_recoverable_tax_is_at_the_invoice_rate() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("10", "100.00"), tax=[tax("15.00")], rate="1.3")
    case.holds(ap="149.50", tax="19.50", expense="130")


def test_codings_and_rates_are_summed_apart() -> None:
    """E1 billed at 1.2 and 1.3, then E2 at 1.3, E1's second at 1.2 again: 0.05 + 0.05 at 1.3 are rounded as one only on one coding."""
    case = Case()
    case.order(ordered(quantity="10", price="0.05", codes="E1"), currency="EUR", rate="1")
    case.invoice(billed("1", "0.05"), rate="1.2")
    case.invoice(billed("1", "0.05"), rate="1.3")
    case.invoice(billed("1", "0.05"), rate="1.3")
    case.holds_on("E1", estimate="0.35", ap="0.19", expense="0.54")
    case.change(ordered(quantity="10", price="0.05", codes="E2"))
    case.invoice(billed("1", "0.05"), rate="1.3")
    case.holds_on("E1", ap="0.19", expense="0.19")
    case.holds_on("E2", estimate="0.30", ap="0.07", expense="0.37")


# Change orders


def test_what_a_change_may_rename() -> None:
    case = Case()
    case.order(ordered(sku="P-1", description="Paper", unit="box"))
    line = the_order(case).lines[1]
    assert (line.sku, line.description, line.unit, str(line.matching)) == ("P-1", "Paper", "box", "three_way")
    case.change(ordered(sku="P-2", description="Card", unit="pack", matching="two_way"))
    line = the_order(case).lines[1]
    assert (line.sku, line.description, line.unit, str(line.matching)) == ("P-2", "Card", "pack", "two_way")
    assert case.change(ordered(sku="P-2", description="Card", unit="pack", matching="two_way")) == []


def test_a_line_keeps_its_measure_and_an_order_its_currency() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, amount="20.00"), currency="EUR", rate="1.1")
    case.refuses("order.changed", **case.changed(ordered(1, amount="50.00"), ordered(2, amount="20.00")))
    case.refuses("order.changed", **case.changed(ordered(1), ordered(2, "4", "5.00")))
    with pytest.raises(WrongCurrency):
        case.send("order.changed", **{**case.changed(ordered(1), ordered(2, amount="20.00")), "currency": "USD"})


def test_an_invoice_and_a_credit_are_in_the_currency_of_their_order() -> None:
    case = Case()
    case.order(ordered(), currency="EUR", rate="1.1")
    case.invoice(billed("4", "20.00"))
    for kind in ("invoice.matched", "invoice.credited"):
        with pytest.raises(WrongCurrency):
            case.send(kind, **{**case.bill(billed("1", "5.00")), "currency": "USD"})


def test_a_closed_line_that_a_change_leaves_out_stays_as_it_is() -> None:
    """Nor does it take part in the charges of its order anew: 6.00 over 50 : 10 stays 5 : 1."""
    case = Case(shipping=None)
    freight = (charge("shipping", "6.00"),)
    case.order(ordered(1), ordered(2, "4", "2.50", "E2"), charges=freight)
    case.flag("order.closed", 1)
    case.change(ordered(2, "4", "2.50", "E2"), charges=freight)
    case.holds_on("E2", estimate="11", expense="11")
    case.flag("order.reopened", 1)
    case.holds_on("E1", estimate="55", expense="55")


def test_a_closed_line_keeps_its_weight_and_carries_its_part_of_new_charges() -> None:
    """12.00 over 50 : 10 is 10 : 2, though the change says 10.00 of line 1: once it is open again the shares sum to the charges."""
    case = Case(shipping=None)
    case.order(ordered(1), ordered(2, "4", "2.50", "E2"), charges=(charge("shipping", "6.00"),))
    case.flag("order.closed", 1)
    case.change(ordered(1, "2"), ordered(2, "4", "2.50", "E2"), charges=(charge("shipping", "12.00"),))
    case.holds_on("E2", estimate="12", expense="12")
    case.flag("order.reopened", 1)
    case.holds_on("E1", estimate="60", expense="60")


def test_a_closed_line_keeps_its_terms_when_a_change_names_others() -> None:
    case = Case()
    case.order(ordered(1), ordered(2))
    case.flag("order.closed", 1)
    case.change(ordered(1, "20", "9.00", "E9", description="Other"), ordered(2))
    line = the_order(case).lines[1]
    assert (line.terms.total, line.coding.codes, line.description, line.closed) == (5000, ("E1",), "", True)


def test_a_quantity_is_not_lowered_below_what_is_invoiced_ahead() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(billed("4", "20.00"))
    for quantity in ("3.999999", "0"):
        with pytest.raises(QuantityBelowUsed):
            case.change(ordered(quantity=quantity))
    case.change(ordered(quantity="4"))
    case.holds(ap="20", expense="20")


def test_a_line_that_is_removed_is_wholly_removed() -> None:
    case = Case()
    case.order(ordered(1, "1", "1000000"), ordered(2, "1", "7.00", "E2"))
    case.change(ordered(2, "1", "7.00", "E2"))
    case.holds(estimate="7", expense="7")


def test_lines_are_charged_in_the_order_of_their_numbers() -> None:
    """0.01 over two equal lines goes to the lower number, though it stands second."""
    case = Case(shipping=None)
    case.order(ordered(9, "1", "5.00", "E9"), ordered(2, "1", "5.00", "E2"), charges=(charge("other", "0.01"),))
    case.holds_on("E2", estimate="5.01", expense="5.01")
    case.holds_on("E9", estimate="5", expense="5")
    assert list(the_order(case).lines) == [2, 9]


def test_equal_spreading_leaves_out_what_is_not_ordered_any_more() -> None:
    """A millionth is ordered; nothing is not."""
    case = Case(shipping=None, charge_spread_basis="equal")
    case.order(
        ordered(1, "0", "5.00", "E1"),
        ordered(2, MILLIONTH, "5.00", "E2"),
        ordered(3, "7", "5.00", "E3"),
        charges=(charge("other", "2.00"),),
    )
    case.holds_on("E1")
    case.holds_on("E2", estimate="1", expense="1")
    case.holds_on("E3", estimate="36", expense="36")


# Refused, and waiting


@pytest.mark.parametrize("what", ["receipt", "invoice", "freight"])
def test_an_order_is_not_cancelled_while_one_line_is_used(what: str) -> None:
    """Only the second of two lines, and only by units, amount, charge or tax."""
    case = Case()
    case.order(ordered(1), ordered(2, "1", "0", "E2"))
    if what == "receipt":
        case.receive("1", 2)
    elif what == "invoice":
        case.invoice(billed("1", "0.00", 2))
    else:
        late_bill(case, charge("freight", "3.00"))
    with pytest.raises(OrderInUse):
        case.flag("order.cancelled")


def test_an_order_is_not_cancelled_while_charges_or_tax_on_its_lines_are_invoiced() -> None:
    case = Case(shipping=None)
    case.order(ordered(1), ordered(2))
    case.invoice(billed("1", "5.00"), charges=[charge("other", "1.00")], tax=[tax("0.50")], number="A")
    case.credit(billed("1", "5.00"), names="A")
    for back in ({"charges": [charge("other", "1.00", order_number="PO")]}, {"tax": [tax("0.50")]}):
        with pytest.raises(OrderInUse):
            case.flag("order.cancelled")
        case.credit(*([] if "charges" in back else [billed(None, "0.00")]), names="A", **back)
    case.flag("order.cancelled")
    case.holds()


def test_an_order_is_not_cancelled_while_its_lines_hold_ap_that_comes_to_nothing() -> None:
    """1.00 billed on line 1 and credited without a name, over the order's value: 0.50 on line 1 and −0.50 on line 2 stay."""
    case = Case(shipping=None)
    case.order(ordered(1), ordered(2, codes="E2"), ordered(3, "1", "0", "E3"))
    case.invoice(billed("1", "5.00"), charges=[charge("other", "1.00")])
    case.credit(billed("1", "5.00"))
    case.credit(charges=[charge("other", "1.00", order_number="PO")])
    case.holds_on("E1", estimate="50", ap="0.50", expense="50.50")
    case.holds_on("E2", estimate="50", ap="-0.50", expense="49.50")
    with pytest.raises(OrderInUse):
        case.flag("order.cancelled")


def test_an_order_is_not_cancelled_while_amounts_are_invoiced_at_no_units() -> None:
    """Units are credited for nothing: I is 0, goods are not."""
    case = Case()
    case.order(ordered())
    case.invoice(billed("1", "5.00"))
    case.credit(billed("1", "0.00"))
    with pytest.raises(OrderInUse):
        case.flag("order.cancelled")


def test_a_cancelled_order_refuses_everything() -> None:
    case = Case()
    case.order(ordered())
    terms, back = case.changed(ordered()), {"order_number": "PO", "receipt_number": "R", "lines": [{"line_number": 1, "quantity": "1"}]}
    flag = {"order_number": "PO", "reason": "r"}
    case.flag("order.cancelled")
    events: list[tuple[str, Wire]] = [
        ("order.changed", terms),
        ("goods.received", back),
        ("goods.returned", back),
        ("invoice.matched", case.bill(billed("1", "5.00"))),
        ("invoice.credited", case.bill(billed(None, "0.00"))),
        ("receiving.closed", {**flag, "line_numbers": [1]}),
        *((kind, flag) for kind in ("order.closed", "order.reopened", "order.cancelled")),
    ]
    for kind, data in events:
        with pytest.raises(OrderCancelled):
            case.send(kind, **data)
    with pytest.raises(OrderCancelled):
        repost(case)
    case.holds()


def test_what_names_a_line_that_the_order_lacks_waits_for_it() -> None:
    case = Case()
    case.order(ordered())
    parts, flag = [{"line_number": 1, "quantity": "1"}, {"line_number": 2, "quantity": "1"}], {"order_number": "PO", "reason": "r"}
    lines = [billed("1", "5.00"), billed("1", "5.00", 2)]
    events: list[tuple[str, Wire]] = [
        ("goods.received", {"order_number": "PO", "receipt_number": "R", "lines": parts}),
        ("goods.returned", {"order_number": "PO", "receipt_number": "R", "lines": parts}),
        ("invoice.matched", case.bill(*lines)),
        ("invoice.credited", case.bill(*lines)),
        ("order.closed", {**flag, "line_numbers": [1, 2]}),
        ("receiving.closed", {**flag, "line_numbers": [2]}),
    ]
    for kind, data in events:
        with pytest.raises(Waiting) as caught:
            case.send(kind, **data)
        assert caught.value.order_numbers == ("PO",)
    case.holds(estimate="50", expense="50")


def bill_of(*numbers: tuple[str, int], charges: tuple[Charge, ...] = (), quantity: int = ONE) -> InvoiceMatched:
    currency = CURRENCIES.get("USD")
    assert currency is not None
    return InvoiceMatched(
        document_date=DAY,
        invoice_number="A",
        supplier=None,
        currency=currency,
        exchange_rate=None,
        lines=tuple(InvoiceLine(order_number=order, line_number=line, quantity=quantity, amount=500) for order, line in numbers),
        charges=charges,
        tax=(),
    )


def test_an_invoice_waits_for_each_of_its_orders_and_lines() -> None:
    case = Case()
    for number in ("PO-1", "PO-2"):
        case.order(ordered(), number=number)
    ledger, managers = case.ledger, {f"PO-{number}": case.ledger.manager for number in range(1, 5)}
    with pytest.raises(Waiting) as caught:
        apply(bill_of(("PO-4", 1), ("PO-1", 2), ("PO-3", 1)), ledger.orders, managers, ledger.base)
    assert caught.value.order_numbers == ("PO-3", "PO-4")
    with pytest.raises(Waiting) as caught:
        apply(bill_of(("PO-2", 2), ("PO-1", 2)), ledger.orders, managers, ledger.base)
    assert caught.value.order_numbers == ("PO-2", "PO-1")
    with pytest.raises(Waiting) as caught:
        apply_to(bill_of(("PO-3", 1)), "PO-3", None, managers, ledger.base)
    assert caught.value.order_numbers == ("PO-3",)
    with pytest.raises(Waiting):
        apply_to(bill_of(("PO-1", 2)), "PO-1", ledger.orders["PO-1"], managers, ledger.base)
    bill = bill_of(("PO-1", 2))
    credited = InvoiceCredited(**{each.name: getattr(bill, each.name) for each in fields(bill)}, credits_invoice=None)
    with pytest.raises(Waiting):
        apply_to(credited, "PO-1", ledger.orders["PO-1"], managers, ledger.base)


def test_one_order_of_an_event_is_told_apart_from_what_is_about_none() -> None:
    case = Case()
    case.order(ordered())
    currency = case.base
    entry = EntryRecorded(document_date=DAY, transaction_number="T", description="", currency=currency, exchange_rate=None, lines=())
    assert touched_orders(entry) == ()
    with pytest.raises(TypeError, match=r"entry\.recorded"):
        apply_to(entry, "PO", the_order(case), {"PO": case.ledger.manager}, currency)
    roll_over = CommitmentsRolled(document_date=DAY, order_number="PO", period="2026")
    assert apply_to(roll_over, "PO", the_order(case), {"PO": case.ledger.manager}, currency) is the_order(case)


def test_the_locks_and_lines_that_an_event_needs() -> None:
    names = [f"PO-{number}" for number in (7, 3, 9, 1, 5, 2, 8)]
    freight = Charge(kind=ChargeKind.FREIGHT, amount=300, order_number="PO-4")
    bill = bill_of(*((name, 1) for name in names), ("PO-1", 8), ("PO-1", 1), charges=(freight,))
    receipt = GoodsReceived(
        document_date=DAY,
        order_number="PO",
        receipt_number="R",
        exchange_rate=None,
        lines=tuple(ReceivedLine(line_number=number, quantity=ONE, amount=None) for number in (8, 1, 8)),
    )
    stopped = ReceivingClosed(document_date=DAY, order_number="PO", reason="r", line_numbers=(2, 3))
    closed = OrderClosed(document_date=DAY, order_number="PO", reason="r", line_numbers=(2,))
    cancelled = InvoiceCancelled(document_date=DAY, invoice_number="A", supplier=None, reason="r", order_numbers=("B", "A"))
    assert touched_orders(bill) == tuple(sorted([*names, "PO-4"]))
    assert needed_lines(bill, "PO-1") == (1, 8)
    assert needed_lines(bill, "PO-7") == (1,)
    assert needed_lines(bill, "PO-4") is None
    found: list[tuple[Event, tuple[str, ...], tuple[int, ...] | None]] = [
        (receipt, ("PO",), (1, 8)),
        (stopped, ("PO",), (2, 3)),
        (closed, ("PO",), None),
        (cancelled, ("B", "A"), None),
    ]
    for event, orders, lines in found:
        assert (touched_orders(event), needed_lines(event, orders[0])) == (orders, lines)


def test_an_amount_is_not_negative_where_the_price_is_not() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, "1", "0", "E2"), ordered(3, "1", "-5.00", "E3"))
    for line in (1, 2):
        case.refuses("invoice.matched", **case.bill(billed("1", "-0.01", line)))
    case.invoice(billed("1", "-5.00", 3), billed("1", "0.00", 2))
    case.holds(estimate="50", ap="-5", expense="45")


def test_a_line_by_quantity_is_billed_by_quantity() -> None:
    case = Case()
    case.order(ordered())
    case.refuses("invoice.matched", **case.bill(billed(None, "5.00")))
    case.refuses("invoice.matched", **case.bill(billed(None, "0.01")))


def test_a_receipt_by_amount_has_the_decimals_of_the_currency() -> None:
    case = Case()
    case.order(ordered(amount="100.00"))
    receipt = {"order_number": "PO", "receipt_number": "R"}
    for amount in ("0.001", "0.015", "0.000001"):
        case.refuses("goods.received", **receipt, lines=[{"line_number": 1, "amount": amount}])
    case.receive("0.01", measure="amount")
    case.receive("0.50", measure="amount")
    case.holds(estimate="99.49", grni="0.51", expense="100")


# Sizes


def test_amounts_that_no_ledger_line_could_hold() -> None:
    """10^17 cents is the most. Twice a half and a cent would fit one by one; what they come to does not."""
    half, above = "500000000000000.00", "500000000000000.01"
    for setup in (Case(), Case(estimate=None)):
        with pytest.raises(AmountTooLarge):
            setup.order(ordered(quantity="2", price=above))
    with pytest.raises(AmountTooLarge):
        Case().order(ordered(quantity="1", price=half), currency="EUR", rate="3")
    turned = Case()
    turned.order(ordered(quantity="1", price=above), currency="EUR", rate="0.5")
    with pytest.raises(AmountTooLarge):
        turned.change(ordered(quantity="1", price=f"-{above}"))
    case = Case()
    case.order(ordered(quantity="2", price=half))
    case.receive("2")
    with pytest.raises(AmountTooLarge):
        case.receive("0.5")
    for kind in ("freight", "other"):
        case = Case()
        case.order(ordered())
        late_bill(case, charge(kind, half))
        with pytest.raises(AmountTooLarge):
            late_bill(case, charge(kind, above))
        late_bill(case, charge(kind, half))


def test_tax_on_shipping_and_bills_without_an_ap_account_are_held_to_the_same_size() -> None:
    half, above = "500000000000000.00", "500000000000000.01"
    case = Case()
    case.order(ordered())
    late_bill(case, charge("freight", "0.00"), tax=[tax(half)])
    with pytest.raises(AmountTooLarge):
        late_bill(case, charge("freight", "0.00"), tax=[tax(above)])
    quiet = Case(ap=None)
    quiet.order(ordered())
    with pytest.raises(AmountTooLarge):
        quiet.invoice(billed("1", "999999999999999.99"), tax=[tax("0.02")])
    quiet.invoice(billed("1", "999999999999999.99"), tax=[tax("0.01")])


# The posting manager's document


def test_a_posting_manager_is_read_as_it_stands() -> None:
    manager = manager_from({f"{role}_account": name for role, name in USUAL.items()}, CHART)
    assert (manager.version, manager.cutoff_days) == (1, 0)
    assert (str(manager.charge_spread_basis), str(manager.grni_balance), str(manager.credit_reopens), str(manager.closed_period)) == (
        "value",
        "non_negative",
        "always",
        "next_open",
    )
    assert not Case(estimate=None, grni=None).ledger.manager.one_account
    policies = {"charge_spread_basis": "equal", "grni_balance": "signed", "credit_reopens": "after_return", "closed_period": "reject"}
    other = posting_manager({**policies, "cutoff_days": 5}, {}, 7)
    assert (other.version, other.cutoff_days, other.closed_period) == (7, 5, "reject")
    assert (other.charge_spread_basis, other.grni_balance, other.credit_reopens) == ("equal", "signed", "after_return")


def test_a_posting_manager_has_accounts_that_are_set_up_and_of_the_right_type() -> None:
    with pytest.raises(Invalid, match="liabilities") as caught:
        manager_from({"estimate_account": "Shipping", "shipping_account": "AP"}, CHART)
    assert [fault.pointer for fault in caught.value.faults] == ["/estimate_account", "/shipping_account"]
    gone = Account(name="Gone", code="2000", type=AccountType.LIABILITY, active=False)
    with pytest.raises(UnknownAccount) as caught:
        posting_manager({"ap_account": "Gone", "tax_account": "None such"}, {"Gone": gone}, 1)
    assert [fault.pointer for fault in caught.value.faults] == ["/ap_account", "/tax_account"]


# Figures


def test_figures_at_the_smallest_amounts() -> None:
    assert allocate(-1, (1, 1)) == (-1, 0)
    usd = CURRENCIES.get("USD")
    assert usd is not None
    assert usd.to_text(-1) == "-0.01"
    assert round_half_away(-1, 2) == -1
    assert in_base(5, minor_unit_rate(Decimal(2), usd, usd)) == 10
    assert minor_unit_rate(Decimal(1), usd, usd) == 1


def test_an_entry_line_beyond_the_largest_amount_is_refused_whatever_it_is_in_base() -> None:
    currency, bank = CURRENCIES.get("JPY"), Account(name="Bank", code="1000", type=AccountType.ASSET)
    usd = CURRENCIES.get("USD")
    assert currency is not None
    assert usd is not None
    sides: tuple[Side, Side] = ("debit", "credit")
    lines = tuple(EntryLine(account="Bank", account_code=None, side=side, amount=10**17 + 1, description="") for side in sides)
    entry = EntryRecorded(
        document_date=DAY, transaction_number="T", description="", currency=currency, exchange_rate=Decimal("0.001"), lines=lines
    )
    with pytest.raises(AmountTooLarge):
        entry_lines(entry, usd, lambda name, code, pointer: bank)
