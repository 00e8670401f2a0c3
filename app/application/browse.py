"""Reading what is there: transactions, orders, events and journals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ports.clock import Clock
from app.application.ports.currencies import Currencies
from app.application.ports.events import EventStatus, StoredEvent
from app.application.ports.journals import Journal, JournalSummary
from app.application.ports.orders import OrderSummary
from app.application.ports.transactions import PostedTransaction, TransactionFilter
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.domain.errors import Invalid, NotFound
from app.domain.money import Currency
from app.domain.order import Order
from app.domain.posting import OrderView

MOST_OF_ONE_ORDER = 10_000
MOST_BLOCKING = 50
"""A list names so many of the journals that one waits for; the journal itself names all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    """Journals by accounting date, the earlier unsent journals that each waits for, and the summary over all history."""

    journals: Sequence[Journal]
    blocked_by: Mapping[UUID, Sequence[UUID]]
    summary: JournalSummary
    base: Currency


class Browse:
    """Queries of one tenant, each in a unit of work that is never committed."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies
        self._clock = clock

    async def transactions(self, tenant_id: UUID, wanted: TransactionFilter, after_place: int, limit: int) -> Sequence[PostedTransaction]:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.transactions.page(wanted, after_place=after_place, limit=limit)

    async def transaction(self, tenant_id: UUID, transaction_id: UUID) -> PostedTransaction:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            found = await uow.transactions.get(transaction_id)
            if found is None:
                raise NotFound("there is no such transaction")
            return found

    async def transactions_by_id(self, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[PostedTransaction]:
        return [await self.transaction(tenant_id, each) for each in ids]

    async def orders(
        self, tenant_id: UUID, supplier: str | None, status: str | None, after_place: int, limit: int
    ) -> Sequence[OrderSummary]:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.orders.page(supplier=supplier, status=status, after_place=after_place, limit=limit)

    async def order(self, tenant_id: UUID, number: str) -> tuple[OrderView, Order, Sequence[PostedTransaction]]:
        """An order with all lines, what is posted for it, and its transactions."""
        async with self._units_of_work(tenant_id, reading=True) as uow:
            view = await uow.orders.load(number, None)
            if view.order is None:
                raise NotFound(f"there is no order {number}")
            wanted = TransactionFilter(order_number=number)
            return view, view.order, await uow.transactions.page(wanted, after_place=0, limit=MOST_OF_ONE_ORDER)

    async def events(
        self,
        tenant_id: UUID,
        *,
        status: EventStatus | None,
        event_type: str | None,
        order_number: str | None,
        after_place: int,
        limit: int,
    ) -> Sequence[StoredEvent]:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.events.page(
                status=status, event_type=event_type, order_number=order_number, after_place=after_place, limit=limit
            )

    async def event(self, tenant_id: UUID, event_id: UUID) -> StoredEvent:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            found = await uow.events.get(event_id)
            if found is None:
                raise NotFound("there is no such event")
            return found

    async def journals(
        self,
        tenant_id: UUID,
        *,
        endpoint: str | None,
        date_from: date | None,
        date_to: date | None,
        status: str | None,
        after_place: int,
        limit: int,
    ) -> JournalPage:
        """From and to on the accounting date, both included; by default the last seven days in the tenant's time zone."""
        async with self._units_of_work(tenant_id, reading=True) as uow:
            base, today = await self._tenant(uow)
            last = date_to or today
            first = date_from or last - timedelta(days=6)
            if first > last:
                raise Invalid(f"from {first} is after to {last}")
            page = await uow.journals.page(
                endpoint=endpoint, date_from=first, date_to=last, status=status, after_place=after_place, limit=limit
            )
            blocked_by = await uow.journal_sets.blocked_by([journal.id for journal in page], MOST_BLOCKING)
            return JournalPage(journals=page, blocked_by=blocked_by, summary=await uow.journals.summary(endpoint), base=base)

    async def _tenant(self, uow: UnitOfWork) -> tuple[Currency, date]:
        tenant = await uow.tenants.get()
        base = self._currencies.get(tenant.base_currency) if tenant else None
        if tenant is None or base is None:
            raise NotFound("there is no such tenant")
        return base, self._clock.now().astimezone(ZoneInfo(tenant.time_zone)).date()
