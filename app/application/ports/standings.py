"""How delivery stands for one tenant at this moment, endpoint by endpoint, for the people who look after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.journal import JournalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStanding:
    """`open_until`: the breaker makes no call before, None where it lets calls through. `due` lanes could be worked on now, `waiting`
    ones later. `unsent` counts journals by status, `oldest_unsent_at` is when the oldest of them was made."""

    endpoint: str
    adapter: str
    environment: str
    delivery: str
    release: str
    paused: bool
    paused_reason: str | None
    failures: int
    open_until: datetime | None
    due: int
    waiting: int
    unsent: Mapping[JournalStatus, int]
    oldest_unsent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentInHour:
    """Journals of an endpoint that were sent within the hour that begins at `hour`."""

    endpoint: str
    hour: datetime
    journals: int


class Standings(Protocol):
    async def now(self, moment: datetime) -> Sequence[EndpointStanding]:
        """By endpoint."""
        ...

    async def sent_since(self, moment: datetime) -> Sequence[SentInHour]:
        """Hours in which nothing was sent are left out."""
        ...
