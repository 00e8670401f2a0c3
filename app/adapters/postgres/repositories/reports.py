"""The ledger by account in PostgreSQL: sums by day that were folded before, and what was posted since, in one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import statement
from app.application.ports.reports import LedgerKey, LedgerLine, LedgerSum, Selector
from app.domain.money import Amounts, Currency
from app.domain.transaction import Document, Role, Subject

FOLD_FROM = 1_000
"""Transactions: up to so many are read where they are, which is faster than folding them."""

JOINED = """account_transaction t
JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id"""
SIDES = """CASE l.side WHEN 'debit' THEN l.base_amount ELSE 0 END AS debit,
       CASE l.side WHEN 'credit' THEN l.base_amount ELSE 0 END AS credit"""
SUMS = f"""
WITH sums AS (
    SELECT accounting_date, role, account, account_code, charge_code, debit, credit FROM ledger_day WHERE tenant_id = :tenant_id
    UNION ALL
    SELECT t.accounting_date, l.role, coalesce(l.account, ''), l.account_code, coalesce(l.charge_code, ''), {SIDES}
    FROM {JOINED}
    WHERE t.tenant_id = :tenant_id
      AND t.written_in >= CAST(CAST(:folded AS text) AS xid8)
)
"""  # noqa: S608 - built from constants, like all statements here
BY_ACCOUNT = f"""{SUMS}
SELECT account_code, account, charge_code, sum(debit) AS debit, sum(credit) AS credit FROM sums
WHERE accounting_date <= :as_of GROUP BY account_code, account, charge_code ORDER BY account_code, account, charge_code
"""  # noqa: S608
BY_ROLE = f"{SUMS} SELECT role, sum(credit - debit) AS balance FROM sums WHERE accounting_date <= :as_of GROUP BY role"  # noqa: S608
BALANCE = f"""{SUMS}
SELECT coalesce(sum(debit - credit), 0) FROM sums
WHERE {{kind}} = :value AND (CAST(:before AS date) IS NULL OR accounting_date < :before)
"""  # noqa: S608
SAME_DAY = f"""
SELECT coalesce(sum(debit - credit), 0) FROM (
    SELECT {SIDES} FROM {JOINED}
    WHERE t.tenant_id = :tenant_id AND l.{{kind}} = :value AND t.accounting_date = :day
      AND (t.sequence, l.line) <= (:sequence, :line)
) AS day
"""  # noqa: S608
LINES = f"""
SELECT t.accounting_date, t.sequence, l.line, t.transaction_id, t.event_type, t.subject_type, t.subject_number, t.supplier_code,
       t.document_type, t.document_number, t.document_date, t.currency, t.currency_digits, l.role, l.account, l.account_code,
       l.charge_code, l.order_line, l.side, l.amount, l.base_amount, l.description
FROM {JOINED}
WHERE t.tenant_id = :tenant_id AND l.{{kind}} = :value AND t.accounting_date >= :date_from AND t.accounting_date <= :date_to
  AND (t.accounting_date, t.sequence) >= (:day, :sequence) AND (t.accounting_date, t.sequence, l.line) > (:day, :sequence, :line)
