"""Orders as the domain's state, loaded as far as an event needs them, under the lock that makes their writers serial."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from app.domain.posting import OrderView, Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """An order in a list."""

    number: str
    place: int
    supplier_code: str | None
    supplier_name: str | None
    currency: str
    status: str
    version: int


class Orders(Protocol):
    async def lock(self, kind: str, numbers: Sequence[str]) -> None:
        """Makes and takes the locks of these subjects, sorted, until the unit of work ends; they need not exist."""
        ...

    async def lock_free(self, kind: str, numbers: Sequence[str]) -> Collection[str]:
        """The same for those that nobody else has: which were taken. It waits only where somebody else is just making one."""
        ...

    async def load(self, number: str, lines: Sequence[int] | None) -> OrderView:
        """The order with these lines (None = all). An order that is not there has `order` None."""
        ...

    async def load_all(
        self, wanted: Mapping[str, Sequence[int] | None], invoices: Sequence[tuple[str, str | None, str]] = ()
    ) -> Mapping[str, OrderView]:
        """The same for many orders, by number, each with those of the invoices that are its own: (order, supplier (None = the order's),
        invoice number)."""
        ...

    async def outstanding(self) -> Sequence[OrderView]:
        """Every order for which something may be committed or accrued now, with those of its lines."""
        ...

    async def save_all(self, changes: Sequence[tuple[OrderView, Posting]]) -> None:
        """Stores what the postings changed of orders as they were, and nothing else."""
        ...

    async def claimed(self, documents: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
        """Those of these documents, each a supplier and a number, that are taken."""
        ...

    async def claim_document(self, supplier: str, number: str, event_id: UUID) -> None:
        """Takes an invoice number of a supplier; `InvoiceExists` where it is taken."""
        ...

    async def release_document(self, supplier: str, number: str) -> None:
        """Gives the number of a cancelled invoice back, so that the corrected one may carry it."""
        ...

    async def orders_of_invoice(self, supplier: str | None, number: str) -> Sequence[tuple[str, str]]:
        """(supplier, order number) of the orders that an invoice was booked on; of any supplier where None is given."""
        ...

    async def on_older_version(self, version: int) -> Sequence[str]:
        """The open orders that are on an older version of the posting manager."""
        ...

    async def committed(self, as_of: date) -> Sequence[str]:
        """The orders whose Estimate is not zero on a day, by the ledger."""
        ...

    async def page(self, *, supplier: str | None, status: str | None, after_place: int, limit: int) -> Sequence[OrderSummary]: ...
