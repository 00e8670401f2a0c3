"""Orders that change, move to another version of the posting manager or roll over a year's end: worked by hand from POSTING.md, the
reckoning beside the figures where they are not plain."""

from dataclasses import replace

import pytest

from app.domain.accounts import Account, AccountType
from app.domain.errors import (
    CreditAboveInvoiced,
    OrderInUse,
    QuantityBelowUsed,
    WrongCurrency,
)
from app.domain.money import ONE
from app.domain.posting import roll
from app.domain.targets import commitment_targets
from tests.unit.posting_case import MILLIONTH, Case, billed, cancel, charge, late_bill, ordered, repost, tax, the_order

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
