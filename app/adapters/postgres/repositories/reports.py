"""The ledger by account in PostgreSQL: sums by day that were folded before, and what was posted since, in one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.ledger_statements import (
    BEFORE,
    BY_ACCOUNT,
    BY_CHARGE_CODE,
    BY_ROLE,
    FOLD,
    FOLD_BEGIN,
    FOLD_END,
    FOLD_LOCK,
    FOLD_WAITING,
    FOLDED,
    IN_JOURNAL,
    LINES,
    OF_ACCOUNT,
    OF_CHARGE_CODE,
    OF_CODE,
    OF_DAY,
    OF_LINES,
    OF_SUBJECT,
    ORDER_BALANCES,
    PAGE,
    THROUGH,
)
from app.adapters.postgres.statements import statement
from app.application.ports.reports import EVERY_LINE, LedgerKey, LedgerLine, LedgerSum, Narrowing, Selector
from app.domain.money import Amounts, Currency
from app.domain.transaction import Document, Role, Subject

FOLD_FROM = 1_000
"""Transactions: up to so many are read where they are, which is faster than folding them."""


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
        rows = await self._run(BY_CHARGE_CODE, as_of=as_of, folded=await self._folded())
        return [_sum_of(row, row.charge_code or None) for row in rows]

    async def account_sums(self, as_of: date) -> Sequence[LedgerSum]:
        return [_sum_of(row, None) for row in await self._run(BY_ACCOUNT, **await self._span(_day_after(as_of)))]

    async def role_balances(self, as_of: date) -> Mapping[Role, int]:
        return {Role(row.role): int(row.balance) for row in await self._run(BY_ROLE, **await self._span(_day_after(as_of)))}

    async def balance(
        self, selector: Selector, narrowed: Narrowing = EVERY_LINE, *, before: date | None = None, through: LedgerKey | None = None
    ) -> int:
        if narrowed.by_transaction:
            return await self._of_lines(selector, narrowed, before, through)
        until = (before or date.max) if through is None else through.accounting_date
        found = await self._before(selector, narrowed.charge_code, until)
        if through is not None:
            found += await self._sum(OF_DAY, selector, narrowed, "", **_of_key(through))
        return found

    async def _before(self, selector: Selector, charge_code: str | None, until: date) -> int:
        """From the sums by month and by day: only those by day have charge codes."""
        if selector.kind != "charge_code" and charge_code is None:
            parameters = await self._span(until)
            return int((await self._run(OF_ACCOUNT.format(kind=selector.kind), value=selector.value, **parameters)).scalar_one())
        clause, of_code = ("", {}) if charge_code is None else (OF_CHARGE_CODE.format(line=""), {"charge_code": charge_code})
        sql = OF_CODE.format(kind=selector.kind, narrowed=clause)
        return int((await self._run(sql, value=selector.value, until=until, folded=await self._folded(), **of_code)).scalar_one())

    async def lines(
        self,
        selector: Selector,
        narrowed: Narrowing = EVERY_LINE,
        *,
        after: LedgerKey | None,
        date_from: date | None,
        date_to: date | None,
        limit: int,
    ) -> Sequence[LedgerLine]:
        begin = max(after or LedgerKey(date.min, 0, 0), LedgerKey(date_from or date.min, 0, 0))
        clause, parameters = _narrowed(narrowed)
        rows = await self._run(
            (LINES if narrowed.by_transaction else PAGE).format(kind=selector.kind, narrowed=clause),
            value=selector.value,
            date_to=date_to or date.max,
            limit=limit,
            **_of_key(begin),
            **parameters,
        )
        return [_line(row) for row in rows]

    async def _of_lines(self, selector: Selector, narrowed: Narrowing, before: date | None, through: LedgerKey | None) -> int:
        if through is not None:
            return await self._sum(OF_LINES, selector, narrowed, THROUGH, **_of_key(through))
        if before is not None:
            return await self._sum(OF_LINES, selector, narrowed, BEFORE, before=before)
        return await self._sum(OF_LINES, selector, narrowed, "")

    async def _sum(self, sql: str, selector: Selector, narrowed: Narrowing, span: str, **parameters: object) -> int:
        """From the lines themselves: of one day, of one order or debtor, or of one journal."""
        clause, more = _narrowed(narrowed)
        narrower = sql.format(kind=selector.kind, span=span, narrowed=clause)
        return int((await self._run(narrower, value=selector.value, **parameters, **more)).scalar_one())

    async def order_balances(self, orders: Sequence[str]) -> Mapping[str, Mapping[Role, Amounts]]:
        found: dict[str, dict[Role, Amounts]] = defaultdict(dict)
        for row in await self._run(ORDER_BALANCES, orders=list(orders)):
            if row.document or row.base:
                found[row.order_number][Role(row.role)] = Amounts(int(row.document), int(row.base))
        return found

    async def _span(self, until: date) -> dict[str, object]:
        """Whole months, then the days of the last one, up to a day that is left out."""
        return {"until": until, "month": until.replace(day=1), "folded": await self._folded()}

    async def _folded(self) -> str:
        """Asked for by itself, so that the planner knows how little is left. Read in one snapshot with the sums."""
        return (await self._run(FOLDED)).scalar_one_or_none() or "0"

    async def _run(self, sql: str, **parameters: object) -> Any:
        return await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})


def _day_after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def _sum_of(row: Row[Any], charge_code: str | None) -> LedgerSum:
    return LedgerSum(
        account_code=row.account_code,
        account=row.account or None,
        charge_code=charge_code,
        debit=int(row.debit),
        credit=int(row.credit),
    )


def _narrowed(narrowed: Narrowing) -> tuple[str, dict[str, object]]:
    """The clauses on transactions and lines, and their parameters."""
    clauses: list[str] = []
    parameters: dict[str, object] = {}
    if narrowed.charge_code is not None:
        clauses.append(OF_CHARGE_CODE.format(line="l."))
        parameters["charge_code"] = narrowed.charge_code
    if narrowed.subject is not None:
        clauses.append(OF_SUBJECT)
        parameters |= {"subject_type": narrowed.subject.type, "subject_number": narrowed.subject.number}
    if narrowed.journal is not None:
        clauses.append(IN_JOURNAL)
        parameters["journal"] = narrowed.journal
    return "\n".join(clauses), parameters


def _of_key(key: LedgerKey) -> dict[str, object]:
    return {"day": key.accounting_date, "sequence": key.sequence, "line": key.line}


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
