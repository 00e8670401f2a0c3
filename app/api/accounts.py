"""The chart of accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import StrictBool

from app.api.configuration import Setup
from app.api.json_body import JsonBody
from app.api.masters import Chooser
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.events_in.values import Name, Strict
from app.domain.accounts import Account, AccountType

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])


class AccountBody(Strict):
    """`account_code` is what the General Ledger knows the account by."""

    account_code: Name
    type: AccountType
    active: StrictBool = True


class AccountAnswer(Answer):
    name: str
    account_code: str
    type: AccountType
    active: bool


class AccountList(Answer):
    items: list[AccountAnswer]
    next_cursor: str | None = None


@router.get("")
async def list_accounts(principal: Chooser, setup: Setup) -> AccountList:
    """All accounts by name, those that are not active too: what is chosen from with option gl_dissect."""
    return AccountList(items=[_show(account) for account in await setup.list_accounts(principal.tenant_id)])


@router.get("/{name:name}")
async def get_account(name: NamePath, principal: Chooser, setup: Setup) -> AccountAnswer:
    """An account by its name."""
    return _show(await setup.get_account(principal.tenant_id, name))


@router.put("/{name:name}", responses={201: {"model": AccountAnswer, "description": "It is new"}, **may_fail(409)})
async def put_account(
    name: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[AccountBody, Depends(JsonBody(AccountBody))],
    response: Response,
) -> AccountAnswer:
    """Sets an account up, or changes it.

    Where the posting manager names it and its code or type changes, a new version of the posting manager is made with it: orders
    from now on post to the new code. An account that the posting manager names can neither be switched off nor given a type that
    does not fit its role: 409.
    """
    account = Account(name=name, code=body.account_code, type=body.type, active=body.active)
    if await setup.put_account(principal.tenant_id, principal.key_name, account):
        response.status_code = 201
    return _show(account)


@router.delete("/{name:name}", status_code=204, responses=may_fail(409))
async def delete_account(name: NamePath, principal: Configurer, setup: Setup) -> None:
    """Takes an account off the chart that nothing names: no version of the posting manager, and no posted line; else 409."""
    await setup.delete_account(principal.tenant_id, principal.key_name, name)


def _show(account: Account) -> AccountAnswer:
    return AccountAnswer(name=account.name, account_code=account.code, type=account.type, active=account.active)
