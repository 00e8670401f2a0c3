"""The life of an order: its lines, what was posted for it day by day, and its transactions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ports.clock import Clock
from app.application.ports.events import StoredEvent
from app.application.ports.order_lists import Movement
from app.application.ports.transactions import PostedTransaction, TransactionFilter
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound
from app.domain.money import Amounts
from app.domain.order import Order, OrderLine
from app.domain.posting import OrderView
from app.domain.targets import Balances
from app.domain.transaction import Role

NOTHING = Amounts(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLife:
    """An order line, what its quantities are worth in document minor units, and what is posted for it now, credit positive. `line` None:
    shipping on its own account, of which nothing is received."""

    line: OrderLine | None
    ordered: int
    received: int | None
    invoiced: int
    balances: Mapping[Role, Amounts]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBalances:
    """What is posted for the order per role at the end of an accounting date, credit positive."""

    day: date
    balances: Mapping[Role, Amounts]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLife:
    """`days` are those on which something moved, the oldest first. `waiting`: an event that cannot be applied to the order yet."""

    order: Order
    today: date
    lines: Sequence[LineLife]
    balances: Mapping[Role, Amounts]
    days: Sequence[DayBalances]
    transactions: Sequence[PostedTransaction]
    waiting: StoredEvent | None


class ReadOrder:
    """An order with all its lines, its balances by accounting date, and a page of its transactions in the order in which they were
    posted; all of one moment."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._clock = clock

    async def __call__(self, tenant_id: UUID, number: str, *, after_place: int, limit: int) -> OrderLife:
        """Raises `NotFound` where it has not arrived."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            tenant, view = await uow.tenants.get(), await uow.orders.load(number, None)
            if tenant is None or view.order is None:
                raise NotFound(f"there is no order {number}")
            wanted = TransactionFilter(order_number=number)
            return OrderLife(
                order=view.order,
                today=self._clock.now().astimezone(ZoneInfo(tenant.time_zone)).date(),
                lines=_lines(view.order, view),
                balances=_by_role(view.posted.values()),
                days=running(await uow.order_lists.movements(number)),
                transactions=await uow.transactions.page(wanted, after_place=after_place, limit=limit),
                waiting=await uow.events.waiting(number),
            )


def running(movements: Sequence[Movement]) -> list[DayBalances]:
    """Movements by day as the balances at each day's end."""
    found, balances = [], dict[Role, Amounts]()
    for day, changes in movements:
        balances = _summed(balances, changes)
        found.append(DayBalances(day=day, balances=balances))
    return found


def _lines(order: Order, view: OrderView) -> list[LineLife]:
    found = [_line(line, view.posted.get(number, {})) for number, line in sorted(order.lines.items())]
    shipping = view.posted.get(None, {})
    if not shipping:
        return found
    header = LineLife(
        line=None, ordered=order.shipping_ordered, received=None, invoiced=order.shipping_invoiced, balances=_by_role([shipping])
    )
    return [*found, header]


def _line(line: OrderLine, posted: Balances) -> LineLife:
    return LineLife(
        line=line,
        ordered=line.terms.total,
        received=sum(layer.open_value(0).document for layer in line.layers),
        invoiced=sum(invoiced.total for invoiced in line.sums),
        balances=_by_role([posted]),
    )


def _by_role(parts: Iterable[Balances]) -> dict[Role, Amounts]:
    found: dict[Role, Amounts] = {}
    for balances in parts:
        for key, amounts in balances.items():
            found = _summed(found, {key.role: amounts})
    return found


def _summed(before: Mapping[Role, Amounts], changes: Mapping[Role, Amounts]) -> dict[Role, Amounts]:
    found = dict(before)
    for role, change in changes.items():
        old = found.get(role, NOTHING)
        found[role] = Amounts(old.document + change.document, old.base + change.base)
    return found
