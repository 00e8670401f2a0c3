"""InvoiceDetailSummary against the lines: charges and tax are counted once, and odd totals are told."""

from dataclasses import dataclass
from decimal import Decimal

from app.adapters.procurement.cxml.charges import Charges, read_modifications
from app.adapters.procurement.cxml.invoice_line import InvoiceLine
from app.adapters.procurement.cxml.money import ZERO, amount, plain, same, total
from app.adapters.procurement.cxml.reading import Notes, child, children
from app.adapters.procurement.cxml.tax import Tax, TaxRule, read_tax
from app.adapters.procurement.cxml.xml import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an invoice comes to beside its lines, with the document's own signs."""

    charges: Charges
    tax: Tax


def read_summary(request: Element, lines: list[InvoiceLine], rule: TaxRule, notes: Notes) -> Figures:
    """What lines carry is taken from the lines; the summary is taken for what they do not carry, and compared."""
    summary = child(request, "InvoiceDetailSummary")
    charges = Charges()
    for line in lines:
        for kind, value in line.charges:
            charges.add(kind, value, line.order_number)
        if line.charge_kind is not None:
            charges.add(line.charge_kind, line.amount, line.order_number)
    header_charges = _header_charges(summary, request, lines, charges, notes)
    of_lines = sum((line.tax for line in lines), Tax())
    net = total([line.amount for line in lines if line.charge_kind is None]) + charges.net()
    tax = _tax(summary, of_lines, header_charges, net, read_tax(child(summary, "Tax"), rule, notes), notes)
    _compare(summary, lines, charges, net + tax.total, notes)
    return Figures(charges=charges, tax=tax)


def _header_charges(summary: Element | None, request: Element, lines: list[InvoiceLine], charges: Charges, notes: Notes) -> bool:
    """Adds the summary's charges that the lines do not carry; True where there are any."""
    orders = {line.order_number for line in lines}
    order_number = orders.pop() if len(orders) == 1 else None
    discounts = total([amount(child(line.element, "InvoiceDetailDiscount"), notes) or ZERO for line in lines])
    found = [
        ("shipping", _once(child(summary, "ShippingAmount"), charges.of("shipping"), notes)),
        ("handling", _once(child(summary, "SpecialHandlingAmount"), charges.of("handling"), notes)),
        ("discount", _once(child(summary, "InvoiceDetailDiscount"), discounts, notes)),
    ]
    found += read_modifications(child(summary, "InvoiceHeaderModifications"), notes)
    for kind, value in found:
        charges.add(kind, value, order_number)
    return any(value for _, value in found)


def _once(holder: Element | None, of_lines: Decimal, notes: Notes) -> Decimal:
    """The summary's amount, or nothing where the lines carry it already."""
    stated = amount(holder, notes)
    if holder is None or not stated:
        return ZERO
    if not of_lines:
        return stated
    if not same(stated, of_lines):
        notes.warn(holder, f"{holder.tag} is {plain(stated)} and the lines' come to {plain(of_lines)}; the lines' are taken")
    return ZERO


def _tax(summary: Element | None, of_lines: Tax, header_charges: bool, net: Decimal, stated: Tax, notes: Notes) -> Tax:
    """The lines' tax. The summary's where the lines have none, or where it adds the tax on charges that only the summary has."""
    if not of_lines.total or (of_lines.recoverable, of_lines.other) == (stated.recoverable, stated.other):
        return stated if not of_lines.total else of_lines
    holder = child(summary, "Tax")
    if holder is None or not stated.total:
        return of_lines
    more = (stated.recoverable - of_lines.recoverable, stated.other - of_lines.other)
    adds = all(part * stated.total >= 0 for part in more)
    proven = stated.on_charges == sum(more) or _agrees(summary, net + stated.total, notes)
    if header_charges and adds and proven:
        return stated
    if not same(stated.total, of_lines.total):
        notes.warn(holder, f"The summary's tax {plain(stated.total)} is not the lines' {plain(of_lines.total)}; the lines' is taken")
    return of_lines


def _agrees(summary: Element | None, due: Decimal, notes: Notes) -> bool:
    stated = (amount(child(summary, name), notes) for name in ("NetAmount", "DueAmount"))
    return any(same(found, due) for found in stated if found is not None)


def _compare(summary: Element | None, lines: list[InvoiceLine], charges: Charges, due: Decimal, notes: Notes) -> None:
    """Warns where the document's own totals are not what is read from it."""
    subtotal = child(summary, "SubtotalAmount")
    stated = amount(subtotal, notes)
    of_lines = total([line.base for line in lines])
    if subtotal is not None and stated is not None and not same(stated, of_lines):
        notes.warn(subtotal, f"SubtotalAmount is {plain(stated)} and the lines come to {of_lines.normalize():f}; the lines are taken")
    totals = [found for found in children(summary, "NetAmount", "DueAmount") if amount(found, notes) is not None]
    if totals and not _agrees(summary, due, notes):
        written = amount(totals[0], notes) or ZERO
        notes.warn(totals[0], f"{totals[0].tag} is {plain(written)} and what is read comes to {due.normalize():f}; the lines are taken")
