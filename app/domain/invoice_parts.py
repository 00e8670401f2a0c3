"""Taking an invoice apart: what of its lines, charges and tax falls to each line of each order (POSTING.md 3)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.allocation import allocate
from app.domain.changed import changed
from app.domain.charges import has_own_account, history_weights
from app.domain.events import Charge, ChargeKind, InvoiceLine, InvoiceMatched
from app.domain.order import Order, OrderInvoice
from app.domain.posting_manager import PostingManager


@dataclass(frozen=True, kw_only=True)
class LinePart:
    """An invoice's part of one order line: `goods` as billed, and its shares of charges and of both kinds of tax."""

    line_number: int
    quantity: int | None
    goods: int
    charges: int = 0
    cost_tax: int = 0
    recoverable_tax: int = 0
    final: bool = False

    @property
    def total(self) -> int:
        return self.goods + self.charges + self.cost_tax + self.recoverable_tax


@dataclass(slots=True)
class OrderPart:
    """An invoice's part of one order. `shipping` and `header_tax` have no line; `kinds` is what a credit may take back."""

    lines: list[LinePart] = field(default_factory=list)
    shipping: int = 0
    header_tax: int = 0
    kinds: dict[ChargeKind, int] = field(default_factory=lambda: defaultdict(int))
    tax: int = 0
    spread_charges: int = 0
    spread_tax: int = 0


def order_numbers(event: InvoiceMatched) -> tuple[str, ...]:
    """The orders an invoice touches, sorted."""
    named = {line.order_number for line in event.lines} | {charge.order_number for charge in event.charges if charge.order_number}
    return tuple(sorted(named))


def take_apart(event: InvoiceMatched, managers: Mapping[str, PostingManager]) -> dict[str, OrderPart]:
    """The parts by order number. Charges and tax are spread over the invoice's lines by amount; those of a bill without lines
    are left in `spread_charges` and `spread_tax`, for `over_history` to spread."""
    parts: dict[str, OrderPart] = {number: OrderPart() for number in order_numbers(event)}
    lines = [LinePart(line_number=line.line_number, quantity=line.quantity, goods=line.amount, final=line.final) for line in event.lines]
    for charge in event.charges:
        _charge(charge, event.lines, lines, parts, managers)
    for tax in event.tax:
        if lines:
            _tax_over_lines(tax.amount, tax.recoverable, event.lines, lines, parts)
        else:
            _tax_over_charges(tax.amount, tax.recoverable, event.charges, parts, managers)
    for billed, line in zip(event.lines, lines, strict=True):
        parts[billed.order_number].lines.append(line)
    return parts


def over_history(order: Order, part: OrderPart, named: OrderInvoice | None = None) -> list[LinePart]:
    """The lines of a part, with what came without lines spread over what the order has been invoiced, or its value; a credit's over
    what the bill that it names had put on them."""
    if not (part.spread_charges or part.spread_tax):
        return part.lines
    lines = [order.lines[number] for number in sorted(order.lines)]
    weights = history_weights(lines)
    records = [named.lines.get(line.number) if named else None for line in lines]
    charged = [abs(record.total - record.goods - record.tax) if record else 0 for record in records]
    taxed = [abs(record.tax) if record else 0 for record in records]
    charges = allocate(part.spread_charges, charged if any(charged) else weights)
    tax = allocate(part.spread_tax, taxed if any(taxed) else weights)
    late = [
        LinePart(line_number=line.number, quantity=None, goods=0, charges=share, recoverable_tax=tax_share)
        for line, share, tax_share in zip(lines, charges, tax, strict=True)
        if share or tax_share
    ]
    return part.lines + late


def _charge(
    charge: Charge,
    billed: Sequence[InvoiceLine],
    lines: list[LinePart],
    parts: dict[str, OrderPart],
    managers: Mapping[str, PostingManager],
) -> None:
    over = [position for position, line in enumerate(billed) if charge.order_number in (None, line.order_number)]
    if not over:
        assert charge.order_number is not None  # noqa: S101 - the reader refuses a charge without lines and without an order
        _late_charge(charge.kind, charge.amount, parts[charge.order_number], managers[charge.order_number])
        return
    shares = allocate(charge.amount, [abs(billed[position].amount) for position in over])
    for position, share in zip(over, shares, strict=True):
        number = billed[position].order_number
        parts[number].kinds[charge.kind] += share
        if has_own_account(charge.kind, managers[number]):
            parts[number].shipping += share
        else:
            lines[position] = changed(lines[position], charges=lines[position].charges + share)


def _late_charge(kind: ChargeKind, amount: int, part: OrderPart, manager: PostingManager) -> None:
    part.kinds[kind] += amount
    if has_own_account(kind, manager):
        part.shipping += amount
    else:
        part.spread_charges += amount


def _tax_over_lines(
    amount: int, recoverable: bool, billed: Sequence[InvoiceLine], lines: list[LinePart], parts: dict[str, OrderPart]
) -> None:
    shares = allocate(amount, [abs(line.amount) for line in billed])
    for position, share in enumerate(shares):
        parts[billed[position].order_number].tax += share
        line = lines[position]
        lines[position] = (
            changed(line, recoverable_tax=line.recoverable_tax + share) if recoverable else changed(line, cost_tax=line.cost_tax + share)
        )


def _tax_over_charges(
    amount: int, recoverable: bool, charges: Sequence[Charge], parts: dict[str, OrderPart], managers: Mapping[str, PostingManager]
) -> None:
    for charge, share in zip(charges, allocate(amount, [abs(charge.amount) for charge in charges]), strict=True):
        assert charge.order_number is not None  # noqa: S101 - as above
        part = parts[charge.order_number]
        part.tax += share
        own = has_own_account(charge.kind, managers[charge.order_number])
        if own and recoverable:
            part.header_tax += share
        elif own:
            part.shipping += share
        elif recoverable:
            part.spread_tax += share
        else:
            part.spread_charges += share
