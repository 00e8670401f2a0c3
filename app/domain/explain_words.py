"""Numbers as the sentences of an explanation need them: money with its currency, quantities and rates without noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.domain.money import ONE, Amounts, Currency, from_millionths
from app.domain.order import Order, OrderLine

Figure = str | Sequence[Mapping[str, str]]
"""A named number as text, or a table of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """How amounts of one document read: in its currency, and in the base currency beside it where that is another."""

    document: Currency
    base: Currency

    def text(self, amount: int) -> str:
        """Minor units of the document: "10.50 NZD"."""
        return f"{self.document.to_text(amount)} {self.document.code}"

    def base_text(self, amount: int) -> str:
        return f"{self.base.to_text(amount)} {self.base.code}"

    def both(self, amounts: Amounts) -> str:
        """ "10.50 CHF (11.55 USD)"; once where the two currencies are one."""
        if self.document == self.base:
            return self.text(amounts.document)
        return f"{self.text(amounts.document)} ({self.base_text(amounts.base)})"

    def rate(self, rate: Fraction) -> str:
        """Base units per document unit, as the document gave it, whatever decimals the two currencies have."""
        whole = rate * Fraction(10**self.document.digits, 10**self.base.digits)
        return plain(Decimal(whole.numerator) / Decimal(whole.denominator))

    def at_rate(self, rate: Fraction) -> str:
        """ " at rate 1.1", nothing where the two currencies are one."""
        return "" if self.document == self.base else f" at rate {self.rate(rate)}"


def money_of(order: Order) -> Money:
    return Money(document=order.currency, base=order.base_currency)


def plain(value: Decimal) -> str:
    """Without an exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def units(value: int) -> str:
    """Millionths of a quantity, price or tax rate: 2500000 → "2.5"."""
    return format(from_millionths(value), "f")


def terms_words(order: Order, line: OrderLine) -> str:
    """How the line's total came about."""
    terms, money = line.terms, money_of(order)
    if line.by_amount:
        what = f"{units(terms.quantity)} ordered by amount"
    else:
        what = f"{units(terms.quantity)} {line.unit}".strip() + f" ordered × {units(terms.unit_price)}"
    if terms.tax_rate:
        what += f" × {units(ONE + terms.tax_rate)} (with non-recoverable tax of {units(terms.tax_rate * 100)} %)"
    if terms.share:
        what += f" + {money.text(terms.share)} as its share of the order's charges"
    return f"Line {line.number}: {what} = {money.text(terms.total)} in all."


def line_figures(order: Order, line: OrderLine) -> dict[str, Figure]:
    """The numbers that every balance of a line rests on."""
    terms, currency = line.terms, order.currency
    return {
        "ordered": units(terms.quantity),
        "unit_price": units(terms.unit_price),
        "tax_rate": units(terms.tax_rate),
        "share_of_charges": currency.to_text(terms.share),
        "line_total": currency.to_text(terms.total),
        "received": units(line.received),
        "invoiced": units(line.invoiced),
        "rate": money_of(order).rate(order.rate),
    }
