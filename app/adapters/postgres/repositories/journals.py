"""Journals in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.gathering_statements import ADD, ADD_TO_OPEN, ADD_TO_THIS, LOCK_GATHERING, MAKE_GATHERING, PLAIN
from app.adapters.postgres.repositories.transactions import line_of
from app.adapters.postgres.statements import statement
from app.application.ports.journals import GATHERING, REFERENCE_MARK, WORKER, Journal, JournalStep, JournalSummary
from app.domain.delivery import Problem, ValidationLevel
from app.domain.journal import JournalDocument, JournalPart, JournalStatus, journal_lines
from app.domain.money import Amounts, Currency
from app.domain.omission import ShippingAccount, carried_lines, needs_shipping_account
from app.domain.transaction import TransactionLine

LATE = "late transaction"
MOST_TRIES = 20
SHIPPING_ACCOUNTS = """
SELECT t.transaction_id, last.account, last.account_code
FROM account_transaction t
CROSS JOIN LATERAL (
    SELECT l.account, l.account_code FROM account_transaction earlier
    JOIN account_transaction_line l ON l.tenant_id = earlier.tenant_id AND l.transaction_id = earlier.transaction_id
    WHERE earlier.tenant_id = t.tenant_id AND earlier.subject_type = t.subject_type AND earlier.subject_number = t.subject_number
      AND earlier.sequence < t.sequence AND l.role = 'shipping'
    ORDER BY earlier.sequence DESC, l.line DESC LIMIT 1
) last
WHERE t.tenant_id = :tenant_id AND t.transaction_id = ANY(:ids)
"""
CHANGING = "sequence, reference, number, version, held, validation_level, problems, created_at, finished_at, posting_date, description"
MEMBERS = """
CROSS JOIN LATERAL (
    SELECT count(*) AS transactions, sum(m.debit_total)::bigint AS debit_total, sum(m.base_debit_total)::bigint AS base_debit_total
    FROM journal_transaction m WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id
) members
"""
TOTALS = """members.transactions,
       CASE WHEN journal.gathering THEN members.debit_total ELSE journal.debit_total END AS debit_total,
       CASE WHEN journal.gathering THEN members.base_debit_total ELSE journal.base_debit_total END AS base_debit_total"""
WHOLE = ", ".join(f"journal.{column.strip()}" for column in f"{PLAIN}, {CHANGING}".split(",")) + ", " + TOTALS
SELECT = f"SELECT {WHOLE} FROM journal {MEMBERS}"  # noqa: S608
BY_ID = f"{SELECT} WHERE tenant_id = :tenant_id AND journal_id = :journal_id"
BY_IDS = f"{SELECT} WHERE tenant_id = :tenant_id AND journal_id = ANY(:journal_ids)"
PAGE = f"""
{SELECT}
WHERE tenant_id = :tenant_id AND accounting_date BETWEEN :date_from AND :date_to AND sequence > :after
  AND (CAST(:endpoint AS text) IS NULL OR endpoint = :endpoint) AND (CAST(:status AS text) IS NULL OR status = :status)
ORDER BY sequence LIMIT :limit
"""
UPDATE = """
WITH step AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status, reason)
    VALUES (:tenant_id, :journal_id, :actor, :action, :status, :step_reason)
)
UPDATE journal
SET status = :status, number = :number, held = :held, validation_level = :validation_level, problems = :problems,
    reason_code = :reason_code, reason = :reason, finished_at = :finished_at, gathering = :gathering, posting_date = :posting_date,
    debit_total = :debit_total, base_debit_total = :base_debit_total, version = version + 1
WHERE tenant_id = :tenant_id AND journal_id = :journal_id
"""
STEPS = """
SELECT at, actor, action, status, reason FROM journal_step
WHERE tenant_id = :tenant_id AND journal_id = :journal_id ORDER BY step_id
"""
SELECTION = """
SELECT journal_id FROM journal
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND accounting_date BETWEEN :date_from AND :date_to
  AND status NOT IN ('sent', 'marked_as_sent')
ORDER BY sequence LIMIT :limit
"""
SUMMARY = """
SELECT min(j.accounting_date) AS oldest, count(DISTINCT (jt.transaction_id, jt.endpoint)) AS transactions,
       coalesce(sum(jt.base_debit_total), 0) AS debit_total
