"""Numbers as cXML documents write them, and as the contract wants them. Decimal throughout, nothing is ever rounded."""

import re
from decimal import Decimal

from app.adapters.procurement.cxml.reading import Notes, attribute, child, children, text
from app.adapters.procurement.cxml.xml import Element

ZERO = Decimal(0)
PRECISION = 120  # digits that products and sums of the longest numbers accepted below can need
_MAX_LENGTH = 40
_LIMIT = Decimal(10) ** 15
_MICRO = Decimal("0.000001")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})")
_COUNTED = frozenset(
    {
        "AdditionalCost",
        "DeductionAmount",
        "InvoiceDetailDiscount",
        "InvoiceDetailLineShipping",
        "InvoiceDetailLineSpecialHandling",
        "Shipping",
        "ShippingAmount",
        "SpecialHandlingAmount",
        "Tax",
        "TaxAmount",
    }
)
_CURRENCY = re.compile(r"[A-Z]{3}")


def number(written: str) -> Decimal | None:
    """A plain decimal, or one whose thousands separators cannot be anything else: `1,234.50` yes, `1,234` no."""
    if len(written) > _MAX_LENGTH:
        return None
    if _PLAIN.fullmatch(written):
        return Decimal(written)
    return Decimal(written.replace(",", "")) if _GROUPED.fullmatch(written) else None


def fits(value: Decimal) -> bool:
    """At most 15 digits before the point and 6 after it."""
    return abs(value) < _LIMIT and value % _MICRO == 0


def plain(value: Decimal) -> str:
    """As the contract writes it: no exponent, no minus zero; decimals are kept as written, up to six."""
    shown = value.quantize(_MICRO) if int(value.as_tuple().exponent) < -6 else value
    return format(abs(shown) if shown == 0 else shown, "f")


def same(one: Decimal, other: Decimal) -> bool:
    """Equal, but for a rounding of one to the decimals of the other, or to the cent."""
    places = max(2, -max(int(one.as_tuple().exponent), int(other.as_tuple().exponent)))
    return abs(one - other) <= Decimal(5).scaleb(-places - 1)


def storable(value: Decimal, what: str, at: Element, notes: Notes) -> Decimal:
    """The value itself, with a fault where the contract cannot carry it."""
    if not fits(value):
        notes.fault(at, f"{what} is {value.normalize():f}, which needs more than 15 digits or more than 6 decimals")
    return value


def quantity(element: Element, name: str, notes: Notes) -> Decimal | None:
    """A number in an attribute. None where there is none, and with a fault where it is no number."""
    written = attribute(element, name)
    if not written:
        return None
    value = number(written)
    if value is None or not fits(value):
        notes.fault(element, f"{name} must be a plain decimal of at most 15 digits and 6 decimals, and is '{written[:40]}'", name)
        return None
    return value


def amount(holder: Element | None, notes: Notes, *, fitting: bool = True) -> Decimal | None:
    """The Money directly in an element. None where there is none or it is empty, and with a fault where it is no number.

    `fitting=False` takes more decimals too, for a figure that is only compared.
    """
    money = child(holder, "Money")
    written = text(money)
    if money is None or not written:
        return None
    value = number(written)
    if value is None or (fitting and not fits(value)):
        notes.fault(money, f"Money must be a plain decimal of at most 15 digits and 6 decimals, and is '{written[:40]}'")
        return None
    return value


def unit_price(holder: Element, notes: Notes, *, exact: bool = True) -> Decimal | None:
    """UnitPrice for one unit of the line: x PriceBasisQuantity/@conversionFactor / @quantity.

    A fault where that is not exact in 6 decimals, but for `exact=False`: a price that is only compared.
    """
    price = amount(child(holder, "UnitPrice"), notes, fitting=exact)
    basis = child(holder, "PriceBasisQuantity")
    if price is None or basis is None:
        return price
    factors = [number(attribute(basis, name) or "1") for name in ("conversionFactor", "quantity")]
    for name, factor in zip(("conversionFactor", "quantity"), factors, strict=True):
        if factor is None or factor <= 0:
            notes.fault(basis, f"{name} must be a plain decimal above 0", name)
    conversion, per = (factor if factor is not None and factor > 0 else Decimal(1) for factor in factors)
    value = price * conversion / per
    if exact and (value * per != price * conversion or not fits(value)):
        notes.fault(basis, f"The price {price:f} x {conversion:f} / {per:f} per unit is not exact in 6 decimals")
        return None
    return value


def document_currency(request: Element, notes: Notes) -> str | None:
    """The one currency of all Money that carries a figure. Money in an Extrinsic is not read and may be in another."""
    currency: str | None = None
    for money in request.iter("Money"):
        if not text(money) or next(money.iterancestors("Extrinsic"), None) is not None:
            continue
        found = attribute(money, "currency")
        if not _CURRENCY.fullmatch(found):
            notes.fault(money, "Money must name a currency of three capital letters", "currency")
        elif currency is None:
            currency = found
        elif found != currency:
            notes.fault(money, f"The document is in {currency}, and this amount is in {found}", "currency")
    if currency is None and not notes.faults:
        notes.fault(request, "The document names no currency")
    return currency


def warn_of_empty_money(request: Element, notes: Notes) -> None:
    """Empty Money where an amount would have counted. Totals are left empty often, and only compared."""
    for money in request.iter("Money"):
        holder = money.getparent()
        if holder is not None and holder.tag in _COUNTED and not text(money):
            notes.warn(money, "The Money is empty and counts as nothing")


def total(amounts: list[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def modifications(holder: Element | None) -> list[Element]:
    """The Modification elements of a holder of them (Modifications, InvoiceItemModifications, …)."""
    return children(holder, "Modification")
