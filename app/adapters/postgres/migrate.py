"""Brings a database to the newest schema. Safe to run from several processes at once: an advisory lock makes them queue."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import make_poolless_engine

MIGRATIONS = Path(__file__).parents[3] / "migrations"
MIGRATION_LOCK = 7_046_521_198


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: everything it needs is here."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(url: str, revision: str = "head") -> None:
    """Upgrades the database at `url` to `revision`."""
    await run_on(url, lambda connection: command.upgrade(alembic_config(connection), revision))


async def run_on(url: str, work: Callable[[Connection], None]) -> None:
    """Runs alembic work on a connection of its own, one process at a time."""
    engine = make_poolless_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            await connection.commit()
            try:
                await connection.run_sync(work)
                await connection.commit()
            finally:
                await connection.rollback()
                await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
                await connection.commit()
    finally:
        await engine.dispose()


async def is_at_head(engine: AsyncEngine) -> bool:
    """Whether the schema is the one that this code was written for."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with engine.connect() as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return current == head
