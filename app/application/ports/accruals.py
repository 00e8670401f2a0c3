"""What reports on commitments and accruals read besides the present state of orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from app.domain.accruals import ByCode


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedSums:
    """Sums of an order line's ledger lines per charge code, credit positive."""

    committed: ByCode
    accrued: ByCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A document's own date, None where it had none; `at` is the moment of its event."""

    day: date | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReceipt:
    """Units of one order line that a receipt brought or, negative, a return took, in millionths."""

    order_number: str
    line_number: int
    dated: Dated
    units: int


class Accruals(Protocol):
    async def moved_after(self, day: date) -> frozenset[str]:
        """The orders that anything with a later accounting date happened to: their present state is not that day's."""
        ...

    async def posted(self, orders: Sequence[str], as_of: date) -> Mapping[tuple[str, int | None], PostedSums]:
        """The ledger's Estimate and GRNI up to an accounting date by order and line; what is zero is left out."""
        ...

    async def order_dates(self, orders: Sequence[str]) -> Mapping[str, Dated]:
        """The dates of the orders themselves."""
        ...

    async def receipts(self, orders: Sequence[str], as_of: date) -> Sequence[StoredReceipt]:
        """Receipts and returns up to an accounting date, in the order in which they were applied."""
        ...
