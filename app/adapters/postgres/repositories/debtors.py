"""The debtors ledger in PostgreSQL: its option, the numbers that were used, and its balances."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.masters import (
    DEBTORS,
    GL_INTERFACES,
    SALES_TERRITORIES,
    WAREHOUSES,
    PostgresGlInterfaces,
    PostgresMasters,
)
from app.adapters.postgres.statements import statement
from app.application.ports.debtors import BalanceBy, DebtorDocument, DebtorFilter, DebtorSum, ListedDebtorTransaction
from app.domain.debtors import Debtor, DebtorsKey, Dissection, Option, SalesTerritory, Warehouse, WarehouseKey
from app.domain.events import DebtorKind
from app.domain.money import Currency

COLUMNS = "kind, number, event_id, debtor, warehouse, sales_territory, gl_interfaces"
CLAIM = f"""
INSERT INTO debtor_document (tenant_id, {COLUMNS})
VALUES (:tenant_id, :kind, :number, :event_id, :debtor, :warehouse, :sales_territory, :gl_interfaces)
"""  # noqa: S608 - built from constants, like all statements here
GET = f"SELECT {COLUMNS}, reversed_by FROM debtor_document WHERE tenant_id = :tenant_id AND kind = :kind AND number = :number"  # noqa: S608
USED = """
SELECT d.kind, d.number FROM debtor_document d
JOIN unnest(CAST(:kinds AS text[]), CAST(:numbers AS text[])) AS wanted(kind, number) ON wanted.kind = d.kind AND wanted.number = d.number
WHERE d.tenant_id = :tenant_id
"""
REVERSE = """
UPDATE debtor_document SET reversed_by = :event_id
WHERE tenant_id = :tenant_id AND kind = :kind AND number = :number AND reversed_by IS NULL
"""
DISSECTION = "SELECT option, warehouse_key, debtors_key FROM debtor_dissection WHERE tenant_id = :tenant_id"
SET_DISSECTION = """
INSERT INTO debtor_dissection (tenant_id, option, warehouse_key, debtors_key)
VALUES (:tenant_id, :option, :warehouse_key, :debtors_key)
ON CONFLICT (tenant_id) DO UPDATE
SET option = excluded.option, warehouse_key = excluded.warehouse_key, debtors_key = excluded.debtors_key
"""
PAGE = """
SELECT t.transaction_id, t.sequence, d.kind, d.number, d.debtor, m.name AS debtor_name, t.document_date, t.accounting_date, t.currency,
       t.currency_digits, d.reversed_by IS NOT NULL AS reversed,
       (SELECT sum(l.amount) FROM account_transaction_line l
        WHERE l.tenant_id = :tenant_id AND l.transaction_id = t.transaction_id AND l.role = 'receivable') AS total
