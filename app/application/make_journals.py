"""Puts new transactions into the journals of the endpoints they are for, and into those endpoints' lanes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from app.application.ports.clock import Ids
from app.application.ports.journals import Journal
from app.application.ports.setup import Endpoint, Tenant
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.journal import JournalStatus
from app.domain.transaction import AccountTransaction


async def make_journals(
    uow: UnitOfWork,
    tenant: Tenant,
    endpoints: Sequence[Endpoint],
    transactions: Sequence[AccountTransaction],
    *,
    opening: bool,
    ids: Ids,
    now: datetime,
) -> None:
    """One journal per transaction and endpoint, from the day the endpoint starts. Those of an opening event count as sent."""
    for endpoint in endpoints:
        made = list(_journals(endpoint, transactions, opening=opening, ids=ids))
        await uow.journals.add(made, tenant.reference_prefix)
        if made and not opening:
            wanted = endpoint.release == "automatic" and endpoint.delivery == "push"
            await uow.dispatch.enqueue(endpoint.name, [(journal.id, journal.lane_key, wanted) for journal, _ in made], now)


def _journals(endpoint: Endpoint, transactions: Sequence[AccountTransaction], *, opening: bool, ids: Ids) -> Iterator[tuple[Journal, UUID]]:
    for transaction in transactions:
        if transaction.accounting_date >= endpoint.starts_on:
            journal_id = ids.new()
            debits = [line for line in transaction.lines if line.side == "debit"]
            yield (
                Journal(
                    id=journal_id,
                    endpoint=endpoint.name,
                    reference="",
                    accounting_date=transaction.accounting_date,
                    currency=transaction.currency,
                    base_currency=transaction.base_currency,
                    debit_total=sum(line.amount for line in debits),
                    base_debit_total=sum(line.base_amount for line in debits),
                    description=transaction.description,
                    lane_key=_lane_key(transaction, journal_id),
                    status=JournalStatus.MARKED_AS_SENT if opening else JournalStatus.OPEN,
                    reason_code="opening" if opening else None,
                    reason="the ERP has it already" if opening else None,
                ),
                transaction.id,
            )


def _lane_key(transaction: AccountTransaction, journal_id: UUID) -> str:
    """Journals of one order go in order; the others each have a lane of their own."""
    subject = transaction.subject
    return f"order:{subject.number}" if subject.type == "order" else f"journal:{journal_id}"
