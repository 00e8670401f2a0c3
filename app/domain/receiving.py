"""Receipts and returns: they add to and take from a line's layers."""

from fractions import Fraction

from app.domain.changed import changed
from app.domain.errors import Fault, Invalid, OrderCancelled, OrderClosed, ReturnAboveReceived
from app.domain.events import GoodsReceived, ReceivedLine
from app.domain.money import ONE, check_size, from_millionths
from app.domain.order import Order, OrderLine, cut, stacked
from app.domain.ordering import event_rate, named_lines


def receive(order: Order, event: GoodsReceived) -> Order:
    """Each line's receipt becomes a layer at the terms, rate and coding in force, or lengthens the newest one that has the same."""
    check_open(order)
    rate = event_rate(order, event.exchange_rate)
    named_lines(order, (part.line_number for part in event.lines))
    lines = dict(order.lines)
    for position, part in enumerate(event.lines):
        line = lines[part.line_number]
        check_line_open(order, line)
        lines[line.number] = _received(line, _units(line, part, position), rate)
    return changed(order, lines=lines)


def give_back(order: Order, event: GoodsReceived) -> Order:
    """A return takes from the newest layer first; never more than was received."""
    if order.cancelled:
        raise OrderCancelled(f"order {order.number} is cancelled, which is final")
    named_lines(order, (part.line_number for part in event.lines))
    lines = dict(order.lines)
    for position, part in enumerate(event.lines):
        line = lines[part.line_number]
        units = _units(line, part, position)
        if units > line.received:
            raise ReturnAboveReceived(
                f"line {line.number}: {from_millionths(units)} is returned, {from_millionths(line.received)} is received",
                Fault(pointer=f"/data/lines/{position}/quantity", message=f"at most {from_millionths(line.received)}"),
            )
        lines[line.number] = _returned(line, units)
    return changed(order, lines=lines)


def check_open(order: Order) -> None:
    """Receipts and invoices need an open order."""
    if order.cancelled:
        raise OrderCancelled(f"order {order.number} is cancelled, which is final")
    if order.closed:
        raise OrderClosed(f"order {order.number} is closed: reopen it first")


def check_line_open(order: Order, line: OrderLine) -> None:
    if line.closed:
        raise OrderClosed(f"line {line.number} of order {order.number} is closed: reopen it first")


def _units(line: OrderLine, part: ReceivedLine, position: int) -> int:
    units = part.amount if line.by_amount else part.quantity
    if units is None:
        needed, given = ("amount", "quantity") if line.by_amount else ("quantity", "amount")
        message = f"line {line.number} was ordered by {needed}: give {needed}, not {given}"
        raise Invalid(message, Fault(pointer=f"/data/lines/{position}/{given}", message=message))
    if line.by_amount and units % (ONE // 10**line.terms.digits):
        message = f"{from_millionths(units)} has more than the {line.terms.digits} decimals of the order's currency"
        raise Invalid(message, Fault(pointer=f"/data/lines/{position}/amount", message=message))
    return units


def _received(line: OrderLine, units: int, rate: Fraction) -> OrderLine:
    received = line.received + units
    check_size(line.terms.value_of_first(received))
    return changed(line, layers=stacked(line.layers, units, line.terms, rate, line.coding), received=received)


def _returned(line: OrderLine, units: int) -> OrderLine:
    return changed(line, layers=cut(line.layers, units), received=line.received - units, returned=line.returned + units)
