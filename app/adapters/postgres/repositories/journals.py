"""Journals in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.journal_documents import PostgresJournalDocuments
from app.adapters.postgres.repositories.journal_gathering import PostgresGathering
from app.adapters.postgres.repositories.journal_rows import journal_of, problem_json
from app.adapters.postgres.repositories.journal_statements import (
    BLOCKING,
    BY_ID,
    BY_IDS,
    MOST_DAYS,
    PAGE,
    PAGE_BY_DAY,
    SELECTION,
    STEPS,
    SUMMARY,
    TRANSACTIONS,
    UPDATE,
)
from app.adapters.postgres.statements import only, statement
from app.application.ports.journals import GATHERING, WORKER, Journal, JournalStep, JournalSummary, Member, NewJournal
from app.domain.journal import JournalDocument, JournalStatus
from app.domain.omission import ShippingAccount

LATE = "late transaction"


class PostgresJournals:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._documents = PostgresJournalDocuments(connection, tenant_id)
        self._gathering = PostgresGathering(connection, tenant_id, self._reopen)

    async def add(self, journals: Sequence[NewJournal], reference_prefix: str) -> None:
        await self._gathering.add(journals, reference_prefix)

    async def gather(
        self, journal: Journal, members: Sequence[Member], reference_prefix: str, *, most: int, most_lines: int | None = None
    ) -> tuple[UUID, JournalStatus | None]:
        return await self._gathering.gather(journal, members, reference_prefix, most=most, most_lines=most_lines)

    async def shipping_accounts(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, ShippingAccount]:
        return await self._documents.shipping_accounts(transaction_ids)

    async def document(self, journal: Journal) -> JournalDocument:
        return (await self.documents([journal]))[journal.id]

    async def documents(self, journals: Sequence[Journal]) -> Mapping[UUID, JournalDocument]:
        return await self._documents.documents(journals)

    async def get(self, journal_id: UUID, *, lock: bool = False) -> Journal | None:
        row = await self._one(f"{BY_ID} FOR UPDATE OF journal" if lock else BY_ID, {"journal_id": journal_id})
        if lock and row is not None and row.gathering:
            row = await self._one(BY_ID, {"journal_id": journal_id})  # the statement that waited counted before it had the lock
        return None if row is None else journal_of(row)

    async def get_all(self, journal_ids: Sequence[UUID]) -> Mapping[UUID, Journal]:
        parameters = {"tenant_id": self._tenant_id, "journal_ids": list(journal_ids)}
        return {row.journal_id: journal_of(row) for row in await self._connection.execute(statement(BY_IDS), parameters)}

    async def update(self, journal: Journal, action: str, *, actor: str = WORKER, reason: str | None = None) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "journal_id": journal.id,
            "status": str(journal.status),
            "number": journal.number,
            "held": journal.held,
            "validation_level": journal.validation_level and str(journal.validation_level),
            "problems": [problem_json(problem) for problem in journal.problems],
            "reason_code": journal.reason_code,
            "reason": journal.reason,
            "finished_at": journal.finished_at,
            "gathering": journal.gathering and journal.status in GATHERING,
            "posting_date": journal.posting_date,
            "debit_total": journal.debit_total,
            "base_debit_total": journal.base_debit_total,
            "actor": actor,
            "action": action,
            "step_reason": reason,
        }
        await self._connection.execute(statement(UPDATE, "problems"), values)

    async def steps(self, journal_id: UUID) -> Sequence[JournalStep]:
        rows = await self._connection.execute(statement(STEPS), {"tenant_id": self._tenant_id, "journal_id": journal_id})
        return [JournalStep(at=row.at, actor=row.actor, action=row.action, status=row.status, reason=row.reason) for row in rows]

    async def page(
        self, *, endpoint: str | None, date_from: date, date_to: date, status: str | None, after_place: int, limit: int
    ) -> Sequence[Journal]:
        narrowed, wanted = only({"endpoint": endpoint, "status": status})
        days = {"date_from": date_from, "date_to": date_to}
        parameters = {"tenant_id": self._tenant_id, "after": after_place, "limit": limit, **days, **wanted}
        sql = PAGE_BY_DAY if (date_to - date_from).days < MOST_DAYS else PAGE
        return [journal_of(row) for row in await self._connection.execute(statement(sql.format(narrowed=narrowed)), parameters)]

    async def select(self, *, endpoint: str, date_from: date, date_to: date, limit: int) -> Sequence[UUID]:
        parameters = {
            "tenant_id": self._tenant_id,
            "endpoint": endpoint,
            "date_from": date_from,
            "date_to": date_to,
            "limit": limit,
        }
        return [row.journal_id for row in await self._connection.execute(statement(SELECTION), parameters)]

    async def summary(self, endpoint: str | None) -> JournalSummary:
        row = (await self._connection.execute(statement(SUMMARY), {"tenant_id": self._tenant_id, "endpoint": endpoint})).one()
        return JournalSummary(oldest_not_sent=row.oldest, transactions_not_posted=row.transactions, debit_total=int(row.debit_total))

    async def transactions_of(self, journal_id: UUID) -> Sequence[UUID]:
        rows = await self._connection.execute(statement(TRANSACTIONS), {"tenant_id": self._tenant_id, "journal_id": journal_id})
        return [row.transaction_id for row in rows]

    async def blocking(self, journal: Journal) -> Sequence[UUID]:
        parameters = {
            "tenant_id": self._tenant_id,
            "endpoint": journal.endpoint,
            "lane_key": journal.lane_key,
            "sequence": journal.sequence,
        }
        return [row.journal_id for row in await self._connection.execute(statement(BLOCKING), parameters)]

    async def _reopen(self, journal_id: UUID) -> None:
        if (journal := await self.get(journal_id)) is not None:
            await self.update(replace(journal, status=JournalStatus.OPEN, validation_level=None, problems=()), LATE)

    async def _one(self, sql: str, parameters: Mapping[str, Any]) -> Row[Any] | None:
        return (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).one_or_none()
