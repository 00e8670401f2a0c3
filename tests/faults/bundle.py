"""What happens in a round: purchases in their steps and entries of a club, all from a seed."""

import math
from random import Random
from typing import Any

from tests.events import entry, event, invoice, order, receipt


class Bundle:
    """`events` in an order in which each can be applied; nothing of one round belongs to another."""

    def __init__(self, seed: int, number: int, *, orders: int, entries: int) -> None:
        random = Random(f"{seed}-events-{number}")
        prefix = f"R{number}"
        purchases = [_purchase(f"{prefix}-PO-{each}", random) for each in range(orders)]
        purchases += [[_event(f"{prefix}-T-{each}", "entry.recorded", _takings(f"{prefix}-T-{each}", random))] for each in range(entries)]
        self.events: list[dict[str, Any]] = []
        while purchases := [purchase for purchase in purchases if purchase]:
            self.events.append(random.choice(purchases).pop(0))

    def shares(self, count: int) -> list[list[dict[str, Any]]]:
        """The events in so many parts, one after the other."""
        size = math.ceil(len(self.events) / count)
        return [self.events[at : at + size] for at in range(0, len(self.events), size)]


def _purchase(number: str, random: Random) -> list[dict[str, Any]]:
    pieces = random.randint(1, 3)
    price = f"{random.randrange(1, 500)}.{random.randrange(100):02}"
    found = [_event(number, "order.created", order(number, quantity=str(pieces), unit_price=price))]
    for piece in range(1, pieces + 1):
        came = receipt(number, receipt_number=f"{number}-R{piece}")
        billed = invoice(number, invoice_number=f"{number}-I{piece}", amount=f"{random.randrange(1, 500)}.{random.randrange(100):02}")
        found.append(_event(f"{number}-R{piece}", "goods.received", came))
        found.append(_event(f"{number}-I{piece}", "invoice.matched", billed))
    return found


def _takings(number: str, random: Random) -> dict[str, Any]:
    return entry(number, amount=f"{random.randrange(1, 10_000)}.{random.randrange(100):02}")


def _event(event_id: str, event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    return event(event_id, event_type, data, source="/tests/faults")
