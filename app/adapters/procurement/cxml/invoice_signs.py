"""The signs of an invoice, settled once: four conventions for credits come in, positive figures go out.

Conventions: purpose creditMemo or lineLevelCreditMemo with negative amounts; standard with negative quantities and positive prices;
creditMemo with everything positive; positive quantities with negative prices.
"""

from decimal import Decimal
from typing import Any

from app.adapters.procurement.cxml.invoice_line import InvoiceLine
from app.adapters.procurement.cxml.invoice_summary import Figures
from app.adapters.procurement.cxml.money import plain, storable
from app.adapters.procurement.cxml.reading import Notes
from app.adapters.procurement.cxml.xml import Element


def direction(request: Element, lines: list[InvoiceLine], figures: Figures, notes: Notes) -> int:
    """-1 where all figures are negative, 1 where all are positive. Both at once is a fault: netting them would be a guess."""
    marks = [figure for line in lines for figure in line.figures]
    marks += [*figures.charges.figures, figures.tax.recoverable, figures.tax.other]
    positive, negative = any(mark > 0 for mark in marks), any(mark < 0 for mark in marks)
    if positive and negative:
        notes.fault(request, "The document mixes positive and negative figures: send what is invoiced and what is credited apart")
    return -1 if negative else 1


def write_lines(lines: list[InvoiceLine], sign: int, price_only: bool, notes: Notes) -> list[dict[str, Any]]:
    """Lines in the contract's shape; several invoice lines for one order line become one. Service charges are not among them."""
    grouped: dict[tuple[str, int], list[InvoiceLine]] = {}
    for line in lines:
        if line.charge_kind is None:
            grouped.setdefault((line.order_number, line.line_number), []).append(line)
    written = [_write(group, sign, price_only, notes) for group in grouped.values()]
    return [line for line in written if line is not None]


def _write(group: list[InvoiceLine], sign: int, price_only: bool, notes: Notes) -> dict[str, Any] | None:
    """None for a line that moves nothing: no quantity and no amount."""
    first = group[0]
    amount = sum((line.amount for line in group), Decimal(0)) * sign
    if amount < 0:
        notes.fault(first.element, "The line's discounts are more than the line")
    written: dict[str, Any] = {"order_number": first.order_number, "line_number": first.line_number}
    quantities = [abs(line.quantity) for line in group if line.quantity]
    if quantities and len(quantities) < len(group):
        notes.fault(first.element, "The order line is invoiced both with and without a quantity")
    if quantities and not price_only:
        written["quantity"] = plain(storable(sum(quantities, Decimal(0)), "The quantity", first.element, notes))
        if len(group) == 1 and first.subtotal is None and first.amount == first.base and first.price is not None:
            return {**written, "unit_price": plain(abs(first.price))}
    if not amount and "quantity" not in written:
        return None
    return {**written, "amount": plain(storable(amount, "The line's amount", first.element, notes))}