FROM account_transaction t
JOIN debtor_document d ON d.tenant_id = t.tenant_id AND d.kind = t.document_type AND d.number = t.document_number
JOIN debtor m ON m.tenant_id = d.tenant_id AND m.code = d.debtor
WHERE t.tenant_id = :tenant_id AND t.event_type = 'debtor.transaction' AND d.event_id = t.event_id {narrowed}
ORDER BY t.sequence DESC LIMIT :limit
"""
NARROWED = {
    "before": "t.sequence < :before",
    "debtor": "d.debtor = :debtor AND t.subject_number = :debtor",
    "kinds": "d.kind = ANY(:kinds)",
    "number": "d.number = :number",
    "date_from": "t.document_date >= :date_from",
    "date_to": "t.document_date <= :date_to",
}
BALANCES = """
WITH posted AS (
    SELECT {key} AS code, l.account, l.account_code,
           coalesce(sum(l.base_amount) FILTER (WHERE l.side = 'debit'), 0) AS debit,
           coalesce(sum(l.base_amount) FILTER (WHERE l.side = 'credit'), 0) AS credit
    FROM account_transaction t
    JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id AND l.role = 'receivable'
    WHERE t.tenant_id = :tenant_id AND t.subject_type = 'debtor' AND t.accounting_date <= :as_of
    GROUP BY 1, 2, 3
)
SELECT p.code, {name} AS name, p.account, p.account_code, p.debit, p.credit FROM posted p {join}
WHERE p.debit <> 0 OR p.credit <> 0 ORDER BY p.code NULLS LAST, p.account_code, p.account
"""
KEYS = {
    BalanceBy.DEBTOR: ("t.subject_number", "debtor"),
    BalanceBy.WAREHOUSE: ("t.warehouse", "warehouse"),
    BalanceBy.SALES_TERRITORY: ("t.sales_territory", "sales_territory"),
    BalanceBy.CONTROL_ACCOUNT: ("l.account", None),
}


class PostgresDebtorDocuments:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def claim(self, document: DebtorDocument) -> None:
        """A number that was used comes out as `DebtorTransactionExists`, by its constraint."""
        await self._run(
            CLAIM,
            kind=str(document.kind),
            number=document.number,
            event_id=document.event_id,
            debtor=document.debtor,
            warehouse=document.warehouse,
            sales_territory=document.sales_territory,
            gl_interfaces=list(document.gl_interfaces),
        )

    async def get(self, kind: str, number: str) -> DebtorDocument | None:
        row = (await self._run(GET, kind=kind, number=number)).one_or_none()
        return None if row is None else _document(row)

    async def used(self, numbers: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        if not numbers:
            return frozenset()
        rows = await self._run(USED, kinds=[str(kind) for kind, _ in numbers], numbers=[number for _, number in numbers])
        return frozenset((row.kind, row.number) for row in rows)

    async def reverse(self, kind: str, number: str, event_id: UUID) -> None:
        await self._run(REVERSE, kind=kind, number=number, event_id=event_id)

    async def page(self, wanted: DebtorFilter, *, before: int | None, limit: int) -> Sequence[ListedDebtorTransaction]:
        """Numbers are found along their key, which begins with the kind: without one, every kind is named."""
        kinds = [wanted.kind] if wanted.kind else [*DebtorKind] if wanted.number else None
        given = {
            "before": before,
            "debtor": wanted.debtor,
            "kinds": kinds and [str(kind) for kind in kinds],
            "number": wanted.number,
            "date_from": wanted.date_from,
            "date_to": wanted.date_to,
        }
        parameters = {name: value for name, value in given.items() if value is not None}
        narrowed = "".join(f" AND {NARROWED[name]}" for name in parameters)
        return [_listed(row) for row in await self._run(PAGE.format(narrowed=narrowed), **parameters, limit=limit)]

    async def balances(self, as_of: date, by: BalanceBy) -> Sequence[DebtorSum]:
        key, table = KEYS[by]
        join = f"LEFT JOIN {table} m ON m.tenant_id = :tenant_id AND m.code = p.code" if table else ""
        sql = BALANCES.format(key=key, name="m.name" if table else "CAST(NULL AS text)", join=join)
        return [
            DebtorSum(
                code=row.code,
                name=row.name,
                account=row.account,
                account_code=row.account_code,
                debit=int(row.debit),
                credit=int(row.credit),
            )
            for row in await self._run(sql, as_of=as_of)
        ]

    async def _run(self, sql: str, **parameters: Any) -> Any:
        return await self._connection.execute(statement(sql), {"tenant_id": self._tenant_id, **parameters})


class PostgresDebtorsLedger:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    @cached_property
    def gl_interfaces(self) -> PostgresGlInterfaces:
        return PostgresGlInterfaces(self._connection, self._tenant_id, GL_INTERFACES)

    @cached_property
    def warehouses(self) -> PostgresMasters[Warehouse]:
        return PostgresMasters(self._connection, self._tenant_id, WAREHOUSES)

    @cached_property
    def sales_territories(self) -> PostgresMasters[SalesTerritory]:
        return PostgresMasters(self._connection, self._tenant_id, SALES_TERRITORIES)

    @cached_property
    def debtors(self) -> PostgresMasters[Debtor]:
        return PostgresMasters(self._connection, self._tenant_id, DEBTORS)

    @cached_property
    def documents(self) -> PostgresDebtorDocuments:
        return PostgresDebtorDocuments(self._connection, self._tenant_id)

    async def dissection(self) -> Dissection | None:
        found = await self._connection.execute(statement(DISSECTION), {"tenant_id": self._tenant_id})
        row = found.one_or_none()
        if row is None:
            return None
        return Dissection(option=Option(row.option), warehouse_key=WarehouseKey(row.warehouse_key), debtors_key=DebtorsKey(row.debtors_key))

    async def set_dissection(self, dissection: Dissection) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "option": str(dissection.option),
            "warehouse_key": str(dissection.warehouse_key),
            "debtors_key": str(dissection.debtors_key),
        }
        await self._connection.execute(statement(SET_DISSECTION), values)


def _listed(row: Row[Any]) -> ListedDebtorTransaction:
    return ListedDebtorTransaction(
        transaction_id=row.transaction_id,
        place=row.sequence,
        kind=DebtorKind(row.kind),
        number=row.number,
        debtor=row.debtor,
        debtor_name=row.debtor_name,
        document_date=row.document_date,
        accounting_date=row.accounting_date,
        currency=Currency(code=row.currency, digits=row.currency_digits),
        total=int(row.total),
        reversed=row.reversed,
    )


def _document(row: Row[Any]) -> DebtorDocument:
    return DebtorDocument(
        kind=DebtorKind(row.kind),
        number=row.number,
        event_id=row.event_id,
        debtor=row.debtor,
        warehouse=row.warehouse,
        sales_territory=row.sales_territory,
        gl_interfaces=tuple(row.gl_interfaces),
        reversed_by=row.reversed_by,
    )
