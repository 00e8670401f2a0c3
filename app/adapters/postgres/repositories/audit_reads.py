"""The ledger's rows for an auditor, in PostgreSQL: as they lie there, whoever wrote them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres import order_codec as codec
from app.adapters.postgres.repositories.audit_statements import (
    ACCOUNT_CODES,
    INVOICES,
    LINES,
    LOG,
    LOGGED_ORDERS,
    LOOSE_ENDS,
    OF_EVENT,
    ORDER,
    ORDER_LINES,
    ORDER_NUMBERS,
    TOTALS,
    TRANSACTIONS,
    WRONG_SUMS,
)
from app.adapters.postgres.statements import statement
from app.application.ports.audit_reads import KeptLine, KeptOrder, KeptTransaction, LoggedEvent, LooseEnd, Totals, WrongSum
from app.application.ports.events import EventStatus, StoredEvent
from app.domain.posting import OrderView
from app.domain.targets import Balances

HEADER = (
    *("event_type", "supplier_code", "supplier_name", "document_type", "document_number", "description"),
    *("currency", "currency_digits", "base_currency", "base_digits"),
    *("subject_number", "warehouse", "sales_territory", "gl_interfaces"),
)


class PostgresAuditReads:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def order_numbers(self, after: str | None, limit: int) -> Sequence[str]:
        return [row.number for row in await self._rows(ORDER_NUMBERS, after=after or "", limit=limit)]

    async def order(self, number: str) -> KeptOrder | None:
        headers = await self._rows(ORDER, number=number)
        if not headers:
            return None
        header = headers[0]
        columns = ("supplier_code", "supplier_name", "currency", "status", "version", "manager_version")
        parts: dict[str, dict[str, Any]] = {"order": {**header.state, **{name: getattr(header, name) for name in columns}}}
        posted: dict[int | None, Balances] = {None: codec.balances_from_json(None, header.posted)}
        for line in await self._rows(ORDER_LINES, number=number):
            parts[f"line {line.line_number}"] = line.state
            posted[line.line_number] = codec.balances_from_json(line.line_number, line.posted)
        for invoice in await self._rows(INVOICES, number=number):
            parts[f"invoice {invoice.number} of {invoice.supplier_code}"] = invoice.state
        return KeptOrder(parts=parts, posted=posted)

    def image(self, view: OrderView) -> KeptOrder:
        order = view.order
        if order is None:
            return KeptOrder(parts={}, posted={})
        parts = {"order": {**codec.header_to_json(order), **codec.header_columns(order)}}
        parts |= {f"line {number}": codec.line_to_json(line) for number, line in order.lines.items()}
        parts |= {f"invoice {each.number} of {each.supplier}": codec.invoice_to_json(each) for each in order.invoices.values()}
        return KeptOrder(parts=json.loads(json.dumps(parts)), posted=view.posted)

    async def transactions(self, subject_type: str, number: str) -> Sequence[KeptTransaction]:
        return await self._transactions(await self._rows(TRANSACTIONS, subject_type=subject_type, number=number))

    async def of_event(self, event_id: UUID) -> Sequence[KeptTransaction]:
        return await self._transactions(await self._rows(OF_EVENT, event_id=event_id))

    async def _transactions(self, headers: Sequence[Row[Any]]) -> Sequence[KeptTransaction]:
        lines: dict[UUID, list[KeptLine]] = defaultdict(list)
        for row in await self._rows(LINES, ids=[row.transaction_id for row in headers]) if headers else ():
            lines[row.transaction_id].append(KeptLine._make(row[1:]))
        return [
            KeptTransaction(
                id=row.transaction_id,
                event_id=row.event_id,
                event_type=row.event_type,
                accounting_date=row.accounting_date,
                document_date=row.document_date,
                header={name: getattr(row, name) for name in HEADER},
                lines=lines[row.transaction_id],
            )
            for row in headers
        ]

    async def log(self, after_applied: int, limit: int) -> Sequence[LoggedEvent]:
        events = [_stored(row) for row in await self._rows(LOG, after=after_applied, limit=limit)]
        wanted = [(number, event.applied) for event in events for number in event.decision.get("manager_versions", {})]
        numbers, positions = [number for number, _ in wanted], [position for _, position in wanted]
        orders: dict[UUID, dict[str, date]] = defaultdict(dict)
        for row in await self._rows(LOGGED_ORDERS, numbers=numbers, positions=positions):
            orders[row.event_id][row.order_number] = row.accounting_date
        return [LoggedEvent(stored=event, orders=orders[event.id]) for event in events]

    async def loose_ends(self, limit: int) -> Sequence[LooseEnd]:
        return [
            LooseEnd(what=row.what, event_id=row.event_id, transaction_id=row.transaction_id, subject=row.subject)
            for row in await self._rows(LOOSE_ENDS, limit=limit)
        ]

    async def wrong_sums(self, limit: int) -> Sequence[WrongSum]:
        return [
            WrongSum(
                span=row.span,
                since=row.since,
                account=" ".join(each for each in (row.role, row.account_code, row.account) if each),
                charge_code=row.charge_code or None,
                kept=None if row.kept_debit is None else (int(row.kept_debit), int(row.kept_credit)),
                posted=None if row.true_debit is None else (int(row.true_debit), int(row.true_credit)),
            )
            for row in await self._rows(WRONG_SUMS, limit=limit)
        ]

    async def account_codes(self) -> frozenset[tuple[str, str]]:
        return frozenset((row.name, row.code) for row in await self._rows(ACCOUNT_CODES))

    async def totals(self) -> Totals:
        (row,) = await self._rows(TOTALS)
        return Totals(**{name: int(getattr(row, name)) for name in Totals.__dataclass_fields__})

    async def _rows(self, sql: str, **parameters: Any) -> Sequence[Row[Any]]:
        return (await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})).all()


def _stored(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        id=row.event_id,
        source=row.source,
        external_id=row.external_id,
        type=row.type,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        data=row.data,
        fingerprint=row.fingerprint,
        status=EventStatus(row.status),
        decision=row.decision or {},
        applied=row.applied,
    )
