"""A tenant's books written by plain SQL, without a thought for any rule: what the database itself refuses."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.tables import account_transaction, account_transaction_line, erp_endpoint, event, journal

DAY = date(2026, 11, 2)
BALANCED = [("debit", 1050, 1050), ("credit", 1050, 1050)]


class Books:
    """Writes rows as plain SQL would, without a thought for any rule."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.tenant_id = uuid4()

    async def header(self, currency: str = "NZD") -> UUID:
        event_id, transaction_id = uuid4(), uuid4()
        await self._insert(
            event,
            event_id=event_id,
            source="/s",
            external_id=event_id.hex,
            type="order.created",
            data={},
            fingerprint=b"",
            status="posted",
            received_at=datetime.now(UTC),
        )
        await self._insert(
            account_transaction,
            transaction_id=transaction_id,
            event_id=event_id,
            event_type="order.created",
            subject_type="order",
            subject_number="PO-1",
            document_type="order",
            document_number="PO-1",
            document_date=DAY,
            accounting_date=DAY,
            currency=currency,
            currency_digits=2,
            base_currency="NZD",
            base_digits=2,
            description="",
        )
        return transaction_id

    async def lines(self, transaction_id: UUID, lines: list[tuple[str, int, int]], first: int = 1) -> None:
        """In one statement: side, amount, base amount."""
        await self.connection.execute(insert(account_transaction_line).values(await self.line_rows(transaction_id, lines, first)))

    async def line_rows(self, transaction_id: UUID, lines: list[tuple[str, int, int]], first: int = 1) -> list[dict[str, Any]]:
        """The place of a transaction that is not there is 0."""
        header = select(account_transaction.c.sequence).where(account_transaction.c.transaction_id == transaction_id)
        sequence = (await self.connection.execute(header)).scalar_one_or_none() or 0
        return [
            {
                "tenant_id": self.tenant_id,
                "transaction_id": transaction_id,
                "line": number,
                "role": "estimate",
                "ledger": "actual",
                "account_code": "2100",
                "side": side,
                "amount": amount,
                "base_amount": base_amount,
                "description": "",
                "accounting_date": DAY,
                "sequence": sequence,
            }
            for number, (side, amount, base_amount) in enumerate(lines, start=first)
        ]

    async def post(self, lines: list[tuple[str, int, int]] = BALANCED, currency: str = "NZD") -> UUID:
        transaction_id = await self.header(currency)
        await self.lines(transaction_id, lines)
        await self.connection.commit()
        return transaction_id

    async def journal(self, **values: Any) -> UUID:
        """A journal of its own endpoint."""
        journal_id, name = uuid4(), uuid4().hex
        await self._insert(
            erp_endpoint,
            name=name,
            adapter="json",
            url="",
            environment="test",
            settings={},
            delivery="push",
            grouping="daily",
            release="manual",
            omit=[],
            commitments="send",
            starts_on=DAY,
            mapping={},
            rate_limit_per_minute=60,
            max_concurrency=4,
        )
        given = {"status": "open", "reference": uuid4().hex[:20], "endpoint": name} | values
        await self._insert(
            journal,
            journal_id=journal_id,
            accounting_date=DAY,
            currency="NZD",
            currency_digits=2,
            base_currency="NZD",
            base_digits=2,
            debit_total=1050,
            base_debit_total=1050,
            description="",
            lane_key="PO-1",
            **given,
        )
        await self.connection.commit()
        return journal_id

    async def count(self, table: Table) -> int:
        where = text(f"SELECT count(*) FROM {table.name} WHERE tenant_id = :tenant")
        return int((await self.connection.execute(where, {"tenant": self.tenant_id})).scalar_one())

    async def _insert(self, table: Table, **values: Any) -> None:
        await self.connection.execute(insert(table).values(tenant_id=self.tenant_id, **values))


class Refused:
    """`async with refused(books, constraint):` what is inside breaks this constraint, and leaves nothing behind."""

    def __init__(self, books: Books, constraint: str) -> None:
        self._books = books
        self._constraint = constraint

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        await self._books.connection.rollback()
        assert isinstance(error, DBAPIError), f"nothing broke {self._constraint}"
        assert error.orig is not None
        assert getattr(error.orig.__cause__, "constraint_name", None) == self._constraint
        return True
