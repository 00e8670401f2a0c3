"""What ERPs said of themselves, in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.reference_data import ReferenceAnswer
from app.domain.local_validation import OpenPeriod

PUT = """
INSERT INTO erp_reference_data (tenant_id, endpoint, accounts, open_periods, read_at)
SELECT tenant_id, name, :accounts, :open_periods, CAST(:read_at AS timestamptz)
FROM erp_endpoint WHERE tenant_id = :tenant_id AND name = :endpoint
ON CONFLICT (tenant_id, endpoint) DO UPDATE
SET accounts = excluded.accounts, open_periods = excluded.open_periods, read_at = excluded.read_at
"""
FORGET = "DELETE FROM erp_reference_data WHERE tenant_id = :tenant_id AND endpoint = :endpoint"
LOOK_UP = """
SELECT read_at, open_periods, jsonb_array_length(accounts) > 0 AS has_accounts,
       ARRAY(SELECT unnest(CAST(:codes AS text[])) EXCEPT SELECT jsonb_array_elements_text(accounts)) AS unknown_codes
FROM erp_reference_data WHERE tenant_id = :tenant_id AND endpoint = :endpoint
"""


class PostgresReferenceData:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def put(self, endpoint: str, *, accounts: Sequence[str], open_periods: Sequence[OpenPeriod], read_at: datetime) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "endpoint": endpoint,
            "accounts": list(accounts),
            "open_periods": [
                {"name": period.name, "starts_on": period.starts_on.isoformat(), "ends_on": period.ends_on.isoformat()}
                for period in open_periods
            ],
            "read_at": read_at,
        }
        await self._connection.execute(statement(PUT, "accounts", "open_periods"), values)

    async def forget(self, endpoint: str) -> None:
        await self._connection.execute(statement(FORGET), {"tenant_id": self._tenant_id, "endpoint": endpoint})

    async def look_up(self, endpoint: str, codes: Collection[str]) -> ReferenceAnswer | None:
        parameters = {"tenant_id": self._tenant_id, "endpoint": endpoint, "codes": sorted(codes)}
        row = (await self._connection.execute(statement(LOOK_UP), parameters)).one_or_none()
        if row is None:
            return None
        return ReferenceAnswer(
            read_at=row.read_at,
            has_accounts=row.has_accounts,
            unknown_codes=frozenset(row.unknown_codes) if row.has_accounts else frozenset(),
            open_periods=tuple(
                OpenPeriod(name=each["name"], starts_on=date.fromisoformat(each["starts_on"]), ends_on=date.fromisoformat(each["ends_on"]))
                for each in row.open_periods
            ),
        )
