"""The posting manager."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from app.api.configuration import Setup
from app.api.json_body import JsonBody
from app.api.parameters import Answer
from app.api.security import Configurer
from app.application.events_in.values import Name, Strict
from app.domain.accounts import Account
from app.domain.posting_manager import (
    ACCOUNT_ROLES,
    ClosedPeriod,
    CreditReopens,
    GrniBalance,
    PostingManager,
    SpreadBasis,
)

router = APIRouter(prefix="/v1/posting-manager", tags=["posting manager"])

MOST_CUTOFF_DAYS = 366


class PostingManagerBody(Strict):
    """Accounts by name; null switches a role off. Estimate, GRNI and AP are liabilities, shipping is an expense."""

    estimate_account: Name | None = None
    grni_account: Name | None = None
    ap_account: Name | None = None
    shipping_account: Name | None = None
    tax_account: Name | None = None
    price_variance_account: Name | None = None
    exchange_difference_account: Name | None = None
    commitment_offset_account: Name | None = None
    charge_spread_basis: SpreadBasis = SpreadBasis.VALUE
    grni_balance: GrniBalance = GrniBalance.NON_NEGATIVE
    credit_reopens: CreditReopens = CreditReopens.ALWAYS
    closed_period: ClosedPeriod = ClosedPeriod.NEXT_OPEN
    cutoff_days: Annotated[int, Field(ge=0, le=MOST_CUTOFF_DAYS, strict=True)] = 0


class PostingManagerAnswer(Answer):
    """`account_codes` are the codes that this version posts to, by account name."""

    version: int
    estimate_account: str | None
    grni_account: str | None
    ap_account: str | None
    shipping_account: str | None
    tax_account: str | None
    price_variance_account: str | None
    exchange_difference_account: str | None
    commitment_offset_account: str | None
    charge_spread_basis: SpreadBasis
    grni_balance: GrniBalance
    credit_reopens: CreditReopens
    closed_period: ClosedPeriod
    cutoff_days: int
    account_codes: dict[str, str]


@router.get("")
async def get_posting_manager(principal: Configurer, setup: Setup) -> PostingManagerAnswer:
    """The version in force."""
    return _show(await setup.get_posting_manager(principal.tenant_id))


@router.put("", responses={201: {"model": PostingManagerAnswer, "description": "It is the first one"}})
async def put_posting_manager(
    principal: Configurer,
    setup: Setup,
    body: Annotated[PostingManagerBody, Depends(JsonBody(PostingManagerBody))],
    response: Response,
) -> PostingManagerAnswer:
    """Sets which account each role posts to, and the policies, as a new version; the same content again makes none.

    Orders stay on the version that was in force when they were created.
    """
    manager, first = await setup.put_posting_manager(principal.tenant_id, principal.key_name, body.model_dump(mode="json"))
    if first:
        response.status_code = 201
    return _show(manager)


def _show(manager: PostingManager) -> PostingManagerAnswer:
    accounts: dict[str, Account | None] = {role: getattr(manager, role) for role in ACCOUNT_ROLES}
    return PostingManagerAnswer(
        version=manager.version,
        charge_spread_basis=manager.charge_spread_basis,
        grni_balance=manager.grni_balance,
        credit_reopens=manager.credit_reopens,
        closed_period=manager.closed_period,
        cutoff_days=manager.cutoff_days,
        account_codes={account.name: account.code for account in accounts.values() if account is not None},
        **{role: account and account.name for role, account in accounts.items()},
    )
