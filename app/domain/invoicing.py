"""Invoices, credit notes and cancellations: what is accepted, and how far a credit reaches. `booking` does the arithmetic."""

from fractions import Fraction

from app.domain.booking import Booking
from app.domain.changed import changed
from app.domain.errors import CreditAboveInvoiced, Fault, Invalid, InvoiceInUse, InvoiceNotInForce, OrderCancelled, WrongCurrency
from app.domain.events import Event, InvoiceCancelled, InvoiceCredited, InvoiceMatched, OrderCreated
from app.domain.invoice_parts import LinePart, OrderPart, over_history
from app.domain.money import ONE, from_millionths
from app.domain.order import Order, OrderInvoice, OrderLine
from app.domain.ordering import event_rate, named_lines
from app.domain.posting_manager import CreditReopens, PostingManager
from app.domain.receiving import check_line_open, check_open


def invoice_supplier(order: Order, event: InvoiceMatched | InvoiceCancelled) -> str:
    """An invoice number is unique per supplier: the one it names, else its order's."""
    supplier = event.supplier or order.supplier
    return supplier.code if supplier else ""


def match(order: Order, event: InvoiceMatched, part: OrderPart) -> Order:
    """Books an invoice's part of one order. `final` closes its line."""
    check_open(order)
    _check_currency(order, event)
    named_lines(order, (line.line_number for line in part.lines))
    rate = event_rate(order, event.exchange_rate)
    invoice = OrderInvoice(supplier=invoice_supplier(order, event), number=event.invoice_number, rate=rate)
    booking = Booking(order, invoice, 1)
    for line_part in over_history(order, part):
        line = booking.line(line_part.line_number)
        if line_part.quantity is not None or line_part.goods:
            check_line_open(order, line)
        booking.book(line_part, _billed_units(line, line_part))
    for line_part in part.lines:
        if line_part.final:
            booking.close(line_part.line_number)
    order, invoice = booking.finish(part)
    return changed(order, invoices={**order.invoices, invoice.key: invoice})


def credit(order: Order, event: InvoiceCredited, part: OrderPart, manager: PostingManager) -> Order:
    """Takes back from what was invoiced, at the rate and coding of the invoice it names. Accepted on closed orders."""
    if order.cancelled:
        raise OrderCancelled(f"order {order.number} is cancelled, which is final")
    _check_currency(order, event)
    named_lines(order, (line.line_number for line in part.lines))
    _check_header_credit(order, part)
    supplier = invoice_supplier(order, event)
    named = order.invoices.get((supplier, event.credits_invoice or ""))
    if named is not None and (named.cancelled or named.credit_note):
        raise InvoiceNotInForce(f"{named.number} is {'a credit note' if named.credit_note else 'cancelled'}: there is nothing to credit")
    against = named or OrderInvoice(supplier=supplier, number="", rate=event_rate(order, event.exchange_rate))
    booking = Booking(order, against, -1)
    for line_part in over_history(order, part, named):
        booking.book(line_part, -_credited_units(booking.line(line_part.line_number), line_part, manager))
    order, against = booking.finish(part)
    note = OrderInvoice(supplier=supplier, number=event.invoice_number, rate=against.rate, credit_note=True)
    against = changed(against, credited_by=(*against.credited_by, note.number))
    updated = {note.key: note} if named is None else {note.key: note, against.key: against}
    return changed(order, invoices={**order.invoices, **updated})


def cancel(order: Order, event: InvoiceCancelled) -> Order:
    """The order as it would be without the invoice; refused while a credit note names it. Accepted on closed orders."""
    invoice = named_invoice(order, event)
    if invoice.cancelled or invoice.credit_note:
        raise InvoiceNotInForce(f"{invoice.number} is {'a credit note' if invoice.credit_note else 'cancelled already'}")
    if invoice.credited_by:
        raise InvoiceInUse(f"invoice {invoice.number} is credited by {', '.join(invoice.credited_by)}")
    _check_still_billed(order, invoice)
    booking = Booking(order, invoice, -1)
    for number in invoice.lines:
        booking.take_out(number)
    order, invoice = booking.finish(
        OrderPart(shipping=invoice.shipping, header_tax=invoice.header_tax, kinds=dict(invoice.kinds), tax=invoice.tax)
    )
    gone = changed(invoice, cancelled=True)
    return changed(order, invoices={**order.invoices, gone.key: gone})


