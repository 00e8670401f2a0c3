"""The state of an order: what the targets are a function of. Quantities in millionths, money in minor units."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from app.domain.accounts import Coding
from app.domain.events import SHIPPING_KINDS, Charge, ChargeKind, Matching
from app.domain.money import Amounts, Currency, check_size, extended, in_base, round_half_away
from app.domain.transaction import Supplier


class Terms(NamedTuple):
    """One price version of a line: ordered quantity O, unit price p, tax rate t, share s of the spread charges, total T."""

    quantity: int
    unit_price: int
    tax_rate: int
    share: int
    digits: int
    total: int

    @classmethod
    def of(cls, *, quantity: int, unit_price: int, tax_rate: int, share: int, digits: int) -> "Terms":
        """T = round(O × p × (1 + t)) + s: the price keeps its own decimals, one rounding, at the line."""
        total = extended(quantity, unit_price, tax_rate, digits) + share
        return cls(quantity, unit_price, tax_rate, share, digits, total)

    def value_of_first(self, units: int) -> int:
        """V(n): cumulative, so that V(O) = T to the cent. Above O each further unit is worth its price."""
        return self._cumulative(self.total, units)

    def price_of_first(self, units: int) -> int:
        """V(n) without the share of charges: what the units cost by their price and tax."""
        return self._cumulative(self.total - self.share, units)

    def _cumulative(self, total: int, units: int) -> int:
        if units < self.quantity:
            return round_half_away(total * units, self.quantity)
        return total + extended(units - self.quantity, self.unit_price, self.tax_rate, self.digits)


class Layer(NamedTuple):
    """A run of adjacent receipts with equal price version, exchange rate and coding. It covers the units (start, end] of the
    received count. `accrued` and `accrued_base` are the values in full of it and of all layers below it back to `lowest`, the
    position of the first one in a row with its coding: so that an accrual needs no walk through the history."""

    start: int
    end: int
    terms: Terms
    rate: Fraction
    coding: Coding
    lowest: int
    accrued: int
    accrued_base: int

    @property
    def quantity(self) -> int:
        return self.end - self.start

    def open_value(self, invoiced: int) -> Amounts:
        """What is received and not yet invoiced of it, under its own terms, times its own rate, rounded once."""
        value = self.terms.value_of_first(self.end) - self.terms.value_of_first(min(self.end, max(self.start, invoiced)))
        return Amounts(value, in_base(value, self.rate))


Layers = tuple[Layer, ...]
NO_LAYERS: Layers = ()


def stacked(layers: Layers, quantity: int, terms: Terms, rate: Fraction, coding: Coding) -> Layers:
    """The layers with a receipt on top: as a layer of its own, or as more of the newest one where that is alike."""
    start = layers[-1].end if layers else 0
    end = start + quantity
    if layers and (layers[-1].terms, layers[-1].rate, layers[-1].coding) == (terms, rate, coding):
        start, layers = layers[-1].start, layers[:-1]
    lowest, document, base = len(layers), 0, 0
    if layers and layers[-1].coding == coding:
        lowest, document, base = layers[-1].lowest, layers[-1].accrued, layers[-1].accrued_base
    value = terms.value_of_first(end) - terms.value_of_first(start)
    return (*layers, Layer(start, end, terms, rate, coding, lowest, document + value, base + in_base(value, rate)))


def cut(layers: Layers, units: int) -> Layers:
    """The layers after a return, which takes from the newest one first."""
    left = layers[-1].end - units
    while layers and layers[-1].start >= left:
        layers = layers[:-1]
    if not layers or layers[-1].end == left:
        return layers
    newest = layers[-1]
    return stacked(layers[:-1], left - newest.start, newest.terms, newest.rate, newest.coding)


def layer_at(layers: Layers, units: int) -> int:
    """The position of the first layer that reaches above so many units."""
    return bisect_right(layers, units, key=lambda layer: layer.end)


def open_accruals(layers: Layers, invoiced: int) -> Iterator[tuple[Coding, Amounts]]:
    """What is received and not yet invoiced, first in, first out: a figure for each row of layers with one coding."""
    first = layer_at(layers, invoiced)
    top = len(layers) - 1
    while top >= first:
        newest, lowest = layers[top], max(first, layers[top].lowest)
        document, base = newest.accrued, newest.accrued_base
        if lowest > newest.lowest:
            document, base = document - layers[lowest - 1].accrued, base - layers[lowest - 1].accrued_base
        if layers[lowest].start < invoiced:
            open_part, whole = layers[lowest].open_value(invoiced), layers[lowest].open_value(0)
            document, base = document + open_part.document - whole.document, base + open_part.base - whole.base
        yield newest.coding, Amounts(document, base)
        top = lowest - 1


class Invoiced(NamedTuple):
    """Invoices less credits of one coding and exchange rate. `exchange` is in base currency, the rest in the document's."""

    coding: Coding
    rate: Fraction
    total: int = 0
    tax: int = 0
    variance: int = 0
    exchange: int = 0

    def plus(self, other: "Invoiced") -> "Invoiced":
        """Of the same coding and rate."""
        return Invoiced(
            self.coding,
            self.rate,
            self.total + other.total,
            self.tax + other.tax,
            self.variance + other.variance,
            self.exchange + other.exchange,
        )

    def negated(self) -> "Invoiced":
        return Invoiced(self.coding, self.rate, -self.total, -self.tax, -self.variance, -self.exchange)


