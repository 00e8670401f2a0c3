"""ReceiptRequest → goods.received, goods.returned, receiving.closed, for each order it names."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.adapters.procurement.cxml.dates import local_date
from app.adapters.procurement.cxml.envelope import Draft, Envelope
from app.adapters.procurement.cxml.money import ZERO, plain, quantity
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.reading import Notes, attribute, child, children, identifier, line_number, says_yes
from app.adapters.procurement.cxml.references import order_number
from app.adapters.procurement.cxml.xml import Element


@dataclass(slots=True)
class _Movements:
    """What a document says of one order: quantities per line, and the lines that expect no more."""

    received: dict[int, Decimal] = field(default_factory=dict)
    returned: dict[int, Decimal] = field(default_factory=dict)
    closed: dict[int, None] = field(default_factory=dict)


def read_receipt(envelope: Envelope, options: Options, notes: Notes) -> list[Draft]:
    """Per order first what was received, then what was returned, then what is closed."""
    header = child(envelope.request, "ReceiptRequestHeader")
    if header is None:
        notes.fault(envelope.request, "ReceiptRequestHeader is missing")
        return []
    operation = attribute(header, "operation").lower() or "new"
    if operation != "new":
        notes.fault(header, "Only new receipts are read: correct one by a receipt with negative quantities, or a return", "operation")
    receipt = {"receipt_number": identifier(header, "receiptID", notes), "receipt_date": local_date(header, "receiptDate", notes)}
    if not receipt["receipt_number"]:
        notes.fault(header, "receiptID is missing", "receiptID")
    orders: dict[str, _Movements] = {}
    for order in children(envelope.request, "ReceiptOrder"):
        _read_order(order, orders, notes)
    drafts = [draft for number, movements in orders.items() for draft in _drafts(number, movements, receipt)]
    if not drafts and not notes.faults:
        notes.fault(envelope.request, "The receipt moves nothing: it has no ReceiptOrder with a quantity")
    return drafts


def _read_order(order: Element, orders: dict[str, _Movements], notes: Notes) -> None:
    movements = orders.setdefault(order_number(child(order, "ReceiptOrderInfo"), order, notes), _Movements())
    items = children(order, "ReceiptItem")
    for item in items:
        _read_item(item, movements, says_yes(order, "closeForReceiving"), notes)
    if says_yes(order, "closeForReceiving"):
        if not items:
            notes.fault(order, "The order is closed for receiving, and no ReceiptItem says which lines that is", "closeForReceiving")
        notes.warn(order, "closeForReceiving closes the lines that are named here, not others of the order", "closeForReceiving")


def _read_item(item: Element, movements: _Movements, closed: bool, notes: Notes) -> None:
    reference = child(item, "ReceiptItemReference")
    number = None if reference is None else line_number(reference, "lineNumber", notes)
    if reference is None:
        notes.fault(item, "ReceiptItemReference is missing")
    moved = quantity(item, "quantity", notes)
    if moved is None and not attribute(item, "quantity"):
        notes.fault(item, "quantity is missing", "quantity")
    kind = attribute(item, "type").lower() or "received"
    if kind not in ("received", "returned"):
        notes.fault(item, "type must be received or returned", "type")
    if kind == "returned" and moved is not None and moved < 0:
        notes.fault(item, "A negative return can mean a return or its correction: send the return with a positive quantity", "quantity")
    if number is None or moved is None:
        return
    if moved:
        lines = movements.returned if kind == "returned" or moved < 0 else movements.received
        lines[number] = lines.get(number, ZERO) + abs(moved)
    if closed or says_yes(item, "completedIndicator"):
        movements.closed[number] = None


def _drafts(order: str, movements: _Movements, receipt: dict[str, str]) -> list[Draft]:
    drafts = [
        Draft(type=kind, data={"order_number": order, **receipt, "lines": _lines(lines)})
        for kind, lines in (("goods.received", movements.received), ("goods.returned", movements.returned))
        if lines
    ]
    if movements.closed:
        closing: dict[str, Any] = {
            "order_number": order,
            "line_numbers": list(movements.closed),
            "reason": f"Closed for receiving by receipt {receipt['receipt_number']}",
            "date": receipt["receipt_date"],
        }
        drafts.append(Draft(type="receiving.closed", data=closing))
    return drafts


def _lines(quantities: dict[int, Decimal]) -> list[dict[str, Any]]:
    return [{"line_number": number, "quantity": plain(moved)} for number, moved in quantities.items()]
