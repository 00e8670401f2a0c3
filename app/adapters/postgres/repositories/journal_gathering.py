"""New transactions into journals, in PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.gathering_statements import (
    ADD,
    ADD_TO_OPEN,
    ADD_TO_THIS,
    CLOSE_FULL,
    LOCK_GATHERING,
    MAKE_GATHERING,
)
from app.adapters.postgres.repositories.journal_rows import new_row
from app.adapters.postgres.statements import statement
from app.application.ports.journals import WORKER, Journal, Member, NewJournal
from app.domain.journal import JournalStatus

MOST_TRIES = 20
FULL = "full"


class PostgresGathering:
    """`reopen`: what was said about a journal was said about less than it carries now."""

    def __init__(self, connection: AsyncConnection, tenant_id: UUID, reopen: Callable[[UUID], Awaitable[None]]) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reopen = reopen

    async def add(self, journals: Sequence[NewJournal], reference_prefix: str) -> None:
        rows = [new_row(each.journal, each.member) for each in journals]
        parameters = {"tenant_id": self._tenant_id, "rows": rows, "prefix": reference_prefix}
        await self._connection.execute(statement(ADD, "rows"), parameters)

    async def gather(
        self, journal: Journal, members: Sequence[Member], reference_prefix: str, *, most: int, most_lines: int | None = None
    ) -> tuple[UUID, JournalStatus | None]:
        rows = [
            {
                "transaction_id": str(member.transaction_id),
                "lines": member.lines,
                "debit_total": member.totals.document,
                "base_debit_total": member.totals.base,
            }
            for member in members
        ]
        lines = sum(member.lines for member in members)
        room = {"room": most - len(rows), "line_room": None if most_lines is None else most_lines - lines}
        for _ in range(MOST_TRIES):
            if most_lines is None and (taken := await self._add_members(ADD_TO_OPEN, rows, _gathering_key(journal) | room)) is not None:
                return taken, JournalStatus.OPEN
            locked = {"tenant_id": self._tenant_id, **_gathering_key(journal)}
            found = (await self._connection.execute(statement(LOCK_GATHERING), locked)).one_or_none()
            if found is not None and not await self._is_full(found.journal_id, room):
                if found.status != JournalStatus.OPEN:
                    await self._reopen(found.journal_id)
                await self._add_members(ADD_TO_THIS, rows, {"journal_id": found.journal_id})
                return found.journal_id, JournalStatus(found.status)
            new = {"rows": [new_row(journal)], "prefix": reference_prefix}
            if await self._add_members(MAKE_GATHERING, rows, new, "rows") is not None:
                return journal.id, None
        raise RuntimeError("a day's journal was made and closed again and again meanwhile")

    async def _is_full(self, journal_id: UUID, room: Mapping[str, int | None]) -> bool:
        """Whether it lacks room for so many, its row locked; if so, it gathers no longer."""
        parameters = {"tenant_id": self._tenant_id, "journal_id": journal_id, "actor": WORKER, "action": FULL, **room}
        return (await self._connection.execute(statement(CLOSE_FULL), parameters)).one_or_none() is not None

    async def _add_members(self, sql: str, rows: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any], *json: str) -> UUID | None:
        """The journal that took them, None where there was none."""
        values = {"tenant_id": self._tenant_id, "members": rows, **parameters}
        taken = (await self._connection.execute(statement(sql, "members", *json), values)).all()
        return taken[0].journal_id if taken else None


def _gathering_key(journal: Journal) -> dict[str, Any]:
    return {
        "endpoint": journal.endpoint,
        "accounting_date": journal.accounting_date,
        "currency": journal.currency.code,
        "part": str(journal.part),
        "omit": list(journal.omit),
    }
