"""Worked cases by hand, for what POSTING.md states and the published cases do not touch. The figures come from the page: where
they are not plain, the reckoning stands beside them."""

import pytest

from tests.unit.posting_case import Case, billed, charge, ordered, tax

# Returns and credit notes


def test_a_return_before_the_invoice_takes_the_accrual_back() -> None:
    case = Case()
    case.order(ordered())
    case.receive("6")
    case.holds(estimate="20", grni="30", expense="50")
    case.give_back("2")
    case.holds(estimate="30", grni="20", expense="50")
    case.invoice(billed("4", "20.00"))
    case.holds(estimate="30", ap="20", expense="50")


def test_a_return_after_the_invoice_posts_nothing_until_the_credit_note() -> None:
    case = Case()
    case.order(ordered())
    case.receive("10")
    case.invoice(billed("10", "50.00"))
    assert case.give_back("3") == []
    case.credit(billed("3", "15.00"))
    case.holds(estimate="15", ap="35", expense="50")


def test_a_credit_by_quantity_accrues_again_what_was_received_and_commits_again_what_was_not() -> None:
    """R 4, I 7: three units were invoiced ahead. A credit of 5 leaves I 2: units 3 and 4 are accrued, 5 to 10 committed."""
    case = Case()
    case.order(ordered())
    case.receive("4")
    case.invoice(billed("7", "35.00"))
    case.holds(estimate="15", ap="35", expense="50")
    case.credit(billed("5", "25.00"))
    case.holds(estimate="30", grni="10", ap="10", expense="50")


def test_after_return_a_credit_without_a_return_is_a_price_credit() -> None:
    case = Case(credit_reopens="after_return")
    case.order(ordered(quantity="2", price="10.50"))
    case.receive("2")
    case.invoice(billed("2", "21.00"))
    case.credit(billed("1", "10.50"))
    case.holds(ap="10.50", expense="10.50")


def test_after_return_a_credit_reopens_no_more_than_was_returned() -> None:
    """Returned 1, credited 2: I falls from 2 to 1, as R did; unit 2 is committed again."""
    case = Case(credit_reopens="after_return")
    case.order(ordered(quantity="2", price="10.50"))
    case.receive("2")
    case.invoice(billed("2", "21.00"))
    case.give_back("1")
    case.holds(ap="21", expense="21")
    case.credit(billed("2", "21.00"))
    case.holds(estimate="10.50", expense="10.50")


def test_after_return_each_returned_unit_reopens_once() -> None:
    case = Case(credit_reopens="after_return")
    case.order(ordered(quantity="3", price="10.00"))
    case.receive("3")
    case.invoice(billed("3", "30.00"))
    case.give_back("1")
    case.credit(billed("1", "10.00"))
    case.holds(estimate="10", ap="20", expense="30")
    case.credit(billed("1", "10.00"))
    case.holds(estimate="10", ap="10", expense="20")


def test_a_credit_on_a_closed_order_moves_ap_and_expense_only_and_reopening_shows_the_state() -> None:
    case = Case(price_variance="Variance")
    case.order(ordered())
    case.receive("10")
    case.invoice(billed("10", "55.00"), number="A")
    case.holds(ap="55", price_variance="5", expense="50")
    case.flag("order.closed")
    case.credit(billed("2", "11.00"), names="A")
    case.holds(ap="44", price_variance="5", expense="39")
    case.flag("order.reopened")
    case.holds(grni="10", ap="44", price_variance="5", expense="49")


def test_a_price_credit_leaves_the_variance() -> None:
    case = Case(price_variance="Variance")
    case.order(ordered(matching="two_way"))
    case.invoice(billed("10", "55.00"))
    case.holds(ap="55", price_variance="5", expense="50")
    case.credit(billed(None, "5.00"))
    case.holds(ap="50", price_variance="5", expense="45")


# Signed GRNI


def test_signed_an_invoice_ahead_of_its_receipt_is_a_debit_on_grni() -> None:
    case = Case(grni_balance="signed")
    case.order(ordered(quantity="2", price="10.50"))
    case.invoice(billed("2", "21.00"))
    case.holds(estimate="21", grni="-21", ap="21", expense="21")
    case.receive("1")
    case.holds(estimate="10.50", grni="-10.50", ap="21", expense="21")
    case.receive("1")
    case.holds(ap="21", expense="21")


def test_signed_a_return_after_the_invoice_shows_at_once() -> None:
    case = Case(grni_balance="signed")
    case.order(ordered(quantity="2", price="10.50"))
    case.receive("2")
    case.invoice(billed("2", "21.00"))
    case.give_back("1")
    case.holds(estimate="10.50", grni="-10.50", ap="21", expense="21")
    case.credit(billed("1", "10.50"))
    case.holds(estimate="10.50", ap="10.50", expense="21")


