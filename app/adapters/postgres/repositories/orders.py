"""Orders in PostgreSQL: a row per order, per line and per invoice, so that an event reads and writes only what it touches."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres import order_codec as codec
from app.adapters.postgres.statements import AFTER, COMMITTED, after, only, position, statement
from app.application.ports.currencies import Currencies
from app.application.ports.orders import OrderSummary
from app.domain.accruals import carries, may_be_outstanding
from app.domain.money import Currency
from app.domain.order import InvoiceKey, Order, OrderInvoice
from app.domain.posting import OrderView, Posting
from app.domain.targets import Balances
from app.domain.transaction import Supplier

LOCK = """
INSERT INTO subject_lock (tenant_id, kind, number)
SELECT :tenant_id, :kind, number FROM unnest(CAST(:numbers AS text[])) AS number ORDER BY number
ON CONFLICT (tenant_id, kind, number) DO UPDATE SET number = excluded.number WHERE false
"""
LOCK_FREE = """
WITH made AS (
    INSERT INTO subject_lock (tenant_id, kind, number)
    SELECT :tenant_id, :kind, number FROM unnest(CAST(:numbers AS text[])) AS number ORDER BY number
    ON CONFLICT (tenant_id, kind, number) DO NOTHING
    RETURNING number
), free AS (
    SELECT number FROM subject_lock WHERE tenant_id = :tenant_id AND kind = :kind AND number = ANY(:numbers) FOR UPDATE SKIP LOCKED
)
SELECT number FROM made UNION ALL SELECT number FROM free
"""
LOAD = """
SELECT o.order_number, o.supplier_code, o.supplier_name, o.currency, o.version, o.manager_version, o.state, o.posted,
       l.line_number, l.state AS line_state, l.posted AS line_posted
FROM jsonb_to_recordset(:wanted) AS wanted(number text, lines int[])
CROSS JOIN LATERAL (SELECT * FROM purchase_order WHERE tenant_id = :tenant_id AND order_number = wanted.number LIMIT 1) o
LEFT JOIN LATERAL (
    SELECT line_number, state, posted FROM purchase_order_line
    WHERE tenant_id = :tenant_id AND order_number = wanted.number AND wanted.lines IS NULL
    UNION ALL
    SELECT line.* FROM unnest(wanted.lines) AS number CROSS JOIN LATERAL (
        SELECT line_number, state, posted FROM purchase_order_line
        WHERE tenant_id = :tenant_id AND order_number = wanted.number AND line_number = number LIMIT 1
    ) line
) l ON true
ORDER BY o.order_number, l.line_number
"""
OUTSTANDING = """
SELECT o.order_number, o.supplier_code, o.supplier_name, o.currency, o.version, o.manager_version, o.state, o.posted,
       l.line_number, l.state AS line_state, l.posted AS line_posted
