"""Accounts: the chart that postings name, a page at a time; add, change, deactivate, delete."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.accounts import AccountBody
from app.api.errors import status_of
from app.api.json_body import shaped
from app.api.masters import decode_code, encode_code
from app.application.configure import Configure
from app.application.events_in.values import Name
from app.domain.accounts import Account, AccountType
from app.domain.errors import DomainError, NotFound
from app.domain.posting_manager import PostingManager, roles_of
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.formats import segment
from app.web.forms import Form
from app.web.paging import ROWS, paged_by
from app.web.parts import PREFIX, Setup
from app.web.render import page
from app.web.session import Acting, SetUp, Viewer

router = APIRouter(prefix="/set-up")

LIST = f"{PREFIX}/set-up/accounts"
NEW = f"{PREFIX}/set-up/new-account"
TYPES = tuple((str(each), str(each).capitalize()) for each in AccountType)
WRONG = "the account is not complete"


class NamedAccount(AccountBody):
    """What the form gives."""

    name: Name


@router.get("/accounts")
async def accounts_page(
    request: Request,
    person: Viewer,
    setup: Setup,
    search: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    wanted, after = search.strip(), decode_code(cursor) if cursor else None
    found = await setup.find_accounts(person.tenant_id, wanted or None, after=after, limit=ROWS + 1)
    accounts = paged_by(request, found, lambda account: encode_code(account.name))
    manager = await _manager(person.tenant_id, setup)
    roles = {account.name: roles_of(manager, account.name) for account in accounts.rows}
    return page(request, "set_up/accounts.html", search=wanted, accounts=accounts, roles=roles)


@router.get("/new-account")
async def new_account_page(request: Request, _: Viewer) -> Response:
    return _page(request, Filled(values={"name": "", "account_code": "", "type": "expense", "active": "yes"}), name=None)


@router.post("/new-account")
async def add_account(request: Request, acting: SetUp, setup: Setup) -> Response:
    """Added, and not written over one of the same name."""
    values = _values(acting.form) | {"name": acting.form.text("name")}
    try:
        account = _account(values)
        await setup.put_account(acting.person.tenant_id, acting.name, account, add=True)
    except DomainError as error:
        return _page(request, refused(values, error), name=None, status=status_of(type(error)))
    return await _done(request, acting, f"The account {account.name} is set up.")


@router.get("/accounts/{name:name}")
async def account_page(request: Request, name: str, person: Viewer, setup: Setup) -> Response:
    account = await setup.get_account(person.tenant_id, name)
    values = {"account_code": account.code, "type": str(account.type), "active": "yes" if account.active else ""}
    return _page(request, Filled(values=values), name=name, roles=await _roles(person.tenant_id, setup, name))


@router.post("/accounts/{name:name}")
async def change_account(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """Its code, its type, and whether anything may be posted to it from now on."""
    values, tenant_id = _values(acting.form), acting.person.tenant_id
    await setup.get_account(tenant_id, name)
    try:
        await setup.put_account(tenant_id, acting.name, _account(values | {"name": name}))
    except DomainError as error:
        roles = await _roles(tenant_id, setup, name)
        return _page(request, refused(values, error), name=name, roles=roles, status=status_of(type(error)))
    return await _done(request, acting, f"The account {name} is changed.")


@router.post("/accounts/{name:name}/delete")
async def delete_account(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    """Only one that nothing ever named."""
    await setup.delete_account(acting.person.tenant_id, acting.name, name)
    return await _done(request, acting, f"The account {name} is deleted.")


async def _roles(tenant_id: UUID, setup: Configure, name: str) -> tuple[str, ...]:
    return roles_of(await _manager(tenant_id, setup), name)


async def _manager(tenant_id: UUID, setup: Configure) -> PostingManager | None:
    try:
        return await setup.get_posting_manager(tenant_id)
    except NotFound:
        return None


def _values(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in ("account_code", "type", "active")}


def _account(values: dict[str, str]) -> Account:
    """Raises `Invalid`. A box that is not ticked gives nothing."""
    body = shaped(NamedAccount, {**values, "active": values["active"] == "yes"}, WRONG)
    return Account(name=body.name, code=body.account_code, type=body.type, active=body.active)


async def _done(request: Request, acting: Acting, text: str) -> Response:
    return await told(request, acting, text, to=LIST)


def _page(request: Request, form: Filled, *, name: str | None, roles: tuple[str, ...] = (), status: int = 200) -> Response:
    action = NEW if name is None else f"{LIST}/{segment(name)}"
    return page(request, "set_up/account.html", status=status, form=form, name=name, action=action, roles=roles, types=TYPES)