def test_signed_more_than_ordered_is_invoiced_ahead() -> None:
    """V(3) = 21.00 + 10.50."""
    case = Case(grni_balance="signed")
    case.order(ordered(quantity="2", price="10.50"))
    case.invoice(billed("3", "31.50"))
    case.holds(estimate="21", grni="-31.50", ap="31.50", expense="21")


def test_signed_two_way_lines_are_as_ever() -> None:
    case = Case(grni_balance="signed")
    case.order(ordered(quantity="2", price="10.50", matching="two_way"))
    case.invoice(billed("2", "21.00"))
    case.holds(ap="21", expense="21")


def test_signed_the_debit_is_at_the_order_rate() -> None:
    """Ahead 40 × 1.1; Estimate 100 × 1.1; AP 40 × 1.3; expense balances: 110 − 44 + 52."""
    case = Case(grni_balance="signed", exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("4", "40.00"), rate="1.3")
    case.holds(estimate="110", grni="-44", ap="52", expense="118")


# Which accounts are set


def test_commitment_offset_makes_commitments_pairs_of_their_own() -> None:
    case = Case(commitment_offset="Offset")
    case.order(ordered(), charges=(charge("shipping", "12.00"),))
    case.holds(estimate="62", commitment_offset="62")
    assert {line.ledger for _, line in case.ledger.lines} == {"commitment"}
    case.receive("4")
    case.holds(estimate="42", commitment_offset="42", grni="20", expense="20")
    case.invoice(billed("4", "22.00"), charges=[charge("shipping", "12.00")])
    case.holds(estimate="30", commitment_offset="30", ap="34", expense="22", shipping="12")
    case.flag("order.closed")
    case.holds(ap="34", expense="22", shipping="12")


def test_without_an_estimate_account_nothing_is_committed() -> None:
    case = Case(estimate=None)
    case.order(ordered(), charges=(charge("shipping", "12.00"),))
    assert case.ledger.lines == []
    case.receive("4")
    case.holds(grni="20", expense="20")
    case.invoice(billed("4", "20.00"), charges=[charge("shipping", "12.00")])
    case.holds(ap="32", expense="20", shipping="12")


def test_without_a_grni_account_receipts_post_nothing() -> None:
    case = Case(grni=None)
    case.order(ordered())
    case.holds(estimate="50", expense="50")
    assert case.receive("4") == []
    case.holds(estimate="50", expense="50")


def test_without_a_grni_account_an_invoice_moves_estimate_to_ap() -> None:
    case = Case(grni=None)
    case.order(ordered())
    case.receive("4")
    case.invoice(billed("4", "22.00"))
    case.holds(estimate="30", ap="22", expense="52")


def test_without_ap_spread_charges_go_with_the_accrual() -> None:
    case = Case(ap=None, shipping=None)
    case.order(ordered(price="10.00"), charges=(charge("shipping", "12.00"),))
    case.holds(estimate="112", expense="112")
    case.receive("5")
    case.holds(estimate="56", grni="56", expense="112")
    case.invoice(billed("5", "60.00"), charges=[charge("shipping", "12.00")], tax=[tax("15.00")])
    case.holds(estimate="56", expense="56")
    case.receive("5")
    case.invoice(billed("5", "60.00"))
    case.holds()