ORDER BY t.accounting_date, t.sequence, l.line LIMIT :limit
"""  # noqa: S608
ORDER_BALANCES = """
SELECT order_number, entry ->> 0 AS role, sum((entry ->> 5)::numeric) AS document, sum((entry ->> 6)::numeric) AS base
FROM (
    SELECT order_number, posted FROM purchase_order WHERE tenant_id = :tenant_id AND order_number = ANY(:orders)
    UNION ALL SELECT order_number, posted FROM purchase_order_line WHERE tenant_id = :tenant_id AND order_number = ANY(:orders)
) AS kept, jsonb_array_elements(posted) AS entry
GROUP BY order_number, entry ->> 0
"""
FOLDED = "SELECT folded_before::text FROM ledger_fold WHERE tenant_id = :tenant_id"
FOLD_BEGIN = "INSERT INTO ledger_fold (tenant_id, folded_before) VALUES (:tenant_id, '0') ON CONFLICT (tenant_id) DO NOTHING"
FOLD_LOCK = """
SELECT folded_before::text AS done, pg_snapshot_xmin(pg_current_snapshot())::text AS until
FROM ledger_fold WHERE tenant_id = :tenant_id FOR UPDATE SKIP LOCKED
"""
FOLD_WAITING = """
SELECT count(*) FROM (
    SELECT 1 FROM account_transaction WHERE tenant_id = :tenant_id AND written_in >= CAST(CAST(:done AS text) AS xid8) LIMIT :most
) AS waiting
"""
FOLD = f"""
INSERT INTO ledger_day (tenant_id, accounting_date, role, account, account_code, charge_code, debit, credit)
SELECT :tenant_id, accounting_date, role, account, account_code, charge_code, sum(debit), sum(credit) FROM (
    SELECT t.accounting_date, l.role, coalesce(l.account, '') AS account, l.account_code,
           coalesce(l.charge_code, '') AS charge_code, {SIDES}
    FROM {JOINED}
    WHERE t.tenant_id = :tenant_id
      AND t.written_in >= CAST(CAST(:done AS text) AS xid8) AND t.written_in < CAST(CAST(:until AS text) AS xid8)
) AS posted
GROUP BY accounting_date, role, account, account_code, charge_code
ON CONFLICT (tenant_id, accounting_date, role, account, account_code, charge_code)
DO UPDATE SET debit = ledger_day.debit + excluded.debit, credit = ledger_day.credit + excluded.credit
"""  # noqa: S608
FOLD_END = """
UPDATE ledger_fold SET folded_before = CAST(CAST(:until AS text) AS xid8)
WHERE tenant_id = :tenant_id AND folded_before < CAST(CAST(:until AS text) AS xid8)
"""


class PostgresLedgerReports:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def fold(self) -> bool:
        """Only what no writer still open can add to. Who comes while another folds does not wait: sums are right either way."""
        await self._run(FOLD_BEGIN)
        found = (await self._run(FOLD_LOCK)).one_or_none()
        if found is None or (await self._run(FOLD_WAITING, done=found.done, most=FOLD_FROM)).scalar_one() < FOLD_FROM:
            return False
        await self._run(FOLD, done=found.done, until=found.until)
        await self._run(FOLD_END, until=found.until)
        return True

    async def sums(self, as_of: date) -> Sequence[LedgerSum]:
        return [
            LedgerSum(
                account_code=row.account_code,
                account=row.account or None,
                charge_code=row.charge_code or None,
                debit=int(row.debit),
                credit=int(row.credit),
            )
            for row in await self._run(BY_ACCOUNT, as_of=as_of, folded=await self._folded())
        ]

    async def role_balances(self, as_of: date) -> Mapping[Role, int]:
        return {Role(row.role): int(row.balance) for row in await self._run(BY_ROLE, as_of=as_of, folded=await self._folded())}

    async def balance(self, selector: Selector, *, before: date | None = None, through: LedgerKey | None = None) -> int:
        named = {"value": selector.value}
        day = before if through is None else through.accounting_date
        found = (await self._run(BALANCE.format(kind=selector.kind), **named, before=day, folded=await self._folded())).scalar_one()
        if through is not None:
            parameters = {**named, "day": through.accounting_date, "sequence": through.sequence, "line": through.line}
            found += (await self._run(SAME_DAY.format(kind=selector.kind), **parameters)).scalar_one()
        return int(found)

    async def lines(
        self, selector: Selector, *, after: LedgerKey | None, date_from: date | None, date_to: date | None, limit: int
    ) -> Sequence[LedgerLine]:
        begin = after or LedgerKey(date.min, 0, 0)
        rows = await self._run(
            LINES.format(kind=selector.kind),
            value=selector.value,
            date_from=max(date_from or date.min, begin.accounting_date),
            date_to=date_to or date.max,
            day=begin.accounting_date,
            sequence=begin.sequence,
            line=begin.line,
            limit=limit,
        )
        return [_line(row) for row in rows]

    async def order_balances(self, orders: Sequence[str]) -> Mapping[str, Mapping[Role, Amounts]]:
        found: dict[str, dict[Role, Amounts]] = defaultdict(dict)
        for row in await self._run(ORDER_BALANCES, orders=list(orders)):
            if row.document or row.base:
                found[row.order_number][Role(row.role)] = Amounts(int(row.document), int(row.base))
        return found

    async def _folded(self) -> str:
        """Asked for by itself, so that the planner knows how little is left. Read in one snapshot with the sums."""
        return (await self._run(FOLDED)).scalar_one_or_none() or "0"

    async def _run(self, sql: str, **parameters: object) -> Any:
        return await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})


def _line(row: Row[Any]) -> LedgerLine:
    return LedgerLine(
        key=LedgerKey(row.accounting_date, row.sequence, row.line),
        transaction_id=row.transaction_id,
        event_type=row.event_type,
        subject=Subject(type=row.subject_type, number=row.subject_number),
        supplier_code=row.supplier_code,
        document=Document(type=row.document_type, number=row.document_number, date=row.document_date),
        currency=Currency(code=row.currency, digits=row.currency_digits),
        role=Role(row.role),
        account=row.account,
        account_code=row.account_code,
        charge_code=row.charge_code,
        order_line=row.order_line,
        side=row.side,
        amount=row.amount,
        base_amount=row.base_amount,
        description=row.description,
    )
