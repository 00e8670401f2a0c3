"""Orders: looking for one, and the life of it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.application.find_orders import FoundOrder
from app.application.operations import Operations
from app.application.people.resume_session import SignedIn
from app.application.ports.order_lists import OrderSearch
from app.application.read_order import OrderLife
from app.domain.transaction import Role
from app.web.formats import axis, day, segment
from app.web.paging import ROWS, Paged, paged, paged_by, place
from app.web.parts import PREFIX, Use
from app.web.render import page
from app.web.session import Viewer
from app.web.step_chart import StepChart

router = APIRouter()

STATUSES = ("open", "closed", "cancelled")
SERIES = (Role.ESTIMATE, Role.GRNI, Role.AP)
WIDTHS = (1160, 350)
"""Of the chart on a wide screen and on a phone, so that its text is as large on both."""
Cursor = Annotated[str | None, Query(max_length=500)]
Filter = Annotated[str, Query(max_length=100)]


@router.get("/orders")
async def find_orders(
    request: Request,
    person: Viewer,
    use: Use,
    number: Filter = "",
    supplier: Filter = "",
    status: Filter = "",
    cursor: Cursor = None,
) -> Response:
    """By the beginning of the number; one that is alone and named in full is opened at once."""
    wanted = OrderSearch(begins=number.strip() or None, supplier=supplier.strip() or None, status=status if status in STATUSES else None)
    orders = await _found(request, use, person, wanted, cursor)
    if len(orders.rows) == 1 and orders.rows[0].order.number.lower() == number.strip().lower():
        return RedirectResponse(f"{PREFIX}/orders/{segment(orders.rows[0].order.number)}", status_code=303)
    return page(request, "orders.html", wanted=wanted, orders=orders, statuses=STATUSES, series=SERIES)


@router.get("/orders/{number:name}")
async def order_page(request: Request, number: str, person: Viewer, use: Use, cursor: Cursor = None) -> Response:
    """From what was ordered to what is owed for it."""
    life = await use.read_order(person.tenant_id, number, after_place=place(cursor) or 0, limit=ROWS + 1)
    return page(
        request,
        "order.html",
        life=life,
        order=life.order,
        series=SERIES,
        charts=_charts(life),
        transactions=paged(request, life.transactions, lambda posted: posted.place, ROWS),
    )


async def _found(request: Request, use: Operations, person: SignedIn, wanted: OrderSearch, cursor: str | None) -> Paged[FoundOrder]:
    if wanted.begins:
        found: Sequence[FoundOrder] = await use.find_orders.by_number(person.tenant_id, wanted, after=cursor, limit=ROWS + 1)
        return paged_by(request, found, lambda each: each.order.number, ROWS)
    found = await use.find_orders.newest(person.tenant_id, wanted, before_place=place(cursor), limit=ROWS + 1)
    return paged(request, found, lambda each: each.order.place, ROWS)


def _charts(life: OrderLife) -> list[StepChart]:
    """The same for each width; none where nothing was posted."""
    if not life.days:
        return []
    days = [each.day for each in life.days]
    values = [[each.balances[role].document if role in each.balances else 0 for role in SERIES] for each in life.days]
    amount = partial(axis, currency=life.order.currency)
    return [StepChart(days, values, life.today, width=width, amount=amount, day=day) for width in WIDTHS]
