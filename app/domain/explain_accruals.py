"""Commitments and accruals explained: what is ordered and not used yet, and what is received and not invoiced yet.

The amounts are those of the functions that the targets are made with; where a step between them is shown, it is checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.accounts import Coding
from app.domain.explain_parts import ExplanationMismatch, Part, translated
from app.domain.explain_words import money_of, units
from app.domain.money import Amounts, in_base
from app.domain.order import Order, OrderLine
from app.domain.posting_manager import PostingManager
from app.domain.targets import estimate_amount, grni_amounts, used_units


def estimate_part(order: Order, line: OrderLine, manager: PostingManager, *, sign: int) -> Part:
    amount, money, terms = estimate_amount(order, line, manager), money_of(order), line.terms
    released = _released_because(order, line) or ("receiving is closed on the line" if line.receiving_closed else None)
    amounts = Amounts(sign * amount, in_base(sign * amount, order.rate))
    if released:
        return Part(amounts=amounts, coding=line.coding, words=(f"Nothing is committed, since {released}.",))
    used = min(used_units(line, manager), terms.quantity)
    counted = f"received {units(line.received)}, invoiced {units(line.invoiced)}"
    if used_units(line, manager) != max(line.received, line.invoiced):
        counted += "; receipts post nothing" if manager.grni_account is None else "; on signed GRNI invoices do not count"
    value = terms.value_of_first(used)
    if terms.total - value != amount:
        raise ExplanationMismatch(f"line {line.number}: {terms.total} less {value} for {used} used units is not {amount}")
    words = (
        f"{units(used)} of {units(terms.quantity)} are used ({counted}), worth {money.text(value)}.",
        f"Committed: {money.text(terms.total)} − {money.text(value)} = {translated(order, amount, order.rate)}.",
    )
    figures = {"used": units(used), "value_of_used": order.currency.to_text(value), "committed": order.currency.to_text(amount)}
    return Part(amounts=amounts, coding=line.coding, words=words, figures=figures)


def _released_because(order: Order, line: OrderLine) -> str | None:
    if order.cancelled:
        return "the order is cancelled"
    if order.closed:
        return "the order is closed"
    return "the line is closed" if line.closed else None


def grni_parts(order: Order, line: OrderLine, manager: PostingManager) -> list[Part]:
    """One part for each coding that something was received on."""
    released = _released_because(order, line)
    amounts = grni_amounts(order, line, manager)
    if released:
        return [Part(amounts=Amounts(0, 0), words=(f"Nothing is accrued, since {released}.",))]
    layers = list(_layers(order, line))
    ahead = line.terms.value_of_first(line.received) - line.terms.value_of_first(line.invoiced)
    parts = []
    for coding, found in amounts.items():
        own = [layer for layer in layers if layer.coding == coding]
        shown = sum(layer.amounts.document for layer in own)
        words = [word for layer in own for word in layer.words]
        if line.invoiced > line.received and coding == line.coding and shown + ahead == found.document:
            shown += ahead
            what = f"Invoiced {units(line.invoiced)} is ahead of received {units(line.received)}"
            words.append(f"{what}: {translated(order, ahead, order.rate)} on signed GRNI.")
        if shown != found.document:
            raise ExplanationMismatch(f"line {line.number}: layers worth {shown} do not give the accrual of {found.document}")
        table = [row for layer in own for row in layer.rows]
        parts.append(Part(amounts=found, coding=coding, words=tuple(words), figures={"layers": table}))
    if not parts:
        counted = f"received {units(line.received)}, invoiced {units(line.invoiced)}"
        table = [row for layer in layers for row in layer.rows]
        parts.append(
            Part(amounts=Amounts(0, 0), words=(f"Nothing received waits for its invoice ({counted}).",), figures={"layers": table})
        )
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    coding: Coding
    amounts: Amounts
    words: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


def _layers(order: Order, line: OrderLine) -> Iterator[_Layer]:
    """The layers, first in, first out, each with its units (from, to] of the received count and what of it is open."""
    start, money = 0, money_of(order)
    for layer in line.layers:
        end = start + layer.quantity
        opened = min(end, max(start, line.invoiced))
        value = layer.terms.value_of_first(end) - layer.terms.value_of_first(opened)
        row = {"units_from": units(start), "units_to": units(end), "open_from": units(opened)}
        row |= {"rate": money.rate(layer.rate), "value": order.currency.to_text(value)}
        row["base_value"] = order.base_currency.to_text(in_base(value, layer.rate))
        how = f"price {units(layer.terms.unit_price)}" + (f", {units(layer.terms.quantity)} worth {money.text(layer.terms.total)}")
        words = (
            f"Units {units(start)} to {units(end)} received ({how}): from {units(opened)} on not invoiced, "
            f"worth {translated(order, value, layer.rate)}.",
        )
        yield _Layer(
            coding=layer.coding, amounts=Amounts(value, in_base(value, layer.rate)), words=words if end > opened else (), rows=(row,)
        )
        start = end
