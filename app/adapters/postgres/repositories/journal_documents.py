"""What journals carry, built from the posted transactions."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.repositories.transactions import line_of
from app.adapters.postgres.statements import statement
from app.application.ports.journals import Journal
from app.domain.journal import JournalDocument, journal_lines
from app.domain.omission import ShippingAccount, carried_lines, needs_shipping_account
from app.domain.splitting import split
from app.domain.transaction import TransactionLine

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
LINES = """
SELECT jt.journal_id, l.transaction_id, l.line, l.role, l.ledger, l.account, l.account_code, l.side, l.amount, l.base_amount, l.order_line,
       l.charge_code, l.description
FROM journal_transaction jt
JOIN account_transaction t ON t.tenant_id = jt.tenant_id AND t.transaction_id = jt.transaction_id
JOIN account_transaction_line l ON l.tenant_id = jt.tenant_id AND l.transaction_id = jt.transaction_id
WHERE jt.tenant_id = :tenant_id AND jt.journal_id = ANY(:journal_ids)
ORDER BY jt.journal_id, t.sequence, l.line
"""


class PostgresJournalDocuments:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def shipping_accounts(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, ShippingAccount]:
        parameters = {"tenant_id": self._tenant_id, "ids": list(transaction_ids)}
        rows = await self._connection.execute(statement(SHIPPING_ACCOUNTS), parameters)
        return {row.transaction_id: ShippingAccount(row.account, row.account_code) for row in rows}

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


def _document(
    journal: Journal, posted: Mapping[UUID, Sequence[TransactionLine]], shipping: Mapping[UUID, ShippingAccount]
) -> JournalDocument:
    """What it carries of each of its transactions, in the order in which they were posted."""
    carried = [
        line
        for posted_id, lines in posted.items()
        for line in carried_lines(lines, omit=journal.omit, part=journal.part, shipping=shipping.get(posted_id))
    ]
    if journal.most_lines is not None:
        carried = list(split(carried, journal.most_lines)[journal.group - 1])
    return JournalDocument(
        reference=journal.reference,
        accounting_date=journal.posting_date or journal.accounting_date,
        currency=journal.currency.code,
        base_currency=journal.base_currency.code,
        description=journal.description,
        lines=journal_lines(carried, journal.currency, journal.base_currency),
    )
