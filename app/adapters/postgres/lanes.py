"""The worker's claim, one of the statements that cross tenants.

Endpoint by endpoint: the row of its flow is locked first, so that one claimer at a time counts the leases of an endpoint and takes
tokens from its bucket; whoever comes at the same moment passes it by. A second statement then sees what all before it have leased.

Where a call carries several journals, one lane in so many leads: it has tokens and a place of the endpoint's concurrency. The others
ride: they may only share its calls.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.adapters.postgres.engine import outages_told
from app.adapters.postgres.statements import statement
from app.application.ports.batches import LANE_PREFIX
from app.application.ports.delivery import MOST_LANES, Allowance, Lane
from app.domain.breaker import Breaker
from app.domain.bucket import after_taking, available, refund

LANE_CALLS = 10
"""What a lane takes from the bucket with its lease, where there is so much."""
JOURNAL_CALLS = 2
"""A validation and a send: with fewer tokens than that a lane waits, unless it is the only one."""

LOCK_OPEN = """
SELECT f.tenant_id, f.endpoint, f.failures, f.open_until, f.bucket_full_at, f.batch_max, e.rate_limit_per_minute, e.max_concurrency
FROM erp_endpoint e
JOIN endpoint_flow f ON f.tenant_id = e.tenant_id AND f.endpoint = e.name
LEFT JOIN LATERAL (
    SELECT true AS found FROM lane l
    WHERE l.tenant_id = e.tenant_id AND l.endpoint = e.name AND l.due_at <= :now AND (l.leased_until IS NULL OR l.leased_until <= :now)
    ORDER BY l.due_at LIMIT 1
) due ON true
WHERE NOT e.paused AND e.delivery = 'push' AND (f.open_until IS NULL OR f.open_until <= :now)
  AND (due.found AND e.tenant_id::text || '/' || e.name <> ALL(:busy) OR e.tenant_id::text || '/' || e.name = ANY(:refunding))
ORDER BY random() LIMIT :most
FOR UPDATE OF f SKIP LOCKED
"""
LEASE = """
WITH picked AS (
    SELECT due.tenant_id, due.endpoint, due.lane_key, due.due_at, open.batch
    FROM jsonb_to_recordset(:places) AS open(tenant_id uuid, endpoint text, places int, concurrency int, batch int, most int)
    CROSS JOIN LATERAL (
        SELECT count(*) AS leading FROM lane l
        WHERE l.tenant_id = open.tenant_id AND l.endpoint = open.endpoint AND l.leased_until > :now AND NOT l.rides
    ) leased
    CROSS JOIN LATERAL (
        SELECT l.tenant_id, l.endpoint, l.lane_key, l.due_at FROM lane l
        WHERE l.tenant_id = open.tenant_id AND l.endpoint = open.endpoint AND l.due_at <= :now
          AND (l.leased_until IS NULL OR l.leased_until <= :now)
        ORDER BY l.due_at LIMIT greatest(0, least(open.most, least(open.places, open.concurrency - leased.leading) * open.batch))
        FOR UPDATE SKIP LOCKED
    ) due
    LIMIT :most
), manned AS (
    SELECT *, (row_number() OVER (PARTITION BY tenant_id, endpoint ORDER BY due_at) - 1) % batch > 0 AS rides FROM picked
)
UPDATE lane SET leased_until = :leased_until, fence = lane.fence + 1, rides = manned.rides
FROM manned
WHERE lane.tenant_id = ANY (ARRAY[manned.tenant_id]) AND lane.endpoint = ANY (ARRAY[manned.endpoint])
  AND lane.lane_key = ANY (ARRAY[manned.lane_key])
  AND NOT (manned.rides AND starts_with(lane.lane_key, :makes_own_calls))
RETURNING lane.tenant_id, lane.endpoint, lane.lane_key, lane.fence, lane.rides
"""
TAKE = """
UPDATE endpoint_flow f SET bucket_full_at = taken.full_at
FROM jsonb_to_recordset(:taken) AS taken(tenant_id uuid, endpoint text, full_at timestamptz)
WHERE f.tenant_id = taken.tenant_id AND f.endpoint = taken.endpoint
"""
CLAIM_ONE = """
UPDATE lane SET leased_until = :leased_until, fence = fence + 1, rides = false
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key AND (leased_until IS NULL OR leased_until <= :now)
  AND EXISTS (SELECT 1 FROM erp_endpoint e WHERE e.tenant_id = lane.tenant_id AND e.name = lane.endpoint AND e.delivery = 'push')
