"""What happened, in the domain's own terms. Quantities, prices and tax rates in millionths, money in minor units."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.accounts import Coding
from app.domain.money import Currency
from app.domain.transaction import Side, Supplier


class Matching(StrEnum):
    THREE_WAY = "three_way"
    TWO_WAY = "two_way"


class ChargeKind(StrEnum):
    SHIPPING = "shipping"
    FREIGHT = "freight"
    HANDLING = "handling"
    DISCOUNT = "discount"
    OTHER = "other"


SHIPPING_KINDS = frozenset({ChargeKind.SHIPPING, ChargeKind.FREIGHT, ChargeKind.HANDLING})
"""These post to the shipping account where one is set; discount and other are always spread over the lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`document_date` is the date on the paper; `opening` marks what the ERP already has."""

    type: ClassVar[str]
    document_date: date
    opening: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """A line as ordered. By amount: `quantity` is the amount, `unit_price` is one."""

    number: int
    sku: str
    description: str
    unit: str
    quantity: int
    unit_price: int
    tax_rate: int
    by_amount: bool
    matching: Matching
    coding: Coding


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A header charge in minor units. `order_number` only on invoices."""

    kind: ChargeKind
    amount: int
    order_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated(Event):
    type = "order.created"
    order_number: str
    currency: Currency
    exchange_rate: Decimal | None
    supplier: Supplier | None
    lines: tuple[OrderedLine, ...]
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(OrderCreated):
    type = "order.changed"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    type = "order.cancelled"
    order_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClosed(Event):
    """Without `line_numbers` the order's own flag, with them those lines'."""

    type = "order.closed"
    order_number: str
    reason: str
    line_numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReopened(OrderClosed):
    type = "order.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingClosed(Event):
    type = "receiving.closed"
    order_number: str
    reason: str
    line_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingReopened(ReceivingClosed):
    type = "receiving.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """Exactly one of the two is given; which one must fit the order line. `amount` is in millionths too."""

    line_number: int
    quantity: int | None
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceived(Event):
    type = "goods.received"
    order_number: str
    receipt_number: str
    exchange_rate: Decimal | None
    lines: tuple[ReceivedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReturned(GoodsReceived):
    type = "goods.returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """`amount` is the line's total without what is in the invoice's tax, in minor units; `quantity` None = price only."""

    order_number: str
    line_number: int
    quantity: int | None
    amount: int
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    amount: int
    recoverable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceMatched(Event):
    type = "invoice.matched"
    invoice_number: str
    supplier: Supplier | None
    currency: Currency
    exchange_rate: Decimal | None
    lines: tuple[InvoiceLine, ...]
    charges: tuple[Charge, ...]
    tax: tuple[Tax, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCredited(InvoiceMatched):
    """A credit note: positive figures that take away. Its number is a supplier's document number like an invoice's."""

    type = "invoice.credited"
    credits_invoice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCancelled(Event):
    """Its orders are not in the event: they are those that the invoice was booked on."""

    type = "invoice.cancelled"
    invoice_number: str
    supplier: Supplier | None
    reason: str
    order_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReposted(Event):
    """A command: the order moves to another version of the posting manager."""

    type = "order.reposted"
    order_number: str
    manager_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentsRolled(Event):
    """A command: at the end of a period (`document_date`) the order's open Estimate leaves it, and enters the next one."""

    type = "commitments.rolled"
    order_number: str
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """An account by name or by code: exactly one is given."""

    account: str | None
    account_code: str | None
    side: Side
    amount: int
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecorded(Event):
    type = "entry.recorded"
    transaction_number: str
    description: str
    currency: Currency
    exchange_rate: Decimal | None
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReversed(Event):
    type = "entry.reversed"
    transaction_number: str
    reason: str


class DebtorKind(StrEnum):
    """An invoice and a journal debit debit the debtor, the other two credit it. Journals go to the journal account, not to income."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    JOURNAL_DEBIT = "journal_debit"
    JOURNAL_CREDIT = "journal_credit"

    @property
    def debtors_side(self) -> Side:
        return "debit" if self in (DebtorKind.INVOICE, DebtorKind.JOURNAL_DEBIT) else "credit"

    @property
    def is_journal(self) -> bool:
        return self in (DebtorKind.JOURNAL_DEBIT, DebtorKind.JOURNAL_CREDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorLine:
    """`amount` is net of tax. What was chosen at entry, by the tenant's option: a record, an account by name, or nothing."""

    description: str
    amount: int
    gl_interface: str | None = None
    gl_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorTransaction(Event):
    """`warehouse` None: the debtor's default one, where it has one. `tax` is of the whole, in minor units like the lines."""

    type = "debtor.transaction"
    transaction_number: str
    kind: DebtorKind
    debtor: str
    warehouse: str | None
    currency: Currency
    exchange_rate: Decimal | None
    lines: tuple[DebtorLine, ...]
    tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorReversed(Event):
    type = "debtor.reversed"
    transaction_number: str
    kind: DebtorKind
    reason: str


OrderEvent = OrderCreated | OrderCancelled | OrderClosed | ReceivingClosed | GoodsReceived
"""Events of exactly one order (a change is an `OrderCreated`, a reopening an `OrderClosed`, a return a `GoodsReceived`)."""