def test_without_ap_there_is_no_variance_and_no_exchange_difference() -> None:
    case = Case(ap=None, price_variance="Variance", exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("10", rate="1.2")
    case.invoice(billed("10", "150.00"), rate="1.3")
    case.holds()


def test_one_account_for_estimate_and_grni_with_closes() -> None:
    """12 of 10 received: 48.00 in one sum. Closing releases all of it, reopening brings it back."""
    case = Case(grni="Estimate")
    case.order(ordered(price="4.00"))
    case.receive("12")
    case.holds(estimate="48", expense="48")
    case.flag("order.closed")
    case.holds()
    case.flag("order.reopened")
    case.holds(estimate="48", expense="48")
    case.flag("order.closed", 1)
    case.holds()
    case.flag("order.reopened", 1)
    case.give_back("7")
    case.holds(estimate="40", expense="40")
    case.flag("receiving.closed", 1)
    case.holds(estimate="20", expense="20")


def test_one_account_posts_the_price_difference_of_a_changed_layer() -> None:
    """4 received at 4.00, then 5.00: the accrual keeps 16.00, 6 × 5.00 stay committed."""
    case = Case(grni="Estimate")
    case.order(ordered(price="4.00"))
    assert case.receive("4") == []
    case.change(ordered(price="5.00"))
    case.holds(estimate="46", expense="46")


# Price variance


def test_price_variance_leaves_the_charges_out() -> None:
    """T = 56, V(4) = 22.40. 4 × 5.50 against 4 × 5.00 is 2.00; the charges' 2.40 in the accrual are expense."""
    case = Case(shipping=None, price_variance="Variance")
    case.order(ordered(), charges=(charge("shipping", "6.00"),))
    case.receive("4")
    case.holds(estimate="33.60", grni="22.40", expense="56")
    case.invoice(billed("4", "22.00"))
    case.holds(estimate="33.60", ap="22", price_variance="2", expense="53.60")
    case.receive("6")
    case.invoice(billed("6", "33.00"), charges=[charge("shipping", "6.00")])
    case.holds(ap="61", price_variance="5", expense="56")


def test_price_variance_is_against_the_price_of_the_layer_and_the_current_one_ahead_of_it() -> None:
    """4 received at 5.00, price now 6.00, 7 invoiced at 6.50: 45.50 − 4 × 5.00 − 3 × 6.00 = 7.50. Estimate is 3 × 6.00."""
    case = Case(price_variance="Variance")
    case.order(ordered())
    case.receive("4")
    case.change(ordered(price="6.00"))
    case.invoice(billed("7", "45.50"))
    case.holds(estimate="18", ap="45.50", price_variance="7.50", expense="56")
    case.change(ordered(price="9.00"))
    case.holds(estimate="27", ap="45.50", price_variance="7.50", expense="65")


def test_price_variance_is_at_the_invoice_rate() -> None:
    """(110 − 100) × 1.3; exchange difference 100 × 0.1; 120 + 13 + 10 = 143 = 110 × 1.3."""
    case = Case(price_variance="Variance", exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("10", rate="1.2")
    case.invoice(billed("10", "110.00"), rate="1.3")
    case.holds(ap="143", price_variance="13", exchange_difference="10", expense="120")


def test_a_line_by_amount_has_no_price_variance() -> None:
    case = Case(price_variance="Variance")
    case.order(ordered(amount="100.00"))
    case.invoice(billed(None, "130.00"))
    case.holds(ap="130", expense="130")


# Tax


def test_non_recoverable_tax_is_part_of_the_line() -> None:
    """3 × 3.335 × 1.15 = 11.50575 → 11.51; V(1) = 3.8367 → 3.84."""
    case = Case()
    case.order(ordered(quantity="3", price="3.335", non_recoverable_tax_rate="0.15"))
    case.holds(estimate="11.51", expense="11.51")
    case.receive("1")
    case.holds(estimate="7.67", grni="3.84", expense="11.51")


@pytest.mark.parametrize(
    ("amount", "taxes"), [("115.00", []), ("100.00", [tax("15.00", recoverable=False)])], ids=["in the amount", "in the invoice's tax"]
)
def test_non_recoverable_tax_on_the_invoice(amount: str, taxes: list[dict[str, object]]) -> None:
    case = Case(price_variance="Variance")
    case.order(ordered(price="10.00", non_recoverable_tax_rate="0.15"))
    case.receive("10")
    case.holds(grni="115", expense="115")
    case.invoice(billed("10", amount), tax=taxes)
    case.holds(ap="115", expense="115")


def test_recoverable_tax_without_a_tax_account_is_expense() -> None:
    case = Case(tax=None)
    case.order(ordered(price="10.00"))
    case.receive("10")
    case.invoice(billed("10", "100.00"), tax=[tax("15.00")])
    case.holds(ap="115", expense="115")


def test_tax_of_both_kinds_is_spread_by_amount() -> None:
    """0.05 over 60 : 40 is 0.03 / 0.02; 0.01 goes to the larger share."""
    case = Case()
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "40.00", "E2"))
    case.invoice(billed("1", "60.00"), billed("1", "40.00", 2), tax=[tax("0.05"), tax("0.01", recoverable=False)])
    case.holds_on("E1", ap="60.04", tax="0.03", expense="60.01")
    case.holds_on("E2", ap="40.02", tax="0.02", expense="40.00")


# Charges


def test_a_late_freight_bill_on_its_own_account() -> None:
    case = Case()
    case.order(ordered(price="10.00"), charges=(charge("shipping", "12.00"),))
    case.receive("10")
    case.invoice(billed("10", "100.00"))
    case.holds(estimate="12", ap="100", expense="100", shipping="12")
    case.invoice(charges=[charge("freight", "8.00", order_number="PO")])
    case.holds(estimate="4", ap="108", expense="100", shipping="12")
    case.invoice(charges=[charge("freight", "7.00", order_number="PO")], tax=[tax("1.50")])
    case.holds(ap="116.50", expense="100", shipping="15", tax="1.50")


def test_a_late_freight_bill_is_spread_over_what_was_invoiced() -> None:
    """Only line 1 has been invoiced, so it carries the whole bill."""
    case = Case(shipping=None)
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "40.00", "E2"), charges=(charge("shipping", "10.00"),))
    case.holds_on("E1", estimate="66", expense="66")
    case.receive("1")
    case.receive("1", 2)
    case.invoice(billed("1", "60.00"))
    case.invoice(charges=[charge("freight", "9.99", order_number="PO")])
    case.holds_on("E1", ap="69.99", expense="69.99")
    case.holds_on("E2", grni="44", expense="44")


