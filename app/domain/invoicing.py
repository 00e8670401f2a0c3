"""Invoices and credit notes: quantities, amounts at their rate, and the two differences fixed when they are booked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from app.domain.errors import CreditAboveInvoiced, Fault, Invalid, InvoiceInUse, InvoiceNotInForce, OrderCancelled, WrongCurrency
from app.domain.events import ChargeKind, Event, InvoiceCancelled, InvoiceCredited, InvoiceMatched, OrderCreated
from app.domain.invoice_parts import LinePart, OrderPart, over_history
from app.domain.money import ONE, check_size, from_millionths, in_base, round_half_away
from app.domain.order import HeaderInvoiced, Invoiced, InvoicedLine, Order, OrderInvoice, OrderLine, Terms, add_sum
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
    for line_part in over_history(order, part):
        line = order.lines[line_part.line_number]
        if line_part.quantity is not None or line_part.goods:
            check_line_open(order, line)
        moved = _billed_units(line, line_part)
        order, invoice = _book(order, invoice, line, line_part, moved, sign=1)
        if line_part.final:
            order = order.with_line(replace(order.lines[line.number], closed=True, closed_by=invoice.number))
    order, invoice = _book_header(order, invoice, part, sign=1)
    return replace(order, invoices={**order.invoices, invoice.key: invoice})


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
    for line_part in over_history(order, part):
        line = order.lines[line_part.line_number]
        moved = _credited_units(line, line_part, manager)
        order, against = _book(order, against, line, line_part, -moved, sign=-1)
    order, against = _book_header(order, against, part, sign=-1)
    note = OrderInvoice(supplier=supplier, number=event.invoice_number, rate=against.rate, credit_note=True)
    against = replace(against, credited_by=(*against.credited_by, note.number))
    changed = {note.key: note} if named is None else {note.key: note, against.key: against}
    return replace(order, invoices={**order.invoices, **changed})


def cancel(order: Order, event: InvoiceCancelled) -> Order:
    """The order as it would be without the invoice; refused while a credit note names it. Accepted on closed orders."""
    invoice = named_invoice(order, event)
    if invoice.cancelled or invoice.credit_note:
        raise InvoiceNotInForce(f"{invoice.number} is {'a credit note' if invoice.credit_note else 'cancelled already'}")
    if invoice.credited_by:
        raise InvoiceInUse(f"invoice {invoice.number} is credited by {', '.join(invoice.credited_by)}")
    for number, record in invoice.lines.items():
        line = order.lines[number]
        change = Invoiced(record.coding, invoice.rate, record.total, record.tax, record.variance, record.exchange)
        final = line.closed_by == invoice.number
        order = order.with_line(
            replace(
                line,
                invoiced=line.invoiced - record.quantity,
                goods=line.goods - record.goods,
                sums=add_sum(line.sums, -change),
                closed=line.closed and not final,
                closed_by=None if final else line.closed_by,
            )
        )
    part = OrderPart(shipping=invoice.shipping, header_tax=invoice.header_tax, kinds=dict(invoice.kinds), tax=invoice.tax)
    order, invoice = _book_header(order, invoice, part, sign=-1)
    gone = replace(invoice, cancelled=True, lines={})
    return replace(order, invoices={**order.invoices, gone.key: gone})


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


@dataclass(frozen=True, slots=True)
class _Relief:
    """Units that an invoice takes out of one layer, or (rate None) ahead of any receipt: at accrual value and at price."""

    accrued: int
    priced: int
    rate: Fraction | None


def _relieve(line: OrderLine, first: int, last: int) -> Iterator[_Relief]:
    """The units from `first` to `last` of the invoiced count, through the layers, first in, first out."""
    start = 0
    for layer in line.layers:
        end = start + layer.quantity
        low, high = max(first, start), min(last, end)
        if low < high:
            yield _Relief(_between(layer.terms, low, high), _price_between(layer.terms, low, high), layer.rate)
        start = end
    if last > start:
        yield _Relief(0, _price_between(line.terms, max(first, start), last), None)


def _between(terms: Terms, low: int, high: int) -> int:
    return terms.value_of_first(high) - terms.value_of_first(low)


def _price_between(terms: Terms, low: int, high: int) -> int:
    return terms.price_of_first(high) - terms.price_of_first(low)


def _book(order: Order, invoice: OrderInvoice, line: OrderLine, part: LinePart, moved: int, *, sign: int) -> tuple[Order, OrderInvoice]:
    """Moves `moved` units (signed) and the part's amounts (by `sign`) on the line, its sums and the invoice's own record."""
    record = invoice.lines.get(line.number) or InvoicedLine(line.coding)
    variance, exchange = _differences(order, invoice, line, part, moved, record)
    change = Invoiced(record.coding, invoice.rate, sign * part.total, sign * part.recoverable_tax, variance, exchange)
    goods = sign * part.goods
    new_line = replace(
        line,
        invoiced=line.invoiced + moved,
        goods=line.goods + goods,
        credited_after_return=line.credited_after_return - min(moved, 0),
        sums=add_sum(line.sums, change),
    )
    new_record = InvoicedLine(
        record.coding,
        record.quantity + moved,
        record.goods + goods,
        record.total + change.total,
        record.tax + change.tax,
        record.variance + variance,
        record.exchange + exchange,
    )
    return order.with_line(new_line), replace(invoice, lines={**invoice.lines, line.number: new_record})


def _differences(order: Order, invoice: OrderInvoice, line: OrderLine, part: LinePart, moved: int, record: InvoicedLine) -> tuple[int, int]:
    """Price variance (document) and exchange difference (base) of the units that move. A credit that takes the last units of
    its invoice takes the rest of both, so that nothing of a fully credited invoice remains; on what is closed neither moves."""
    if not moved or (moved < 0 and (order.closed or line.closed)):
        return 0, 0
    if moved < 0 and record.quantity + moved == 0:
        return -record.variance, -record.exchange
    sign = 1 if moved > 0 else -1
    reliefs = list(_relieve(line, min(line.invoiced, line.invoiced + moved), max(line.invoiced, line.invoiced + moved)))
    exchange = sum(in_base(relief.accrued, invoice.rate - relief.rate) for relief in reliefs if relief.rate is not None)
    if line.by_amount or part.quantity is None:
        return 0, sign * exchange
    cost = round_half_away((part.goods + part.cost_tax) * abs(moved), part.quantity)
    return sign * (cost - sum(relief.priced for relief in reliefs)), sign * exchange


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


def _book_header(order: Order, invoice: OrderInvoice, part: OrderPart, *, sign: int) -> tuple[Order, OrderInvoice]:
    shipping, tax = sign * part.shipping, sign * part.header_tax
    header = order.header
    if shipping or tax:
        found = next((each for each in header if each.rate == invoice.rate), HeaderInvoiced(invoice.rate))
        grown = HeaderInvoiced(invoice.rate, check_size(found.shipping + shipping), check_size(found.tax + tax))
        header = (*(each for each in header if each.rate != invoice.rate), grown)
    kinds: dict[ChargeKind, int] = dict(order.charges_invoiced)
    for kind, amount in part.kinds.items():
        kinds[kind] = kinds.get(kind, 0) + sign * amount
    booked = replace(order, header=header, charges_invoiced=kinds, tax_invoiced=order.tax_invoiced + sign * part.tax)
    return booked, replace(
        invoice,
        shipping=invoice.shipping + shipping,
        header_tax=invoice.header_tax + tax,
        kinds={kind: invoice.kinds.get(kind, 0) + sign * amount for kind, amount in part.kinds.items()},
        tax=invoice.tax + sign * part.tax,
    )
