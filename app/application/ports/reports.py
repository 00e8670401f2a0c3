"""The ledger read by account: sums up to a day, and lines with their place. Base currency, in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from app.domain.money import Amounts, Currency
from app.domain.transaction import Document, Role, Side, Subject

SelectorKind = Literal["account", "account_code", "charge_code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Whose ledger: an account by name, by code, or a charge code."""

    kind: SelectorKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which of an account's lines: those of a charge code, of an order or a debtor, of the transactions in a journal, which is named by
    its reference or by the ERP's number; None: of any."""

    charge_code: str | None = None
    subject: Subject | None = None
    journal: str | None = None

    @property
    def by_transaction(self) -> bool:
        """Whether it takes more than the account's own sums to tell."""
        return self.subject is not None or self.journal is not None


EVERY_LINE = Narrowing()


class LedgerKey(NamedTuple):
    """A line's place in the ledger of an account."""

    accounting_date: date
    sequence: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSum:
    """Debits and credits of one account code, account and charge code."""

    account_code: str
    account: str | None
    charge_code: str | None
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """A posted line with what its transaction says of it."""

    key: LedgerKey
    transaction_id: UUID
    event_type: str
    subject: Subject
    supplier_code: str | None
    document: Document
    currency: Currency
    role: Role
    account: str | None
    account_code: str
    charge_code: str | None
    order_line: int | None
    side: Side
    amount: int
    base_amount: int
    description: str


class LedgerReports(Protocol):
    async def fold(self) -> bool:
        """Brings the ledger summed by day up to date, where much was posted since. False where nothing was done."""
        ...

    async def sums(self, as_of: date) -> Sequence[LedgerSum]:
        """By account code, account and charge code, up to a day."""
        ...

    async def account_sums(self, as_of: date) -> Sequence[LedgerSum]:
        """By account code and account alone, up to a day: with many charge codes they are far fewer."""
        ...

    async def role_balances(self, as_of: date) -> Mapping[Role, int]:
        """Credit positive, up to a day."""
        ...

    async def balance(
        self, selector: Selector, narrowed: Narrowing = EVERY_LINE, *, before: date | None = None, through: LedgerKey | None = None
    ) -> int:
        """Debit positive: before a day, up to and including a line, or of all there is."""
        ...

    async def lines(
        self,
        selector: Selector,
        narrowed: Narrowing = EVERY_LINE,
        *,
        after: LedgerKey | None,
        date_from: date | None,
        date_to: date | None,
        limit: int,
    ) -> Sequence[LedgerLine]:
        """By accounting date, then in the order in which they were posted."""
        ...

    async def order_balances(self, orders: Sequence[str]) -> Mapping[str, Mapping[Role, Amounts]]:
        """What is posted for each order per role, credit positive; what is zero is left out."""
        ...