def test_a_freight_bill_before_any_invoice_is_spread_over_the_order_value() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "40.00", "E2"))
    case.invoice(charges=[charge("freight", "10.00", order_number="PO")])
    case.holds_on("E1", estimate="60", ap="6", expense="66")
    case.holds_on("E2", estimate="40", ap="4", expense="44")


def test_a_discount_is_spread_and_shipping_has_its_account() -> None:
    case = Case()
    case.order(
        ordered(1, "1", "60.00", "E1"),
        ordered(2, "1", "40.00", "E2"),
        charges=(charge("shipping", "12.00"), charge("discount", "-10.00")),
    )
    case.holds(estimate="102", expense="90", shipping="12")
    case.receive("1", 2)
    case.holds_on("E1", estimate="54", expense="54")
    case.holds_on("E2", grni="36", expense="36")


def test_a_discount_of_odd_cents_goes_to_the_lower_line() -> None:
    """−0.05 over two equal lines is −0.03 / −0.02."""
    case = Case()
    case.order(ordered(1, "1", "1.00", "E1"), ordered(2, "1", "1.00", "E2"), charges=(charge("discount", "-0.05"),))
    case.holds_on("E1", estimate="0.97", expense="0.97")
    case.holds_on("E2", estimate="0.98", expense="0.98")


@pytest.mark.parametrize(
    ("basis", "first", "second"),
    [("value", "33", "55"), ("quantity", "36", "52"), ("equal", "34", "54")],
)
def test_the_basis_of_spreading(basis: str, first: str, second: str) -> None:
    """8.00 over 3 × 10.00 and 1 × 50.00: 30 : 50, 3 : 1, 1 : 1."""
    case = Case(shipping=None, charge_spread_basis=basis)
    case.order(ordered(1, "3", "10.00", "E1"), ordered(2, "1", "50.00", "E2"), charges=(charge("other", "8.00"),))
    case.holds_on("E1", estimate=first, expense=first)
    case.holds_on("E2", estimate=second, expense=second)


def test_a_free_line_carries_nothing_by_value_and_all_free_lines_go_by_quantity() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "1", "0", "E1"), ordered(2, "1", "10.00", "E2"), charges=(charge("shipping", "3.00"),))
    case.holds_on("E2", estimate="13", expense="13")
    case.holds(estimate="13", expense="13")
    free = Case(shipping=None)
    free.order(ordered(1, "1", "0", "E1"), ordered(2, "2", "0", "E2"), charges=(charge("shipping", "3.00"),))
    free.holds_on("E1", estimate="1", expense="1")
    free.holds_on("E2", estimate="2", expense="2")


def test_one_invoice_over_two_orders_with_charges_and_tax_of_neither() -> None:
    """10.01 over 60 : 40 is 6.006 / 4.004 → 6.01 / 4.00; tax 15.00 is 9 / 6."""
    case = Case()
    case.order(ordered(1, "1", "60.00"), number="PO-1")
    case.order(ordered(1, "1", "40.00"), number="PO-2")
    case.invoice(
        billed("1", "60.00", order="PO-1"),
        billed("1", "40.00", order="PO-2"),
        charges=[charge("shipping", "10.01")],
        tax=[tax("15.00")],
    )
    case.holds("PO-1", ap="75.01", expense="60", shipping="6.01", tax="9")
    case.holds("PO-2", ap="50.00", expense="40", shipping="4.00", tax="6")


def test_a_charge_that_names_an_order_stays_on_its_lines() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "1", "60.00"), number="PO-1")
    case.order(ordered(1, "1", "40.00"), number="PO-2")
    case.invoice(
        billed("1", "60.00", order="PO-1"), billed("1", "40.00", order="PO-2"), charges=[charge("shipping", "5.00", order_number="PO-2")]
    )
    case.holds("PO-1", ap="60", expense="60")
    case.holds("PO-2", ap="45", expense="45")


def test_crediting_shipping_commits_it_again() -> None:
    case = Case()
    case.order(ordered(), charges=(charge("shipping", "12.00"),))
    case.invoice(charges=[charge("shipping", "12.00", order_number="PO")], number="F")
    case.holds(estimate="50", ap="12", expense="50", shipping="12")
    case.refuses("invoice.credited", **case.bill(charges=[charge("shipping", "12.01", order_number="PO")], credits_invoice="F"))
    case.credit(charges=[charge("shipping", "12.00", order_number="PO")], names="F")
    case.holds(estimate="62", expense="50", shipping="12")


def test_the_credit_of_a_late_bill_takes_it_from_the_lines_that_carry_it() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "1", "60.00", "E1"), ordered(2, "1", "60.00", "E2"))
    case.invoice(billed("1", "60.00"))
    case.invoice(charges=[charge("freight", "10.00", order_number="PO")], number="F")
    case.invoice(billed("1", "60.00", 2))
    case.credit(charges=[charge("freight", "10.00", order_number="PO")], names="F")
    case.holds_on("E1", ap="60", expense="60")
    case.holds_on("E2", ap="60", expense="60")


