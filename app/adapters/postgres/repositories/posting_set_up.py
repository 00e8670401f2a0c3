"""What posting is decided by, in one statement. What comes of its text is kept as long as the text is the same."""

import json
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.chart import manager_of
from app.adapters.postgres.statements import statement
from app.application.ports.setup import JournalTerms, PostingSetUp, Tenant
from app.domain.periods import Period, PeriodStatus

KEPT = 1_000
"""Of so many tenants the set-up is not read again from the same text."""

FIND = """
SELECT CAST(jsonb_build_object(
    'tenant', (SELECT to_jsonb(t) FROM (SELECT name, base_currency, time_zone, reference_prefix) t),
    'manager', (
        SELECT to_jsonb(m) FROM posting_manager_version v, LATERAL (SELECT v.version, v.document, v.accounts) m
        WHERE v.tenant_id = :tenant_id ORDER BY v.version DESC LIMIT 1
    ),
    'periods', (
        SELECT jsonb_agg(to_jsonb(f) ORDER BY f.starts_on, f.name)
        FROM period p, LATERAL (SELECT p.name, p.starts_on, p.ends_on, p.status) f WHERE p.tenant_id = :tenant_id
    ),
    'endpoints', (
        SELECT jsonb_agg(to_jsonb(f) ORDER BY f.name)
        FROM erp_endpoint e, LATERAL (
            SELECT e.name, e.starts_on, e.grouping, e.release, e.omit, e.commitments, e.description_template, e.max_lines
        ) f WHERE e.tenant_id = :tenant_id
    )
) AS text)
FROM tenant WHERE tenant_id = :tenant_id
"""


class PostgresPostingSetUp:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def get(self) -> PostingSetUp | None:
        text = (await self._connection.execute(statement(FIND), {"tenant_id": self._tenant_id})).scalar_one_or_none()
        return None if text is None else _read(self._tenant_id, text)


@lru_cache(maxsize=KEPT)
def _read(tenant_id: UUID, text: str) -> PostingSetUp:
    found = json.loads(text)
    manager = found["manager"]
    return PostingSetUp(
        tenant=Tenant(id=tenant_id, **found["tenant"]),
        manager=None if manager is None else manager_of(manager["document"], manager["accounts"], manager["version"]),
        periods=tuple(_period(each) for each in found["periods"] or ()),
        endpoints=tuple(_terms(each) for each in found["endpoints"] or ()),
    )


def _period(row: dict[str, Any]) -> Period:
    starts_on, ends_on = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
    return Period(name=row["name"], starts_on=starts_on, ends_on=ends_on, status=PeriodStatus(row["status"]))


def _terms(row: dict[str, Any]) -> JournalTerms:
    return JournalTerms(**row | {"starts_on": date.fromisoformat(row["starts_on"]), "omit": tuple(row["omit"])})