FROM (
    SELECT order_number FROM purchase_order WHERE tenant_id = :tenant_id AND outstanding
    UNION SELECT order_number FROM purchase_order_line WHERE tenant_id = :tenant_id AND outstanding
) AS open
JOIN purchase_order o ON o.tenant_id = :tenant_id AND o.order_number = open.order_number
LEFT JOIN purchase_order_line l ON l.tenant_id = :tenant_id AND l.order_number = o.order_number AND l.outstanding
ORDER BY o.order_number, l.line_number
"""
LOAD_INVOICES = """
SELECT wanted.order_number, i.supplier_code, wanted.number, i.state
FROM jsonb_to_recordset(:wanted) AS wanted(order_number text, supplier text, number text)
CROSS JOIN LATERAL (
    SELECT supplier_code FROM purchase_order WHERE tenant_id = :tenant_id AND order_number = wanted.order_number LIMIT 1
) o
CROSS JOIN LATERAL (
    SELECT supplier_code, state FROM order_invoice
    WHERE tenant_id = :tenant_id AND order_number = wanted.order_number AND number = wanted.number
      AND supplier_code = coalesce(nullif(wanted.supplier, ''), o.supplier_code, '') LIMIT 1
) i
"""
HEADER = """order_number, supplier_code, supplier_name, currency, status, version, manager_version, state, posted, outstanding"""
HEADER_TYPES = """order_number text, supplier_code text, supplier_name text, currency text, status text, version int, manager_version int,
    state jsonb, posted jsonb, outstanding boolean"""
SAVE = f"""
WITH added AS (
    INSERT INTO purchase_order (tenant_id, {HEADER})
    SELECT :tenant_id, {HEADER} FROM jsonb_to_recordset(:new) AS made({HEADER_TYPES})
), changed AS (
    UPDATE purchase_order o SET status = made.status, version = made.version, manager_version = made.manager_version, state = made.state,
        posted = made.posted, outstanding = made.outstanding
    FROM jsonb_to_recordset(:old) AS made({HEADER_TYPES})
    WHERE o.tenant_id = :tenant_id AND o.order_number = made.order_number
), line AS (
    INSERT INTO purchase_order_line (tenant_id, order_number, line_number, state, posted, outstanding)
    SELECT :tenant_id, row ->> 0, (row ->> 1)::int, row -> 2, row -> 3, (row ->> 4)::boolean FROM jsonb_array_elements(:lines) AS row
    ON CONFLICT (tenant_id, order_number, line_number) DO UPDATE
    SET state = excluded.state, posted = excluded.posted, outstanding = excluded.outstanding
)
INSERT INTO order_invoice (tenant_id, order_number, supplier_code, number, state)
SELECT :tenant_id, row ->> 0, row ->> 1, row ->> 2, row -> 3 FROM jsonb_array_elements(:invoices) AS row
ON CONFLICT (tenant_id, order_number, supplier_code, number) DO UPDATE SET state = excluded.state
"""  # noqa: S608 - built from constants, like all statements here
CLAIMED = """
SELECT d.supplier_code, d.number FROM jsonb_array_elements(:rows) AS row CROSS JOIN LATERAL (
    SELECT supplier_code, number FROM supplier_document
    WHERE tenant_id = :tenant_id AND supplier_code = row ->> 0 AND number = row ->> 1 LIMIT 1
) d
"""
CLAIM_DOCUMENT = (
    "INSERT INTO supplier_document (tenant_id, supplier_code, number, event_id) VALUES (:tenant_id, :supplier, :number, :event_id)"
)
RELEASE_DOCUMENT = "DELETE FROM supplier_document WHERE tenant_id = :tenant_id AND supplier_code = :supplier AND number = :number"
OF_INVOICE = """
SELECT supplier_code, order_number FROM order_invoice
WHERE tenant_id = :tenant_id AND number = :number AND supplier_code = coalesce(CAST(:supplier AS text), supplier_code)
ORDER BY order_number
"""
ON_OLDER_VERSION = """
SELECT order_number FROM purchase_order
WHERE tenant_id = :tenant_id AND status = 'open' AND manager_version < :version ORDER BY sequence
"""
COMMITTED_ORDERS = """
SELECT t.subject_number AS order_number
FROM account_transaction t JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id
WHERE t.tenant_id = :tenant_id AND t.subject_type = 'order' AND t.accounting_date <= :as_of AND l.role = 'estimate'
GROUP BY t.subject_number
HAVING sum(CASE l.side WHEN 'credit' THEN l.amount ELSE -l.amount END) <> 0
ORDER BY t.subject_number
"""
PAGE = f"""
SELECT order_number, sequence, written_in::text AS written_in_number, supplier_code, supplier_name, currency, status, version
FROM purchase_order
WHERE tenant_id = :tenant_id AND {COMMITTED}
  AND {AFTER} {{narrowed}}