# Change orders


def test_a_recoded_line_moves_its_commitment_and_leaves_its_accrual() -> None:
    case = Case()
    case.order(ordered(codes="E1"))
    case.receive("4")
    case.change(ordered(codes="E2"))
    case.holds_on("E1", grni="20", expense="20")
    case.holds_on("E2", estimate="30", expense="30")
    case.invoice(billed("4", "20.00"), number="A")
    case.holds_on("E1")
    case.holds_on("E2", estimate="30", ap="20", expense="50")
    case.change(ordered(codes="E3"))
    case.credit(billed("4", "20.00"), names="A")
    case.holds_on("E1", grni="20", expense="20")
    case.holds_on("E2")
    case.holds_on("E3", estimate="30", expense="30")


def test_a_change_lowers_removes_and_adds_lines() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, "4", "2.50", "E2"))
    case.receive("4")
    case.holds(estimate="40", grni="20", expense="60")
    case.change(ordered(1, "6"), ordered(2, "4", "2.50", "E2"))
    case.holds(estimate="20", grni="20", expense="40")
    case.refuses("order.changed", **case.changed(ordered(1, "3"), ordered(2, "4", "2.50", "E2")))
    case.refuses("order.changed", **case.changed(ordered(2, "4", "2.50", "E2")))
    case.change(ordered(1, "6"))
    case.holds(estimate="10", grni="20", expense="30")
    case.change(ordered(1, "6"), ordered(3, "2", "7.775", "E3"))
    case.holds(estimate="25.55", grni="20", expense="45.55")
    case.refuses("order.changed", **{**case.changed(ordered(1, "6")), "version": 4})


def test_a_removed_line_gives_its_share_of_the_charges_to_the_others() -> None:
    case = Case(shipping=None)
    freight = (charge("shipping", "6.00"),)
    case.order(ordered(1), ordered(2, "4", "2.50", "E2"), charges=freight)
    case.holds_on("E1", estimate="55", expense="55")
    case.holds_on("E2", estimate="11", expense="11")
    case.change(ordered(1), charges=freight)
    case.holds_on("E1", estimate="56", expense="56")
    case.holds_on("E2")


def test_an_accrual_keeps_its_share_of_the_charges() -> None:
    """4 of 10 received with 6.00 of charges: 4 / 10 × 56 = 22.40. Without charges then: 6 × 5.00 stay committed."""
    case = Case(shipping=None)
    case.order(ordered(), charges=(charge("shipping", "6.00"),))
    case.receive("4")
    case.change(ordered())
    case.holds(estimate="30", grni="22.40", expense="52.40")


def test_an_over_received_line_may_keep_its_quantity() -> None:
    case = Case()
    case.order(ordered())
    case.receive("12")
    case.change(ordered(price="6.00"))
    case.holds(grni="60", expense="60")
    case.refuses("order.changed", **case.changed(ordered(quantity="9", price="6.00")))
    case.change(ordered(quantity="11", price="6.00"))
    case.holds(grni="60", expense="60")


def test_a_closed_line_stays_as_it_is() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, "1", "7.00", "E2"))
    case.flag("order.closed", 1)
    case.holds(estimate="7", expense="7")
    case.change(ordered(1, "20", "9.00"), ordered(2, "2", "7.00", "E2"))
    case.holds(estimate="14", expense="14")
    case.flag("order.reopened", 1)
    case.holds(estimate="64", expense="64")


def test_a_line_of_quantity_zero_holds_nothing_and_may_be_received() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "0", "5.00", "E1"), ordered(2, "1", "10.00", "E2"), charges=(charge("shipping", "3.00"),))
    case.holds_on("E1")
    case.holds_on("E2", estimate="13", expense="13")
    case.receive("1")
    case.holds_on("E1", grni="5", expense="5")
    case.invoice(billed("1", "5.00"))
    case.holds_on("E1", ap="5", expense="5")


def test_an_order_of_nothing_releases_its_charges_too() -> None:
    case = Case(shipping=None)
    case.order(ordered(1, "0", "5.00"), charges=(charge("shipping", "3.00"),))
    case.holds()
    case.receive("2")
    case.holds(grni="10", expense="10")


# Closing and cancelling


def test_closing_a_line_keeps_the_shipping_and_closing_the_order_does_not() -> None:
    case = Case()
    case.order(ordered(), charges=(charge("shipping", "12.00"),))
    case.flag("order.closed", 1)
    case.holds(estimate="12", shipping="12")
    case.flag("order.closed")
    case.holds()
    assert case.flag("order.closed") == []
    case.flag("order.reopened")
    case.holds(estimate="12", shipping="12")
    case.flag("order.reopened", 1)
    case.holds(estimate="62", expense="50", shipping="12")


