"""Account transactions in PostgreSQL. All lines of a unit of work's transactions go in by one statement, which a trigger checks."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import AFTER, COMMITTED, after, only, position, statement
from app.application.ports.transactions import Delivery, PostedTransaction, TransactionFilter
from app.domain.money import Currency
from app.domain.transaction import AccountTransaction, DebtorDetails, Document, Ledger, Role, Subject, Supplier, TransactionLine

HEADER = """transaction_id, event_id, event_type, subject_type, subject_number, supplier_code, supplier_name, document_type,
    document_number, document_date, accounting_date, currency, currency_digits, base_currency, base_digits, description,
    warehouse, sales_territory, gl_interfaces"""
HEADER_TYPES = """transaction_id uuid, event_id uuid, event_type text, subject_type text, subject_number text, supplier_code text,
    supplier_name text, document_type text, document_number text, document_date date, accounting_date date, currency text,
    currency_digits int, base_currency text, base_digits int, description text, warehouse text, sales_territory text,
    gl_interfaces text[]"""
LINE = "transaction_id, line, role, ledger, account, account_code, side, amount, base_amount, order_line, charge_code, description"
LINE_COLUMNS = {
    "transaction_ids": "uuid",
    "numbers": "int",
    "roles": "text",
    "ledgers": "text",
    "accounts": "text",
    "account_codes": "text",
    "sides": "text",
    "amounts": "bigint",
    "base_amounts": "bigint",
    "order_lines": "int",
    "charge_codes": "text",
    "descriptions": "text",
}
"""The parameters that carry `LINE`'s columns, one array each: lines are many, and arrays travel and are read faster than JSON."""
ADD = f"""
WITH header AS (
    INSERT INTO account_transaction (tenant_id, {HEADER})
    SELECT :tenant_id, {HEADER} FROM jsonb_to_recordset(:rows) AS made({HEADER_TYPES})
    RETURNING transaction_id, accounting_date, sequence, written_in::text AS written_in_number, posted_at
), line AS (
    INSERT INTO account_transaction_line (tenant_id, {LINE}, accounting_date, sequence)
    SELECT :tenant_id, {", ".join(f"made.{name}" for name in LINE.split(", "))}, accounting_date, sequence
    FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in LINE_COLUMNS.items())}) AS made({LINE})
    JOIN header USING (transaction_id)
)
SELECT transaction_id, sequence, written_in_number, posted_at FROM header
"""  # noqa: S608 - built from constants, like all statements here
SELECT = f"SELECT {HEADER}, sequence, written_in::text AS written_in_number, posted_at FROM account_transaction t"  # noqa: S608
OF_EVENTS = f"{SELECT} WHERE tenant_id = :tenant_id AND event_id = ANY(:event_ids) ORDER BY sequence"
ENTRIES = """
SELECT subject_number FROM account_transaction
WHERE tenant_id = :tenant_id AND subject_type = 'entry' AND subject_number = ANY(:numbers)
"""
BY_ID = f"{SELECT} WHERE tenant_id = :tenant_id AND transaction_id = :transaction_id"
OF_ENTRY = f"{SELECT} WHERE tenant_id = :tenant_id AND subject_type = 'entry' AND subject_number = :number ORDER BY sequence"
DATES = """
  AND (CAST(:date_from AS date) IS NULL OR accounting_date >= :date_from)
  AND (CAST(:date_to AS date) IS NULL OR accounting_date <= :date_to)
"""
OF_DEBTOR = " AND subject_type = 'debtor' AND subject_number = :debtor"
LINE_FILTER = """
  AND EXISTS (SELECT 1 FROM account_transaction_line l WHERE l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id{0})
"""
MOST_DAYS = 400
DAYS = "SELECT min(accounting_date) AS first, max(accounting_date) AS last FROM account_transaction WHERE tenant_id = :tenant_id"
BY_DAY = f"""{SELECT}
JOIN (
    SELECT place.id FROM generate_series(CAST(:date_from AS date), CAST(:date_to AS date), interval '1 day') AS day
    CROSS JOIN LATERAL (
        SELECT transaction_id AS id, written_in, sequence FROM account_transaction t
        WHERE tenant_id = :tenant_id AND accounting_date = CAST(day AS date) AND {COMMITTED} AND {AFTER} {{narrowed}}
        ORDER BY written_in, sequence LIMIT :limit
    ) place
    ORDER BY place.written_in, place.sequence LIMIT :limit
) page ON page.id = t.transaction_id
WHERE tenant_id = :tenant_id ORDER BY written_in, sequence
"""  # noqa: S608
"""Each day's own first ones are merged: what came before the days or between the page's is not walked through."""
LINES = f"SELECT {LINE} FROM account_transaction_line WHERE tenant_id = :tenant_id AND transaction_id = ANY(:ids) ORDER BY line"  # noqa: S608
DELIVERIES = """
SELECT jt.transaction_id, j.endpoint, j.journal_id, j.status, j.number
FROM journal_transaction jt JOIN journal j ON j.tenant_id = jt.tenant_id AND j.journal_id = jt.journal_id
WHERE jt.tenant_id = :tenant_id AND jt.transaction_id = ANY(:ids) ORDER BY j.endpoint
"""