ORDER BY written_in, sequence LIMIT :limit
"""  # noqa: S608 - built from constants


class PostgresOrders:
    """Orders of one tenant, on the unit of work's connection."""

    def __init__(self, connection: AsyncConnection, tenant_id: UUID, currencies: Currencies) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._currencies = currencies

    async def lock(self, kind: str, numbers: Sequence[str]) -> None:
        if not numbers:
            return
        parameters = {"tenant_id": self._tenant_id, "kind": kind, "numbers": sorted(set(numbers))}
        await self._connection.execute(statement(LOCK), parameters)  # a row that is there is locked, though not written

    async def lock_free(self, kind: str, numbers: Sequence[str]) -> Collection[str]:
        if not numbers:
            return ()
        parameters = {"tenant_id": self._tenant_id, "kind": kind, "numbers": sorted(set(numbers))}
        return {row.number for row in await self._connection.execute(statement(LOCK_FREE), parameters)}

    async def load(self, number: str, lines: Sequence[int] | None) -> OrderView:
        return (await self.load_all({number: lines}))[number]

    async def load_all(
        self, wanted: Mapping[str, Sequence[int] | None], invoices: Sequence[tuple[str, str | None, str]] = ()
    ) -> Mapping[str, OrderView]:
        asked = [{"number": number, "lines": lines} for number, lines in wanted.items()]
        rows: dict[str, list[Row[Any]]] = {}
        for row in await self._connection.execute(statement(LOAD, "wanted"), {"tenant_id": self._tenant_id, "wanted": asked}):
            rows.setdefault(row.order_number, []).append(row)
        named = await self._invoices(invoices) if invoices else {}
        orders = {number: self._order(number, found, named.get(number, {})) for number, found in rows.items()}
        return {number: OrderView(order=orders.get(number), posted=_posted(rows[number]) if number in rows else {}) for number in wanted}

    async def outstanding(self) -> Sequence[OrderView]:
        rows = await self._connection.execute(statement(OUTSTANDING), {"tenant_id": self._tenant_id})
        grouped = [(number, list(group)) for number, group in groupby(rows, key=lambda row: str(row.order_number))]
        return [OrderView(order=self._order(number, group, {}), posted=_posted(group)) for number, group in grouped]

    async def save_all(self, changes: Sequence[tuple[OrderView, Posting]]) -> None:
        new, old, lines, invoices = list[Any](), list[Any](), list[Any](), list[Any]()
        for before, posting in changes:
            if before.order is None:
                new.append(_header_row(before, posting))
            elif None in posting.balances or _header_parts(posting.order) != _header_parts(before.order):
                old.append(_header_row(before, posting))
            lines += _line_rows(posting)
            invoices += _invoice_rows(before, posting)
        rows = {"new": new, "old": old, "lines": lines, "invoices": invoices}
        if any(rows.values()):
            await self._connection.execute(statement(SAVE, *rows), {"tenant_id": self._tenant_id, **rows})

    async def claimed(self, documents: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
        rows = [list(document) for document in documents]
        found = await self._connection.execute(statement(CLAIMED, "rows"), {"tenant_id": self._tenant_id, "rows": rows})
        return {(row.supplier_code, row.number) for row in found}

    async def claim_document(self, supplier: str, number: str, event_id: UUID) -> None:
        parameters = {"tenant_id": self._tenant_id, "supplier": supplier, "number": number, "event_id": event_id}
        await self._connection.execute(statement(CLAIM_DOCUMENT), parameters)

    async def release_document(self, supplier: str, number: str) -> None:
        parameters = {"tenant_id": self._tenant_id, "supplier": supplier, "number": number}
        await self._connection.execute(statement(RELEASE_DOCUMENT), parameters)

    async def orders_of_invoice(self, supplier: str | None, number: str) -> Sequence[tuple[str, str]]:
        parameters = {"tenant_id": self._tenant_id, "supplier": supplier, "number": number}
        return [(row.supplier_code, row.order_number) for row in await self._connection.execute(statement(OF_INVOICE), parameters)]

    async def on_older_version(self, version: int) -> Sequence[str]:
        parameters = {"tenant_id": self._tenant_id, "version": version}
        return [row.order_number for row in await self._connection.execute(statement(ON_OLDER_VERSION), parameters)]

    async def committed(self, as_of: date) -> Sequence[str]:
        parameters = {"tenant_id": self._tenant_id, "as_of": as_of}
        return [row.order_number for row in await self._connection.execute(statement(COMMITTED_ORDERS), parameters)]

    async def page(self, *, supplier: str | None, status: str | None, after_place: int, limit: int) -> Sequence[OrderSummary]:
        narrowed, wanted = only({"supplier_code": supplier, "status": status})
        parameters = {"tenant_id": self._tenant_id, "limit": limit, **after(after_place), **wanted}
        rows = (await self._connection.execute(statement(PAGE.format(narrowed=narrowed)), parameters)).all()
        return [
            OrderSummary(
                number=row.order_number,
                place=position(row),
                supplier_code=row.supplier_code,
                supplier_name=row.supplier_name,
                currency=row.currency,
                status=row.status,
                version=row.version,
            )
            for row in rows
        ]

    async def _invoices(self, wanted: Sequence[tuple[str, str | None, str]]) -> dict[str, dict[InvoiceKey, OrderInvoice]]:
        asked = [{"order_number": order, "supplier": supplier, "number": number} for order, supplier, number in wanted]
        found: dict[str, dict[InvoiceKey, OrderInvoice]] = {}
        for row in await self._connection.execute(statement(LOAD_INVOICES, "wanted"), {"tenant_id": self._tenant_id, "wanted": asked}):
            invoice = codec.invoice_from_json(row.supplier_code, row.number, row.state)
            found.setdefault(row.order_number, {})[invoice.key] = invoice
        return found

    def _order(self, number: str, rows: Sequence[Row[Any]], invoices: Mapping[InvoiceKey, OrderInvoice]) -> Order:
        first, state = rows[0], rows[0].state
        currency = self._currency(first.currency)
        return Order(
            number=number,
            currency=currency,
            base_currency=self._currency(state["base_currency"]),
            rate=codec.read_rate(state["rate"]),
            supplier=Supplier(code=first.supplier_code, name=first.supplier_name or "") if first.supplier_code else None,
            version=first.version,
            manager_version=first.manager_version,
            charges=codec.read_charges(state),
            lines={
                row.line_number: codec.line_from_json(row.line_number, row.line_state, currency.digits) for row in rows if row.line_number
            },
            invoices=invoices,
            header=codec.read_header(state),
            charges_invoiced=state["charges_invoiced"],
            tax_invoiced=state["tax_invoiced"],
            closed=state["closed"],
            cancelled=state["cancelled"],
        )

    def _currency(self, code: str) -> Currency:
        found = self._currencies.get(code)
        if found is None:
            raise LookupError(f"{code} was posted in and is not a currency any more")
        return found


def _posted(rows: Sequence[Row[Any]]) -> Mapping[int | None, Balances]:
    posted: dict[int | None, Balances] = {None: codec.balances_from_json(None, rows[0].posted)}
    return posted | {row.line_number: codec.balances_from_json(row.line_number, row.line_posted) for row in rows if row.line_number}


def _header_row(before: OrderView, posting: Posting) -> dict[str, Any]:
    order, by_header = posting.order, posting.balances.get(None, before.posted.get(None, {}))
    return {
        "order_number": order.number,
        **codec.header_columns(order),
        "state": codec.header_to_json(order),
        "posted": codec.balances_to_json(by_header),
        "outstanding": carries(by_header),
    }


def _line_rows(posting: Posting) -> Iterator[list[Any]]:
    """Those that moved."""
    order = posting.order
    for number, balances in posting.balances.items():
        if number is not None:
            line = order.lines[number]
            kept = codec.line_to_json(line), codec.balances_to_json(balances)
            yield [order.number, number, *kept, may_be_outstanding(order, line, balances)]


def _invoice_rows(before: OrderView, posting: Posting) -> Iterator[list[Any]]:
    """Those that are new or changed."""
    old = {} if before.order is None else before.order.invoices
    for invoice in posting.order.invoices.values():
        if old.get(invoice.key) is not invoice:
            yield [posting.order.number, *invoice.key, codec.invoice_to_json(invoice)]


def _header_parts(order: Order) -> tuple[object, ...]:
    """What the order's own row stores, for telling whether an event changed it."""
    return (
        order.version,
        order.manager_version,
        order.charges,
        order.header,
        dict(order.charges_invoiced),
        order.tax_invoiced,
        order.closed,
        order.cancelled,
    )
