"""The chart of accounts, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.accounts import Account
from app.domain.posting_manager import ACCOUNT_ROLES, PostingManager


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account, and the roles that the posting manager gives it now."""

    account: Account
    roles: tuple[str, ...]


class BrowseAccounts:
    """By name, those that are not active too: all, or those that have a text in name or code."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, search: str | None, *, after: str | None, limit: int) -> Sequence[AccountRow]:
        async with self._units_of_work(tenant_id) as uow:
            manager = await uow.posting_managers.latest()
            found = await uow.accounts.page(search, after=after, limit=limit)
        return [AccountRow(account=account, roles=roles_of(manager, account.name)) for account in found]


def roles_of(manager: PostingManager | None, name: str) -> tuple[str, ...]:
    """The posting manager's roles that an account of this name has."""
    named = {role: getattr(manager, role) for role in ACCOUNT_ROLES} if manager is not None else {}
    return tuple(role for role, account in named.items() if account is not None and account.name == name)