class PostgresTransactions:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, transactions: Sequence[AccountTransaction]) -> Sequence[PostedTransaction]:
        if not transactions:
            return ()
        headers = [_header_row(transaction) for transaction in transactions]
        columns = zip(*(_line_row(each.id, line) for each in transactions for line in each.lines), strict=True)
        parameters = {"tenant_id": self._tenant_id, "rows": headers} | dict(zip(LINE_COLUMNS, map(list, columns), strict=True))
        rows = {row.transaction_id: row for row in await self._connection.execute(statement(ADD, "rows"), parameters)}
        return [
            PostedTransaction(transaction=each, place=position(rows[each.id]), posted_at=rows[each.id].posted_at, delivery=())
            for each in transactions
        ]

    async def of_event(self, event_id: UUID) -> Sequence[PostedTransaction]:
        return await self._read(OF_EVENTS, {"event_ids": [event_id]})

    async def of_events(self, event_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PostedTransaction]]:
        found: dict[UUID, list[PostedTransaction]] = defaultdict(list)
        for posted in await self._read(OF_EVENTS, {"event_ids": list(event_ids)}):
            found[posted.transaction.event_id].append(posted)
        return found

    async def get(self, transaction_id: UUID) -> PostedTransaction | None:
        found = await self._read(BY_ID, {"transaction_id": transaction_id})
        return found[0] if found else None

    async def entries(self, numbers: Collection[str]) -> Collection[str]:
        parameters = {"tenant_id": self._tenant_id, "numbers": list(numbers)}
        return {row.subject_number for row in await self._connection.execute(statement(ENTRIES), parameters)}

    async def of_entry(self, number: str) -> Sequence[AccountTransaction]:
        return [posted.transaction for posted in await self._read(OF_ENTRY, {"number": number})]

    async def page(self, wanted: TransactionFilter, *, after_place: int, limit: int) -> Sequence[PostedTransaction]:
        narrowed, parameters = _narrowing(wanted)
        parameters |= {"limit": limit, **after(after_place)}
        if wanted.order_number is not None:
            del parameters["after_written_in"]
            where = "subject_type = 'order' AND subject_number = :number AND sequence > :after_sequence"
            parameters |= {"number": wanted.order_number, "date_from": wanted.date_from, "date_to": wanted.date_to}
            return await self._read(_ordered(where, DATES + narrowed, "sequence"), parameters)
        where, order = f"{COMMITTED} AND {AFTER}", "written_in, sequence"
        if wanted.date_from is None and wanted.date_to is None:
            return await self._read(_ordered(where, narrowed, order), parameters)
        there = (await self._connection.execute(statement(DAYS), {"tenant_id": self._tenant_id})).one()
        if there.first is None:
            return ()
        first, last = max(wanted.date_from or there.first, there.first), min(wanted.date_to or there.last, there.last)
        by_day = (last - first).days < MOST_DAYS
        sql = BY_DAY.format(narrowed=narrowed) if by_day else _ordered(where, DATES + narrowed, order)
        return await self._read(sql, parameters | {"date_from": first, "date_to": last})

    async def _read(self, sql: str, parameters: dict[str, Any]) -> list[PostedTransaction]:
        headers = (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).all()
        if not headers:
            return []
        wanted = {"tenant_id": self._tenant_id, "ids": [row.transaction_id for row in headers]}
        lines: dict[UUID, list[TransactionLine]] = defaultdict(list)
        for row in await self._connection.execute(statement(LINES), wanted):
            lines[row.transaction_id].append(line_of(row))
        deliveries: dict[UUID, list[Delivery]] = defaultdict(list)
        for row in await self._connection.execute(statement(DELIVERIES), wanted):
            delivery = Delivery(endpoint=row.endpoint, journal_id=row.journal_id, status=row.status, erp_reference=row.number)
            deliveries[row.transaction_id].append(delivery)
        return [
            PostedTransaction(
                transaction=_transaction(row, tuple(lines[row.transaction_id])),
                place=position(row),
                posted_at=row.posted_at,
                delivery=tuple(deliveries[row.transaction_id]),
            )
            for row in headers
        ]


