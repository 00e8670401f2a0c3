"""Exact arithmetic. Money is an integer of minor units; quantities, unit prices and tax rates are integers of millionths.

Integers of any size never round by themselves, which decimals do past their context's precision: a quantity of 21 digits
times a price of 21 digits is exact here. `Decimal` is for the way in and out.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from app.domain.errors import AmountTooLarge, Fault, Invalid

MILLIONTHS = 1_000_000
ONE = MILLIONTHS
LARGEST_AMOUNT = 10**17
"""In minor units: what one ledger line may hold, safely inside a 64-bit integer."""

SAME_CURRENCY = Fraction(1)


class Amounts(NamedTuple):
    """Signed, credit positive, in minor units of the document's and of the base currency."""

    document: int
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """An ISO 4217 currency; `digits` are its decimals (JPY 0, USD 2, KWD 3)."""

    code: str
    digits: int

    def to_decimal(self, amount: int) -> Decimal:
        """Minor units as a decimal that shows all of the currency's digits: 1050 → 10.50."""
        return Decimal(amount).scaleb(-self.digits)

    def to_text(self, amount: int) -> str:
        """Minor units as text: 1050 → "10.50", -5 → "-0.05"."""
        sign, figures = ("-" if amount < 0 else ""), str(abs(amount)).rjust(self.digits + 1, "0")
        return f"{sign}{figures[: -self.digits]}.{figures[-self.digits :]}" if self.digits else sign + figures

    def to_minor(self, amount: Decimal, pointer: str = "") -> int:
        """A decimal as minor units; `Invalid` where it has more decimals than the currency."""
        scaled = to_scaled(amount, self.digits)
        if scaled is None:
            message = f"{amount} has more than the {self.digits} decimals of {self.code}"
            raise Invalid(message, Fault(pointer=pointer, message=message))
        return scaled


def to_scaled(value: Decimal, digits: int) -> int | None:
    """`value` × 10^digits as an integer, None where that is not whole. Exact at any length."""
    if not value.is_finite():
        return None
    numerator, denominator = value.as_integer_ratio()
    power: int = 10**digits
    number, rest = divmod(numerator * power, denominator)
    return None if rest else number


def millionths(value: Decimal) -> int:
    """A quantity, price or rate of at most six decimals, in millionths."""
    scaled = to_scaled(value, 6)
    if scaled is None:
        raise Invalid(f"{value} has more than 6 decimals")
    return scaled


def from_millionths(value: int) -> Decimal:
    """Millionths as the shortest decimal: 2500000 → 2.5."""
    whole, part = divmod(abs(value), MILLIONTHS)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".")
    return Decimal("-" + text if value < 0 else text)


def round_half_away(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, halves away from zero. `denominator` > 0."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def extended(quantity: int, unit_price: int, tax_rate: int, digits: int) -> int:
    """round(quantity × unit price × (1 + tax rate)) in minor units of a currency of `digits` decimals: one rounding."""
    return round_half_away(quantity * unit_price * (ONE + tax_rate) * 10**digits, MILLIONTHS**3)


def in_base(amount: int, rate: Fraction) -> int:
    """Document minor units in base minor units. `rate` is base minor units per document minor unit."""
    if rate is SAME_CURRENCY:
        return amount
    return round_half_away(amount * rate.numerator, rate.denominator)


def minor_unit_rate(rate: Decimal, document: Currency, base: Currency) -> Fraction:
    """An exchange rate of whole units (1 CHF = 1.1 USD) as a rate of minor units, whatever decimals the two have."""
    if rate == 1 and document.digits == base.digits:
        return SAME_CURRENCY
    return Fraction(rate) * Fraction(10**base.digits, 10**document.digits)


def check_size(amount: int) -> int:
    """The amount itself; `AmountTooLarge` where no ledger line could hold it."""
    if abs(amount) > LARGEST_AMOUNT:
        raise AmountTooLarge("an amount is beyond 10^17 minor units")
    return amount
