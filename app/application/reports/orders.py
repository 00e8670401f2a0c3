"""Balances by order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.application.ports.currencies import Currencies
from app.application.ports.orders import OrderSummary
from app.application.reports.books import Books
from app.domain.errors import NotFound
from app.domain.money import Amounts, Currency
from app.domain.transaction import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBalances:
    """An order with what is posted for it per role, credit positive."""

    order: OrderSummary
    currency: Currency
    balances: Mapping[Role, Amounts]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    base: Currency
    orders: Sequence[OrderBalances]

    def first(self, limit: int) -> "OrdersPage":
        """The page with no more than its first orders."""
        return replace(self, orders=self.orders[:limit])


class OrdersReport:
    """What is posted now for each order per role, in document and base currency: estimate, grni and ap credit positive, the
    others debit positive. In the order in which the orders came."""

    def __init__(self, books: Books, currencies: Currencies) -> None:
        self._books = books
        self._currencies = currencies

    async def __call__(self, tenant_id: UUID, *, supplier: str | None, status: str | None, after_place: int, limit: int) -> OrdersPage:
        async with self._books.open(tenant_id) as books:
            found = await books.uow.orders.page(supplier=supplier, status=status, after_place=after_place, limit=limit)
            balances = await books.uow.reports.order_balances([order.number for order in found])
            return OrdersPage(
                base=books.base,
                orders=[
                    OrderBalances(order=order, currency=self._currency(order.currency), balances=balances.get(order.number, {}))
                    for order in found
                ],
            )

    def _currency(self, code: str) -> Currency:
        found = self._currencies.get(code)
        if found is None:
            raise NotFound(f"{code} is no currency any more")
        return found
