"""The master data of a debtors ledger: GL interface records, and who and what names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import Fault, Invalid

STANDARD = "TOTAL"
"""The code of the standard record."""


class Option(StrEnum):
    """How a tenant's debtor transactions reach the General Ledger."""

    TOTAL = "total"
    COMBINATION = "combination"
    DISSECT = "dissect"
    GL_DISSECT = "gl_dissect"


class WarehouseKey(StrEnum):
    NONE = "none"
    WAREHOUSE = "warehouse"


class DebtorsKey(StrEnum):
    NONE = "none"
    DEBTOR = "debtor"
    SALES_TERRITORY = "sales_territory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissection:
    """The tenant's option. Keys go with a combination alone; where nothing was set, everything goes to the standard record."""

    option: Option = Option.TOTAL
    warehouse_key: WarehouseKey = WarehouseKey.NONE
    debtors_key: DebtorsKey = DebtorsKey.NONE

    def __post_init__(self) -> None:
        if self.option is Option.COMBINATION:
            return
        faults = [
            Fault(pointer=f"/{name}", message=f"must be none: option {self.option} has no keys")
            for name in ("warehouse_key", "debtors_key")
            if getattr(self, name) != "none"
        ]
        if faults:
            raise Invalid("keys go with option combination only", *faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What a record may be defined for: a warehouse together with a debtor or a sales territory, whichever is the debtors key."""

    warehouse: str
    debtors: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlInterface:
    """A GL interface record: which account takes which part, by account name."""

    code: str
    description: str
    trade_debtors_account: str
    invoice_account: str
    journal_account: str
    tax_account: str
    pair: Pair | None = None

    @property
    def contra_accounts(self) -> frozenset[str]:
        """All but the control account."""
        return frozenset({self.invoice_account, self.journal_account, self.tax_account})

    @property
    def accounts(self) -> frozenset[str]:
        return self.contra_accounts | {self.trade_debtors_account}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """`gl_interface` None: its record is not set, which matters only where the warehouse is a key."""

    code: str
    name: str
    gl_interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesTerritory:
    code: str
    name: str
    gl_interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """`default_warehouse` is taken where a transaction names none."""

    code: str
    name: str
    sales_territory: str
    gl_interface: str | None = None
    default_warehouse: str | None = None


Master = GlInterface | Warehouse | SalesTerritory | Debtor


def mixed_accounts(records: Iterable[GlInterface]) -> frozenset[str]:
    """Accounts that are the trade debtors control of one record and something else in another, or in the same one. A control account
    must be posted to from the debtors' side alone, or it is no longer the sum of its debtors."""
    every = tuple(records)
    controls = {record.trade_debtors_account for record in every}
    return frozenset(name for record in every for name in record.contra_accounts if name in controls)
