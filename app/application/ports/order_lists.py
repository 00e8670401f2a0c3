"""Orders as people look for them, and what was posted for one of them day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from app.application.ports.orders import OrderSummary
from app.domain.money import Amounts
from app.domain.transaction import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """Which orders: those whose number begins with `begins` (capitals or not), of a supplier's code, in a status; None: of any."""

    begins: str | None = None
    supplier: str | None = None
    status: str | None = None


class Movement(NamedTuple):
    """What the transactions of one accounting date did to each role of an order, credit positive."""

    accounting_date: date
    changes: Mapping[Role, Amounts]


class OrderLists(Protocol):
    async def newest(self, wanted: OrderSearch, *, before_place: int | None, limit: int) -> Sequence[OrderSummary]:
        """The newest first; `begins` does not count."""
        ...

    async def by_number(self, wanted: OrderSearch, *, after: str | None, limit: int) -> Sequence[OrderSummary]:
        """In the order of their numbers."""
        ...

    async def movements(self, number: str) -> Sequence[Movement]:
        """An order's ledger by accounting date, oldest first."""
        ...
