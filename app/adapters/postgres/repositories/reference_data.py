"""What is known of ERPs themselves, in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.reference_data import ChartSource, ChartState, ReferenceAnswer
from app.domain.erp_chart import ErpAccount
from app.domain.local_validation import OpenPeriod

TOLD = """
INSERT INTO erp_reference_data (tenant_id, endpoint, open_periods, read_at, asked_at, source)
SELECT tenant_id, name, :open_periods, CAST(:at AS timestamptz), CAST(:at AS timestamptz), 'erp'
FROM erp_endpoint WHERE tenant_id = :tenant_id AND name = :endpoint
ON CONFLICT (tenant_id, endpoint) DO UPDATE
SET open_periods = excluded.open_periods, asked_at = excluded.asked_at,
    source = CASE WHEN :no_chart AND erp_reference_data.source = 'loaded' THEN 'loaded' ELSE 'erp' END,
    read_at = CASE WHEN :no_chart AND erp_reference_data.source = 'loaded' THEN erp_reference_data.read_at ELSE excluded.read_at END
RETURNING source
"""
LOAD = """
INSERT INTO erp_reference_data (tenant_id, endpoint, open_periods, read_at, source)
SELECT tenant_id, name, '[]', CAST(:at AS timestamptz), 'loaded'
FROM erp_endpoint WHERE tenant_id = :tenant_id AND name = :endpoint
ON CONFLICT (tenant_id, endpoint) DO UPDATE SET read_at = excluded.read_at, source = excluded.source
"""
CLEAR = "DELETE FROM erp_account WHERE tenant_id = :tenant_id AND endpoint = :endpoint"
FILL = """
INSERT INTO erp_account (tenant_id, endpoint, code, name, type, active)
SELECT d.tenant_id, d.endpoint, given.code, given.name, given.type, given.active
FROM erp_reference_data d
CROSS JOIN jsonb_to_recordset(:accounts) AS given(code text, name text, type text, active boolean)
WHERE d.tenant_id = :tenant_id AND d.endpoint = :endpoint
"""
FORGET = "DELETE FROM erp_reference_data WHERE tenant_id = :tenant_id AND endpoint = :endpoint"
LOOK_UP = """
SELECT d.read_at, d.asked_at, d.source, d.open_periods,
       EXISTS (SELECT 1 FROM erp_account a WHERE a.tenant_id = d.tenant_id AND a.endpoint = d.endpoint) AS has_accounts,
       ARRAY(SELECT unnest(CAST(:codes AS text[])) EXCEPT SELECT a.code FROM erp_account a
             WHERE a.tenant_id = d.tenant_id AND a.endpoint = d.endpoint AND a.code = ANY(CAST(:codes AS text[]))) AS unknown_codes,
       ARRAY(SELECT a.code FROM erp_account a WHERE a.tenant_id = d.tenant_id AND a.endpoint = d.endpoint
             AND a.code = ANY(CAST(:codes AS text[])) AND NOT a.active) AS inactive_codes
FROM erp_reference_data d WHERE d.tenant_id = :tenant_id AND d.endpoint = :endpoint
"""
STATE = """
SELECT d.read_at, d.asked_at, d.source,
       (SELECT count(*) FROM erp_account a WHERE a.tenant_id = d.tenant_id AND a.endpoint = d.endpoint) AS accounts
FROM erp_reference_data d WHERE d.tenant_id = :tenant_id AND d.endpoint = :endpoint
"""
SEARCH = """
SELECT code, name, type, active FROM erp_account
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND (CAST(:after AS text) IS NULL OR code > :after)
  AND (CAST(:text AS text) IS NULL OR strpos(lower(code), lower(:text)) > 0 OR strpos(lower(name), lower(:text)) > 0)
