"""Account transactions out."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from app.api.explain_presenter import show_explanation
from app.api.ids import Kind, parse_id
from app.api.operations import Use
from app.api.paging import PageQuery
from app.api.presenters import show_transaction
from app.api.security import Principal, require
from app.application.ports.setup import Scope
from app.application.ports.transactions import TransactionFilter
from app.domain.transaction import Role

router = APIRouter(prefix="/v1/account-transactions", tags=["account transactions"])

Reader = Annotated[Principal, require(Scope.TRANSACTIONS_READ, Scope.REPORTS_READ, Scope.JOURNALS_OPERATE, Scope.EVENTS_WRITE)]
NameQuery = Annotated[str | None, Query(max_length=100)]


@router.get("")
async def list_transactions(
    principal: Reader,
    use: Use,
    page: PageQuery,
    order_number: NameQuery = None,
    account: NameQuery = None,
    account_code: NameQuery = None,
    charge_code: NameQuery = None,
    role: Role | None = None,
    event_type: NameQuery = None,
    debtor: NameQuery = None,
    date_from: Annotated[date | None, Query(alias="from")] = None,
    date_to: Annotated[date | None, Query(alias="to")] = None,
) -> JSONResponse:
    """In commit order; a cursor never passes what is still being written. With `order_number` all that was posted is there at once."""
    wanted = TransactionFilter(
        order_number=order_number,
        account=account,
        account_code=account_code,
        charge_code=charge_code,
        role=role,
        event_type=event_type,
        debtor=debtor,
        date_from=date_from,
        date_to=date_to,
    )
    found = await use.browse.transactions(principal.tenant_id, wanted, page.after or 0, page.wanted)
    return JSONResponse(page.answer(found, show_transaction, lambda posted: posted.place))


@router.get("/{transaction_id}")
async def get_transaction(transaction_id: str, principal: Reader, use: Use) -> JSONResponse:
    """One transaction, with the journals it went into."""
    found = await use.browse.transaction(principal.tenant_id, parse_id(Kind.TRANSACTION, transaction_id))
    return JSONResponse(show_transaction(found))


@router.get("/{transaction_id}/explain")
async def explain_transaction(transaction_id: str, principal: Reader, use: Use) -> JSONResponse:
    """For each amount the quantities, prices, shares and rates it came from, in words and numbers: the balance before and after its
    event, what it was made of, and why. Signed amounts are credit positive. What is told adds up to what is posted, to the cent."""
    found = await use.explain_transaction(principal.tenant_id, parse_id(Kind.TRANSACTION, transaction_id))
    return JSONResponse(show_explanation(found))
