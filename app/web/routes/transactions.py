"""A transaction: its lines, and where each amount came from."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, parse_id
from app.web.parts import Use
from app.web.render import page
from app.web.session import Viewer

router = APIRouter()


@router.get("/transactions/{transaction_id}")
async def transaction_page(request: Request, transaction_id: str, person: Viewer, use: Use) -> Response:
    """Pages that list transactions take the explanation out of this one."""
    found = await use.explain_transaction(person.tenant_id, parse_id(Kind.TRANSACTION, transaction_id))
    transaction = found.posted.transaction
    return page(
        request,
        "transaction.html",
        posted=found.posted,
        transaction=transaction,
        lines=found.lines,
        total=sum(line.amount for line in transaction.lines if line.side == "debit"),
        base_total=sum(line.base_amount for line in transaction.lines if line.side == "debit"),
    )
