"""Journals as people work through them, in PostgreSQL: each list follows the index by endpoint and accounting date."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.journal_rows import journal_of
from app.adapters.postgres.repositories.journal_statements import SELECT
from app.adapters.postgres.statements import statement
from app.application.ports.journals import Journal
from app.application.ports.worklists import Tally, Worklist
from app.domain.journal import JournalStatus

UNSENT, SETTLED = "status NOT IN ('sent', 'marked_as_sent')", "status IN ('sent', 'marked_as_sent')"
OF_ENDPOINT = "tenant_id = :tenant_id AND endpoint = :endpoint"
WANTED = f"{OF_ENDPOINT} AND accounting_date BETWEEN :date_from AND :date_to"
OF_STATUS = "(CAST(:status AS text) IS NULL OR status = :status)"
PLACE, PLACED = "(accounting_date, sequence)", "(CAST(:after_date AS date), CAST(:after_sequence AS bigint))"
OLDEST_FIRST = f"""
{SELECT} WHERE {WANTED} AND {UNSENT} AND {OF_STATUS} AND {PLACE} > {PLACED}
ORDER BY accounting_date, sequence LIMIT :limit
"""
NEWEST_FIRST = f"""
{SELECT} WHERE {WANTED} AND {SETTLED} AND {OF_STATUS} AND {PLACE} < {PLACED}
ORDER BY accounting_date DESC, sequence DESC LIMIT :limit
"""
TALLY = """
count(*) AS journals, coalesce(sum(CASE WHEN gathering THEN (
    SELECT sum(m.base_debit_total) FROM journal_transaction m
    WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id
) ELSE base_debit_total END), 0)::bigint AS total
"""
TALLIES = f"""
SELECT status, sum(journals)::bigint AS journals, sum(total)::bigint AS total FROM (
    SELECT status, count(*) AS journals, coalesce(sum(base_debit_total) FILTER (WHERE NOT gathering), 0) AS total
    FROM journal WHERE {WANTED} AND {{settled}} GROUP BY status
    UNION ALL
    SELECT status, 0, (
        SELECT sum(m.base_debit_total) FROM journal_transaction m
        WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id
    ) FROM journal WHERE {WANTED} AND gathering AND {{settled}}
) gathered_and_others GROUP BY status
"""  # noqa: S608 - built from constants
BEFORE = f"SELECT {TALLY} FROM journal WHERE {OF_ENDPOINT} AND accounting_date < :day AND {UNSENT}"  # noqa: S608
IDS = f"SELECT journal_id FROM journal WHERE {WANTED} AND {{settled}} AND {OF_STATUS} ORDER BY sequence LIMIT :limit"  # noqa: S608


class PostgresWorklists:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def page(self, wanted: Worklist, *, after_place: int | None, limit: int) -> Sequence[Journal]:
        parameters = self._of(wanted, limit=limit) | _after(wanted, after_place)
        sql = NEWEST_FIRST if wanted.settled else OLDEST_FIRST
        return [journal_of(row) for row in await self._connection.execute(statement(sql), parameters)]

    async def tallies(self, wanted: Worklist) -> Mapping[JournalStatus, Tally]:
        parameters = self._of(wanted)
        del parameters["status"]
        rows = await self._connection.execute(statement(_narrowed(TALLIES, wanted)), parameters)
        return {JournalStatus(row.status): Tally(count=row.journals, total=row.total) for row in rows}

    async def unsent_before(self, endpoint: str, day: date) -> Tally:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "day": day}
        row = (await self._connection.execute(statement(BEFORE), parameters)).one()
        return Tally(count=row.journals, total=row.total)

    async def ids(self, wanted: Worklist, limit: int) -> Sequence[UUID]:
        rows = await self._connection.execute(statement(_narrowed(IDS, wanted)), self._of(wanted, limit=limit))
        return list(rows.scalars())

    def _of(self, wanted: Worklist, **more: Any) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant_id,
            "endpoint": wanted.endpoint,
            "date_from": wanted.date_from,
            "date_to": wanted.date_to,
            "status": None if wanted.status is None else str(wanted.status),
            **more,
        }


def _narrowed(sql: str, wanted: Worklist) -> str:
    return sql.format(settled=SETTLED if wanted.settled else UNSENT)


def _after(wanted: Worklist, place: int | None) -> dict[str, Any]:
    """The first page begins before everything, or after it where the newest come first."""
    if place is None:
        day, sequence = (date.max, 2**63 - 1) if wanted.settled else (date.min, 0)
    else:
        ordinal, sequence = place >> 64, place & (2**64 - 1)
        in_range = 1 <= ordinal <= date.max.toordinal() and sequence < 2**63
        day, sequence = (date.fromordinal(ordinal), sequence) if in_range else (date.min, 0)
    return {"after_date": day, "after_sequence": sequence}