ORDER BY code LIMIT :limit
"""
CHARGE_CODES = """
SELECT code FROM (
    SELECT jsonb_array_elements_text(state->'coding'->0) AS code FROM purchase_order_line WHERE tenant_id = :tenant_id AND outstanding
    UNION
    SELECT l.charge_code FROM journal j
    JOIN journal_transaction jt ON jt.tenant_id = j.tenant_id AND jt.journal_id = j.journal_id
    JOIN account_transaction_line l ON l.tenant_id = jt.tenant_id AND l.transaction_id = jt.transaction_id
    WHERE j.tenant_id = :tenant_id AND j.status NOT IN ('sent', 'marked_as_sent') AND l.charge_code IS NOT NULL
) AS used ORDER BY code LIMIT :limit
"""


class PostgresReferenceData:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def told(self, endpoint: str, *, accounts: Sequence[ErpAccount], open_periods: Sequence[OpenPeriod], at: datetime) -> None:
        periods = [_period_json(each) for each in open_periods]
        values = {**self._of(endpoint), "open_periods": periods, "at": at, "no_chart": not accounts}
        source = (await self._connection.execute(statement(TOLD, "open_periods"), values)).scalar_one_or_none()
        if source == ChartSource.ERP:
            await self._replace(endpoint, accounts)

    async def load(self, endpoint: str, accounts: Sequence[ErpAccount], at: datetime) -> None:
        await self._connection.execute(statement(LOAD), {**self._of(endpoint), "at": at})
        await self._replace(endpoint, accounts)

    async def _replace(self, endpoint: str, accounts: Sequence[ErpAccount]) -> None:
        """An ERP that names a code twice has it once, as it said last."""
        rows = {each.code: {"code": each.code, "name": each.name, "type": each.type, "active": each.active} for each in accounts}
        await self._connection.execute(statement(CLEAR), self._of(endpoint))
        await self._connection.execute(statement(FILL, "accounts"), {**self._of(endpoint), "accounts": list(rows.values())})

    async def forget(self, endpoint: str) -> None:
        await self._connection.execute(statement(FORGET), self._of(endpoint))

    async def look_up(self, endpoint: str, codes: Collection[str]) -> ReferenceAnswer | None:
        row = (await self._connection.execute(statement(LOOK_UP), {**self._of(endpoint), "codes": sorted(codes)})).one_or_none()
        if row is None:
            return None
        return ReferenceAnswer(
            read_at=row.read_at,
            asked_at=row.asked_at,
            source=ChartSource(row.source),
            has_accounts=row.has_accounts,
            unknown_codes=frozenset(row.unknown_codes) if row.has_accounts else frozenset(),
            inactive_codes=frozenset(row.inactive_codes),
            open_periods=tuple(_period(each) for each in row.open_periods),
        )

    async def state(self, endpoint: str) -> ChartState | None:
        row = (await self._connection.execute(statement(STATE), self._of(endpoint))).one_or_none()
        if row is None:
            return None
        return ChartState(read_at=row.read_at, source=ChartSource(row.source), accounts=row.accounts, asked_at=row.asked_at)

    async def search(self, endpoint: str, text: str | None, *, after: str | None, limit: int) -> Sequence[ErpAccount]:
        parameters = {**self._of(endpoint), "text": text, "after": after, "limit": limit}
        rows = await self._connection.execute(statement(SEARCH), parameters)
        return [ErpAccount(code=row.code, name=row.name, type=row.type, active=row.active) for row in rows]

    async def charge_codes_in_use(self, limit: int) -> Sequence[str]:
        rows = await self._connection.execute(statement(CHARGE_CODES), {"tenant_id": self._tenant_id, "limit": limit})
        return [row.code for row in rows]

    def _of(self, endpoint: str) -> dict[str, Any]:
        return {"tenant_id": self._tenant_id, "endpoint": endpoint}


def _period_json(period: OpenPeriod) -> dict[str, str]:
    return {"name": period.name, "starts_on": period.starts_on.isoformat(), "ends_on": period.ends_on.isoformat()}


def _period(found: dict[str, str]) -> OpenPeriod:
    first, last = date.fromisoformat(found["starts_on"]), date.fromisoformat(found["ends_on"])
    return OpenPeriod(name=found["name"], starts_on=first, ends_on=last)
