"""How delivery stands at this moment, endpoint by endpoint over all tenants, for the operator's metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointGauge:
    """Ages in seconds, 0 where nothing is unsent. `lanes_due` could be worked on now, `lanes_waiting` later; lanes that need a person
    are neither."""

    tenant_id: UUID
    endpoint: str
    oldest_unsent_seconds: float
    lanes_due: int
    lanes_waiting: int
    unknown: int
    breaker_open: bool
    paused: bool


class DeliveryGauges(Protocol):
    """Crosses tenants. Outside any unit of work."""

    async def read(self) -> Sequence[EndpointGauge] | None:
        """None where the database does not answer."""
        ...