def _narrowing(wanted: TransactionFilter) -> tuple[str, dict[str, Any]]:
    """The conditions but for order and dates, and their parameters."""
    narrowed, parameters = only({"event_type": wanted.event_type})
    if wanted.debtor is not None:
        narrowed += OF_DEBTOR
        parameters["debtor"] = wanted.debtor
    by_line, values = only(
        {"account": wanted.account, "account_code": wanted.account_code, "charge_code": wanted.charge_code, "role": wanted.role}
    )
    return narrowed + (LINE_FILTER.format(by_line) if values else ""), parameters | values


def _ordered(where: str, narrowed: str, order: str) -> str:
    return f"{SELECT} WHERE tenant_id = :tenant_id AND {where} {narrowed} ORDER BY {order} LIMIT :limit"


def _header_row(transaction: AccountTransaction) -> dict[str, Any]:
    return {
        "transaction_id": str(transaction.id),
        "event_id": str(transaction.event_id),
        "event_type": transaction.event_type,
        "subject_type": transaction.subject.type,
        "subject_number": transaction.subject.number,
        "supplier_code": transaction.supplier and transaction.supplier.code,
        "supplier_name": transaction.supplier and transaction.supplier.name,
        "document_type": transaction.document.type,
        "document_number": transaction.document.number,
        "document_date": transaction.document.date.isoformat(),
        "accounting_date": transaction.accounting_date.isoformat(),
        "currency": transaction.currency.code,
        "currency_digits": transaction.currency.digits,
        "base_currency": transaction.base_currency.code,
        "base_digits": transaction.base_currency.digits,
        "description": transaction.description,
    } | _debtor_columns(transaction.debtor)


def _debtor_columns(debtor: DebtorDetails | None) -> dict[str, Any]:
    if debtor is None:
        return {}
    return {"warehouse": debtor.warehouse, "sales_territory": debtor.sales_territory, "gl_interfaces": debtor.gl_interfaces}


def _line_row(transaction_id: UUID, line: TransactionLine) -> tuple[object, ...]:
    """In the order of `LINE_COLUMNS`."""
    return (
        transaction_id,
        line.line,
        line.role,
        line.ledger,
        line.account,
        line.account_code,
        line.side,
        line.amount,
        line.base_amount,
        line.order_line,
        line.charge_code,
        line.description,
    )


def line_of(row: Row[Any]) -> TransactionLine:
    return TransactionLine(
        line=row.line,
        role=Role(row.role),
        ledger=Ledger(row.ledger),
        account=row.account,
        account_code=row.account_code,
        side=row.side,
        amount=row.amount,
        base_amount=row.base_amount,
        order_line=row.order_line,
        charge_code=row.charge_code,
        description=row.description,
    )


def _debtor(row: Row[Any]) -> DebtorDetails:
    return DebtorDetails(warehouse=row.warehouse, sales_territory=row.sales_territory, gl_interfaces=tuple(row.gl_interfaces))


def _transaction(row: Row[Any], lines: tuple[TransactionLine, ...]) -> AccountTransaction:
    return AccountTransaction(
        id=row.transaction_id,
        event_id=row.event_id,
        event_type=row.event_type,
        subject=Subject(type=row.subject_type, number=row.subject_number),
        supplier=Supplier(code=row.supplier_code, name=row.supplier_name or "") if row.supplier_code else None,
        document=Document(type=row.document_type, number=row.document_number, date=row.document_date),
        accounting_date=row.accounting_date,
        currency=Currency(code=row.currency, digits=row.currency_digits),
        base_currency=Currency(code=row.base_currency, digits=row.base_digits),
        description=row.description,
        lines=lines,
        debtor=None if row.gl_interfaces is None else _debtor(row),
    )
