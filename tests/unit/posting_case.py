"""A small language for worked cases: an order, what happens to it, and what every account must hold afterwards."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import DomainError
from app.domain.events import InvoiceCancelled, OrderReposted
from app.domain.order import Order
from app.domain.transaction import Supplier, TransactionLine
from tests.domain_ledger import CURRENCIES, DomainLedger, manager_from

CHART = {
    "Estimate": {"account_code": "2100", "type": "liability"},
    "GRNI": {"account_code": "2110", "type": "liability"},
    "AP": {"account_code": "2000", "type": "liability"},
    "Shipping": {"account_code": "5100", "type": "expense"},
    "Tax": {"account_code": "1400", "type": "asset"},
    "Variance": {"account_code": "5900", "type": "expense"},
    "Exchange": {"account_code": "7000", "type": "expense"},
    "Offset": {"account_code": "3900", "type": "equity"},
}
USUAL = {"estimate": "Estimate", "grni": "GRNI", "ap": "AP", "shipping": "Shipping", "tax": "Tax"}
POLICIES = ("charge_spread_basis", "grni_balance", "credit_reopens")
Wire = dict[str, Any]
DAY = date(2026, 11, 20)
ACME = Supplier(code="ACME")
MILLIONTH = "0.000001"


def ordered(number: int = 1, quantity: str = "10", price: str = "5.00", codes: str = "E1", **more: Any) -> Wire:
    """An order line. `codes`: "E1", or "E1 60, E2 40"."""
    shares = [each.split() for each in codes.split(",")]
    account_codes = [{"code": share[0], "percentage": share[1] if len(share) > 1 else "100"} for share in shares]
    terms = {} if "amount" in more else {"quantity": quantity, "unit_price": price}
    return {"line_number": number, **terms, "account_codes": account_codes, **more}


def billed(quantity: str | None, amount: str, line: int = 1, order: str = "PO", **more: Any) -> Wire:
    """An invoice line; without a quantity a price credit or an amount line."""
    units = {} if quantity is None else {"quantity": quantity}
    return {"order_number": order, "line_number": line, "amount": amount, **units, **more}


def charge(kind: str, amount: str, **more: Any) -> Wire:
    return {"kind": kind, "amount": amount, **more}


def tax(amount: str, *, recoverable: bool = True) -> Wire:
    return {"amount": amount, "recoverable": recoverable}


class Case:
    """One set-up. Accounts by role (`ap=None` switches a role off), policies by name."""

    def __init__(self, base: str = "USD", **setup: str | None) -> None:
        policies = {name: value for name, value in setup.items() if name in POLICIES}
        accounts = USUAL | {name: value for name, value in setup.items() if name not in POLICIES}
        currency = CURRENCIES.get(base)
        assert currency is not None
        self.base, self.currency = currency, base
        self.ledger = DomainLedger(
            manager_from({**policies, **{f"{role}_account": name for role, name in accounts.items()}}, CHART), currency
        )
        self._terms: Wire = {}
        self._number = 0

    def send(self, kind: str, **data: Any) -> list[TransactionLine]:
        return self.ledger.play(kind, {name: value for name, value in data.items() if value is not None})

    def refuses(self, kind: str, **data: Any) -> None:
        held = (dict(self.ledger.orders), len(self.ledger.lines))
        with pytest.raises(DomainError):
            self.send(kind, **data)
        assert held == (self.ledger.orders, len(self.ledger.lines))

    def order(
        self, *lines: Wire, charges: tuple[Wire, ...] = (), number: str = "PO", currency: str | None = None, rate: str | None = None
    ) -> None:
        self._terms = {"order_number": number, "currency": currency or self.currency, "supplier": {"code": "ACME"}}
        self.send("order.created", **self._terms, lines=list(lines), charges=list(charges), exchange_rate=rate)

    def changed(self, *lines: Wire, charges: tuple[Wire, ...] = ()) -> Wire:
        version = self.ledger.orders[self._terms["order_number"]].version + 1
        return {**self._terms, "lines": list(lines), "charges": list(charges), "version": version}

    def change(self, *lines: Wire, charges: tuple[Wire, ...] = ()) -> list[TransactionLine]:
        return self.send("order.changed", **self.changed(*lines, charges=charges))

    def receive(self, units: str, line: int = 1, *, rate: str | None = None, measure: str = "quantity") -> list[TransactionLine]:
        part = {"line_number": line, measure: units}
        return self.send("goods.received", order_number="PO", receipt_number="R", lines=[part], exchange_rate=rate)

    def give_back(self, units: str, line: int = 1) -> list[TransactionLine]:
        return self.send("goods.returned", order_number="PO", receipt_number="R", lines=[{"line_number": line, "quantity": units}])

    def invoice(self, *lines: Wire, number: str | None = None, **more: Any) -> list[TransactionLine]:
        return self.send("invoice.matched", **self.bill(*lines, number=number, **more))

    def credit(self, *lines: Wire, names: str | None = None, **more: Any) -> list[TransactionLine]:
        return self.send("invoice.credited", **self.bill(*lines, credits_invoice=names, **more))

    def bill(self, *lines: Wire, number: str | None = None, rate: str | None = None, **more: Any) -> Wire:
        self._number += 1
        data: Wire = {"invoice_number": number or f"I-{self._number}", "currency": self._terms["currency"], "lines": list(lines)}
        return {**data, "exchange_rate": rate, **more}

    def flag(self, kind: str, *lines: int) -> list[TransactionLine]:
        return self.send(kind, order_number="PO", reason="r", line_numbers=list(lines) or None)

    def holds(self, *orders: str, **expected: str) -> None:
        """Every role's balance in base; a role that is not named holds nothing."""
        found = {str(role): self.base.to_decimal(amount) for role, amount in self.ledger.balances(*orders).items() if amount}
        assert found == {role: Decimal(amount) for role, amount in expected.items() if Decimal(amount)}

    def holds_on(self, code: str, **expected: str) -> None:
        """The same for one account code of the order lines."""
        found = {str(role): self.base.to_decimal(amount) for role, amount in self.ledger.by_charge_code()[code].items() if amount}
        assert found == {role: Decimal(amount) for role, amount in expected.items() if Decimal(amount)}


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
