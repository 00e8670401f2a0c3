"""What a tenant has set up, in PostgreSQL: the repositories of one unit of work, a file for each subject."""

from app.adapters.postgres.repositories.access import PostgresApiKeys, PostgresAuditLog, PostgresTenants
from app.adapters.postgres.repositories.chart import PostgresAccountChart, PostgresPeriods, PostgresPostingManagers
from app.adapters.postgres.repositories.endpoints import PostgresEndpoints

__all__ = [
    "PostgresAccountChart",
    "PostgresApiKeys",
    "PostgresAuditLog",
    "PostgresEndpoints",
    "PostgresPeriods",
    "PostgresPostingManagers",
    "PostgresTenants",
]
