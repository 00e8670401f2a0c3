"""Lists that people choose from by typing: the first few that match, filtered here and not in the browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.application.configure import Configure
from app.application.configure.find_accounts import Purpose
from app.application.configure.master_kinds import DEBTOR, GL_INTERFACE, SALES_TERRITORY, WAREHOUSE, MasterKind
from app.domain.errors import NotFound

MOST = 50
LONGEST_SEARCH = 100

MASTERS: Mapping[str, MasterKind[Any]] = {
    "debtors": DEBTOR,
    "gl-interfaces": GL_INTERFACE,
    "warehouses": WAREHOUSE,
    "sales-territories": SALES_TERRITORY,
}
ACCOUNTS: Mapping[str, Purpose] = {
    "control-accounts": Purpose.CONTROL,
    "accounts": Purpose.OTHER,
    "line-accounts": Purpose.LINE,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what goes into the field, `label` what people know it by."""

    value: str
    label: str


async def choices(setup: Configure, tenant_id: UUID, what: str, search: str = "") -> Sequence[Choice]:
    """At most `MOST`, by code or name. Raises `NotFound` where there is no such list."""
    wanted = search[:LONGEST_SEARCH].replace("\x00", "")
    if what in ACCOUNTS:
        accounts = await setup.find_accounts(tenant_id, wanted, purpose=ACCOUNTS[what], limit=MOST)
        return [Choice(account.name, account.code) for account in accounts]
    if what not in MASTERS:
        raise NotFound(f"there is no list of {what}")
    rows = await setup.browse_masters.page(tenant_id, MASTERS[what], wanted or None, after=None, limit=MOST)
    return [Choice(row.code, row.description if what == "gl-interfaces" else row.name) for row in rows]


async def lists(setup: Configure, tenant_id: UUID, *wanted: str) -> Mapping[str, Sequence[Choice]]:
    """The beginnings of these lists, for a page to come with."""
    return {what: await choices(setup, tenant_id, what) for what in wanted}