def add_sum(sums: tuple[Invoiced, ...], change: Invoiced) -> tuple[Invoiced, ...]:
    """The sums with a change added to that of its coding and rate."""
    for position, found in enumerate(sums):
        if found.coding == change.coding and found.rate == change.rate:
            grown = found.plus(change)
            check_size(grown.total)
            return (*sums[:position], grown, *sums[position + 1 :])
    check_size(change.total)
    return (*sums, change)


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """`received` R and `invoiced` I are net. `goods` is what was invoiced net without tax and charges. `closed_by` is the number
    of the final invoice that closed the line, None where it is open or was closed by hand."""

    number: int
    sku: str = ""
    description: str = ""
    unit: str = ""
    matching: Matching = Matching.THREE_WAY
    by_amount: bool = False
    terms: Terms
    coding: Coding
    layers: Layers = NO_LAYERS
    received: int = 0
    invoiced: int = 0
    returned: int = 0
    credited_after_return: int = 0
    goods: int = 0
    sums: tuple[Invoiced, ...] = ()
    receiving_closed: bool = False
    closed: bool = False
    closed_by: str | None = None


class HeaderInvoiced(NamedTuple):
    """What was invoiced at one rate without a line: shipping on its own account, and tax on it."""

    rate: Fraction
    shipping: int = 0
    tax: int = 0


class InvoicedLine(NamedTuple):
    """An invoice's part of one order line, net of the credits that name it: what a further credit may take back."""

    coding: Coding
    quantity: int = 0
    goods: int = 0
    total: int = 0
    tax: int = 0
    variance: int = 0
    exchange: int = 0


InvoiceKey = tuple[str, str]
"""Supplier code and invoice number."""


@dataclass(frozen=True, kw_only=True)
class OrderInvoice:
    """An invoice's part of one order, net of the credit notes that name it. `kinds` and `tax` are its charges and taxes as billed."""

    supplier: str
    number: str
    rate: Fraction
    credit_note: bool = False
    cancelled: bool = False
    credited_by: tuple[str, ...] = ()
    lines: Mapping[int, InvoicedLine] = field(default_factory=dict)
    shipping: int = 0
    header_tax: int = 0
    kinds: Mapping[ChargeKind, int] = field(default_factory=dict)
    tax: int = 0

    @property
    def key(self) -> InvoiceKey:
        return (self.supplier, self.number)


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order with the lines and invoices that the event at hand needs; `lines` and `invoices` may be a part of all."""

    number: str
    currency: Currency
    base_currency: Currency
    rate: Fraction
    supplier: Supplier | None
    version: int
    manager_version: int
    charges: tuple[Charge, ...] = ()
    lines: Mapping[int, OrderLine] = field(default_factory=dict)
    invoices: Mapping[InvoiceKey, OrderInvoice] = field(default_factory=dict)
    header: tuple[HeaderInvoiced, ...] = ()
    charges_invoiced: Mapping[ChargeKind, int] = field(default_factory=dict)
    tax_invoiced: int = 0
    closed: bool = False
    cancelled: bool = False

    @property
    def released(self) -> bool:
        """Nothing is committed or accrued any more, whatever the lines say."""
        return self.closed or self.cancelled

    @property
    def shipping_ordered(self) -> int:
        return sum(charge.amount for charge in self.charges if charge.kind in SHIPPING_KINDS)

    @property
    def shipping_invoiced(self) -> int:
        return sum(amount for kind, amount in self.charges_invoiced.items() if kind in SHIPPING_KINDS)
