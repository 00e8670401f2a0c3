"""What was delivered to an endpoint, in PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.journal_rows import journal_of
from app.adapters.postgres.repositories.journal_statements import SELECT
from app.adapters.postgres.statements import statement
from app.application.ports.journals import Journal
from app.domain.journal import JournalStatus

PAGE = f"""
{SELECT}
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND sequence > :after
  AND (status = 'sent' OR (status = 'marked_as_sent' AND reason_code = 'booked_by_hand'))
  AND coalesce(posting_date, accounting_date) BETWEEN :since AND :as_of
ORDER BY sequence LIMIT :limit
"""
STATUSES = """
SELECT reference, status FROM journal
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND reference = ANY(:references)
"""


class PostgresDeliveredJournals:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def page(self, endpoint: str, since: date, as_of: date, after_place: int, limit: int) -> Sequence[Journal]:
        parameters = {
            "tenant_id": self._tenant_id,
            "endpoint": endpoint,
            "since": since,
            "as_of": as_of,
            "after": after_place,
            "limit": limit,
        }
        return [journal_of(row) for row in await self._connection.execute(statement(PAGE), parameters)]

    async def statuses(self, endpoint: str, references: Collection[str]) -> Mapping[str, JournalStatus]:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "references": sorted(references)}
        return {row.reference: JournalStatus(row.status) for row in await self._connection.execute(statement(STATUSES), parameters)}
