"""The kinds of a debtors ledger's master data: where each is kept, how it is told apart, and what its rows must name."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic

from app.application.ports.debtors import Masters, Row
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.accounts import Account, AccountType
from app.domain.debtors import Debtor, GlInterface, Pair, SalesTerritory, Warehouse, mixed_accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with one of several rows: its position among them, the field, and whether it is an account that is not set up."""

    position: int
    field: str
    message: str
    unknown_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKind(Generic[Row]):
    """`name` for people and, with underscores, for the audit log. `check` finds what is wrong with rows before they are put, or just
    after, in the same unit of work."""

    name: str
    pick: Callable[[UnitOfWork], Masters[Row]]
    check: Callable[[UnitOfWork, Sequence[Row]], Awaitable[list[Finding]]]

    @property
    def command(self) -> str:
        return self.name.replace(" ", "_").lower()


ACCOUNT_FIELDS = ("trade_debtors_account", "invoice_account", "journal_account", "tax_account")


async def _check_records(uow: UnitOfWork, rows: Sequence[GlInterface]) -> list[Finding]:
    """Accounts that are there and active, a control account that is an asset and nothing else anywhere, and a pair of its own."""
    accounts = await uow.accounts.named({name for row in rows for name in row.accounts})
    others = {record.code: record for record in await uow.debtors_ledger.gl_interfaces.every()}
    every = others | {row.code: row for row in rows}
    mixed = mixed_accounts(every.values())
    found = [finding for position, row in enumerate(rows) for finding in _account_findings(position, row, accounts, mixed)]
    owners: dict[Pair, list[str]] = {}
    for record in every.values():
        if record.pair:
            owners.setdefault(record.pair, []).append(record.code)
    return found + [
        Finding(position=position, field="for", message=f"record {other} is for this pair already")
        for position, row in enumerate(rows)
        for other in (owners[row.pair] if row.pair else ())
        if other != row.code
    ]


def _account_findings(position: int, row: GlInterface, accounts: Mapping[str, Account], mixed: frozenset[str]) -> list[Finding]:
    found = []
    for field in ACCOUNT_FIELDS:
        name = getattr(row, field)
        account = accounts.get(name)
        if account is None or not account.active:
            message = f"{name} is not an account, or is not active"
            found.append(Finding(position=position, field=field, message=message, unknown_account=True))
        elif field == "trade_debtors_account" and account.type is not AccountType.ASSET:
            found.append(Finding(position=position, field=field, message=f"{name} is of type {account.type}, asset is needed"))
        elif name in mixed:
            message = f"{name} would be a trade debtors account and another one at once: a control account is the sum of its debtors"
            found.append(Finding(position=position, field=field, message=message))
    return found


async def _check_owners(uow: UnitOfWork, rows: Sequence[Warehouse | SalesTerritory | Debtor]) -> list[Finding]:
    """The GL interface records that rows name."""
    known = await uow.debtors_ledger.gl_interfaces.named({row.gl_interface for row in rows if row.gl_interface is not None})
    return [
        _unknown(position, "gl_interface", row.gl_interface, "GL interface record")
        for position, row in enumerate(rows)
        if row.gl_interface is not None and row.gl_interface not in known
    ]


async def _check_debtors(uow: UnitOfWork, rows: Sequence[Debtor]) -> list[Finding]:
    ledger = uow.debtors_ledger
    territories = await ledger.sales_territories.named({row.sales_territory for row in rows})
    warehouses = await ledger.warehouses.named({row.default_warehouse for row in rows if row.default_warehouse is not None})
    found = await _check_owners(uow, rows)
    for position, row in enumerate(rows):
        if row.sales_territory not in territories:
            found.append(_unknown(position, "sales_territory", row.sales_territory, "sales territory"))
        if row.default_warehouse is not None and row.default_warehouse not in warehouses:
            found.append(_unknown(position, "default_warehouse", row.default_warehouse, "warehouse"))
    return found


def _unknown(position: int, field: str, code: str, what: str) -> Finding:
    return Finding(position=position, field=field, message=f"there is no {what} {code}")


def detail_of(row: Row) -> dict[str, Any]:
    """A row as the audit log keeps it."""
    return asdict(row)


GL_INTERFACE: MasterKind[GlInterface] = MasterKind(
    name="GL interface", pick=lambda uow: uow.debtors_ledger.gl_interfaces, check=_check_records
)
WAREHOUSE: MasterKind[Warehouse] = MasterKind(name="warehouse", pick=lambda uow: uow.debtors_ledger.warehouses, check=_check_owners)
SALES_TERRITORY: MasterKind[SalesTerritory] = MasterKind(
    name="sales territory", pick=lambda uow: uow.debtors_ledger.sales_territories, check=_check_owners
)
DEBTOR: MasterKind[Debtor] = MasterKind(name="debtor", pick=lambda uow: uow.debtors_ledger.debtors, check=_check_debtors)
