"""OrderRequest → order.created, order.changed, order.cancelled."""

from typing import Any

from app.adapters.procurement.cxml.charges import Charges, read_modifications
from app.adapters.procurement.cxml.dates import local_date
from app.adapters.procurement.cxml.envelope import Draft, Envelope
from app.adapters.procurement.cxml.money import ZERO, amount, document_currency, plain, same, total
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.order_line import OrderLine, read_line
from app.adapters.procurement.cxml.reading import (
    Notes,
    attribute,
    check_length,
    child,
    children,
    identifier,
    line_number,
    text,
    whole_number,
    words,
)
from app.adapters.procurement.cxml.xml import Element

_READ_ORDER_TYPES = frozenset({"", "regular", "release"})
_MAX_VERSION = 999_999_999
_CANCELLED = "Cancelled by the procurement system"


def read_order(envelope: Envelope, options: Options, notes: Notes) -> list[Draft]:
    """One event. `type` decides which; without it the order is new, as the DTD has it."""
    header = child(envelope.request, "OrderRequestHeader")
    if header is None:
        notes.fault(envelope.request, "OrderRequestHeader is missing")
        return []
    order_number = identifier(header, "orderID", notes)
    if not order_number:
        notes.fault(header, "orderID is missing", "orderID")
    kind = attribute(header, "type").lower() or "new"
    if kind == "delete":
        reason = words(child(header, "Comments"), notes) or _CANCELLED
        return [Draft(type="order.cancelled", data={"order_number": order_number, "reason": reason})]
    if kind not in ("new", "update"):
        notes.fault(header, "type must be new, update or delete", "type")
    order_type = attribute(header, "orderType")
    if order_type.lower() not in _READ_ORDER_TYPES:
        notes.fault(header, f"Orders of orderType {order_type[:40]} are not read: only regular orders and releases are", "orderType")
    data = {"order_number": order_number, **_data(envelope, header, kind == "update", options, notes)}
    if kind == "new":
        return [Draft(type="order.created", data=data)]
    return [Draft(type="order.changed", data={**data, "version": _version(header, notes)})]


def _version(header: Element, notes: Notes) -> int | None:
    if not attribute(header, "orderVersion"):
        notes.fault(header, "An update must carry orderVersion: without it an older version could overwrite a newer one", "orderVersion")
        return None
    return whole_number(header, "orderVersion", notes, 2, _MAX_VERSION)


def _data(envelope: Envelope, header: Element, changed: bool, options: Options, notes: Notes) -> dict[str, Any]:
    items = children(envelope.request, "ItemOut")
    currency = document_currency(envelope.request, notes) if items else None
    lines = _lines(envelope.request, items, changed, options, notes)
    charges = _charges(header, items, notes)
    _compare_total(header, lines, charges, notes)
    data: dict[str, Any] = {
        "currency": currency,
        "order_date": local_date(header, "orderDate", notes),
        "lines": [line.data for line in lines],
    }
    beside = {"supplier": _supplier(envelope, header, items, notes), "charges": charges.as_data()}
    return {**data, **{name: value for name, value in beside.items() if value}}


def _lines(request: Element, items: list[Element], changed: bool, options: Options, notes: Notes) -> list[OrderLine]:
    numbers = _line_numbers(request, items, changed, notes)
    read = [read_line(item, number, changed, options, notes) for item, number in zip(items, numbers, strict=True)]
    lines = [line for line in read if line is not None]
    if items and not lines and not notes.faults:
        notes.fault(request, "The update leaves no line with a quantity; cancel the order with type delete instead")
    return lines


def _line_numbers(request: Element, items: list[Element], changed: bool, notes: Notes) -> list[int]:
    """As written; by position where a new order gives none at all, which is what cXML means by them."""
    if not items:
        notes.fault(request, "The order has no ItemOut")
    elif not changed and not any(attribute(item, "lineNumber") for item in items):
        notes.warn(request, "No ItemOut has a lineNumber; the lines are numbered by their position")
        return list(range(1, len(items) + 1))
    numbers: list[int] = []
    seen: set[int] = set()
    for item in items:
        number = line_number(item, "lineNumber", notes) or 0
        if number and number in seen:
            notes.fault(item, f"Line {number} is there twice", "lineNumber")
        seen.add(number)
        numbers.append(number)
    return numbers


def _charges(header: Element, items: list[Element], notes: Notes) -> Charges:
    """Header shipping, or that of the lines where they carry any; header modifications. Order tax is told, not committed."""
    charges = Charges()
    shipping = child(header, "Shipping")
    stated = amount(shipping, notes)
    of_lines = total([amount(child(item, "Shipping"), notes) or ZERO for item in items])
    if shipping is not None and stated and of_lines and stated != of_lines:
        notes.warn(shipping, f"The header's shipping {plain(stated)} is not the lines' {plain(of_lines)}; the lines' is taken")
    charges.add("shipping", of_lines or stated)
    for kind, value in read_modifications(child(header, "Total", "Modifications"), notes):
        charges.add(kind, value)
    if any(value < 0 for value in charges.figures):
        notes.fault(header, "An order's shipping, additional costs and deductions must not be negative")
    for holder in (header, *items):
        tax = child(holder, "Tax")
        if tax is not None and amount(tax, notes):
            notes.warn(tax, "Tax on an order is not committed")
    return charges


def _compare_total(header: Element, lines: list[OrderLine], charges: Charges, notes: Notes) -> None:
    """Total is without tax and shipping by the standard, and with either in practice: a warning where none of these fits."""
    holder = child(header, "Total")
    stated = amount(holder, notes)
    if holder is None or stated is None or any(line.total is None for line in lines):
        return
    of_lines = total([line.total or ZERO for line in lines])
    tax = amount(child(header, "Tax"), notes) or ZERO
    shipping = charges.of("shipping")
    net = of_lines + charges.net()
    if not any(same(stated, fits) for fits in (of_lines, net, net - shipping, net + tax, net - shipping + tax, of_lines + tax)):
        notes.warn(
            holder, f"The order's total {plain(stated)} is not what its lines come to, {of_lines.normalize():f}; the lines are taken"
        )


def _supplier(envelope: Envelope, header: Element, items: list[Element], notes: Notes) -> dict[str, str]:
    """Header/To; where that is left empty, the SupplierID that the lines agree on, or the supplier's Contact."""
    contact = next((found for found in children(header, "Contact") if attribute(found, "role").lower().startswith("supplier")), None)
    of_lines = {text(child(item, "SupplierID")) for item in items} - {""}
    code = envelope.party("To") or (of_lines.pop() if len(of_lines) == 1 else "") or attribute(contact, "addressID")
    check_length(code, "The supplier's code", header, notes)
    if not code:
        notes.warn(header, "The order names no supplier: Header/To has no identity, and there is no SupplierID that all lines share")
        return {}
    correspondent = child(envelope.root, "Header", "To", "Correspondent", "Contact", "Name")
    name = words(correspondent, notes) or words(child(contact, "Name"), notes)
    return {"code": code, "name": name} if name else {"code": code}
