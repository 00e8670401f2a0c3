"""The heart: an event changes an order's state, and what is posted is its targets after, less what was posted before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.domain import invoicing, ordering, receiving
from app.domain.errors import Waiting
from app.domain.events import (
    CommitmentsRolled,
    Event,
    GoodsReceived,
    GoodsReturned,
    InvoiceCancelled,
    InvoiceCredited,
    InvoiceMatched,
    OrderCancelled,
    OrderChanged,
    OrderClosed,
    OrderCreated,
    OrderReposted,
    ReceivingClosed,
)
from app.domain.invoice_parts import order_numbers, take_apart
from app.domain.money import Amounts, Currency, check_size, in_base
from app.domain.order import Order
from app.domain.posting_manager import PostingManager
from app.domain.targets import BalanceKey, Balances, header_targets, line_targets
from app.domain.transaction import Role, Side, TransactionLine

NOTHING = Amounts(0, 0)
ROLE_ORDER = {role: position for position, role in enumerate(Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as far as it was loaded, and what is posted for it. `order` is None where it has not arrived."""

    order: Order | None
    posted: Mapping[int | None, Balances]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What an event does to one order: its new state, the new balances of all that moved, and the lines to post."""

    order: Order
    balances: Mapping[int | None, Balances]
    lines: tuple[TransactionLine, ...]


def touched_orders(event: Event) -> tuple[str, ...]:
    """The numbers of the orders an event is about, sorted: the locks it needs."""
    if isinstance(event, InvoiceMatched):
        return order_numbers(event)
    if isinstance(event, InvoiceCancelled):
        return event.order_numbers
    number = getattr(event, "order_number", None)
    return (number,) if isinstance(number, str) else ()


def needed_lines(event: Event, order_number: str) -> tuple[int, ...] | None:
    """The line numbers an event needs of an order; None = all of them."""
    if isinstance(event, GoodsReceived):
        return tuple(sorted({line.line_number for line in event.lines}))
    if isinstance(event, InvoiceMatched):
        named = {line.line_number for line in event.lines if line.order_number == order_number}
        return tuple(sorted(named)) if named else None
    if isinstance(event, ReceivingClosed):
        return event.line_numbers
    return None


def needed_invoice(event: Event) -> tuple[str | None, str] | None:
    """Supplier (None = the order's) and number of the invoice that an event needs of each of its orders; None = of none."""
    supplier = event.supplier.code if isinstance(event, InvoiceCredited | InvoiceCancelled) and event.supplier else None
    if isinstance(event, InvoiceCredited):
        return (supplier, event.credits_invoice) if event.credits_invoice else None
    return (supplier, event.invoice_number) if isinstance(event, InvoiceCancelled) else None


def post_all(event: Event, views: Mapping[str, OrderView], managers: Mapping[str, PostingManager], base: Currency) -> dict[str, Posting]:
    """What an event does to its orders, by number. Raises like `apply`, and then it does nothing to any."""
    orders = {number: view.order for number, view in views.items() if view.order is not None}
    return {
        number: post(views[number], order, managers[number], invoicing.translation_rate(event, order))
        for number, order in apply(event, orders, managers, base).items()
    }


def apply(event: Event, orders: Mapping[str, Order], managers: Mapping[str, PostingManager], base: Currency) -> dict[str, Order]:
    """The orders as the event leaves them. Raises `Waiting` where one has not arrived, a `DomainError` where a rule forbids it."""
    if type(event) is OrderCreated:
        number = event.order_number
        return {number: apply_to(event, number, orders.get(number), managers, base)}
    missing = tuple(number for number in touched_orders(event) if number not in orders)
    if missing:
        raise Waiting(missing)
    if isinstance(event, InvoiceMatched):
        _check_lines(event, orders)
    return {number: apply_to(event, number, orders[number], managers, base) for number in touched_orders(event)}


def apply_to(event: Event, number: str, order: Order | None, managers: Mapping[str, PostingManager], base: Currency) -> Order:
    """One of the orders that an event is about, as the event leaves it. `managers` are those of all of them."""
    if type(event) is OrderCreated:
        return ordering.create(order, event, managers[number], base)
    if order is None:
        raise Waiting((number,))
    match event:
        case OrderChanged():
            return ordering.change(order, event, managers[number])
        case OrderCancelled():
            return ordering.cancel(order, event)
        case OrderClosed():
            return ordering.close(order, event)
        case ReceivingClosed():
            return ordering.close_receiving(order, event)
        case GoodsReturned():
            return receiving.give_back(order, event)
        case GoodsReceived():
            return receiving.receive(order, event)
        case InvoiceCredited():
            return invoicing.credit(order, event, take_apart(event, managers)[number], managers[number])
        case InvoiceCancelled():
            return invoicing.cancel(order, event)
        case OrderReposted():
            return ordering.repost(order, managers[number])
        case CommitmentsRolled():
            return order
        case InvoiceMatched():
            return invoicing.match(order, event, take_apart(event, managers)[number])
    raise TypeError(f"{event.type} is not about an order")


def _check_lines(event: InvoiceMatched, orders: Mapping[str, Order]) -> None:
    """An invoice waits as a whole while one of its orders lacks a line it names."""
    waiting = {line.order_number: None for line in event.lines if line.line_number not in orders[line.order_number].lines}
    if waiting:
        raise Waiting(tuple(waiting))


def post(before: OrderView, after: Order, manager: PostingManager, rate: Fraction) -> Posting:
    """The difference between the targets of what changed and what is posted for it. `rate` is the event's own."""
    balances = dict(_new_balances(before, after, manager))
    changes: list[tuple[BalanceKey, Amounts, str]] = []
    for number, targets in balances.items():
        description = "" if number is None else after.lines[number].description
        changes += [(key, change, description) for key, change in difference(targets, before.posted.get(number, {}))]
    return Posting(order=after, balances=balances, lines=tuple(_entries(changes, rate)))


def _new_balances(before: OrderView, after: Order, manager: PostingManager) -> Iterator[tuple[int | None, Balances]]:
    old = before.order
    flags_moved = old is None or old.released != after.released or old.manager_version != after.manager_version
    for number, line in after.lines.items():
        if flags_moved or old is None or old.lines.get(number) is not line:
            yield number, line_targets(after, line, manager)
    if flags_moved or old is None or old.header is not after.header or old.charges is not after.charges:
        yield None, header_targets(after, manager)


def roll(order: Order, committed: Balances) -> tuple[TransactionLine, ...]:
    """The lines that take an order's commitments out of a period; their mirror opens the next one."""
    changes = [
        (key, Amounts(-amounts.document, -amounts.base), "" if key.order_line is None else order.lines[key.order_line].description)
        for key, amounts in committed.items()
        if amounts != NOTHING
    ]
    return tuple(_entries(changes, order.rate))


def difference(targets: Balances, posted: Balances) -> Iterator[tuple[BalanceKey, Amounts]]:
    """targets − posted per key, zeros dropped."""
    for key, new in targets.items():
        old = posted.get(key)
        if old is None:
            yield key, new
        elif old != new:
            yield key, Amounts(new.document - old.document, new.base - old.base)
    for key, old in posted.items():
        if key not in targets:
            yield key, Amounts(-old.document, -old.base)


def _entries(changes: Iterable[tuple[BalanceKey, Amounts, str]], rate: Fraction) -> Iterator[TransactionLine]:
    """A line per change. Where a key's two changes have opposite signs, two lines: the document amount at the event's rate,
    and the remaining base amount on its own."""
    number = 0
    for key, change, description in sorted(changes, key=_reading_order):
        if change.document * change.base < 0:
            translated = in_base(change.document, rate)
            halves: tuple[Amounts, ...] = (Amounts(change.document, translated), Amounts(0, change.base - translated))
        else:
            halves = (change,)
        for half in halves:
            if half != NOTHING:
                number += 1
                yield _line(number, key, half, description)


def _reading_order(change: tuple[BalanceKey, Amounts, str]) -> tuple[bool, int, int]:
    key = change[0]
    return (key.order_line is None, key.order_line or 0, ROLE_ORDER[key.role])


def _line(number: int, key: BalanceKey, amounts: Amounts, description: str) -> TransactionLine:
    document, base = check_size(amounts.document), check_size(amounts.base)
    side: Side = "credit" if (document or base) > 0 else "debit"
    order_line, role, ledger, account, account_code, charge_code = key
    return TransactionLine(
        number, role, ledger, account, account_code, side, abs(document), abs(base), order_line, charge_code, description
    )
