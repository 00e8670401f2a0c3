"""Journals in PostgreSQL."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.journals import WORKER, Journal, JournalStep, JournalSummary
from app.domain.delivery import Problem, ValidationLevel
from app.domain.journal import JournalDocument, JournalLine, JournalPart, JournalStatus
from app.domain.money import Currency

FIXED = """journal_id, endpoint, accounting_date, currency, currency_digits, base_currency, base_digits, debit_total,
    base_debit_total, description, lane_key, status, reason_code, reason, gathering, part, omit"""
FIXED_TYPES = """journal_id uuid, endpoint text, accounting_date date, currency text, currency_digits int, base_currency text,
    base_digits int, debit_total bigint, base_debit_total bigint, description text, lane_key text, status text, reason_code text,
    reason text, gathering boolean, part text, omit text[], transaction_id uuid"""
ADD = f"""
WITH wanted AS (
    SELECT wanted.*, nextval('ledger_sequence') AS sequence FROM jsonb_to_recordset(:rows) AS wanted({FIXED_TYPES})
), made AS (
    INSERT INTO journal (tenant_id, sequence, reference, finished_at, {FIXED})
    SELECT :tenant_id, sequence, CAST(:prefix AS text) || '-' || lpad(sequence::text, 12, '0'),
           CASE WHEN status = 'marked_as_sent' THEN now() END, {FIXED}
    FROM wanted
)
INSERT INTO journal_transaction (tenant_id, journal_id, transaction_id, endpoint, part, debit_total, base_debit_total)
SELECT :tenant_id, journal_id, transaction_id, endpoint, part, debit_total, base_debit_total FROM wanted
"""  # noqa: S608 - built from constants, like all statements here
CHANGING = "sequence, reference, number, version, held, validation_level, problems, created_at, finished_at, posting_date"
MEMBERS = """(SELECT count(*) FROM journal_transaction m
    WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id) AS transactions"""
SELECT = f"SELECT {FIXED}, {CHANGING}, {MEMBERS} FROM journal"  # noqa: S608
BY_ID = f"{SELECT} WHERE tenant_id = :tenant_id AND journal_id = :journal_id"
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
SELECT min(accounting_date) AS oldest, count(*) AS journals, coalesce(sum(base_debit_total), 0) AS debit_total,
  (SELECT count(*) FROM journal_transaction jt JOIN journal j ON j.tenant_id = jt.tenant_id AND j.journal_id = jt.journal_id
   WHERE jt.tenant_id = :tenant_id AND j.status NOT IN ('sent', 'marked_as_sent')
     AND (CAST(:endpoint AS text) IS NULL OR j.endpoint = :endpoint)) AS transactions
FROM journal
WHERE tenant_id = :tenant_id AND status NOT IN ('sent', 'marked_as_sent')
  AND (CAST(:endpoint AS text) IS NULL OR endpoint = :endpoint)
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
SELECT l.role, l.ledger, l.account, l.account_code, l.side, l.amount, l.base_amount, l.charge_code, l.description
FROM journal_transaction jt
JOIN account_transaction t ON t.tenant_id = jt.tenant_id AND t.transaction_id = jt.transaction_id
JOIN account_transaction_line l ON l.tenant_id = jt.tenant_id AND l.transaction_id = jt.transaction_id
WHERE jt.tenant_id = :tenant_id AND jt.journal_id = :journal_id
ORDER BY t.sequence, l.line
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

    async def get(self, journal_id: UUID, *, lock: bool = False) -> Journal | None:
        sql = f"{BY_ID} FOR UPDATE" if lock else BY_ID
        row = (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, "journal_id": journal_id})).one_or_none()
        return None if row is None else _journal(row)

    async def document(self, journal: Journal) -> JournalDocument:
        rows = await self._connection.execute(statement(LINES), {"tenant_id": self._tenant_id, "journal_id": journal.id})
        return JournalDocument(
            reference=journal.reference,
            accounting_date=journal.posting_date or journal.accounting_date,
            currency=journal.currency.code,
            base_currency=journal.base_currency.code,
            description=journal.description,
            lines=tuple(
                JournalLine(
                    line=number,
                    role=row.role,
                    ledger=row.ledger,
                    account=row.account,
                    account_code=row.account_code,
                    side=row.side,
                    amount=journal.currency.to_decimal(row.amount),
                    base_amount=journal.base_currency.to_decimal(row.base_amount),
                    charge_code=row.charge_code,
                    description=row.description,
                )
                for number, row in enumerate(rows, start=1)
            ),
        )

    async def update(self, journal: Journal, action: str, *, actor: str = WORKER, reason: str | None = None) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "journal_id": journal.id,
            "status": str(journal.status),
            "number": journal.number,
            "held": journal.held,
            "validation_level": journal.validation_level and str(journal.validation_level),
            "problems": [_problem_json(problem) for problem in journal.problems],
            "reason_code": journal.reason_code,
            "reason": journal.reason,
            "finished_at": journal.finished_at,
            "gathering": journal.gathering,
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
        return [_journal(row) for row in await self._connection.execute(statement(PAGE), parameters)]

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


def _row(journal: Journal, transaction_id: UUID) -> dict[str, Any]:
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
        "description": journal.description,
        "lane_key": journal.lane_key,
        "status": journal.status,
        "reason_code": journal.reason_code,
        "reason": journal.reason,
        "gathering": journal.gathering,
        "part": journal.part,
        "omit": list(journal.omit),
        "transaction_id": str(transaction_id),
    }


def _journal(row: Row[Any]) -> Journal:
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


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "code": problem.code, "message": problem.message, "severity": problem.severity}
