"""Orders: the state of their lines, their balances and transactions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from app.api.account_transactions import Reader
from app.api.operations import Use
from app.api.paging import PageQuery
from app.api.presenters import show_balances, show_order, show_order_summary

router = APIRouter(prefix="/v1/orders", tags=["orders"])


@router.get("")
async def list_orders(
    principal: Reader,
    use: Use,
    page: PageQuery,
    supplier: Annotated[str | None, Query(max_length=100)] = None,
    status: Literal["open", "closed", "cancelled"] | None = None,
) -> JSONResponse:
    """Orders in the order in which they came."""
    found = await use.browse.orders(principal.tenant_id, supplier, status, page.after or 0, page.wanted)
    return JSONResponse(page.answer(found, show_order_summary, lambda order: order.place))


@router.get("/{number:name}")
async def get_order(number: str, principal: Reader, use: Use) -> JSONResponse:
    """An order with its lines, balances and transactions."""
    return JSONResponse(show_order(*await use.browse.order(principal.tenant_id, number)))


@router.get("/{number:name}/balances")
async def get_balances(number: str, principal: Reader, use: Use) -> JSONResponse:
    """What is posted for an order per role, account and charge code; estimate, grni and ap credit positive."""
    view, order, _ = await use.browse.order(principal.tenant_id, number)
    return JSONResponse(show_balances(view, order))
