"""What is refused or waits, transactions that cannot be, and figures at their limits: worked by hand from POSTING.md."""

from dataclasses import fields
from decimal import Decimal

import pytest

from app.domain.accounts import Account, AccountType
from app.domain.allocation import allocate
from app.domain.entry import entry_lines
from app.domain.errors import (
    AmountTooLarge,
    Invalid,
    OrderCancelled,
    OrderInUse,
    UnknownAccount,
    Waiting,
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
    OrderClosed,
    ReceivedLine,
    ReceivingClosed,
)
from app.domain.money import ONE, in_base, minor_unit_rate, round_half_away
from app.domain.posting import apply, apply_to, needed_lines, touched_orders
from app.domain.posting_manager import posting_manager
from app.domain.transaction import Side, TransactionLine
from tests.domain_ledger import CURRENCIES, manager_from
from tests.unit.posting_case import CHART, DAY, USUAL, Case, Wire, billed, charge, late_bill, ordered, repost, tax, the_order

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
