"""When ERPs are asked for their charts again, and which worker asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PullState:
    """`problem` and `failed_at`: why and when it failed last, None once it worked; `failures` in a row."""

    next_at: datetime
    failures: int
    failed_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """An endpoint whose ERP can be asked, and for which no time is set yet."""

    tenant_id: UUID
    endpoint: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An ERP that this worker is to ask now. A word said under an older `fence` is void."""

    tenant_id: UUID
    endpoint: str
    time_zone: str
    fence: int
    failures: int


class ChartPulls(Protocol):
    """Inside a unit of work."""

    async def plan(self, endpoint: str, next_at: datetime) -> None:
        """Sets the first time; nothing where there is one."""
        ...

    async def settle(self, pull: Pull, state: PullState) -> None:
        """Ends the claim. Nothing where somebody else has it by now."""
        ...

    async def state(self, endpoint: str) -> PullState | None: ...


class PullClaims(Protocol):
    """Crosses tenants. Outside any unit of work."""

    async def unplanned(self, limit: int) -> Sequence[Unplanned]: ...

    async def claim(self, now: datetime, until: datetime) -> Pull | None:
        """The one that is longest due, until then; None where none is. Never one that is paused."""
        ...
