"""An account of the chart."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.application.configure.there_already import there_already
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.accounts import Account, AccountType
from app.domain.debtors import GlInterface
from app.domain.errors import Fault, InUse, Invalid
from app.domain.posting_manager import ACCOUNT_ROLES, PostingManager


class PutAccount:
    """Sets an account up, or changes it.

    Where the posting manager names it and its code or type changes, a new version of the posting manager is made with it: orders
    from now on post to the new code, and those that exist stay on the old one until they are reposted. An account that the
    posting manager or a GL interface record names can neither be switched off nor given a type that does not fit its role there.
    """

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, account: Account, *, add: bool = False) -> bool:
        """True where it was not there before. Raises `InUse`, or `Conflict` where it is to be added and is there already."""
        detail: dict[str, Any] = {"account_code": account.code, "type": str(account.type), "active": account.active}
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            if add and await uow.accounts.get(account.name) is not None:
                raise there_already("account", account.name)
            latest = await uow.posting_managers.latest()
            renewed = None if latest is None else with_account(latest, account)
            check_records(account, await uow.debtors_ledger.gl_interfaces.every())
            new = await uow.accounts.put(account)
            if renewed is not None:
                await uow.posting_managers.add(renewed)
                detail["posting_manager_version"] = renewed.version
            await uow.audit.write(actor, "account.put", account.name, detail)
            await uow.commit()
        return new


def check_records(account: Account, records: Iterable[GlInterface]) -> None:
    """`InUse` where a GL interface record names the account and it would not do any more."""
    for record in records:
        if not account.active and account.name in record.accounts:
            raise InUse(f"GL interface record {record.code} names {account.name}: name another account there first")
        if account.name == record.trade_debtors_account and account.type is not AccountType.ASSET:
            fault = Fault(pointer="/type", message=f"{account.type} does not fit trade_debtors_account")
            raise InUse(f"GL interface record {record.code} names {account.name}: name another account there first", fault)


def with_account(manager: PostingManager, account: Account) -> PostingManager | None:
    """The version after `manager` with this account as it is now; None where that changes nothing. Raises `InUse`."""
    named = {role: present for role in ACCOUNT_ROLES if (present := getattr(manager, role)) is not None and present.name == account.name}
    if all(present == account for present in named.values()):
        return None
    roles = ", ".join(named)
    if not account.active:
        raise InUse(f"the posting manager names {account.name} as {roles}: name another account there first")
    changes: dict[str, Any] = dict.fromkeys(named, account)
    try:
        return replace(manager, version=manager.version + 1, **changes)
    except Invalid as error:
        fault = Fault(pointer="/type", message=f"{account.type} does not fit {roles}")
        raise InUse(f"the posting manager names {account.name} as {roles}: name another account there first", fault) from error
