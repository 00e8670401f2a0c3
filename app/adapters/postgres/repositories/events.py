"""The event log in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import COMMITTED, after, only, statement
from app.application.ports.events import EventKey, EventStatus, PostedEvent, StoredEvent

COLUMNS = """event_id, source, external_id, type, occurred_at, received_at, data, fingerprint, status, subjects, waits_for,
       problem, decision, arrival, e.applied, written_in::text AS written_in_number"""
ADD = """
INSERT INTO event (tenant_id, event_id, source, external_id, type, occurred_at, received_at, data, fingerprint, status, subjects)
VALUES (:tenant_id, :event_id, :source, :external_id, :type, :occurred_at, :received_at, :data, :fingerprint, :status, :subjects)
ON CONFLICT (tenant_id, source, external_id) DO UPDATE
SET type = excluded.type, occurred_at = excluded.occurred_at, received_at = excluded.received_at, data = excluded.data,
    fingerprint = excluded.fingerprint, status = excluded.status, subjects = excluded.subjects, problem = NULL,
    arrival = excluded.arrival, written_in = excluded.written_in
WHERE event.status IN ('refused', 'discarded')
RETURNING event_id
"""
SETTLE = """
UPDATE event SET status = :status, waits_for = :waits_for, problem = :problem
WHERE tenant_id = :tenant_id AND event_id = :event_id
"""
POSTED = """
WITH posted AS (
    UPDATE event SET status = 'posted', waits_for = '{}', problem = NULL, decision = :decision, applied = nextval('ledger_sequence')
    WHERE tenant_id = :tenant_id AND event_id = :event_id
    RETURNING tenant_id, event_id, applied
)
INSERT INTO order_event (tenant_id, order_number, applied, event_id, accounting_date)
SELECT tenant_id, number, applied, event_id, CAST(:accounting_date AS date)
FROM posted, unnest(CAST(:orders AS text[])) AS number
"""
ADD_POSTED = """
WITH sent AS MATERIALIZED (
    SELECT sent.*, nextval('ledger_sequence') AS applied
    FROM jsonb_to_recordset(:rows) AS sent(event_id uuid, source text, external_id text, type text, occurred_at timestamptz,
        received_at timestamptz, data jsonb, fingerprint bytea, subjects text[], decision jsonb, accounting_date date, orders text[],
        document text[])
), added AS (
    INSERT INTO event (tenant_id, event_id, source, external_id, type, occurred_at, received_at, data, fingerprint, status, subjects,
        decision, applied)
    SELECT :tenant_id, event_id, source, external_id, type, occurred_at, received_at, data, fingerprint, 'posted', subjects, decision,
        applied
    FROM sent
    ON CONFLICT (tenant_id, source, external_id) DO NOTHING
    RETURNING event_id
), moved AS (
    INSERT INTO order_event (tenant_id, order_number, applied, event_id, accounting_date)
    SELECT :tenant_id, number, applied, event_id, accounting_date FROM sent, unnest(orders) AS number
), taken AS (
    INSERT INTO supplier_document (tenant_id, supplier_code, number, event_id)
    SELECT :tenant_id, document[1], document[2], event_id FROM sent WHERE document IS NOT NULL ORDER BY sent.document
)
SELECT count(*) FROM added
"""
KNOWN = f"""
SELECT {COLUMNS}, false AS waits FROM jsonb_array_elements(:rows) AS row CROSS JOIN LATERAL (
    SELECT * FROM event WHERE tenant_id = :tenant_id AND source = row ->> 0 AND external_id = row ->> 1 LIMIT 1
) e
UNION ALL
SELECT {COLUMNS}, true FROM event e
WHERE e.tenant_id = :tenant_id AND e.status = 'parked' AND e.waits_for && CAST(:numbers AS text[])
"""  # noqa: S608
OF_ORDER = f"""
SELECT {COLUMNS} FROM event e JOIN order_event o USING (tenant_id, event_id)
WHERE tenant_id = :tenant_id AND o.order_number = :number AND o.applied <= coalesce(CAST(:up_to AS bigint), o.applied)
ORDER BY o.applied
"""  # noqa: S608
BY_KEY = f"SELECT {COLUMNS} FROM event e WHERE tenant_id = :tenant_id AND source = :source AND external_id = :external_id"  # noqa: S608
BY_ID = f"SELECT {COLUMNS} FROM event e WHERE tenant_id = :tenant_id AND event_id = :event_id"  # noqa: S608
WAITING = f"""
SELECT {COLUMNS} FROM event e
WHERE tenant_id = :tenant_id AND status = 'parked' AND waits_for @> ARRAY[CAST(:number AS text)] ORDER BY arrival LIMIT 1
"""  # noqa: S608
PAGE = f"""
SELECT {COLUMNS} FROM event e
WHERE tenant_id = :tenant_id AND {COMMITTED}
  AND (written_in, arrival) > (CAST(CAST(:after_written_in AS text) AS xid8), :after_sequence) {{narrowed}}
