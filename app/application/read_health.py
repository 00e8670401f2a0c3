"""How delivery stands, for the people of a tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.application.ports.clock import Clock
from app.application.ports.standings import EndpointStanding
from app.application.ports.unit_of_work import UnitsOfWork

HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointHealth:
    """`sent` are journals per hour, the oldest hour first and the running one last; `hours` are their beginnings."""

    standing: EndpointStanding
    hours: Sequence[datetime]
    sent: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    at: datetime
    endpoints: Sequence[EndpointHealth]


class ReadHealth:
    """Each endpoint's breaker, queue and oldest journal now, and what was sent in each of the last 24 hours."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._clock = clock

    async def __call__(self, tenant_id: UUID) -> Health:
        now = self._clock.now()
        hours = [now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=ago) for ago in reversed(range(HOURS))]
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            standings = await uow.standings.now(now)
            counted = {(each.endpoint, each.hour): each.journals for each in await uow.standings.sent_since(hours[0])}
        return Health(at=now, endpoints=[_health(each, hours, counted) for each in standings])


def _health(standing: EndpointStanding, hours: Sequence[datetime], counted: Mapping[tuple[str, datetime], int]) -> EndpointHealth:
    return EndpointHealth(standing=standing, hours=hours, sent=[counted.get((standing.endpoint, hour), 0) for hour in hours])
