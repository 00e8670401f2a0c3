"""ItemOut → an order line."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.adapters.procurement.cxml.accounting import account_codes
from app.adapters.procurement.cxml.money import modifications, plain, quantity, unit_price
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.reading import Notes, attribute, child, children, says_yes, text, words
from app.adapters.procurement.cxml.xml import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line in the contract's shape, and quantity x price where both could be read."""

    data: dict[str, Any]
    total: Decimal | None


def read_line(item: Element, number: int, changed: bool, options: Options, notes: Notes) -> OrderLine | None:
    """None for a line that an update sets to quantity 0: leaving it out says the same."""
    _refuse_what_is_no_line(item, notes)
    ordered = quantity(item, "quantity", notes)
    if ordered == 0 and changed:
        return None
    if ordered is None and not attribute(item, "quantity"):
        notes.fault(item, "quantity is missing", "quantity")
    elif ordered is not None and ordered <= 0:
        notes.fault(item, "quantity must be above 0", "quantity")
    detail = child(item, "ItemDetail")
    price = None if detail is None else unit_price(detail, notes)
    if detail is None:
        notes.fault(item, "ItemDetail is missing")
    elif not text(child(detail, "UnitPrice", "Money")):
        notes.fault(detail, "UnitPrice with an amount of money is missing")
    else:
        _warn(item, detail, notes)
    line_total = None if ordered is None or price is None else ordered * price
    data = {
        "line_number": number,
        **_words(item, detail, notes),
        "quantity": None if ordered is None else plain(ordered),
        "unit_price": None if price is None else plain(price),
        "account_codes": account_codes(item, line_total, options, notes),
    }
    return OrderLine(data=data, total=line_total)


def _words(item: Element, detail: Element | None, notes: Notes) -> dict[str, str]:
    description = child(detail, "Description")
    found = {
        "sku": words(child(item, "ItemID", "SupplierPartID"), notes),
        "description": words(description, notes) or words(child(description, "ShortName"), notes),
        "unit": words(child(detail, "UnitOfMeasure"), notes),
    }
    return {name: value for name, value in found.items() if value}


def _refuse_what_is_no_line(item: Element, notes: Notes) -> None:
    if attribute(item, "itemType").lower() == "composite" or attribute(item, "parentLineNumber"):
        notes.fault(item, "Grouped lines (itemType composite, parentLineNumber) are not read: an amount could count twice")
    if says_yes(item, "isReturn"):
        notes.fault(item, "Return orders (isReturn) are not read")


def _warn(item: Element, detail: Element, notes: Notes) -> None:
    if modifications(child(detail, "UnitPrice", "Modifications")):
        notes.warn(detail, "The unit price is taken as it stands, with its modifications in it")
    kinds = {text(extrinsic).lower() for extrinsic in children(detail, "Extrinsic") if attribute(extrinsic, "name") == "LineType"}
    if "amount" in kinds:
        notes.warn(item, "The line is marked as an amount line, and is read as its quantity x unit price")
    if says_yes(item, "isDeliveryCompleted"):
        notes.warn(item, "isDeliveryCompleted is not acted on: a receipt or receiving.closed says that no more is expected")
