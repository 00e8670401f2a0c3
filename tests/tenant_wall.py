"""The tenant wall, watched from outside: every statement on a table must name the tenant, but for those listed here."""

import re

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.tables import metadata

ALLOWED = (
    re.compile(r"^select .* from api_key where hash = any\(\S+\) and revoked_at is null$"),
    re.compile(r"^select f\.tenant_id, f\.endpoint, .* from erp_endpoint e join endpoint_flow f .* for update of f skip locked$"),
    re.compile(r"^select e\.tenant_id, e\.name as endpoint, e\.paused, .* order by e\.tenant_id, e\.name$"),
    re.compile(r"^select e\.tenant_id, e\.name, t\.time_zone from erp_endpoint e .* order by e\.tenant_id, e\.name limit \S+$"),
    re.compile(r"^with due as \( select p\.tenant_id, .* for update of p skip locked \) update erp_chart_pull .*$"),
    re.compile(r"^select tenant_id from tenant where name = \S+ or \(\S+ = '' and \(select count\(\*\) from tenant\) = 1\)$"),
    re.compile(r"^select tenant_id, name, base_currency, time_zone, reference_prefix from tenant order by name$"),
)
"""The look-up of keys; the worker's claim, which locks the endpoints that may be called; the gauges of /metrics, which count and name no
one's money; the two by which a worker finds whose chart of accounts to ask for again; and the operator's list of tenants: `glint verify`
goes through all of them. Before the last stands the look-up of the tenant that a person names to sign in, which tells its id alone.
The last is for the command line alone; no request reaches it, and what is then read of a tenant names it like
everything else."""

_TABLES = re.compile(rf"\b({'|'.join(metadata.tables)})\b")


class TenantWall:
    """Collects the statements that crossed it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._breaches: list[str] = []
        event.listen(engine.sync_engine, "before_cursor_execute", self._look)

    def _look(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if crosses_tenants(statement):
            self._breaches.append(statement)

    def taken(self) -> list[str]:
        """What crossed it since this was last asked."""
        taken, self._breaches = self._breaches, []
        return taken


def crosses_tenants(statement: str) -> bool:
    """Whether it reads or writes rows without saying of which tenant."""
    text = " ".join(statement.lower().split())
    if not _TABLES.search(text) or any(allowed.search(text) for allowed in ALLOWED):
        return False
    rows = text if "insert into " in text else text.partition(" where ")[2]
    return "tenant_id" not in rows
