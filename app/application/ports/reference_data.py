"""What is known of an ERP itself: its chart of accounts, and its open periods when it was last asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.erp_chart import ErpAccount
from app.domain.local_validation import OpenPeriod


class ChartSource(StrEnum):
    """Whence a chart came: the ERP told it, or somebody loaded it for an ERP that cannot be asked."""

    ERP = "erp"
    LOADED = "loaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartState:
    """`read_at`: when the chart was told or loaded; `asked_at`: when the ERP last answered, None where it never did."""

    read_at: datetime
    source: ChartSource
    accounts: int
    asked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceAnswer:
    """`unknown_codes` and `inactive_codes` are those of the codes asked about that the chart lacks, or has switched off; both empty where
    there is no chart, which `has_accounts` tells. The times are as in `ChartState`."""

    read_at: datetime
    asked_at: datetime | None
    source: ChartSource
    has_accounts: bool
    unknown_codes: frozenset[str]
    inactive_codes: frozenset[str]
    open_periods: tuple[OpenPeriod, ...]


class ReferenceData(Protocol):
    async def told(self, endpoint: str, *, accounts: Sequence[ErpAccount], open_periods: Sequence[OpenPeriod], at: datetime) -> None:
        """What the ERP said, in place of what was known before. An empty list says that it did not tell; then a chart that was loaded
        stays."""
        ...

    async def load(self, endpoint: str, accounts: Sequence[ErpAccount], at: datetime) -> None:
        """A chart from elsewhere, in place of the one before. Each code once."""
        ...

    async def forget(self, endpoint: str) -> None:
        """The endpoint leads to another ERP now."""
        ...

    async def look_up(self, endpoint: str, codes: Collection[str]) -> ReferenceAnswer | None:
        """None where nothing is known."""
        ...

    async def state(self, endpoint: str) -> ChartState | None:
        """None where nothing is known."""
        ...

    async def search(self, endpoint: str, text: str | None, *, after: str | None, limit: int) -> Sequence[ErpAccount]:
        """The chart by code, past `after`: all accounts, or those that have the text in code or name, in capitals or not."""
        ...

    async def charge_codes_in_use(self, limit: int) -> Sequence[str]:
        """Those that open orders and unsent journals will bring, at most so many."""
        ...
