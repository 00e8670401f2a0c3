"""Accounts that somebody may choose."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.accounts import Account, AccountType


class Purpose(StrEnum):
    """What an account is chosen for: a GL interface record's control account, one of its others, or a line of a debtor transaction."""

    CONTROL = "control"
    OTHER = "other"
    LINE = "line"


class FindAccounts:
    """The first few active accounts that have a text in their name or code, and that may be chosen: a control account is an asset, and
    none that is one already may be chosen for a line."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, search: str, purpose: Purpose, limit: int) -> Sequence[Account]:
        async with self._units_of_work(tenant_id) as uow:
            besides = frozenset() if purpose is Purpose.CONTROL else await uow.debtors_ledger.gl_interfaces.controls()
            wanted = AccountType.ASSET if purpose is Purpose.CONTROL else None
            return await uow.accounts.matching(search, account_type=wanted, besides=besides, limit=limit)
