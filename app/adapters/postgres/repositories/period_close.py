"""What stands in the way of closing a period, in PostgreSQL."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.period_close import UnsentJournals, WaitingEvent
from app.domain.journal import JournalStatus

UNSENT = """
SELECT endpoint, status, count(*) AS journals, sum(base_debit_total) AS base_debit_total, min(accounting_date) AS oldest_date
FROM journal
WHERE tenant_id = :tenant_id AND accounting_date BETWEEN :first AND :last AND status NOT IN ('sent', 'marked_as_sent')
GROUP BY endpoint, status ORDER BY endpoint, status
"""
WAITING = r"""
SELECT event_id, source, external_id, type, status, subjects, problem ->> 'detail' AS detail, day, count(*) OVER () AS total
FROM (
    SELECT e.*, coalesce(
        (SELECT named FROM unnest(ARRAY[data ->> 'order_date', data ->> 'receipt_date', data ->> 'invoice_date', data ->> 'date']) AS named
         WHERE named ~ '^\d{4}-\d{2}-\d{2}$' LIMIT 1),
        to_char(coalesce(occurred_at, received_at) AT TIME ZONE :time_zone, 'YYYY-MM-DD')) AS day
    FROM event e WHERE tenant_id = :tenant_id AND status IN ('parked', 'refused')
) AS dated
WHERE day COLLATE "C" BETWEEN CAST(:first AS text) AND CAST(:last AS text)
ORDER BY day COLLATE "C", arrival LIMIT :limit
"""
"""Days are compared as text: what a refused event calls a date may be none."""


class PostgresPeriodClose:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def unsent(self, first: date, last: date) -> Sequence[UnsentJournals]:
        parameters = {"tenant_id": self._tenant_id, "first": first, "last": last}
        return [
            UnsentJournals(
                endpoint=row.endpoint,
                status=JournalStatus(row.status),
                count=row.journals,
                base_debit_total=int(row.base_debit_total),
                oldest_date=row.oldest_date,
            )
            for row in await self._connection.execute(statement(UNSENT), parameters)
        ]

    async def waiting_events(self, first: date, last: date, time_zone: str, limit: int) -> tuple[int, Sequence[WaitingEvent]]:
        parameters = {
            "tenant_id": self._tenant_id,
            "first": first.isoformat(),
            "last": last.isoformat(),
            "time_zone": time_zone,
            "limit": limit,
        }
        rows = (await self._connection.execute(statement(WAITING), parameters)).all()
        found = [
            WaitingEvent(
                id=row.event_id,
                source=row.source,
                external_id=row.external_id,
                type=row.type,
                status=row.status,
                date=_day(row.day, first, last),
                order_numbers=tuple(row.subjects),
                detail=row.detail,
            )
            for row in rows
        ]
        return (rows[0].total if rows else 0), found


def _day(text: str, first: date, last: date) -> date:
    """A day that is none, like 31 November, counts as the nearest one of the period."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return last if text > first.isoformat() else first
