"""Creating, changing, cancelling, closing and reopening an order. State in, state out; refusals are errors."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from app.domain.changed import changed
from app.domain.charges import history_weights, spread, spread_total, spread_weights
from app.domain.errors import (
    Fault,
    Invalid,
    OrderCancelled,
    OrderExists,
    OrderInUse,
    QuantityBelowUsed,
    StaleVersion,
    Waiting,
    WrongCurrency,
)
from app.domain.events import (
    Charge,
    OrderChanged,
    OrderClosed,
    OrderCreated,
    OrderedLine,
    OrderReopened,
    ReceivingClosed,
    ReceivingReopened,
)
from app.domain.events import OrderCancelled as OrderCancelledEvent
from app.domain.money import SAME_CURRENCY, Currency, check_size, from_millionths, minor_unit_rate
from app.domain.order import Invoiced, Order, OrderLine, Terms, add_sum
from app.domain.posting_manager import PostingManager


def event_rate(order: Order, given: Decimal | None) -> Fraction:
    """The rate a document brings, else its order's."""
    return order.rate if given is None else document_rate(order.currency, order.base_currency, given)


def document_rate(currency: Currency, base: Currency, given: Decimal | None) -> Fraction:
    """Base minor units per document minor unit; a foreign document needs a rate, a domestic one takes none but 1."""
    if currency.code == base.code:
        if given is not None and given != 1:
            raise Invalid(
                f"{currency.code} is the base currency: its rate is 1",
                Fault(pointer="/data/exchange_rate", message="must be 1 or absent in the base currency"),
            )
        return SAME_CURRENCY
    if given is None:
        raise Invalid(
            f"a document in {currency.code} needs an exchange_rate to {base.code}",
            Fault(pointer="/data/exchange_rate", message=f"required where the currency is not {base.code}"),
        )
    return minor_unit_rate(given, currency, base)


def create(existing: Order | None, event: OrderCreated, manager: PostingManager, base: Currency) -> Order:
    """A new order on the posting manager version in force."""
    if existing is not None:
        raise OrderExists(f"order {event.order_number} exists already")
    order = Order(
        number=event.order_number,
        currency=event.currency,
        base_currency=base,
        rate=document_rate(event.currency, base, event.exchange_rate),
        supplier=event.supplier,
        version=1,
        manager_version=manager.version,
    )
    return _on_terms(order, event, manager)


def change(order: Order, event: OrderChanged, manager: PostingManager) -> Order:
    """The whole new version. A line missing from it is set to quantity 0; currency, rate and supplier stay; a closed line stays."""
    _not_cancelled(order)
    if event.version <= order.version:
        raise StaleVersion(f"order {order.number} is at version {order.version}, {event.version} came")
    if event.currency.code != order.currency.code:
        raise WrongCurrency(
            f"order {order.number} is in {order.currency.code}", Fault(pointer="/data/currency", message=f"must be {order.currency.code}")
        )
    return changed(_on_terms(order, event, manager), version=event.version)


def cancel(order: Order, event: OrderCancelledEvent) -> Order:
    """Final; refused while anything, freight included, is received or invoiced net."""
    _not_cancelled(order)
    used = any(line.received or line.invoiced or line.goods for line in order.lines.values())
    billed = (
        any(order.charges_invoiced.values())
        or order.tax_invoiced
        or any(sum(part.total for part in line.sums) for line in order.lines.values())
    )
    if used or billed:
        raise OrderInUse(f"order {order.number} is received or invoiced: close it instead")
    return changed(order, cancelled=True)


def close(order: Order, event: OrderClosed) -> Order:
    """Closes or reopens the order's own flag, or those of the lines that are named."""
    _not_cancelled(order)
    closed = not isinstance(event, OrderReopened)
    if not event.line_numbers:
        return changed(order, closed=closed)
    return _with_lines(order, (changed(line, closed=closed, closed_by=None) for line in named_lines(order, event.line_numbers)))


def repost(order: Order, manager: PostingManager) -> Order:
    """The order on another version of the posting manager: charges are spread anew by its rules. What was invoiced on the shipping
    account goes over the lines where the new version has none."""
    _not_cancelled(order)
    wanted = [_stays(order.lines[number]) for number in sorted(order.lines)]
    shares = _shares(order, order.charges, wanted, manager)
    lines = (_line(order, line, share) for line, share in zip(wanted, shares, strict=True))
    moved = changed(order, lines={line.number: line for line in lines}, manager_version=manager.version)
    return _header_over_lines(moved) if manager.shipping_account is None and order.header else moved


