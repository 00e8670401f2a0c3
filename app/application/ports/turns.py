"""What the lanes of one endpoint do between two calls, many lanes at once: each method is one round trip, however many there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.application.ports.delivery import Attempt, DeliveryRow, Lane
from app.application.ports.journals import Journal
from app.application.ports.setup import Endpoint
from app.domain.breaker import Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands at the head of a lane, locked."""

    row: DeliveryRow
    journal: Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """The newest fence of each lane, by its key, and their endpoint. `batch_max`: how many journals a call carries as far as claims
    know."""

    fences: Mapping[str, int]
    breaker: Breaker
    endpoint: Endpoint
    batch_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A journal's place in its lane after a turn: done, or due at `next_at` if it is `wanted`."""

    journal_id: UUID
    done: bool
    wanted: bool
    failures: int
    next_at: datetime


@dataclass(slots=True, kw_only=True)
class TurnWrites:
    """What turns write. Steps in the order in which they were done: a journal may take several."""

    ended: list[Attempt] = field(default_factory=list)
    steps: list[tuple[Journal, str]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    started: list[Attempt] = field(default_factory=list)


class Turns(Protocol):
    """Inside a unit of work. Locks are taken in the order of the methods, as everywhere: journals, deliveries, lanes, flow."""

    async def heads(self, endpoint: str, lane_keys: Collection[str]) -> Mapping[str, Sequence[Head]]:
        """The first two journals of each lane that are not done, locked. A lane with none is left out."""
        ...

    async def hold(self, endpoint: str, lane_keys: Collection[str]) -> Leases | None:
        """Locks the rows of the lanes; None where there are none."""
        ...

    async def write(self, writes: TurnWrites) -> None: ...

    async def learn(self, endpoint: str, batch_max: int) -> None:
        """Tells claims how many journals a call to this endpoint carries."""
        ...

    async def release(self, lanes: Sequence[Lane]) -> None:
        """Gives leases back that are still ours; a lane is due when its new head is, or not at all."""
        ...