def test_receiving_closed_releases_the_commitment_and_a_receipt_accrues_anyway() -> None:
    case = Case()
    case.order(ordered())
    case.receive("4")
    case.flag("receiving.closed", 1)
    case.holds(grni="20", expense="20")
    case.receive("2")
    case.holds(grni="30", expense="30")
    case.invoice(billed("6", "30.00"))
    case.holds(ap="30", expense="30")
    case.flag("receiving.reopened", 1)
    case.holds(estimate="20", ap="30", expense="50")


def test_a_final_invoice_closes_its_line() -> None:
    case = Case()
    case.order(ordered(1), ordered(2, "1", "7.00", "E2"))
    case.receive("10")
    case.invoice(billed("8", "40.00", final=True))
    case.holds_on("E1", ap="40", expense="40")
    case.holds_on("E2", estimate="7", expense="7")
    case.refuses("invoice.matched", **case.bill(billed("2", "10.00")))
    case.refuses("goods.received", order_number="PO", receipt_number="R", lines=[{"line_number": 1, "quantity": "1"}])
    case.flag("order.reopened", 1)
    case.holds_on("E1", grni="10", ap="40", expense="50")


def test_final_on_one_of_two_invoice_lines_of_a_line() -> None:
    case = Case()
    case.order(ordered())
    case.invoice(billed("4", "20.00", final=True), billed("4", "20.00"))
    case.holds(ap="40", expense="40")


def test_closed_orders_refuse_receipts_and_invoices() -> None:
    case = Case()
    case.order(ordered())
    case.flag("order.closed")
    case.refuses("goods.received", order_number="PO", receipt_number="R", lines=[{"line_number": 1, "quantity": "1"}])
    case.refuses("invoice.matched", **case.bill(billed("1", "5.00")))
    case.refuses("invoice.matched", **case.bill(charges=[charge("freight", "5.00", order_number="PO")]))
    case.holds()


def test_cancel_after_full_return_and_full_credit() -> None:
    case = Case()
    case.order(ordered(quantity="2", price="10.50"))
    case.receive("2")
    case.invoice(billed("2", "21.00"), charges=[charge("freight", "3.00")], number="A")
    cancel = {"order_number": "PO", "reason": "r"}
    case.refuses("order.cancelled", **cancel)
    case.give_back("2")
    case.refuses("order.cancelled", **cancel)
    case.credit(billed("2", "21.00"), names="A")
    case.holds(estimate="21", ap="3", expense="21", shipping="3")
    case.refuses("order.cancelled", **cancel)
    case.credit(charges=[charge("freight", "3.00", order_number="PO")], names="A")
    case.flag("order.cancelled")
    case.holds()
    for kind in ("order.reopened", "order.closed", "order.cancelled"):
        case.refuses(kind, **cancel)


def test_cancel_after_a_credit_at_another_rate() -> None:
    """Nothing is received or invoiced net; what the two rates leave in AP stays there, since a cancel never moves AP."""
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("10", "100.00"), rate="1.3")
    case.credit(billed("10", "100.00"), rate="1.2")
    case.flag("order.cancelled")
    case.holds(ap="10", expense="10")


# Quantities


def test_a_two_way_line_that_is_received_anyway() -> None:
    case = Case()
    case.order(ordered(quantity="4", price="25.00", matching="two_way"))
    case.receive("2")
    case.holds(estimate="50", grni="50", expense="100")
    case.invoice(billed("1", "25.00"))
    case.holds(estimate="50", grni="25", ap="25", expense="100")
    case.invoice(billed("3", "75.00"))
    case.holds(ap="100", expense="100")


def test_a_line_by_amount_is_received_and_invoiced() -> None:
    case = Case()
    case.order(ordered(amount="12000.00"))
    case.receive("3000", measure="amount")
    case.holds(estimate="9000", grni="3000", expense="12000")
    case.invoice(billed(None, "4000.00"))
    case.holds(estimate="8000", ap="4000", expense="12000")
    case.credit(billed(None, "1500.00"))
    case.holds(estimate="9000", grni="500", ap="2500", expense="12000")
    case.refuses("goods.received", order_number="PO", receipt_number="R", lines=[{"line_number": 1, "quantity": "1"}])


def test_more_is_invoiced_than_ordered() -> None:
    case = Case()
    case.order(ordered(price="4.00"))
    case.receive("10")
    case.invoice(billed("12", "48.00"))
    case.holds(ap="48", expense="48")
    assert case.receive("2") == []
    case.credit(billed("3", "12.00"))
    case.holds(grni="12", ap="36", expense="48")


def test_units_above_the_order_are_worth_their_price() -> None:
    """3 × 3.335 = 10.01; V(4) = 10.01 + 3.34; V(5) = 10.01 + 6.67."""
    case = Case()
    case.order(ordered(quantity="3", price="3.335"))
    case.receive("4")
    case.holds(grni="13.35", expense="13.35")
    case.receive("1")
    case.holds(grni="16.68", expense="16.68")


