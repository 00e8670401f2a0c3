"""Orders in PostgreSQL: a row per order, per line and per invoice, so that an event reads and writes only what it touches."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres import order_codec as codec
from app.adapters.postgres.statements import AFTER, COMMITTED, after, position, statement
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
LOAD = """
SELECT o.supplier_code, o.supplier_name, o.currency, o.version, o.manager_version, o.state, o.posted,
       l.line_number, l.state AS line_state, l.posted AS line_posted
FROM purchase_order o
LEFT JOIN purchase_order_line l
  ON l.tenant_id = o.tenant_id AND l.order_number = o.order_number AND (:every OR l.line_number = ANY(:lines))
WHERE o.tenant_id = :tenant_id AND o.order_number = :number
ORDER BY l.line_number
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
LOAD_INVOICE = """
SELECT state FROM order_invoice
WHERE tenant_id = :tenant_id AND order_number = :number AND supplier_code = :supplier AND number = :invoice
"""
INSERT_ORDER = """
INSERT INTO purchase_order
    (tenant_id, order_number, supplier_code, supplier_name, currency, status, version, manager_version, state, posted, outstanding)
VALUES (:tenant_id, :number, :supplier_code, :supplier_name, :currency, :status, :version, :manager_version, :state, :posted, :outstanding)
"""
UPDATE_ORDER = """
UPDATE purchase_order SET status = :status, version = :version, manager_version = :manager_version, state = :state, posted = :posted,
    outstanding = :outstanding
WHERE tenant_id = :tenant_id AND order_number = :number
"""
PUT_LINES = """
INSERT INTO purchase_order_line (tenant_id, order_number, line_number, state, posted, outstanding)
SELECT :tenant_id, :number, (row ->> 0)::int, row -> 1, row -> 2, (row ->> 3)::boolean FROM jsonb_array_elements(:rows) AS row
ON CONFLICT (tenant_id, order_number, line_number) DO UPDATE
SET state = excluded.state, posted = excluded.posted, outstanding = excluded.outstanding
"""
PUT_INVOICES = """
INSERT INTO order_invoice (tenant_id, order_number, supplier_code, number, state)
SELECT :tenant_id, :number, row ->> 0, row ->> 1, row -> 2 FROM jsonb_array_elements(:rows) AS row
ON CONFLICT (tenant_id, order_number, supplier_code, number) DO UPDATE SET state = excluded.state
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
  AND {AFTER}
  AND (CAST(:supplier AS text) IS NULL OR supplier_code = :supplier) AND (CAST(:status AS text) IS NULL OR status = :status)
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

    async def load(self, number: str, lines: Sequence[int] | None, invoice: tuple[str | None, str] | None = None) -> OrderView:
        wanted = {"tenant_id": self._tenant_id, "number": number, "every": lines is None, "lines": list(lines or ())}
        rows = (await self._connection.execute(statement(LOAD), wanted)).all()
        if not rows:
            return OrderView(order=None, posted={})
        found = None if invoice is None else await self._invoice(number, (invoice[0] or rows[0].supplier_code or "", invoice[1]))
        order = self._order(number, rows, {} if found is None else {found.key: found})
        return OrderView(order=order, posted=_posted(rows))

    async def outstanding(self) -> Sequence[OrderView]:
        rows = await self._connection.execute(statement(OUTSTANDING), {"tenant_id": self._tenant_id})
        grouped = [(number, list(group)) for number, group in groupby(rows, key=lambda row: str(row.order_number))]
        return [OrderView(order=self._order(number, group, {}), posted=_posted(group)) for number, group in grouped]

    async def save(self, before: OrderView, posting: Posting) -> None:
        order, old = posting.order, before.order
        by_header = posting.balances.get(None, before.posted.get(None, {}))
        key = {"tenant_id": self._tenant_id, "number": order.number}
        header = {
            "status": "cancelled" if order.cancelled else "closed" if order.closed else "open",
            "version": order.version,
            "manager_version": order.manager_version,
            "state": codec.header_to_json(order),
            "posted": codec.balances_to_json(by_header),
            "outstanding": carries(by_header),
        }
        if old is None:
            fixed = {
                "supplier_code": order.supplier and order.supplier.code,
                "supplier_name": order.supplier and order.supplier.name,
                "currency": order.currency.code,
            }
            await self._connection.execute(statement(INSERT_ORDER, "state", "posted"), {**key, **fixed, **header})
        elif None in posting.balances or _header_parts(order) != _header_parts(old):
            await self._connection.execute(statement(UPDATE_ORDER, "state", "posted"), {**key, **header})
        lines = [
            [number, codec.line_to_json(line), codec.balances_to_json(balances), may_be_outstanding(order, line, balances)]
            for number, line in order.lines.items()
            if (balances := posting.balances.get(number)) is not None
        ]
        invoices = [
            [*invoice.key, codec.invoice_to_json(invoice)]
            for invoice in order.invoices.values()
            if old is None or old.invoices.get(invoice.key) is not invoice
        ]
        for put, put_rows in ((PUT_LINES, lines), (PUT_INVOICES, invoices)):
            if put_rows:
                await self._connection.execute(statement(put, "rows"), {**key, "rows": put_rows})

    async def claim_document(self, supplier: str, number: str, event_id: object) -> None:
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
        parameters = {"tenant_id": self._tenant_id, "supplier": supplier, "status": status, "limit": limit, **after(after_place)}
        rows = (await self._connection.execute(statement(PAGE), parameters)).all()
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

    async def _invoice(self, number: str, key: InvoiceKey) -> OrderInvoice | None:
        supplier, invoice = key
        parameters = {"tenant_id": self._tenant_id, "number": number, "supplier": supplier, "invoice": invoice}
        row = (await self._connection.execute(statement(LOAD_INVOICE), parameters)).one_or_none()
        return None if row is None else codec.invoice_from_json(supplier, invoice, row.state)

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
