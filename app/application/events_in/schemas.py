"""The `data` of each event type, as CONTRACT says it on the wire. One class per type; `to_domain` is in `translate`."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from app.application.events_in.values import CurrencyCode, Day, LineNumber, Name, NotNegative, Number, Positive, Rate, Strict, Text

MAX_LINES = 5_000
MAX_SPLITS = 200


class SupplierData(Strict):
    code: Name
    name: Text = ""


class AccountCodeData(Strict):
    """A share of a line: all by percentage, summing to exactly 100, or all by amount (weights)."""

    code: Name
    percentage: Positive | None = None
    amount: NotNegative | None = None

    @model_validator(mode="after")
    def _one_weight(self) -> "AccountCodeData":
        if (self.percentage is None) == (self.amount is None):
            raise ValueError("give either percentage or amount")
        return self


class OrderLineData(Strict):
    """By quantity and unit_price, or by amount."""

    line_number: LineNumber
    sku: Text = ""
    description: Text = ""
    unit: Text = ""
    quantity: NotNegative | None = None
    unit_price: Number | None = None
    amount: NotNegative | None = None
    matching: Literal["three_way", "two_way"] = "three_way"
    non_recoverable_tax_rate: NotNegative = Field(default="0", validate_default=True)
    account_codes: Annotated[list[AccountCodeData], Field(min_length=1, max_length=MAX_SPLITS)]

    @model_validator(mode="after")
    def _by_quantity_or_amount(self) -> "OrderLineData":
        by_quantity = self.quantity is not None and self.unit_price is not None
        if self.amount is not None and (self.quantity is not None or self.unit_price is not None):
            raise ValueError("give either quantity and unit_price, or amount")
        if self.amount is None and not by_quantity:
            raise ValueError("give quantity and unit_price, or amount")
        return self

    @model_validator(mode="after")
    def _split(self) -> "OrderLineData":
        codes = [share.code for share in self.account_codes]
        if len(set(codes)) < len(codes):
            raise ValueError("account_codes name a code twice")
        percentages = [share.percentage for share in self.account_codes if share.percentage is not None]
        if percentages and len(percentages) < len(codes):
            raise ValueError("account_codes are all by percentage or all by amount")
        if percentages and sum(percentages) != 100:
            raise ValueError(f"account_codes sum to {sum(percentages)} %, not 100 %")
        return self


class OrderChargeData(Strict):
    kind: Literal["shipping", "freight", "handling", "discount", "other"]
    amount: Number

    @model_validator(mode="after")
    def _sign(self) -> "OrderChargeData":
        if self.kind == "discount" and self.amount > 0:
            raise ValueError("a discount is negative")
        if self.kind not in ("discount", "other") and self.amount < 0:
            raise ValueError(f"{self.kind} must not be negative")
        return self


class InvoiceChargeData(OrderChargeData):
    order_number: Name | None = None


class EventData(Strict):
    """What any event may carry: `opening` posts it, and its journals count as sent."""

    opening: StrictBool = False


class OrderCreatedData(EventData):
    order_number: Name
    currency: CurrencyCode
    exchange_rate: Rate | None = None
    order_date: Day | None = None
    supplier: SupplierData | None = None
    lines: Annotated[list[OrderLineData], Field(min_length=1, max_length=MAX_LINES)]
    charges: Annotated[list[OrderChargeData], Field(default_factory=list, max_length=100)]

    @model_validator(mode="after")
    def _distinct_lines(self) -> "OrderCreatedData":
        numbers = [line.line_number for line in self.lines]
        if len(set(numbers)) < len(numbers):
            raise ValueError("a line_number stands twice")
        return self


class OrderChangedData(OrderCreatedData):
    version: Annotated[int, Field(ge=2, le=2_000_000_000, strict=True)]


class OrderFlagData(EventData):
    order_number: Name
    reason: Text
    date: Day | None = None


class OrderClosedData(OrderFlagData):
    line_numbers: Annotated[list[LineNumber], Field(min_length=1, max_length=MAX_LINES)] | None = None


class ReceivingClosedData(OrderFlagData):
    line_numbers: Annotated[list[LineNumber], Field(min_length=1, max_length=MAX_LINES)]


class ReceiptLineData(Strict):
    line_number: LineNumber
    quantity: Positive | None = None
    amount: Positive | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "ReceiptLineData":
        if (self.quantity is None) == (self.amount is None):
            raise ValueError("give either quantity or amount")
        return self


class GoodsReceivedData(EventData):
    order_number: Name
    receipt_number: Name
    receipt_date: Day | None = None
    exchange_rate: Rate | None = None
    lines: Annotated[list[ReceiptLineData], Field(min_length=1, max_length=MAX_LINES)]


class InvoiceLineData(Strict):
    order_number: Name
    line_number: LineNumber
    quantity: Positive | None = None
    amount: Number | None = None
    unit_price: Number | None = None
    final: StrictBool = False

    @model_validator(mode="after")
    def _one_value(self) -> "InvoiceLineData":
        if (self.amount is None) == (self.unit_price is None):
            raise ValueError("give either amount or unit_price")
        if self.unit_price is not None and self.quantity is None:
            raise ValueError("unit_price needs a quantity")
        return self


class TaxData(Strict):
    amount: NotNegative
    recoverable: StrictBool = True


class InvoiceMatchedData(EventData):
    invoice_number: Name
    invoice_date: Day | None = None
    supplier: SupplierData | None = None
    currency: CurrencyCode
    exchange_rate: Rate | None = None
    lines: Annotated[list[InvoiceLineData], Field(default_factory=list, max_length=MAX_LINES)]
    charges: Annotated[list[InvoiceChargeData], Field(default_factory=list, max_length=100)]
    tax: Annotated[list[TaxData], Field(default_factory=list, max_length=100)]

    @model_validator(mode="after")
    def _has_something(self) -> "InvoiceMatchedData":
        if not self.lines and not self.charges:
            raise ValueError("an invoice needs lines or charges")
        if not self.lines and any(charge.order_number is None for charge in self.charges):
            raise ValueError("without lines each charge needs its order_number")
        return self


class InvoiceCreditedData(InvoiceMatchedData):
    credits_invoice: Name | None = None


class InvoiceCancelledData(EventData):
    invoice_number: Name
    supplier: SupplierData | None = None
    reason: Text
    date: Day | None = None


class OrderRepostedData(EventData):
    order_number: Name
    posting_manager_version: int


class CommitmentsRolledData(EventData):
    order_number: Name
    period: Name
    date: Day


class EntryLineData(Strict):
    account: Name | None = None
    account_code: Name | None = None
    side: Literal["debit", "credit"]
    amount: Positive
    description: Text = ""

    @model_validator(mode="after")
    def _one_account(self) -> "EntryLineData":
        if (self.account is None) == (self.account_code is None):
            raise ValueError("give either account or account_code")
        return self


class EntryRecordedData(EventData):
    transaction_number: Name
    date: Day | None = None
    description: Text = ""
    currency: CurrencyCode
    exchange_rate: Rate | None = None
    lines: Annotated[list[EntryLineData], Field(min_length=2, max_length=MAX_LINES)]


class EntryReversedData(EventData):
    transaction_number: Name
    date: Day | None = None
    reason: Text


class DebtorLineData(Strict):
    """`amount` is net of tax. By the tenant's option a record or an account is chosen, or nothing."""

    description: Text = ""
    amount: NotNegative
    gl_interface: Name | None = None
    gl_account: Name | None = None


