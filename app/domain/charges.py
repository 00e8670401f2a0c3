"""Spreading header charges over an order's lines (POSTING.md 3)."""

from collections.abc import Sequence

from app.domain.allocation import allocate
from app.domain.events import SHIPPING_KINDS, Charge, ChargeKind
from app.domain.money import extended
from app.domain.order import OrderLine
from app.domain.posting_manager import PostingManager, SpreadBasis


def has_own_account(kind: ChargeKind, manager: PostingManager) -> bool:
    """Whether a charge posts to the shipping account; else it is spread over the lines and part of their cost."""
    return kind in SHIPPING_KINDS and manager.shipping_account is not None


def spread_total(charges: Sequence[Charge], manager: PostingManager) -> int:
    """What of an order's header charges its lines carry."""
    return sum(charge.amount for charge in charges if not has_own_account(charge.kind, manager))


def spread_weights(quantities: Sequence[int], prices: Sequence[int], digits: int, basis: SpreadBasis) -> tuple[int, ...]:
    """Weights by value round(O × p) before tax, by quantity or equal; all zero → quantity → equal.

    A line whose quantity is zero is not ordered any more and carries nothing while another line is.
    """
    by_value = tuple(abs(extended(quantity, price, 0, digits)) for quantity, price in zip(quantities, prices, strict=True))
    by_quantity = tuple(quantities)
    equal = tuple(1 if quantity else 0 for quantity in quantities)
    order = {
        SpreadBasis.VALUE: (by_value, by_quantity),
        SpreadBasis.QUANTITY: (by_quantity,),
        SpreadBasis.EQUAL: (equal,),
    }[basis]
    return next((weights for weights in order if any(weights)), equal)


def history_weights(lines: Sequence[OrderLine]) -> tuple[int, ...]:
    """Weights for a bill of charges without lines: what was invoiced net without charges, else the order's value."""
    invoiced = tuple(abs(line.goods) for line in lines)
    if any(invoiced):
        return invoiced
    return spread_weights(
        [line.terms.quantity for line in lines], [line.terms.unit_price for line in lines], lines[0].terms.digits, SpreadBasis.VALUE
    )


def spread(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Shares of `total`; nothing at all where there is nothing to spread."""
    return allocate(total, weights) if total else (0,) * len(weights)
