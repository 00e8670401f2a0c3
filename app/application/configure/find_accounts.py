"""The chart of accounts, searched and a page at a time; and those of it that somebody may choose."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from app.application.ports.setup import AccountFilter
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.domain.accounts import Account, AccountType


class Purpose(StrEnum):
    """What an account is chosen for: a GL interface record's control account, one of its others, or a line of a debtor transaction."""

    CONTROL = "control"
    OTHER = "other"
    LINE = "line"


class FindAccounts:
    """By name: all accounts, or those that have a text in name or code. For a purpose only those that may be chosen: active ones, a control
    account an asset, and none that is one already for anything else."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(
        self, tenant_id: UUID, search: str | None, *, purpose: Purpose | None = None, after: str | None = None, limit: int
    ) -> Sequence[Account]:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.accounts.page(await _filter(uow, search, purpose), after=after, limit=limit)


async def _filter(uow: UnitOfWork, search: str | None, purpose: Purpose | None) -> AccountFilter:
    if purpose is None:
        return AccountFilter(search=search)
    if purpose is Purpose.CONTROL:
        return AccountFilter(search=search, active_only=True, type=AccountType.ASSET)
    return AccountFilter(search=search, active_only=True, besides=frozenset(await uow.debtors_ledger.gl_interfaces.controls()))
