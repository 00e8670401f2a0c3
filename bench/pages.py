"""What is read page by page: by accountants in the browser, by programs from the API, and by an ERP that polls."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import partial

from app.application.ports.events import EventStatus
from app.application.ports.order_lists import OrderSearch
from app.application.ports.reports import LedgerKey, Narrowing, Selector
from app.application.ports.transactions import TransactionFilter
from app.application.reports.open_lines import OpenFilter
from app.domain.transaction import Role, Subject
from bench.history import FIRST
from tests.world import World

Page = Callable[[], Awaitable[object]]

ROWS = 51
AT_A_TIME, LEASE_SECONDS = 10, 60
FROM, TO = date(2026, 11, 1), date(2026, 11, 30)


def pages(world: World) -> Mapping[str, Page]:
    use, tenant = world.operations, world.tenant_id
    find, ledger = use.find_orders, partial(use.reports.ledger, tenant, date_to=None, limit=ROWS)
    ap, done = Selector(kind="account_code", value="2000"), Narrowing(subject=Subject(type="order", number=FIRST))
    month, middle = date(2026, 10, 1), LedgerKey(date(2025, 6, 1), 0, 0)
    newest, by_number = partial(find.newest, tenant, before_place=None, limit=ROWS), partial(find.by_number, tenant, after=None, limit=ROWS)
    return {
        "newest orders": partial(newest, OrderSearch()),
        "orders of a supplier": partial(newest, OrderSearch(supplier="S7")),
        "orders by number": partial(by_number, OrderSearch(begins="po-9")),
        "an order": partial(use.read_order, tenant, FIRST, after_place=0, limit=ROWS),
        "balances": partial(use.reports.trial_balance, tenant, None),
        "AP from its beginning": partial(ledger, ap, date_from=None, after=None),
        "AP, last month": partial(ledger, ap, date_from=month, after=None),
        "AP, a page in the middle": partial(ledger, ap, date_from=None, after=middle),
        "AP of an order": partial(ledger, ap, done, date_from=None, after=None),
        "a charge code's account": partial(ledger, Selector(kind="account_code", value="E7"), date_from=None, after=None),
        "AP of a charge code": partial(ledger, ap, Narrowing(charge_code="E7"), date_from=None, after=None),
        "an account with one line": partial(ledger, Selector(kind="account_code", value="4000"), date_from=None, after=None),
        "GRNI": partial(use.reports.grni, tenant, None, OpenFilter()),
        "commitments": partial(use.reports.commitments, tenant, None, OpenFilter()),
        "the next poll": partial(poll, world),
    }


def lists(world: World, middle: int) -> Mapping[str, Page]:
    """What programs read, page by page: `middle` is a place amid the history."""
    browse, tenant = world.operations.browse, world.tenant_id
    transactions = partial(browse.transactions, tenant, limit=ROWS)
    orders = partial(browse.orders, tenant, limit=ROWS)
    events = partial(browse.events, tenant, after_place=0, limit=ROWS)
    journals = partial(browse.journals, tenant, limit=ROWS, date_from=FROM, date_to=TO)
    return {
        "transactions": partial(transactions, TransactionFilter(), after_place=0),
        "transactions, from the middle": partial(transactions, TransactionFilter(), after_place=middle),
        "transactions of November": partial(transactions, TransactionFilter(date_from=FROM, date_to=TO), after_place=0),
        "transactions of an order": partial(transactions, TransactionFilter(order_number=FIRST), after_place=0),
        "transactions with a charge code": partial(transactions, TransactionFilter(charge_code="E7"), after_place=0),
        "transactions with an account of one line": partial(transactions, TransactionFilter(account_code="4000"), after_place=0),
        "transactions of a rare type": partial(transactions, TransactionFilter(event_type="entry.recorded"), after_place=0),
        "transactions with a role": partial(transactions, TransactionFilter(role=Role.GRNI), after_place=0),
        "orders": partial(orders, None, None, 0),
        "orders from the middle": partial(orders, None, None, middle),
        "orders of a supplier, oldest first": partial(orders, "ACME", None, 0),
        "orders that are closed": partial(orders, None, "closed", 0),
        "events": partial(events, status=None, event_type=None, order_number=None),
        "events of an order": partial(events, status=None, event_type=None, order_number="PO-7"),
        "events that are parked": partial(events, status=EventStatus.PARKED, event_type=None, order_number=None),
        "events of a rare type": partial(events, status=None, event_type="entry.recorded", order_number=None),
        "journals of November": partial(journals, endpoint=None, status=None, after_place=0),
        "journals of November not sent": partial(journals, endpoint="erp", status="queued", after_place=0),
    }


async def poll(world: World) -> None:
    """Ten journals for an ERP that polls; their leases have run out when it asks again."""
    found = await world.operations.poll_requests(world.tenant_id, "erp", limit=AT_A_TIME, lease_seconds=LEASE_SECONDS, actor="bench")
    if len(found) != AT_A_TIME:
        raise AssertionError("there is more to fetch than that")
    world.clock.forward(seconds=LEASE_SECONDS + 1)