ORDER BY written_in, arrival LIMIT :limit
"""  # noqa: S608
ABOUT = """ AND event_id IN (
    SELECT event_id FROM order_event WHERE tenant_id = :tenant_id AND order_number = :number
    UNION ALL
    SELECT event_id FROM event WHERE tenant_id = :tenant_id AND status <> 'posted' AND subjects @> ARRAY[CAST(:number AS text)])"""
"""What moved the order, and what waits for it or was refused."""


class PostgresEventLog:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, event: StoredEvent) -> tuple[UUID, StoredEvent | None]:
        key = {"tenant_id": self._tenant_id, "source": event.source, "external_id": event.external_id}
        values = {
            **key,
            "event_id": event.id,
            "type": event.type,
            "occurred_at": event.occurred_at,
            "received_at": event.received_at,
            "data": event.data,
            "fingerprint": event.fingerprint,
            "status": event.status,
            "subjects": list(event.subjects),
        }
        added = (await self._connection.execute(statement(ADD, "data"), values)).scalar_one_or_none()
        if added is not None:
            return added, None
        row = (await self._connection.execute(statement(BY_KEY), key)).one()
        return row.event_id, _event(row)

    async def add_posted(self, events: Sequence[PostedEvent]) -> bool:
        rows = [_posted_row(each) for each in events]
        added = await self._connection.execute(statement(ADD_POSTED, "rows"), {"tenant_id": self._tenant_id, "rows": rows})
        return bool(added.scalar_one() == len(rows))

    async def known(
        self, keys: Collection[EventKey], order_numbers: Collection[str]
    ) -> tuple[Mapping[EventKey, StoredEvent], Collection[str]]:
        parameters = {"tenant_id": self._tenant_id, "rows": [list(key) for key in keys], "numbers": list(order_numbers)}
        rows = (await self._connection.execute(statement(KNOWN, "rows"), parameters)).all()
        found = {(row.source, row.external_id): _event(row) for row in rows if not row.waits}
        return found, {number for row in rows if row.waits for number in row.waits_for}

    async def get(self, event_id: UUID) -> StoredEvent | None:
        row = (await self._connection.execute(statement(BY_ID), {"tenant_id": self._tenant_id, "event_id": event_id})).one_or_none()
        return None if row is None else _event(row)

    async def settle(
        self,
        event_id: UUID,
        status: EventStatus,
        *,
        waits_for: tuple[str, ...] = (),
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "event_id": event_id,
            "status": str(status),
            "waits_for": list(waits_for),
            "problem": problem,
        }
        await self._connection.execute(statement(SETTLE, "problem"), values)

    async def post(self, event_id: UUID, accounting_date: date, orders: Sequence[str], decision: Mapping[str, Any]) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "event_id": event_id,
            "accounting_date": accounting_date,
            "orders": list(orders),
            "decision": decision,
        }
        await self._connection.execute(statement(POSTED, "decision"), values)

    async def of_order(self, number: str, *, up_to: int | None = None) -> Sequence[StoredEvent]:
        parameters = {"tenant_id": self._tenant_id, "number": number, "up_to": up_to}
        return [_event(row) for row in (await self._connection.execute(statement(OF_ORDER), parameters)).all()]

    async def waiting(self, order_number: str) -> StoredEvent | None:
        parameters = {"tenant_id": self._tenant_id, "number": order_number}
        row = (await self._connection.execute(statement(WAITING), parameters)).one_or_none()
        return None if row is None else _event(row)

    async def page(
        self, *, status: EventStatus | None, event_type: str | None, order_number: str | None, after_place: int, limit: int
    ) -> Sequence[StoredEvent]:
        narrowed, wanted = only({"type": event_type})
        if status is not None:
            narrowed += f" AND status = '{EventStatus(status)}'"  # said in the statement: few are not posted, and these have an index
        if order_number is not None:
            narrowed += ABOUT
            wanted["number"] = order_number
        parameters = {"tenant_id": self._tenant_id, "limit": limit, **after(after_place), **wanted}
        return [_event(row) for row in (await self._connection.execute(statement(PAGE.format(narrowed=narrowed)), parameters)).all()]


def _posted_row(posted: PostedEvent) -> dict[str, Any]:
    event = posted.event
    return {
        "event_id": str(event.id),
        "source": event.source,
        "external_id": event.external_id,
        "type": event.type,
        "occurred_at": event.occurred_at and event.occurred_at.isoformat(),
        "received_at": event.received_at.isoformat(),
        "data": event.data,
        "fingerprint": f"\\x{event.fingerprint.hex()}",
        "subjects": event.subjects,
        "decision": posted.decision,
        "accounting_date": posted.accounting_date.isoformat(),
        "orders": posted.orders,
        "document": posted.document,
    }


def _event(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        id=row.event_id,
        source=row.source,
        external_id=row.external_id,
        type=row.type,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        data=row.data,
        fingerprint=row.fingerprint,
        status=EventStatus(row.status),
        subjects=tuple(row.subjects),
        waits_for=tuple(row.waits_for),
        problem=row.problem,
        decision=row.decision or {},
        applied=row.applied,
        place=int(row.written_in_number) << 64 | int(row.arrival),
    )
