"""The debtors ledger: its master data, the numbers that were used, and its balances."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from app.domain.debtors import Debtor, Dissection, GlInterface, Master, Pair, SalesTerritory, Warehouse
from app.domain.events import DebtorKind
from app.domain.money import Currency

Row = TypeVar("Row", bound=Master)


class Masters(Protocol[Row]):
    """One kind of master data, by code."""

    async def named(self, codes: Collection[str], *, keep: bool = False) -> Mapping[str, Row]:
        """Those that are there. `keep`: nobody deletes them until this unit of work ends."""
        ...

    async def lock(self, code: str) -> None:
        """Waits until nobody keeps it, and lets nobody until this unit of work ends."""
        ...

    async def page(self, search: str | None, *, after: str | None, limit: int) -> Sequence[Row]:
        """By code; `search` is looked for in code and name."""
        ...

    async def put(self, rows: Sequence[Row]) -> None:
        """Adds them, or replaces those of the same code."""
        ...

    async def delete(self, code: str) -> None: ...

    async def is_in_use(self, code: str) -> bool:
        """Whether other master data name it, or a transaction carries it."""
        ...


class GlInterfaces(Masters[GlInterface], Protocol):
    async def for_pair(self, pair: Pair) -> GlInterface | None: ...

    async def controls(self) -> frozenset[str]:
        """The trade debtors control accounts of all records."""
        ...

    async def every(self) -> Sequence[GlInterface]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorDocument:
    """A number that was used, once per kind. `reversed_by`: the event that took it back."""

    kind: DebtorKind
    number: str
    event_id: UUID
    debtor: str
    warehouse: str | None
    sales_territory: str
    gl_interfaces: tuple[str, ...]
    reversed_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorFilter:
    """What a list of debtor transactions is narrowed to; None = not narrowed. Days are document dates, both included; the number is
    one in full."""

    debtor: str | None = None
    kind: DebtorKind | None = None
    number: str | None = None
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDebtorTransaction:
    """A debtor transaction in a list. `total` is with tax, in minor units of its currency, and `place` where it stands in the list."""

    transaction_id: UUID
    place: int
    kind: DebtorKind
    number: str
    debtor: str
    debtor_name: str
    document_date: date
    accounting_date: date
    currency: Currency
    total: int
    reversed: bool


class BalanceBy(StrEnum):
    """What debtors' balances are summed by."""

    DEBTOR = "debtor"
    WAREHOUSE = "warehouse"
    SALES_TERRITORY = "sales_territory"
    CONTROL_ACCOUNT = "control_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorSum:
    """The debtors' side on one control account, in base minor units. `code` None: transactions without a warehouse."""

    code: str | None
    name: str | None
    account: str
    account_code: str
    debit: int
    credit: int


class DebtorDocuments(Protocol):
    async def claim(self, document: DebtorDocument) -> None:
        """Raises `DebtorTransactionExists` where the number was used for this kind."""
        ...

    async def get(self, kind: str, number: str) -> DebtorDocument | None: ...

    async def used(self, numbers: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Those of these kinds and numbers that were used."""
        ...

    async def reverse(self, kind: str, number: str, event_id: UUID) -> None: ...

    async def page(self, wanted: DebtorFilter, *, before: int | None, limit: int) -> Sequence[ListedDebtorTransaction]:
        """The last posted first, from below a place."""
        ...

    async def balances(self, as_of: date, by: BalanceBy) -> Sequence[DebtorSum]:
        """Up to a day by accounting date; what is not zero on both sides."""
        ...


class DebtorsLedger(Protocol):
    @property
    def gl_interfaces(self) -> GlInterfaces: ...
    @property
    def warehouses(self) -> Masters[Warehouse]: ...
    @property
    def sales_territories(self) -> Masters[SalesTerritory]: ...
    @property
    def debtors(self) -> Masters[Debtor]: ...
    @property
    def documents(self) -> DebtorDocuments: ...

    async def dissection(self) -> Dissection | None:
        """None where it was never set."""
        ...

    async def set_dissection(self, dissection: Dissection) -> None: ...
