"""What is stored, read as it lies there: without the constructors that would refuse what somebody has tampered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from app.application.ports.events import StoredEvent
from app.domain.posting import OrderView
from app.domain.targets import Balances


class KeptLine(NamedTuple):
    """A transaction's line but for its number."""

    role: str
    ledger: str
    account: str | None
    account_code: str
    side: str
    amount: int
    base_amount: int
    order_line: int | None
    charge_code: str | None
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTransaction:
    """A transaction as its rows are. `header` is what besides the lines is compared, by name."""

    id: UUID
    event_id: UUID
    event_type: str
    accounting_date: date
    document_date: date
    header: Mapping[str, str | None]
    lines: Sequence[KeptLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOrder:
    """An order's rows: `parts` names each one and holds its columns, `posted` are the balances kept on them."""

    parts: Mapping[str, Mapping[str, Any]]
    posted: Mapping[int | None, Balances]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """A posted event, and the orders (with the accounting date) that the log says it moved."""

    stored: StoredEvent
    orders: Mapping[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseEnd:
    """A row whose other half is missing. `what` says which."""

    what: str
    event_id: UUID | None
    transaction_id: UUID | None
    subject: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSum:
    """A sum that reports read in place of the lines, of the `day` or `month` that begins at `since`, where the lines come to another one.
    Debits and credits in base minor units; `kept` None: there is none, `posted` None: there are no lines."""

    span: str
    since: date
    account: str
    charge_code: str | None
    kept: tuple[int, int] | None
    posted: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts, and the sums of all debits and credits in base minor units."""

    events: int
    orders: int
    transactions: int
    lines: int
    debit: int
    credit: int


class AuditReads(Protocol):
    """Reads for an auditor, one tenant's, each bounded by an order, an entry or a page."""

    async def order_numbers(self, after: str | None, limit: int) -> Sequence[str]:
        """Every order that an order row, the log or a transaction names, in a fixed order."""
        ...

    async def order(self, number: str) -> KeptOrder | None: ...

    def image(self, view: OrderView) -> KeptOrder:
        """How the store would keep this order."""
        ...

    async def transactions(self, subject_type: str, number: str) -> Sequence[KeptTransaction]:
        """Those of an order or of an entry, oldest first."""
        ...

    async def of_event(self, event_id: UUID) -> Sequence[KeptTransaction]:
        """Those that an event posted, oldest first."""
        ...

    async def log(self, after_applied: int, limit: int) -> Sequence[LoggedEvent]:
        """The posted events in the order in which they were applied."""
        ...

    async def loose_ends(self, limit: int) -> Sequence[LooseEnd]: ...

    async def wrong_sums(self, limit: int) -> Sequence[WrongSum]:
        """By span, day and account; none where all are right."""
        ...

    async def account_codes(self) -> frozenset[tuple[str, str]]:
        """(name, code) of every account, as it is and as the audit log says it has been."""
        ...

    async def totals(self) -> Totals: ...
