"""How far a tenant's set-up is, in two statements."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.authorisations import AuthorisationStatus
from app.application.ports.set_up_progress import EndpointProgress, SetUpProgress

COUNTS = """
SELECT
    (SELECT count(*) FROM account a WHERE a.tenant_id = t.tenant_id) AS accounts,
    (SELECT count(*) FROM account a WHERE a.tenant_id = t.tenant_id AND a.active) AS active_accounts,
    (SELECT count(*) FROM period p WHERE p.tenant_id = t.tenant_id) AS periods,
    (SELECT count(*) FROM period p WHERE p.tenant_id = t.tenant_id AND p.status = 'closed') AS closed_periods,
    newest.version AS posting_manager, newest.created_at AS posting_manager_at
FROM tenant t
LEFT JOIN LATERAL (
    SELECT v.version, v.created_at FROM posting_manager_version v WHERE v.tenant_id = t.tenant_id ORDER BY v.version DESC LIMIT 1
) newest ON true
WHERE t.tenant_id = :tenant_id
"""
ENDPOINTS = """
SELECT e.name, e.adapter, e.environment, e.delivery, e.paused, e.paused_reason, a.status AS authorisation, d.asked_at, d.read_at,
    (SELECT count(*) FROM erp_account c WHERE c.tenant_id = e.tenant_id AND c.endpoint = e.name) AS chart_accounts,
    EXISTS (SELECT 1 FROM journal j WHERE j.tenant_id = e.tenant_id AND j.endpoint = e.name) AS has_journals,
    EXISTS (SELECT 1 FROM journal j WHERE j.tenant_id = e.tenant_id AND j.endpoint = e.name AND j.status = 'sent') AS has_sent
FROM erp_endpoint e
LEFT JOIN erp_authorisation a ON a.tenant_id = e.tenant_id AND a.endpoint = e.name
LEFT JOIN erp_reference_data d ON d.tenant_id = e.tenant_id AND d.endpoint = e.name
WHERE e.tenant_id = :tenant_id ORDER BY e.name
"""


class PostgresSetUpProgress:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def now(self) -> SetUpProgress:
        counts = (await self._connection.execute(statement(COUNTS), {"tenant_id": self._tenant_id})).one()
        endpoints = await self._connection.execute(statement(ENDPOINTS), {"tenant_id": self._tenant_id})
        return SetUpProgress(
            accounts=counts.accounts,
            active_accounts=counts.active_accounts,
            posting_manager=counts.posting_manager,
            posting_manager_at=counts.posting_manager_at,
            periods=counts.periods,
            closed_periods=counts.closed_periods,
            endpoints=[
                EndpointProgress(
                    name=row.name,
                    adapter=row.adapter,
                    environment=row.environment,
                    delivery=row.delivery,
                    paused=row.paused,
                    paused_reason=row.paused_reason,
                    authorisation=None if row.authorisation is None else AuthorisationStatus(row.authorisation),
                    asked_at=row.asked_at,
                    chart_read_at=row.read_at,
                    chart_accounts=row.chart_accounts,
                    has_journals=row.has_journals,
                    has_sent=row.has_sent,
                )
                for row in endpoints
            ],
        )