FROM journal j JOIN journal_transaction jt ON jt.tenant_id = j.tenant_id AND jt.journal_id = j.journal_id
WHERE j.tenant_id = :tenant_id AND j.status NOT IN ('sent', 'marked_as_sent')
  AND (CAST(:endpoint AS text) IS NULL OR j.endpoint = :endpoint)
"""
TRANSACTIONS = """
SELECT jt.transaction_id FROM journal_transaction jt
JOIN account_transaction t ON t.tenant_id = jt.tenant_id AND t.transaction_id = jt.transaction_id
WHERE jt.tenant_id = :tenant_id AND jt.journal_id = :journal_id ORDER BY t.sequence
"""
BLOCKING = """
SELECT journal_id FROM journal
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key AND sequence < :sequence
  AND status NOT IN ('sent', 'marked_as_sent')
ORDER BY sequence
"""
LINES = """
SELECT jt.journal_id, l.transaction_id, l.line, l.role, l.ledger, l.account, l.account_code, l.side, l.amount, l.base_amount, l.order_line,
       l.charge_code, l.description
FROM journal_transaction jt
JOIN account_transaction t ON t.tenant_id = jt.tenant_id AND t.transaction_id = jt.transaction_id
JOIN account_transaction_line l ON l.tenant_id = jt.tenant_id AND l.transaction_id = jt.transaction_id
WHERE jt.tenant_id = :tenant_id AND jt.journal_id = ANY(:journal_ids)
ORDER BY jt.journal_id, t.sequence, l.line
"""


class PostgresJournals:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, journals: Sequence[tuple[Journal, UUID]], reference_prefix: str) -> None:
        if journals:
            rows = [_row(journal, transaction_id) for journal, transaction_id in journals]
            parameters = {"tenant_id": self._tenant_id, "rows": rows, "prefix": reference_prefix}
            await self._connection.execute(statement(ADD, "rows"), parameters)

    async def gather(
        self, journal: Journal, members: Sequence[tuple[UUID, Amounts]], reference_prefix: str
    ) -> tuple[UUID, JournalStatus | None]:
        rows = [
            {"transaction_id": str(member), "debit_total": totals.document, "base_debit_total": totals.base} for member, totals in members
        ]
        for _ in range(MOST_TRIES):
            taken = await self._add_members(ADD_TO_OPEN, rows, _gathering_key(journal))
            if taken is not None:
                return taken, JournalStatus.OPEN
            found = await self._one(LOCK_GATHERING, _gathering_key(journal))
            if found is not None:
                await self._reopen(found.journal_id, JournalStatus(found.status))
                await self._add_members(ADD_TO_THIS, rows, {"journal_id": found.journal_id})
                return found.journal_id, JournalStatus(found.status)
            new = {"rows": [_row(journal)], "prefix": reference_prefix}
            if await self._add_members(MAKE_GATHERING, rows, new, "rows") is not None:
                return journal.id, None
        raise RuntimeError("a day's journal was made and closed again and again meanwhile")

    async def _add_members(self, sql: str, rows: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any], *json: str) -> UUID | None:
        """The journal that took them, None where there was none."""
        values = {"tenant_id": self._tenant_id, "members": rows, **parameters}
        taken = (await self._connection.execute(statement(sql, "members", *json), values)).all()
        return taken[0].journal_id if taken else None

    async def _reopen(self, journal_id: UUID, status: JournalStatus) -> None:
        """What was said about it was said about less than it carries now."""
        if status is not JournalStatus.OPEN and (journal := await self.get(journal_id)) is not None:
            await self.update(replace(journal, status=JournalStatus.OPEN, validation_level=None, problems=()), LATE)

    async def shipping_accounts(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, ShippingAccount]:
        parameters = {"tenant_id": self._tenant_id, "ids": list(transaction_ids)}
        rows = await self._connection.execute(statement(SHIPPING_ACCOUNTS), parameters)
        return {row.transaction_id: ShippingAccount(row.account, row.account_code) for row in rows}

    async def get(self, journal_id: UUID, *, lock: bool = False) -> Journal | None:
        row = await self._one(f"{BY_ID} FOR UPDATE OF journal" if lock else BY_ID, {"journal_id": journal_id})
        if lock and row is not None and row.gathering:
            row = await self._one(BY_ID, {"journal_id": journal_id})  # the statement that waited counted before it had the lock
        return None if row is None else journal_of(row)

    async def get_all(self, journal_ids: Sequence[UUID]) -> Mapping[UUID, Journal]:
        parameters = {"tenant_id": self._tenant_id, "journal_ids": list(journal_ids)}
        return {row.journal_id: journal_of(row) for row in await self._connection.execute(statement(BY_IDS), parameters)}

    async def document(self, journal: Journal) -> JournalDocument:
        return (await self.documents([journal]))[journal.id]

    async def documents(self, journals: Sequence[Journal]) -> Mapping[UUID, JournalDocument]:
        parameters = {"tenant_id": self._tenant_id, "journal_ids": [journal.id for journal in journals]}
        posted: dict[UUID, dict[UUID, list[TransactionLine]]] = {journal.id: {} for journal in journals}
        for row in await self._connection.execute(statement(LINES), parameters):
            posted[row.journal_id].setdefault(row.transaction_id, []).append(line_of(row))
        asking = {
            posted_id
            for journal in journals
            for posted_id, lines in posted[journal.id].items()
            if needs_shipping_account(lines, journal.omit)
        }
        shipping = await self.shipping_accounts(list(asking)) if asking else {}
        return {journal.id: _document(journal, posted[journal.id], shipping) for journal in journals}

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
        parameters = {
            "tenant_id": self._tenant_id,
            "endpoint": endpoint,
            "date_from": date_from,
            "date_to": date_to,
            "status": status,
            "after": after_place,
            "limit": limit,
        }
        return [journal_of(row) for row in await self._connection.execute(statement(PAGE), parameters)]

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

    async def _one(self, sql: str, parameters: Mapping[str, Any]) -> Row[Any] | None:
        return (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).one_or_none()


def _gathering_key(journal: Journal) -> dict[str, Any]:
    return {
        "endpoint": journal.endpoint,
        "accounting_date": journal.accounting_date,
        "currency": journal.currency.code,
        "part": str(journal.part),
        "omit": list(journal.omit),
    }


def _row(journal: Journal, transaction_id: UUID | None = None) -> dict[str, Any]:
    return {
        "journal_id": str(journal.id),
        "endpoint": journal.endpoint,
        "accounting_date": journal.accounting_date.isoformat(),
        "currency": journal.currency.code,
        "currency_digits": journal.currency.digits,
        "base_currency": journal.base_currency.code,
        "base_digits": journal.base_currency.digits,
        "debit_total": journal.debit_total,
        "base_debit_total": journal.base_debit_total,
        "description_parts": journal.description.split(REFERENCE_MARK),
        "lane_key": journal.lane_key,
        "status": journal.status,
        "reason_code": journal.reason_code,
        "reason": journal.reason,
        "gathering": journal.gathering,
        "part": journal.part,
        "omit": list(journal.omit),
        "transaction_id": transaction_id and str(transaction_id),
    }


def _document(
    journal: Journal, posted: Mapping[UUID, Sequence[TransactionLine]], shipping: Mapping[UUID, ShippingAccount]
) -> JournalDocument:
    """What it carries of each of its transactions, in the order in which they were posted."""
    carried = (
        line
        for posted_id, lines in posted.items()
        for line in carried_lines(lines, omit=journal.omit, part=journal.part, shipping=shipping.get(posted_id))
    )
    return JournalDocument(
        reference=journal.reference,
        accounting_date=journal.posting_date or journal.accounting_date,
        currency=journal.currency.code,
        base_currency=journal.base_currency.code,
        description=journal.description,
        lines=journal_lines(carried, journal.currency, journal.base_currency),
    )


def journal_of(row: Row[Any]) -> Journal:
    return Journal(
        id=row.journal_id,
        endpoint=row.endpoint,
        reference=row.reference,
        accounting_date=row.accounting_date,
        currency=Currency(code=row.currency, digits=row.currency_digits),
        base_currency=Currency(code=row.base_currency, digits=row.base_digits),
        debit_total=row.debit_total,
        base_debit_total=row.base_debit_total,
        description=row.description,
        lane_key=row.lane_key,
        status=JournalStatus(row.status),
        number=row.number,
        version=row.version,
        held=row.held,
        validation_level=ValidationLevel(row.validation_level) if row.validation_level else None,
        problems=tuple(Problem(**problem) for problem in row.problems),
        reason_code=row.reason_code,
        reason=row.reason,
        sequence=row.sequence,
        created_at=row.created_at,
        finished_at=row.finished_at,
        gathering=row.gathering,
        part=JournalPart(row.part),
        omit=tuple(row.omit),
        posting_date=row.posting_date,
        transactions=row.transactions,
    )


def problem_json(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "code": problem.code, "message": problem.message, "severity": problem.severity}
