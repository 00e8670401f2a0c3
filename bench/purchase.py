"""What both sides of the comparison buy: an order of two lines, all of it received and invoiced, without tax."""

from collections.abc import Sequence
from typing import Protocol

DESCRIPTION = "Widget"
LINES, QUANTITY = 2, 10
UNIT_PRICE, LINE_AMOUNT, ORDER_AMOUNT = "12.34", "123.40", "246.80"
INVOICE_DATE = "2026-11-10"


class Buyer(Protocol):
    """One who buys, an order after the other."""

    def buy(self, name: str) -> None:
        """An order of this name, its receipt and its invoice; returns once all of it stands in the ledger."""


class Purchases(Protocol):
    """A side of the comparison: it runs, and is set up."""

    @property
    def buyers(self) -> Sequence[Buyer]: ...

    def check(self, orders: int) -> None:
        """Raises `RuntimeError` unless its ledger holds so many orders, and nothing else."""
