"""Explanations: they add up in every worked case and over random sequences, their figures are right, and their words readable."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from app.domain.errors import DomainError
from app.domain.explain import LineExplanation, explain
from app.domain.explain_balance import Moment
from app.domain.explain_parts import ExplanationMismatch
from app.domain.explain_words import Money, plain
from app.domain.transaction import Role
from tests.domain_ledger import CURRENCIES, manager_from
from tests.unit.explained import ExplainedLedger, check_sums, check_words
from tests.unit.properties.player import Player
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import ACCOUNTS, FULL, Plan, plans

CASES = sorted((Path(__file__).parents[2].parent / "shared" / "scenarios").glob("*.json"))


def ledger(base: str = "USD", **manager: Any) -> ExplainedLedger:
    found = CURRENCIES.get(base)
    assert found is not None
    return ExplainedLedger(manager_from({**FULL, **manager}, ACCOUNTS), found)


def ordered(**fields: Any) -> dict[str, Any]:
    line = {"line_number": 1, "quantity": "10", "unit_price": "5.00", "account_codes": [{"code": "E1", "percentage": "100"}]}
    more: dict[str, Any] = {name: fields.pop(name) for name in ("charges", "currency", "exchange_rate") if name in fields}
    return {"order_number": "PO", "currency": "USD", "supplier": {"code": "ACME"}, "lines": [line | fields], **more}


def received(quantity: str, number: str = "R-1", **more: Any) -> dict[str, Any]:
    return {"order_number": "PO", "receipt_number": number, "lines": [{"line_number": 1, "quantity": quantity}], **more}


def billed(quantity: str, amount: str, number: str = "I-1", currency: str = "USD", **more: Any) -> dict[str, Any]:
    line = {"order_number": "PO", "line_number": 1, "quantity": quantity, "amount": amount}
    return {"invoice_number": number, "currency": currency, "lines": [line], **more}


def of(books: ExplainedLedger, role: str, code: str | None = "E1") -> LineExplanation:
    (found,) = [each for each in books.explained if each.line.role == role and each.line.charge_code == code]
    return found


@pytest.mark.skipif(not CASES, reason="the worked cases are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_transaction_of_a_worked_case_adds_up(path: Path) -> None:
    case = json.loads(path.read_text())
    base = CURRENCIES.get(case["base_currency"])
    assert base is not None
    books = ExplainedLedger(manager_from(case["posting_manager"], case["accounts"]), base)
    for event in (event for step in case["steps"] for event in step["events"] if event != "repeat"):
        try:
            lines = books.play(event["type"], event["data"])
        except DomainError:
            continue
        assert len(books.explained) == len(lines)
        check_sums(books.explained)
        for each in books.explained:
            check_words(each)


@EFFORT
@given(plans())
def test_every_transaction_of_a_random_sequence_adds_up(plan: Plan) -> None:
    base = CURRENCIES.get(plan.base)
    assert base is not None
    books = ExplainedLedger(manager_from(plan.manager, ACCOUNTS), base)
    player = Player(plan, ledger=books)
    for _, lines in player.play():
        if lines:
            assert len(books.explained) == len(lines)
            check_sums(books.explained)
            for each in books.explained:
                check_words(each)


def test_a_receipt_says_what_was_used_and_what_waits() -> None:
    books = ledger()
    books.play("order.created", ordered())
    books.play("goods.received", received("4"))
    estimate, grni = of(books, "estimate"), of(books, "grni")
    assert estimate.because == (
        "Line 1: 10 ordered × 5 = 50.00 USD in all.",
        "Before: 0 of 10 are used (received 0, invoiced 0), worth 0.00 USD.",
        "Before: Committed: 50.00 USD − 0.00 USD = 50.00 USD.",
        "After: 4 of 10 are used (received 4, invoiced 0), worth 20.00 USD.",
        "After: Committed: 50.00 USD − 20.00 USD = 30.00 USD.",
        "The balance goes from 50.00 USD to 30.00 USD: a debit of 20.00 USD.",
    )
    assert estimate.figures["value_of_used"] == "20.00"
    assert grni.figures["layers"] == [
        {"units_from": "0", "units_to": "4", "open_from": "0", "rate": "1", "value": "20.00", "base_value": "20.00"}
    ]
    assert "Units 0 to 4 received" in " ".join(grni.because)


def test_a_split_says_its_weight() -> None:
    books = ledger()
    books.play("order.created", ordered(account_codes=[{"code": "E1", "percentage": "60"}, {"code": "E2", "percentage": "40"}]))
    estimate = of(books, "estimate", "E2")
    assert "E2 bears 40 of 100 of it, to the cent: 20.00 USD." in estimate.because
    assert estimate.figures["split"] == [
        {"code": "E1", "weight": "60", "part": "30.00", "base_part": "30.00"},
        {"code": "E2", "weight": "40", "part": "20.00", "base_part": "20.00"},
    ]


def test_tax_and_charges_are_in_the_line_total() -> None:
    books = ledger(shipping_account=None)
    charges = [{"kind": "shipping", "amount": "3.00"}]
    books.play("order.created", ordered(non_recoverable_tax_rate="0.15", charges=charges))
    assert of(books, "estimate").because[0] == (
        "Line 1: 10 ordered × 5 × 1.15 (with non-recoverable tax of 15 %) + 3.00 USD as its share of the order's charges"
        " = 60.50 USD in all."
    )
    figures = of(books, "estimate").figures
    assert (figures["tax_rate"], figures["share_of_charges"], figures["line_total"]) == ("0.15", "3.00", "60.50")


def test_foreign_layers_each_at_its_own_rate() -> None:
    books = ledger(exchange_difference_account="Exchange")
    books.play("order.created", ordered(currency="KWD", exchange_rate="3.25"))
    books.play("goods.received", received("4", exchange_rate="3.30"))
    books.play("goods.received", received("3", "R-2", exchange_rate="3.35"))
    books.play("invoice.matched", billed("5", "25.000", currency="KWD", exchange_rate="3.40"))
    grni = of(books, "grni")
    assert grni.figures["layers"] == [
        {"units_from": "0", "units_to": "4", "open_from": "4", "rate": "3.3", "value": "0.000", "base_value": "0.00"},
        {"units_from": "4", "units_to": "7", "open_from": "5", "rate": "3.35", "value": "10.000", "base_value": "33.50"},
    ]
    assert any("from 5 on not invoiced, worth 10.000 KWD at rate 3.35 (33.50 USD)" in word for word in grni.because)
    difference = of(books, "exchange_difference")
    assert difference.change.document == 0
    assert difference.change.base == -(20 * 10 + 5 * 5)  # 20 KWD at 3.40 instead of 3.30, 5 KWD at 3.40 instead of 3.35
    assert "2.25 USD exchange difference" in " ".join(difference.because)
    check_sums(books.explained)


def test_expense_is_what_the_other_side_holds() -> None:
    books = ledger()
    books.play("order.created", ordered())
    books.play("goods.received", received("10"))
    books.play("invoice.matched", billed("10", "49.00"))
    expense = of(books, "expense")
    assert "After: Expense of E1: cost of AP 49.00 USD." in expense.because
    assert "Before: Expense of E1: cost of GRNI 50.00 USD." in expense.because
    assert expense.because[-1] == "The balance goes from -50.00 USD to -49.00 USD: a credit of 1.00 USD."


def test_shipping_on_its_own_account() -> None:
    books = ledger()
    books.play("order.created", ordered(charges=[{"kind": "shipping", "amount": "12.00"}]))
    shipping = of(books, "shipping", None)
    assert "Shipping ordered 12.00, invoiced 0.00: 12.00 USD committed." in shipping.because
    books.play("invoice.matched", billed("1", "5.00", charges=[{"kind": "shipping", "amount": "13.00"}]))
    assert "shipping 13.00 USD" in " ".join(of(books, "shipping", None).because)
    check_sums(books.explained)


def test_a_close_says_why_nothing_is_left() -> None:
    books = ledger()
    books.play("order.created", ordered())
    books.play("goods.received", received("4"))
    books.play("order.closed", {"order_number": "PO", "reason": "done"})
    assert "After: Nothing is committed, since the order is closed." in of(books, "estimate").because
    assert "After: Nothing is accrued, since the order is closed." in of(books, "grni").because


def test_signed_grni_ahead_of_the_receipt() -> None:
    books = ledger(grni_balance="signed")
    books.play("order.created", ordered())
    books.play("invoice.matched", billed("3", "15.00"))
    assert "After: Invoiced 3 is ahead of received 0: -15.00 USD on signed GRNI." in of(books, "grni").because


def test_opposite_signs_are_two_lines_that_say_so() -> None:
    """A dearer invoice relieves an accrual made at a much higher rate: expense rises in KWD and falls in USD."""
    books = ledger()
    books.play("order.created", ordered(currency="KWD", exchange_rate="3.25"))
    books.play("goods.received", received("10", exchange_rate="4.00"))
    books.play("invoice.matched", billed("10", "51.000", currency="KWD", exchange_rate="3.00"))
    expense = [each for each in books.explained if each.line.role is Role.EXPENSE]
    assert [(each.line.amount, each.line.base_amount) for each in expense] == [(1_000, 300), (0, 5_000)]
    assert expense[0].because[-1].endswith("this one is the document amount, 1.000 KWD, translated at the event's rate 3.")
    assert expense[1].because[-1].endswith("this one is the remaining base amount, 50.00 USD, on its own.")
    check_sums(books.explained)


def test_an_explanation_that_does_not_give_what_was_posted_is_a_bug() -> None:
    books = ledger()
    (first, second) = books.play("order.created", ordered())
    after = Moment(order=books.orders["PO"], manager=books.manager)
    explain(None, after, Fraction(1), (first, second))
    with pytest.raises(ExplanationMismatch, match="do not give"):
        explain(None, after, Fraction(1), (first._replace(amount=first.amount + 1), second))


def test_rates_read_as_they_were_given() -> None:
    yen, dollar = CURRENCIES.get("JPY"), CURRENCIES.get("USD")
    assert yen is not None
    assert dollar is not None
    assert Money(document=dollar, base=yen).rate(Fraction(15137, 10_000)) == "151.37"
    assert Money(document=yen, base=dollar).rate(Fraction("0.6606")) == "0.006606"
    assert [plain(Decimal(text)) for text in ("1E+2", "0.100", "7")] == ["100", "0.1", "7"]