def _check_still_billed(order: Order, invoice: OrderInvoice) -> None:
    """Credits that name no invoice may have taken back what this one billed."""
    lines = ((order.lines[number], record) for number, record in invoice.lines.items())
    credited = any(line.invoiced < record.quantity or abs(line.goods) < abs(record.goods) for line, record in lines)
    charges = any(abs(order.charges_invoiced.get(kind, 0)) < abs(amount) for kind, amount in invoice.kinds.items())
    if credited or charges or order.tax_invoiced < invoice.tax:
        raise InvoiceInUse(f"what invoice {invoice.number} billed is credited already")


def named_invoice(order: Order, event: InvoiceCancelled) -> OrderInvoice:
    """The invoice that is cancelled. Where the event names no supplier it is the one of this number that the order has."""
    named = order.invoices.get((invoice_supplier(order, event), event.invoice_number))
    if named is not None:
        return named
    return next(invoice for invoice in order.invoices.values() if invoice.number == event.invoice_number)


def translation_rate(event: Event, order: Order) -> Fraction:
    """The rate an event's document amounts are translated at: an invoice's own, a credit's invoice's, else the order's."""
    if isinstance(event, InvoiceCancelled):
        return named_invoice(order, event).rate
    if isinstance(event, InvoiceMatched):
        return order.invoices[(invoice_supplier(order, event), event.invoice_number)].rate
    if isinstance(event, OrderCreated):
        return order.rate
    return event_rate(order, getattr(event, "exchange_rate", None))


def _billed_units(line: OrderLine, part: LinePart) -> int:
    if line.terms.unit_price >= 0 > part.goods:
        message = f"line {line.number}: the amount is negative; send a credit note instead"
        raise Invalid(message, Fault(pointer="/data/lines", message=message))
    if line.by_amount:
        return _amount_as_quantity(line, part.goods)
    if part.quantity is None and part.goods:
        message = f"line {line.number} was ordered by quantity: its invoice line needs a quantity"
        raise Invalid(message, Fault(pointer="/data/lines", message=message))
    return part.quantity or 0


def _credited_units(line: OrderLine, part: LinePart, manager: PostingManager) -> int:
    """How far a credit lowers I: by its quantity, but under `after_return` by no more than was returned."""
    if not (min(0, line.goods) <= part.goods <= max(0, line.goods)):
        raise CreditAboveInvoiced(
            f"line {line.number}: more is credited than was invoiced net", Fault(pointer="/data/lines", message="amount above invoiced net")
        )
    units = _amount_as_quantity(line, part.goods) if line.by_amount else part.quantity or 0
    if units > line.invoiced:
        raise CreditAboveInvoiced(
            f"line {line.number}: {from_millionths(units)} is credited, {from_millionths(line.invoiced)} is invoiced",
            Fault(pointer="/data/lines", message=f"at most {from_millionths(line.invoiced)}"),
        )
    if manager.credit_reopens is CreditReopens.AFTER_RETURN:
        return min(units, max(0, line.returned - line.credited_after_return))
    return units


def _amount_as_quantity(line: OrderLine, amount: int) -> int:
    """On a line by amount the amount is the quantity: minor units as millionths."""
    minor_units_in_one: int = 10**line.terms.digits
    return amount * ONE // minor_units_in_one


def _check_currency(order: Order, event: InvoiceMatched) -> None:
    if event.currency.code != order.currency.code:
        raise WrongCurrency(
            f"order {order.number} is in {order.currency.code}, the invoice in {event.currency.code}",
            Fault(pointer="/data/currency", message=f"must be {order.currency.code}"),
        )


def _check_header_credit(order: Order, part: OrderPart) -> None:
    for kind, amount in part.kinds.items():
        billed = order.charges_invoiced.get(kind, 0)
        if not min(0, billed) <= amount <= max(0, billed):
            raise CreditAboveInvoiced(
                f"{kind} of order {order.number}: more is credited than was invoiced net",
                Fault(pointer="/data/charges", message=f"{kind} above invoiced net"),
            )
    if part.tax > order.tax_invoiced:
        raise CreditAboveInvoiced(
            f"order {order.number}: more tax is credited than was invoiced net", Fault(pointer="/data/tax", message="above invoiced net")
        )
