"""The posting engine without any I/O: events per second on one core, and how the time per event grows with the order's size.

Processor time, medians of several rounds. A growth of 1.0 is none: the event costs what it touches, not what the order has been.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from app.domain.accounts import Account, AccountType, Coding
from app.domain.changed import changed
from app.domain.events import Event, GoodsReceived, InvoiceLine, InvoiceMatched, Matching, OrderCreated, OrderedLine, ReceivedLine
from app.domain.money import MILLIONTHS, Currency
from app.domain.posting import OrderView, apply, needed_lines, post
from app.domain.posting_manager import PostingManager
from app.domain.targets import Balances

USD, CHF = Currency(code="USD", digits=2), Currency(code="CHF", digits=2)
DAY = date(2026, 11, 2)
ROUNDS = 7
GOAL = 10_000
MANAGER = PostingManager(
    version=1,
    estimate_account=Account(name="Estimate", code="2100", type=AccountType.LIABILITY),
    grni_account=Account(name="GRNI", code="2110", type=AccountType.LIABILITY),
    ap_account=Account(name="AP", code="2000", type=AccountType.LIABILITY),
)


def order(number: str, *, lines: int = 5, splits: int = 3, currency: Currency = USD) -> OrderCreated:
    coding = Coding(tuple(f"E{code}" for code in range(splits)), (MILLIONTHS,) * splits)
    return OrderCreated(
        document_date=DAY,
        order_number=number,
        currency=currency,
        exchange_rate=None if currency is USD else Decimal("1.1"),
        supplier=None,
        charges=(),
        lines=tuple(
            OrderedLine(
                number=line,
                sku="",
                description="",
                unit="",
                quantity=100_000 * MILLIONTHS,
                unit_price=3_335_000,
                tax_rate=0,
                by_amount=False,
                matching=Matching.THREE_WAY,
                coding=coding,
            )
            for line in range(1, lines + 1)
        ),
    )


def receipt(number: str, line: int, rate: Decimal | None = None) -> GoodsReceived:
    lines = (ReceivedLine(line_number=line, quantity=MILLIONTHS, amount=None),)
    return GoodsReceived(document_date=DAY, order_number=number, receipt_number="R", exchange_rate=rate, lines=lines)


def invoice(number: str, line: int, name: str) -> InvoiceMatched:
    lines = (InvoiceLine(order_number=number, line_number=line, quantity=MILLIONTHS, amount=334),)
    return InvoiceMatched(
        document_date=DAY, invoice_number=name, supplier=None, currency=USD, exchange_rate=None, lines=lines, charges=(), tax=()
    )


class Ledger:
    """One order as the store hands it out: an event is given the lines that it needs, and no others."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.view = OrderView(order=None, posted={})

    def play(self, event: Event) -> None:
        before = self._needed(event)
        orders = {} if before.order is None else {self.number: before.order}
        after = apply(event, orders, {self.number: MANAGER}, USD)[self.number]
        posting = post(before, after, MANAGER, after.rate)
        if self.view.order is None:
            self.view = OrderView(order=posting.order, posted=posting.balances)
        else:
            self.view.order.lines.update(posting.order.lines)  # type: ignore[attr-defined]  # the store's own dict
            self.view.posted.update(posting.balances)  # type: ignore[attr-defined]

    def _needed(self, event: Event) -> OrderView:
        wanted = needed_lines(event, self.number)
        order = self.view.order
        if order is None or wanted is None:
            return self.view
        lines = {number: order.lines[number] for number in wanted}
        posted: dict[int | None, Balances] = {number: self.view.posted[number] for number in wanted}
        return OrderView(order=changed(order, lines=lines), posted=posted)


def mixed_stream(number: str) -> Iterator[Event]:
    """1 order of 5 lines with 3 splits, 5 receipts and 5 invoices of one line each."""
    yield order(number)
    yield from (receipt(number, line) for line in range(1, 6))
    yield from (invoice(number, line, f"I{line}") for line in range(1, 6))


def events_per_second() -> float:
    streams = [list(mixed_stream(f"PO-{number}")) for number in range(300)]
    started = time.process_time()
    for stream in streams:
        ledger = Ledger(stream[0].order_number)  # type: ignore[attr-defined]
        for event in stream:
            ledger.play(event)
    return sum(map(len, streams)) / (time.process_time() - started)


def per_receipt(prepare: Callable[[], Ledger], count: int = 400) -> float:
    """Seconds per receipt of line 1 on an order in the given state."""
    ledger = prepare()
    event = receipt(ledger.number, 1)
    started = time.process_time()
    for _ in range(count):
        ledger.play(event)
    return (time.process_time() - started) / count


def prepared(*, lines: int = 5, splits: int = 3, receipts: int = 0, rates: bool = False) -> Callable[[], Ledger]:
    def prepare() -> Ledger:
        ledger = Ledger("PO-1")
        ledger.play(order("PO-1", lines=lines, splits=splits, currency=CHF if rates else USD))
        for turn in range(receipts):
            ledger.play(receipt("PO-1", 1, Decimal("1.1") + Decimal(turn % 1000) / 1000 if rates else None))
        return ledger

    return prepare


def median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(ROUNDS))


def main() -> None:
    rounds = sorted(events_per_second() for _ in range(ROUNDS))
    middle = rounds[ROUNDS // 2]
    print(f"posting engine   {middle:>10,.0f} events/s   ({rounds[0]:,.0f} to {rounds[-1]:,.0f}; goal {GOAL:,})")
    small = median(lambda: per_receipt(prepared()))
    for name, prepare in (
        ("1,000 lines instead of 5", prepared(lines=1_000)),
        ("1,000 receipts before", prepared(receipts=1_000)),
        ("30 splits instead of 3", prepared(splits=30)),
        ("100 receipts at 100 rates before", prepared(receipts=100, rates=True)),
    ):
        grown = median(lambda prepare=prepare: per_receipt(prepare))  # type: ignore[misc]
        print(f"one receipt      {grown * 1e6:>10,.0f} µs         {grown / small:.1f} × that of a small order: {name}")


if __name__ == "__main__":
    main()