def test_fractions_that_do_not_divide() -> None:
    """T = 0.01 over 2 units: V(1) = 0.005 → 0.01, so the first unit takes the cent."""
    case = Case()
    case.order(ordered(quantity="2", price="0.005"))
    case.receive("0.999999")
    case.holds(estimate="0.01", expense="0.01")
    case.receive("0.000001")
    case.holds(grni="0.01", expense="0.01")


def test_thirds_of_five_cents() -> None:
    """1.6665, 1.6665, 1.667: the remainders of E3 and, by position, E1 take the two cents left."""
    case = Case()
    case.order(ordered(quantity="1", price="0.05", codes="E1 33.33, E2 33.33, E3 33.34"))
    case.holds_on("E1", estimate="0.02", expense="0.02")
    case.holds_on("E2", estimate="0.01", expense="0.01")
    case.holds_on("E3", estimate="0.02", expense="0.02")


def test_a_return_takes_the_newest_layer_first() -> None:
    """4 at 5.00 and 4 at 6.00; 5 returned: 3 at 5.00 stay, and 7 × 6.00 are open."""
    case = Case()
    case.order(ordered())
    case.receive("4")
    case.change(ordered(price="6.00"))
    case.receive("4")
    case.holds(estimate="12", grni="44", expense="56")
    case.give_back("5")
    case.holds(estimate="42", grni="15", expense="57")
    case.invoice(billed("2", "10.00"))
    case.holds(estimate="42", grni="5", ap="10", expense="57")


def test_a_unit_price_on_the_invoice_is_rounded_once() -> None:
    case = Case()
    case.order(ordered(quantity="3", price="3.335"))
    case.invoice({"order_number": "PO", "line_number": 1, "quantity": "3", "unit_price": "3.335"})
    case.holds(ap="10.01", expense="10.01")


# Currencies


def test_yen_have_no_decimals() -> None:
    """3 × 333.5 = 1000.5 → 1001; V(1) = 333.67 → 334."""
    case = Case("JPY")
    case.order(ordered(quantity="3", price="333.5"))
    case.receive("1")
    case.holds(estimate="667", grni="334", expense="1001")
    case.refuses("invoice.matched", **case.bill(billed("1", "333.50")))


def test_dinars_have_three() -> None:
    """3 × 0.3335 = 1.0005 → 1.001; V(1) = 0.33367 → 0.334."""
    case = Case("KWD")
    case.order(ordered(quantity="3", price="0.3335"))
    case.receive("1")
    case.holds(estimate="0.667", grni="0.334", expense="1.001")


def test_a_rate_is_of_whole_units_whatever_the_decimals() -> None:
    """1.001 KWD × 3.25 = 3.25325 → 3.25 USD; 1002 JPY × 0.0067 = 6.7134 → 6.71 USD."""
    dinars = Case()
    dinars.order(ordered(quantity="1", price="1.001"), currency="KWD", rate="3.25")
    dinars.holds(estimate="3.25", expense="3.25")
    yen = Case()
    yen.order(ordered(quantity="3", price="334"), currency="JPY", rate="0.0067")
    yen.holds(estimate="6.71", expense="6.71")


def test_estimate_keeps_the_order_rate_for_its_whole_life() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("4", rate="1.2")
    case.holds(estimate="66", grni="48", expense="114")
    case.invoice(billed("4", "40.00"))  # at the order's rate: 44.00
    case.holds(estimate="66", ap="44", expense="110")


