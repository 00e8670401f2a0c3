"""A purchase that nobody made: what it would post through the present set-up, kept nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.application.make_transaction import MakeTransaction
from app.application.ports.clock import Ids
from app.application.posting_context import PostingContext
from app.domain.accounts import Coding
from app.domain.events import (
    Charge,
    ChargeKind,
    Event,
    GoodsReceived,
    InvoiceLine,
    InvoiceMatched,
    Matching,
    OrderCreated,
    OrderedLine,
    ReceivedLine,
    Tax,
)
from app.domain.invoicing import translation_rate
from app.domain.money import MILLIONTHS, ONE, Currency
from app.domain.order import Order
from app.domain.posting import OrderView, apply, post, touched_orders
from app.domain.targets import Balances
from app.domain.transaction import AccountTransaction, Supplier

MARK = "TEST"
NO_EVENT = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What stands on the paper of a made-up purchase, in minor units of the base currency: what is ordered, the shipping, what is billed
    for what was ordered (None: the same), and the recoverable tax on the invoice."""

    ordered: int
    shipping: int = 0
    billed: int | None = None
    tax: int = 0


def purchase_events(
    number: str, account_code: str, bill: Bill, currency: Currency, day: date
) -> tuple[OrderCreated, GoodsReceived, InvoiceMatched]:
    """One unit ordered, received and invoiced."""
    received = GoodsReceived(
        document_date=day,
        order_number=number,
        receipt_number=number,
        exchange_rate=None,
        lines=(ReceivedLine(line_number=1, quantity=ONE, amount=None),),
    )
    return _order(number, account_code, bill, currency, day), received, _invoice(number, bill, currency, day)


def _order(number: str, account_code: str, bill: Bill, currency: Currency, day: date) -> OrderCreated:
    line = OrderedLine(
        number=1,
        sku=MARK,
        description=f"{MARK} item",
        unit="EA",
        quantity=ONE,
        unit_price=bill.ordered * MILLIONTHS // 10**currency.digits,
        tax_rate=0,
        by_amount=False,
        matching=Matching.THREE_WAY,
        coding=Coding((account_code,), (ONE,)),
    )
    return OrderCreated(
        document_date=day,
        order_number=number,
        currency=currency,
        exchange_rate=None,
        supplier=Supplier(code=MARK, name=f"{MARK} supplier"),
        lines=(line,),
        charges=_shipping(bill, None),
    )


def _invoice(number: str, bill: Bill, currency: Currency, day: date) -> InvoiceMatched:
    billed = bill.ordered if bill.billed is None else bill.billed
    return InvoiceMatched(
        document_date=day,
        invoice_number=number,
        supplier=None,
        currency=currency,
        exchange_rate=None,
        lines=(InvoiceLine(order_number=number, line_number=1, quantity=ONE, amount=billed),),
        charges=_shipping(bill, number),
        tax=(Tax(amount=bill.tax, recoverable=True),) if bill.tax else (),
    )


def _shipping(bill: Bill, order_number: str | None) -> tuple[Charge, ...]:
    return (Charge(kind=ChargeKind.SHIPPING, amount=bill.shipping, order_number=order_number),) if bill.shipping else ()


def played(context: PostingContext, events: tuple[Event, ...], ids: Ids) -> Iterator[tuple[Event, AccountTransaction | None]]:
    """Each event with its transaction, None where it posts nothing. On the day itself, which no period can close before it is over.

    Raises as recording them would, `NoPostingManager` among others.
    """
    manager, make = context.manager_for_new_orders(), MakeTransaction(ids)
    orders: dict[str, Order] = {}
    posted: dict[int | None, Balances] = {}
    for event in events:
        ((number, order),) = apply(event, orders, dict.fromkeys(touched_orders(event), manager), context.base).items()
        posting = post(OrderView(order=orders.get(number), posted=posted), order, manager, translation_rate(event, order))
        orders[number] = posting.order
        posted |= posting.balances
        yield event, make.of_order(NO_EVENT, event, order, event.document_date, posting.lines) if posting.lines else None
