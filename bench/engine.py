"""The posting engine without any I/O: events per second on one core, and how the time per event grows with the order's size.

Processor time, with the garbage collector set as a service sets it. A growth of 1 is none: the event costs what it touches, not what the
order has been.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from app.domain.accounts import Account, AccountType, Coding
from app.domain.events import Event, GoodsReceived, InvoiceLine, InvoiceMatched, Matching, OrderCreated, OrderedLine, ReceivedLine
from app.domain.money import MILLIONTHS, Currency
from app.domain.posting import OrderView, post_all
from app.domain.posting_manager import PostingManager
from app.domain.staging import StagedOrder
from app.serve import spare_the_garbage_collector
from bench.figures import Figure
from bench.run import run
from bench.server import Server

USD, CHF = Currency(code="USD", digits=2), Currency(code="CHF", digits=2)
DAY = date(2026, 11, 2)
ROUNDS = 7
GOAL = 10_000
SUBJECT = "Posting engine, no I/O"
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
        self._order = StagedOrder(OrderView(order=None, posted={}))

    def play(self, event: Event) -> None:
        postings = post_all(event, {self.number: self._order.view(event)}, {self.number: MANAGER}, USD)
        self._order.take(postings[self.number])


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


def figures(_: Server) -> list[Figure]:
    """How each receipt grows is measured in turn with one on a small order."""
    spare_the_garbage_collector()
    grown = {
        "a receipt, 1,000 lines": (prepared(lines=1_000), "5 lines"),
        "a receipt after 1,000 receipts": (prepared(receipts=1_000), "after none"),
        "a receipt, 30 splits": (prepared(splits=30), "3 splits"),
        "a receipt after 100 at 100 rates": (prepared(receipts=100, rates=True), "after none"),
    }
    rounds = [events_per_second() for _ in range(ROUNDS)]
    found = [Figure(subject=SUBJECT, name="purchases of 11 events", ours=rounds, unit="events/s", goal=GOAL, at_least=True)]
    for name, (prepare, against) in grown.items():
        pairs = [(per_receipt(prepare) * 1e6, per_receipt(prepared()) * 1e6) for _ in range(ROUNDS)]
        ours, others = zip(*pairs, strict=True)
        found.append(Figure(subject=SUBJECT, name=name, ours=ours, unit="µs", against=against, others=others))
    return found


if __name__ == "__main__":
    run(figures)