class DebtorDocumentData(EventData):
    """What a debtor transaction says besides its number."""

    kind: Literal["invoice", "credit_note", "journal_debit", "journal_credit"]
    debtor: Name
    warehouse: Name | None = None
    date: Day | None = None
    currency: CurrencyCode
    exchange_rate: Rate | None = None
    lines: Annotated[list[DebtorLineData], Field(min_length=1, max_length=MAX_LINES)]
    tax: NotNegative = Field(default="0", validate_default=True)


class DebtorTransactionData(DebtorDocumentData):
    transaction_number: Name


class DebtorReversedData(EventData):
    transaction_number: Name
    kind: Literal["invoice", "credit_note", "journal_debit", "journal_credit"]
    date: Day | None = None
    reason: Text


DATA: dict[str, type[EventData]] = {
    "order.created": OrderCreatedData,
    "order.changed": OrderChangedData,
    "order.cancelled": OrderFlagData,
    "order.closed": OrderClosedData,
    "order.reopened": OrderClosedData,
    "receiving.closed": ReceivingClosedData,
    "receiving.reopened": ReceivingClosedData,
    "goods.received": GoodsReceivedData,
    "goods.returned": GoodsReceivedData,
    "invoice.matched": InvoiceMatchedData,
    "invoice.credited": InvoiceCreditedData,
    "invoice.cancelled": InvoiceCancelledData,
    "entry.recorded": EntryRecordedData,
    "entry.reversed": EntryReversedData,
    "debtor.transaction": DebtorTransactionData,
    "debtor.reversed": DebtorReversedData,
}

COMMANDS: dict[str, type[EventData]] = {
    "order.reposted": OrderRepostedData,
    "commitments.rolled": CommitmentsRolledData,
}
"""What Glint itself writes into the log; refused from outside."""
