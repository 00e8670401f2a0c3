"""How far a tenant's set-up is: what there is, and what each endpoint has come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.application.ports.authorisations import AuthorisationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointProgress:
    """`authorisation` None: it needs none. `asked_at`: when its ERP last answered a test or was asked by night; `chart_read_at`: from when
    the chart of its accounts is, of which there are `chart_accounts`. `has_journals`, `has_sent`: any, ever."""

    name: str
    adapter: str
    environment: str
    delivery: str
    paused: bool
    paused_reason: str | None
    authorisation: AuthorisationStatus | None
    asked_at: datetime | None
    chart_read_at: datetime | None
    chart_accounts: int
    has_journals: bool
    has_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpProgress:
    """`posting_manager` is the version in force, None before the first one."""

    accounts: int
    active_accounts: int
    posting_manager: int | None
    posting_manager_at: datetime | None
    periods: int
    closed_periods: int
    endpoints: Sequence[EndpointProgress]


class SetUpProgressReads(Protocol):
    async def now(self) -> SetUpProgress: ...
