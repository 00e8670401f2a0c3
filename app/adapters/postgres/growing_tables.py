"""Statistics of tables that grow fast.

PostgreSQL analyses tables by itself, but only once a minute. Until then its planner takes a table that fills within its first minute for
nearly empty: any index that begins with the tenant is as good as the primary key then, and so is no index at all. Such a plan is kept for
the checks of foreign keys and in triggers, which then go through all rows of a tenant for each new one, until the table is analysed.
"""

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.connecting import NOT_CONNECTED
from app.adapters.postgres.statements import statement

LOOK_SECONDS = 1.0
GROWN = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = to_regnamespace(current_schema()) AND pg_has_role(c.relowner, 'USAGE')
  AND pg_relation_size(c.oid) / current_setting('block_size')::int > 4 * greatest(c.relpages, 1)
"""
"""`relpages` is of the last analysis, by whomever."""

log = structlog.get_logger(__name__)


async def keep_analysing(engine: AsyncEngine) -> None:
    """Looks every second until it is cancelled. A database that is away is waited for."""
    while True:
        try:
            await analyse_grown(engine)
        except (SQLAlchemyError, *NOT_CONNECTED) as error:
            log.debug("analysis_failed", error=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def analyse_grown(engine: AsyncEngine) -> None:
    """Analyses each table that has more than four times the pages that it had when it was analysed last."""
    async with engine.begin() as connection:
        names = (await connection.execute(statement(GROWN))).scalars().all()
        if names:
            await connection.execute(text(f"ANALYZE (SKIP_LOCKED) {', '.join(names)}"))
