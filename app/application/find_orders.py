"""Orders as people look for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.application.ports.currencies import Currencies
from app.application.ports.order_lists import OrderSearch
from app.application.ports.orders import OrderSummary
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.reports.open_lines import local_day
from app.domain.errors import NotFound
from app.domain.money import Amounts, Currency
from app.domain.transaction import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrder:
    """An order with its own date and what is posted for it per role, credit positive."""

    order: OrderSummary
    ordered_on: date | None
    currency: Currency
    balances: Mapping[Role, Amounts]


class FindOrders:
    """By the beginning of the number in the order of numbers, else the newest first. Each order with its date and its balances, in four
    statements however many there are."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies

    async def by_number(self, tenant_id: UUID, wanted: OrderSearch, *, after: str | None, limit: int) -> Sequence[FoundOrder]:
        return await self._found(tenant_id, wanted, after, None, limit)

    async def newest(self, tenant_id: UUID, wanted: OrderSearch, *, before_place: int | None, limit: int) -> Sequence[FoundOrder]:
        return await self._found(tenant_id, wanted, None, before_place, limit)

    async def _found(
        self, tenant_id: UUID, wanted: OrderSearch, after: str | None, before_place: int | None, limit: int
    ) -> Sequence[FoundOrder]:
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            tenant = await uow.tenants.get()
            if tenant is None:
                raise NotFound("there is no such tenant")
            if wanted.begins:
                orders = await uow.order_lists.by_number(wanted, after=after, limit=limit)
            else:
                orders = await uow.order_lists.newest(wanted, before_place=before_place, limit=limit)
            numbers = [order.number for order in orders]
            balances = await uow.reports.order_balances(numbers)
            dated = await uow.accruals.order_dates(numbers)
        days = {number: local_day(each, tenant.time_zone) for number, each in dated.items()}
        return [
            FoundOrder(
                order=order,
                ordered_on=days.get(order.number),
                currency=self._currency(order.currency),
                balances=balances.get(order.number, {}),
            )
            for order in orders
        ]

    def _currency(self, code: str) -> Currency:
        found = self._currencies.get(code)
        if found is None:
            raise NotFound(f"{code} is no currency any more")
        return found
