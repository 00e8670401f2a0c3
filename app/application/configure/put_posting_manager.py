"""The posting manager."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.posting_manager import PostingManager, posting_manager


class PutPostingManager:
    """Sets which account each role posts to, and the policies, as a new version.

    The same content again makes no version. Orders stay on the version that was in force when they were created.
    """

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, document: Mapping[str, Any]) -> tuple[PostingManager, bool]:
        """The version in force, and True where there was none before. Raises `UnknownAccount`, or `Invalid` for an unfit type."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            latest = await uow.posting_managers.latest()
            accounts = {account.name: account for account in await uow.accounts.list()}
            wanted = posting_manager(document, accounts, version=1 if latest is None else latest.version + 1)
            if latest is not None and replace(wanted, version=latest.version) == latest:
                wanted = latest
            else:
                await uow.posting_managers.add(wanted)
            await uow.audit.write(actor, "posting_manager.put", str(wanted.version), {"document": dict(document)})
            await uow.commit()
        return wanted, latest is None
