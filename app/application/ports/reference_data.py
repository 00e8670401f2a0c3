"""What an ERP said of itself when its endpoint was last tested: its chart of accounts and its open periods."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.local_validation import OpenPeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceAnswer:
    """`unknown_codes` are those of the codes asked about that the ERP lacks. `has_accounts` is False where it told no chart."""

    read_at: datetime
    has_accounts: bool
    unknown_codes: frozenset[str]
    open_periods: tuple[OpenPeriod, ...]


class ReferenceData(Protocol):
    async def put(self, endpoint: str, *, accounts: Sequence[str], open_periods: Sequence[OpenPeriod], read_at: datetime) -> None:
        """What was read, in place of what was read before. An empty list says that the ERP did not tell."""
        ...

    async def forget(self, endpoint: str) -> None:
        """The endpoint leads to another ERP now."""
        ...

    async def look_up(self, endpoint: str, codes: Collection[str]) -> ReferenceAnswer | None:
        """None where nothing was ever read."""
        ...