def close_receiving(order: Order, event: ReceivingClosed) -> Order:
    """No more is expected on these lines, or it is again."""
    _not_cancelled(order)
    closed = not isinstance(event, ReceivingReopened)
    return _with_lines(order, (changed(line, receiving_closed=closed) for line in named_lines(order, event.line_numbers)))


def named_lines(order: Order, numbers: Iterable[int]) -> list[OrderLine]:
    """The lines of these numbers; `Waiting` where the order does not have one of them yet."""
    lines = [order.lines.get(number) for number in dict.fromkeys(numbers)]
    if any(line is None for line in lines):
        raise Waiting((order.number,))
    return [line for line in lines if line is not None]


def _not_cancelled(order: Order) -> None:
    if order.cancelled:
        raise OrderCancelled(f"order {order.number} is cancelled, which is final")


def _with_lines(order: Order, lines: Iterable[OrderLine]) -> Order:
    return changed(order, lines={**order.lines, **{line.number: line for line in lines}})


def _on_terms(order: Order, event: OrderCreated, manager: PostingManager) -> Order:
    """The order on the event's lines and charges; shares are spread anew over all lines, so that they sum to the charges, those of
    closed lines too; layers already received keep theirs."""
    ordered = {line.number: line for line in event.lines}
    for number, line in order.lines.items():
        if line.closed or number not in ordered:
            ordered[number] = _stays(line) if line.closed else _dropped(line)
    wanted = [ordered[number] for number in sorted(ordered)]
    shares = _shares(order, event.charges, wanted, manager)
    lines = (_line(order, line, share) for line, share in zip(wanted, shares, strict=True))
    return changed(order, charges=event.charges, lines={line.number: line for line in lines})


def _shares(order: Order, charges: Sequence[Charge], wanted: Sequence[OrderedLine], manager: PostingManager) -> tuple[int, ...]:
    weights = spread_weights(
        [line.quantity for line in wanted], [line.unit_price for line in wanted], order.currency.digits, manager.charge_spread_basis
    )
    return spread(spread_total(charges, manager), weights)


def _header_over_lines(order: Order) -> Order:
    lines = [order.lines[number] for number in sorted(order.lines)]
    weights = history_weights(lines)
    for part in order.header:
        shipping, tax = spread(part.shipping, weights), spread(part.tax, weights)
        moved = [
            Invoiced(line.coding, part.rate, share + tax_share, tax_share)
            for line, share, tax_share in zip(lines, shipping, tax, strict=True)
        ]
        lines = [changed(line, sums=add_sum(line.sums, change)) for line, change in zip(lines, moved, strict=True)]
    return changed(order, lines={line.number: line for line in lines}, header=())


def _line(order: Order, wanted: OrderedLine, share: int) -> OrderLine:
    terms = Terms.of(
        quantity=wanted.quantity, unit_price=wanted.unit_price, tax_rate=wanted.tax_rate, share=share, digits=order.currency.digits
    )
    check_size(terms.total)
    before = order.lines.get(wanted.number)
    if before is None:
        return OrderLine(
            number=wanted.number,
            sku=wanted.sku,
            description=wanted.description,
            unit=wanted.unit,
            matching=wanted.matching,
            by_amount=wanted.by_amount,
            terms=terms,
            coding=wanted.coding,
        )
    _check_change(before, wanted)
    return changed(
        before,
        sku=wanted.sku,
        description=wanted.description,
        unit=wanted.unit,
        matching=wanted.matching,
        terms=terms,
        coding=wanted.coding,
    )


def _check_change(before: OrderLine, wanted: OrderedLine) -> None:
    used = max(before.received, before.invoiced)
    if wanted.quantity < before.terms.quantity and wanted.quantity < used:
        raise QuantityBelowUsed(
            f"line {before.number} cannot be lowered to {from_millionths(wanted.quantity)}: {from_millionths(used)} is received or invoiced"
        )
    if wanted.by_amount != before.by_amount:
        kind = "amount" if before.by_amount else "quantity"
        raise Invalid(f"line {before.number} was ordered by {kind} and stays so")


def _dropped(line: OrderLine) -> OrderedLine:
    return replace(_stays(line), quantity=0)


def _stays(line: OrderLine) -> OrderedLine:
    return OrderedLine(
        number=line.number,
        sku=line.sku,
        description=line.description,
        unit=line.unit,
        quantity=line.terms.quantity,
        unit_price=line.terms.unit_price,
        tax_rate=line.terms.tax_rate,
        by_amount=line.by_amount,
        matching=line.matching,
        coding=line.coding,
    )
