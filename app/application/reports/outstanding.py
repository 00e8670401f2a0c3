"""What is committed and accrued on a day, order line by order line: from the present state of orders where nothing happened
to them since, else from the ledger and the log."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.application.ports.accruals import PostedSums
from app.application.reports.books import OpenBooks
from app.application.reports.past import PastOrder, facts_of
from app.domain.accruals import ByCode, LineFacts, accrued_on_one_account, committed_and_accrued
from app.domain.errors import NotFound
from app.domain.money import Currency
from app.domain.posting import OrderView
from app.domain.posting_manager import PostingManager
from app.domain.transaction import Role, Supplier

NOTHING_POSTED = PostedSums(committed={}, accrued={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """An order line (`line` None: its order's shipping) with what is committed and accrued for it per charge code."""

    order_number: str
    supplier: Supplier | None
    currency: Currency
    line: LineFacts | None
    committed: ByCode
    accrued: ByCode


@dataclass(frozen=True, slots=True, kw_only=True)
class OutstandingSheet:
    """All that is outstanding on a day, and what the ledger says of the same: Estimate and GRNI, credit positive, in base."""

    rows: Sequence[Outstanding]
    ledger_committed: int
    ledger_accrued: int


async def outstanding(books: OpenBooks, as_of: date) -> OutstandingSheet:
    """Every order line with a commitment or an accrual on a day, by order number and line."""
    managers = await _managers(books)
    moved = await books.uow.accruals.moved_after(as_of)
    views = [view for view in await books.uow.orders.outstanding() if view.order and view.order.number not in moved]
    unclear = {view.order.number for view in views if view.order and _credited(view)}
    rows = [row for view in views if view.order and view.order.number not in unclear for row in _of_state(view, managers)]
    rows += await _of_past(books, moved | unclear, as_of, managers.values())
    rows.sort(key=lambda row: (row.order_number, row.line is None, row.line.number if row.line else 0))
    return await _beside_ledger(books, rows, as_of, managers.values())


async def _managers(books: OpenBooks) -> Mapping[int, PostingManager]:
    latest = await books.uow.posting_managers.latest()
    return await books.uow.posting_managers.get_all(range(1, latest.version + 1)) if latest else {}


def _credited(view: OrderView) -> bool:
    """Whether a credit may have put an accrual back: which one did, only the log tells."""
    lines = view.order.lines.values() if view.order else ()
    return any(line.credited_after_return and line.received > line.invoiced for line in lines)


def _of_state(view: OrderView, managers: Mapping[int, PostingManager]) -> list[Outstanding]:
    order = view.order
    if order is None:
        return []
    manager = managers.get(order.manager_version)
    if manager is None:
        raise NotFound(f"posting manager version {order.manager_version} is gone")
    rows = []
    for number, balances in view.posted.items():
        line = None if number is None else order.lines[number]
        part = None if line is None else accrued_on_one_account(order, line, manager)
        committed, accrued = committed_and_accrued(balances, part)
        if committed or accrued:
            facts = None if line is None else facts_of(line, re_accrued=False)
            rows.append(
                Outstanding(
                    order_number=order.number,
                    supplier=order.supplier,
                    currency=order.currency,
                    line=facts,
                    committed=committed,
                    accrued=accrued,
                )
            )
    return rows


async def _of_past(books: OpenBooks, orders: Collection[str], as_of: date, managers: Collection[PostingManager]) -> list[Outstanding]:
    """Amounts are the ledger's; quantities, terms and dates are what the events up to that day add up to. An order without a
    balance is played again only where one account might hide a commitment behind an accrual."""
    if not orders:
        return []
    posted = await books.uow.accruals.posted(sorted(orders), as_of)
    hidden = any(manager.one_account for manager in managers)
    played = sorted(orders if hidden else {number for number, _ in posted})
    rows = []
    for number in played:
        past = PastOrder(as_of)
        async for step in books.replay.order(number):
            past.take(step)
        if past.order is None:
            continue
        for line_number in (*sorted(past.lines), None):
            sums = posted.get((number, line_number), NOTHING_POSTED)
            committed, accrued = past.split(line_number, sums)
            if committed or accrued:
                rows.append(
                    Outstanding(
                        order_number=number,
                        supplier=past.order.supplier,
                        currency=past.order.currency,
                        line=None if line_number is None else past.lines[line_number].facts(),
                        committed=committed,
                        accrued=accrued,
                    )
                )
    return rows


async def _beside_ledger(
    books: OpenBooks, rows: Sequence[Outstanding], as_of: date, managers: Collection[PostingManager]
) -> OutstandingSheet:
    """One account's role is estimate, whatever of it is GRNI: there the ledger tells the two only together."""
    roles = await books.uow.reports.role_balances(as_of)
    committed, accrued = roles.get(Role.ESTIMATE, 0), roles.get(Role.GRNI, 0)
    if any(manager.one_account for manager in managers):
        both = committed + accrued
        committed, accrued = both - _base(row.accrued for row in rows), both - _base(row.committed for row in rows)
    return OutstandingSheet(rows=rows, ledger_committed=committed, ledger_accrued=accrued)


def _base(parts: Iterable[ByCode]) -> int:
    return sum(amounts.base for part in parts for amounts in part.values())