def test_exchange_difference_over_two_layers() -> None:
    """7 invoiced at 1.3: 40 × 0.1 + 30 × 0.05 = 5.50. 48 + 37.50 relieved + 5.50 = 91 = 70 × 1.3."""
    case = Case(exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("4", rate="1.2")
    case.receive("6", rate="1.25")
    case.holds(grni="123", expense="123")
    case.invoice(billed("7", "70.00"), rate="1.3")
    case.holds(grni="37.50", ap="91", exchange_difference="5.50", expense="123")


def test_no_exchange_difference_for_invoices_ahead_of_receipt() -> None:
    case = Case(exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("10", "100.00"), rate="1.3")
    case.holds(ap="130", expense="130")
    assert case.receive("10", rate="1.2") == []


def test_a_credit_takes_the_rate_of_the_invoice_it_names() -> None:
    """40 × 1.3 off AP; 40 × 1.1 accrued again; of the exchange difference 40 × 0.2."""
    case = Case(exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.receive("10")
    case.invoice(billed("10", "100.00"), rate="1.3", number="A")
    case.holds(ap="130", exchange_difference="20", expense="110")
    case.credit(billed("4", "40.00"), names="A", rate="1.9")
    case.holds(grni="44", ap="78", exchange_difference="12", expense="110")
    case.credit(billed("6", "60.00"), names="A")
    case.holds(grni="110", expense="110")


def test_a_credit_that_names_nothing_takes_its_own_rate_else_its_orders() -> None:
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("10", "100.00"), rate="1.3")
    case.credit(billed(None, "10.00"), rate="1.2")
    case.holds(ap="118", expense="118")
    case.credit(billed(None, "10.00"))
    case.holds(ap="107", expense="107")


def test_return_and_credit_take_back_their_part_of_the_exchange_difference() -> None:
    """1 of 2 stays at 12.60 + 1.05 = 13.65 = 10.50 × 1.3; the other is committed again at 11.55."""
    case = Case(exchange_difference="Exchange")
    case.order(ordered(quantity="2", price="10.50"), currency="EUR", rate="1.1")
    case.receive("2", rate="1.2")
    case.invoice(billed("2", "21.00"), rate="1.3", number="A")
    case.holds(ap="27.30", exchange_difference="2.10", expense="25.20")
    assert case.give_back("1") == []
    case.credit(billed("1", "10.50"), names="A")
    case.holds(estimate="11.55", ap="13.65", exchange_difference="1.05", expense="24.15")


def test_the_credit_of_an_invoice_ahead_of_its_receipt_moves_no_exchange_difference() -> None:
    case = Case(exchange_difference="Exchange")
    case.order(ordered(quantity="2", price="10.00"), currency="EUR", rate="1.1")
    case.invoice(billed("2", "20.00"), rate="1.3", number="A")
    case.receive("2", rate="1.2")
    case.holds(ap="26", expense="26")
    case.credit(billed("1", "10.00"), names="A")
    case.holds(grni="12", ap="13", expense="25")


def test_return_and_credit_at_the_invoiced_price_make_no_variance() -> None:
    """4 received and invoiced at 5.00; then the price rises; 1 goes back and is credited at 5.00: 3 × 5.00 and 7 × 6.00 stay."""
    case = Case(price_variance="Variance")
    case.order(ordered())
    case.receive("4")
    case.invoice(billed("4", "20.00"), number="A")
    case.change(ordered(price="6.00"))
    case.holds(estimate="36", ap="20", expense="56")
    case.give_back("1")
    case.credit(billed("1", "5.00"), names="A")
    case.holds(estimate="42", ap="15", expense="57")


def test_changes_of_opposite_signs_are_two_entries() -> None:
    """99 at 1.3 against 100 at 1.2: expense falls by 1.00 in EUR and rises by 8.70 in USD."""
    case = Case()
    case.order(ordered(price="10.00"), currency="EUR", rate="1.2")
    case.receive("10")
    made = case.invoice(billed("10", "99.00"), rate="1.3")
    found = [(line.side, line.amount, line.base_amount) for line in made if line.role == "expense"]
    assert found == [("credit", 100, 130), ("debit", 0, 1000)]
    case.holds(ap="128.70", expense="128.70")


def test_the_exchange_line_is_zero_in_the_document_currency() -> None:
    case = Case(exchange_difference="Exchange")
    case.order(ordered(price="10.00"), currency="EUR", rate="1.2")
    case.receive("10")
    made = case.invoice(billed("10", "100.00"), rate="1.3")
    found = [(str(line.role), line.side, line.amount, line.base_amount) for line in made]
    assert sorted(found) == [("ap", "credit", 10000, 13000), ("exchange_difference", "debit", 0, 1000), ("grni", "debit", 10000, 12000)]


# Refused


def test_refusals() -> None:
    case = Case()
    case.order(ordered())
    case.receive("4")
    case.invoice(billed("3", "15.00"))
    back = {"order_number": "PO", "receipt_number": "R"}
    case.refuses("goods.returned", **back, lines=[{"line_number": 1, "quantity": "4.000001"}])
    case.refuses("goods.returned", **back, lines=[{"line_number": 1, "quantity": "2"}, {"line_number": 1, "quantity": "3"}])
    case.refuses("invoice.credited", **case.bill(billed("3.000001", "15.00")))
    case.refuses("invoice.credited", **case.bill(billed("3", "15.01")))
    case.refuses("invoice.credited", **case.bill(billed("2", "8.00"), billed("2", "7.00")))
    case.refuses("invoice.credited", **case.bill(billed(None, "1.00"), tax=[tax("0.01")]))
    case.refuses("invoice.matched", **{**case.bill(billed("1", "5.00")), "currency": "EUR", "exchange_rate": "1.1"})
    case.refuses("invoice.matched", **case.bill(billed("1", "5.00"), rate="1.1"))
    case.refuses("order.created", order_number="PO", currency="USD", lines=[ordered()])
    case.refuses("order.created", order_number="PO-2", currency="EUR", lines=[ordered()])
    case.refuses("order.changed", **{**case.changed(ordered()), "version": 1})
    case.refuses("order.changed", **{**case.changed(ordered()), "currency": "EUR", "exchange_rate": "1.1"})
    case.refuses("order.changed", **case.changed(ordered(quantity="3.9")))
    case.refuses("order.cancelled", order_number="PO", reason="r")
    case.holds(estimate="30", grni="5", ap="15", expense="50")
