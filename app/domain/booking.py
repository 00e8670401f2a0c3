"""Booking an invoice's or a credit's part of one order: units through the layers, amounts at their rate, and the two differences
that are fixed when it is booked."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from app.domain.changed import changed
from app.domain.events import ChargeKind
from app.domain.invoice_parts import LinePart, OrderPart
from app.domain.money import check_size, in_base, round_half_away
from app.domain.order import HeaderInvoiced, Invoiced, InvoicedLine, Order, OrderInvoice, OrderLine, Terms, add_sum, layer_at


class Relief(NamedTuple):
    """Units that an invoice takes out of one layer, or (rate None) ahead of any receipt: at accrual value and at price."""

    accrued: int
    priced: int
    rate: Fraction | None


def relieve(line: OrderLine, first: int, last: int) -> Iterator[Relief]:
    """The units from `first` to `last` of the invoiced count, through the layers, first in, first out."""
    for position in range(layer_at(line.layers, first), len(line.layers)):
        layer = line.layers[position]
        if layer.start >= last:
            return
        low, high = max(first, layer.start), min(last, layer.end)
        yield Relief(_value_between(layer.terms, low, high), _price_between(layer.terms, low, high), layer.rate)
    if last > line.received:
        yield Relief(0, _price_between(line.terms, max(first, line.received), last), None)


class Booking:
    """Collects what an invoice (`sign` 1) or a credit (`sign` −1) changes on an order, and on the invoice's own record."""

    def __init__(self, order: Order, invoice: OrderInvoice, sign: int) -> None:
        self._order = order
        self._invoice = invoice
        self._sign = sign
        self._lines = dict(order.lines)
        self._records = dict(invoice.lines)

    def line(self, number: int) -> OrderLine:
        """The line as it is by now: an invoice may name it twice."""
        return self._lines[number]

    def close(self, number: int) -> None:
        """Closes a line, as a final invoice does."""
        self._lines[number] = changed(self._lines[number], closed=True, closed_by=self._invoice.number)

    def book(self, part: LinePart, moved: int) -> None:
        """Moves `moved` units (signed) and the part's amounts (by the booking's sign) on its line."""
        line = self._lines[part.line_number]
        record = self._records.get(line.number) or InvoicedLine(line.coding)
        variance, exchange = self._differences(line, part, moved, record)
        total, tax, goods = self._sign * part.total, self._sign * part.recoverable_tax, self._sign * part.goods
        self._lines[line.number] = changed(
            line,
            invoiced=line.invoiced + moved,
            goods=line.goods + goods,
            credited_after_return=line.credited_after_return - min(moved, 0),
            sums=add_sum(line.sums, Invoiced(record.coding, self._invoice.rate, total, tax, variance, exchange)),
        )
        self._records[line.number] = InvoicedLine(
            record.coding,
            record.quantity + moved,
            record.goods + goods,
            record.total + total,
            record.tax + tax,
            record.variance + variance,
            record.exchange + exchange,
        )

    def take_out(self, number: int) -> None:
        """Undoes all that the invoice did to a line, and reopens it where the invoice was its final one."""
        line, record = self._lines[number], self._records.pop(number)
        change = Invoiced(record.coding, self._invoice.rate, record.total, record.tax, record.variance, record.exchange)
        final = line.closed_by == self._invoice.number
        self._lines[number] = changed(
            line,
            invoiced=line.invoiced - record.quantity,
            goods=line.goods - record.goods,
            sums=add_sum(line.sums, change.negated()),
            closed=line.closed and not final,
            closed_by=None if final else line.closed_by,
        )

    def finish(self, part: OrderPart) -> tuple[Order, OrderInvoice]:
        """The order and the invoice's record with all of it, and with what has no line."""
        order, invoice, sign = self._order, self._invoice, self._sign
        shipping, tax = sign * part.shipping, sign * part.header_tax
        kinds: dict[ChargeKind, int] = dict(order.charges_invoiced)
        for kind, amount in part.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + sign * amount
        booked = changed(
            order,
            lines=self._lines,
            header=_with_header(order.header, HeaderInvoiced(invoice.rate, shipping, tax)) if shipping or tax else order.header,
            charges_invoiced=kinds,
            tax_invoiced=order.tax_invoiced + sign * part.tax,
        )
        recorded = changed(
            invoice,
            lines=self._records,
            shipping=invoice.shipping + shipping,
            header_tax=invoice.header_tax + tax,
            kinds={kind: invoice.kinds.get(kind, 0) + sign * amount for kind, amount in part.kinds.items()},
            tax=invoice.tax + sign * part.tax,
        )
        return booked, recorded

    def _differences(self, line: OrderLine, part: LinePart, moved: int, record: InvoicedLine) -> tuple[int, int]:
        """Price variance (document) and exchange difference (base) of the units that move. A credit takes back its units' part of
        what its invoice fixed, the last ones all the rest; on what is closed neither moves."""
        if not moved or (moved < 0 and (self._order.closed or line.closed)):
            return 0, 0
        if moved < 0 < record.quantity:
            units, of = min(-moved, record.quantity), record.quantity
            return -round_half_away(record.variance * units, of), -round_half_away(record.exchange * units, of)
        sign = 1 if moved > 0 else -1
        reliefs = list(relieve(line, min(line.invoiced, line.invoiced + moved), max(line.invoiced, line.invoiced + moved)))
        rate = self._invoice.rate
        exchange = sum(in_base(each.accrued, rate - each.rate) for each in reliefs if each.rate is not None and each.rate is not rate)
        if line.by_amount or part.quantity is None:
            return 0, sign * exchange
        cost = round_half_away((part.goods + part.cost_tax) * abs(moved), part.quantity)
        return sign * (cost - sum(each.priced for each in reliefs)), sign * exchange


def _with_header(header: tuple[HeaderInvoiced, ...], change: HeaderInvoiced) -> tuple[HeaderInvoiced, ...]:
    found = next((each for each in header if each.rate == change.rate), HeaderInvoiced(change.rate))
    grown = HeaderInvoiced(change.rate, check_size(found.shipping + change.shipping), check_size(found.tax + change.tax))
    return (*(each for each in header if each.rate != change.rate), grown)


def _value_between(terms: Terms, low: int, high: int) -> int:
    return terms.value_of_first(high) - terms.value_of_first(low)


def _price_between(terms: Terms, low: int, high: int) -> int:
    return terms.price_of_first(high) - terms.price_of_first(low)