RETURNING tenant_id, endpoint, lane_key, fence
"""

Key = tuple[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """An endpoint that may be called, its row locked. `back` = tokens that earlier leases of this process did not use."""

    key: Key
    probing: bool
    full_at: datetime | None
    per_minute: int
    concurrency: int
    batch: int
    tokens: int
    back: int

    def places(self, per_endpoint: int) -> int:
        """How many lanes may have tokens to make calls: a probe goes alone."""
        lanes = min(self.tokens, max(1, self.tokens // JOURNAL_CALLS), per_endpoint)
        return max(0, min(lanes, 1) if self.probing else lanes)

    def calls(self, lanes: int) -> int:
        """How many calls each of so many lanes may make."""
        return 1 if self.probing else min(LANE_CALLS, self.tokens // lanes)


class PostgresLaneClaims:
    """Leases lanes for the workers of this process, and remembers which of their tokens were not used."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._unused: dict[Key, tuple[int, datetime]] = {}

    async def claim(
        self,
        *,
        per_endpoint: int,
        now: datetime,
        lease_seconds: int,
        most: int = MOST_LANES,
        busy: Collection[Key] = (),
    ) -> Sequence[Lane]:
        async with self._transaction() as connection:
            parameters = {"now": now, "busy": _texts(busy), "refunding": _texts(self._unused), "most": most}
            found = [self._open(row, now) for row in await connection.execute(statement(LOCK_OPEN), parameters)]
            wanted = [each for each in found if each.key not in busy and each.places(per_endpoint)]
            lanes = await _lease(connection, wanted, per_endpoint, most, now, now + timedelta(seconds=lease_seconds)) if wanted else []
            await _take(connection, found, lanes, now)
        for each in found:
            self._unused.pop(each.key, None)
        return lanes

    def ended(self, lane: Lane) -> None:
        taken_at = lane.allowance.taken_at
        if taken_at is not None and lane.allowance.left > 0:
            key = (lane.tenant_id, lane.endpoint)
            calls, since = self._unused.get(key, (0, taken_at))
            self._unused[key] = (calls + lane.allowance.left, min(since, taken_at))

    async def claim_one(self, tenant_id: UUID, endpoint: str, lane_key: str, *, now: datetime, lease_seconds: int) -> Lane | None:
        leased_until = now + timedelta(seconds=lease_seconds)
        parameters = {"tenant_id": tenant_id, "endpoint": endpoint, "lane_key": lane_key, "now": now, "leased_until": leased_until}
        async with self._transaction() as connection:
            row = (await connection.execute(statement(CLAIM_ONE), parameters)).one_or_none()
        return None if row is None else Lane(tenant_id=tenant_id, endpoint=endpoint, lane_key=lane_key, fence=row.fence)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with outages_told():
            async with self._engine.begin() as connection:
                yield connection

    def _open(self, row: Row[Any], now: datetime) -> _Open:
        key, per_minute = (row.tenant_id, row.endpoint), row.rate_limit_per_minute
        unused, since = self._unused.get(key, (0, now))
        back = refund(unused, since, now, per_minute)
        full_at = after_taking(row.bucket_full_at, now, per_minute, -back)
        return _Open(
            key=key,
            probing=Breaker(failures=row.failures).probing,
            full_at=row.bucket_full_at,
            per_minute=per_minute,
            concurrency=row.max_concurrency,
            batch=row.batch_max,
            tokens=available(full_at, now, per_minute),
            back=back,
        )


async def _lease(
    connection: AsyncConnection, wanted: Sequence[_Open], per_endpoint: int, most: int, now: datetime, leased_until: datetime
) -> list[Lane]:
    places = [
        {
            "tenant_id": str(each.key[0]),
            "endpoint": each.key[1],
            "places": each.places(per_endpoint),
            "concurrency": 1 if each.probing else each.concurrency,
            "batch": 1 if each.probing else each.batch,
            "most": per_endpoint,
        }
        for each in wanted
    ]
    parameters = {"places": places, "most": most, "now": now, "leased_until": leased_until, "makes_own_calls": LANE_PREFIX}
    rows = (await connection.execute(statement(LEASE, "places"), parameters)).all()
    by_key: dict[Key, list[Row[Any]]] = {}
    for row in rows:
        by_key.setdefault((row.tenant_id, row.endpoint), []).append(row)
    leading = {key: sum(not row.rides for row in rows) for key, rows in by_key.items()}
    return [
        Lane(
            tenant_id=row.tenant_id,
            endpoint=row.endpoint,
            lane_key=row.lane_key,
            fence=row.fence,
            rides=row.rides,
            allowance=Allowance(left=0 if row.rides else each.calls(leading[each.key]), taken_at=now),
        )
        for each in wanted
        for row in by_key.get(each.key, ())
    ]


async def _take(connection: AsyncConnection, found: Sequence[_Open], lanes: Sequence[Lane], now: datetime) -> None:
    """Writes what each bucket gives for these lanes, less what comes back to it."""
    given: dict[Key, int] = {}
    for lane in lanes:
        key = (lane.tenant_id, lane.endpoint)
        given[key] = given.get(key, 0) + lane.allowance.left
    taken = [
        {
            "tenant_id": str(each.key[0]),
            "endpoint": each.key[1],
            "full_at": after_taking(each.full_at, now, each.per_minute, tokens).isoformat(),
        }
        for each in found
        if (tokens := given.get(each.key, 0) - each.back)
    ]
    if taken:
        await connection.execute(statement(TAKE, "taken"), {"taken": taken})


def _texts(keys: Collection[Key]) -> list[str]:
    return [f"{tenant_id}/{name}" for tenant_id, name in keys]
