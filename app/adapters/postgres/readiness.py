"""Readiness as PostgreSQL sees it: it answers, and its schema is the one this code was written for."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.connecting import NOT_CONNECTED
from app.adapters.postgres.migrate import is_at_head

PATIENCE_SECONDS = 5
UNREACHABLE = (SQLAlchemyError, *NOT_CONNECTED)

log = structlog.get_logger(__name__)


class PostgresReadiness:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def complaint(self) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                at_head = await is_at_head(self._engine)
        except UNREACHABLE as error:
            log.warning("database_unreachable", error=type(error).__name__)
            return "the database does not answer"
        return None if at_head else "the database's schema is not the newest: run the migrations"
