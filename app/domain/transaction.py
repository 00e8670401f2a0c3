"""The account transaction: immutable, from one event, balanced in both currencies."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple
from uuid import UUID

from app.domain.money import LARGEST_AMOUNT, Currency


class Role(StrEnum):
    """What a line of a transaction stands for."""

    ESTIMATE = "estimate"
    GRNI = "grni"
    AP = "ap"
    EXPENSE = "expense"
    SHIPPING = "shipping"
    TAX = "tax"
    PRICE_VARIANCE = "price_variance"
    EXCHANGE_DIFFERENCE = "exchange_difference"
    COMMITMENT_OFFSET = "commitment_offset"
    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    ADJUSTMENT = "adjustment"
    ENTRY = "entry"


class Ledger(StrEnum):
    """`commitment` marks the Estimate and offset pairs where a commitment offset account is set."""

    ACTUAL = "actual"
    COMMITMENT = "commitment"


Side = Literal["debit", "credit"]


class UnbalancedTransaction(Exception):
    """Debits and credits differ, or a line says nothing. Nothing like it can be constructed."""


class TransactionLine(NamedTuple):
    """One side of an entry, in minor units ≥ 0, not both 0: no transaction takes another. `account` is None where only the code is
    known (expense). A named tuple, since the engine makes more of these than of anything else."""

    line: int
    role: Role
    ledger: Ledger
    account: str | None
    account_code: str
    side: Side
    amount: int
    base_amount: int
    order_line: int | None = None
    charge_code: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a transaction belongs to: an order, a debtor or an entry."""

    type: Literal["order", "debtor", "entry"]
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The paper behind an event: its own number and date, kept for ever."""

    type: str
    number: str
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorDetails:
    """What a debtor's transaction carries beside its subject, which is the debtor. `gl_interfaces`: the records whose accounts it took."""

    warehouse: str | None
    sales_territory: str
    gl_interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTransaction:
    """A posted fact. Sequence and posting time are the store's. `debtor` only where the subject is one."""

    id: UUID
    event_id: UUID
    event_type: str
    subject: Subject
    supplier: Supplier | None
    document: Document
    accounting_date: date
    currency: Currency
    base_currency: Currency
    description: str
    lines: tuple[TransactionLine, ...]
    debtor: DebtorDetails | None = None

    def __post_init__(self) -> None:
        if len(self.lines) < 2:
            raise UnbalancedTransaction("a transaction needs two lines")
        document = base = 0
        for line in self.lines:
            if not (0 <= line.amount <= LARGEST_AMOUNT and 0 <= line.base_amount <= LARGEST_AMOUNT):
                raise UnbalancedTransaction(f"line {line.line} is out of range: {line.amount} / {line.base_amount}")
            if not (line.amount or line.base_amount):
                raise UnbalancedTransaction(f"line {line.line} is zero in both currencies")
            sign = 1 if line.side == "debit" else -1
            document += sign * line.amount
            base += sign * line.base_amount
        if document or base:
            raise UnbalancedTransaction(f"debits less credits are {document} in document and {base} in base minor units")
