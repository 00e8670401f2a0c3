"""Debtor transactions, read: a list, and one with what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.events_in.envelope import person_of
from app.application.ports.debtors import DebtorDocument, DebtorFilter, ListedDebtorTransaction
from app.application.ports.transactions import PostedTransaction
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.domain.debtors import Debtor
from app.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorTransactionDetails:
    """A transaction or a reversal. `original` and `reversal` are the two by id, the second None where there is none yet; `entered_by` is
    None where it came over the API."""

    posted: PostedTransaction
    document: DebtorDocument
    debtor: Debtor
    entered_by: str | None
    reason: str | None
    original: UUID
    reversal: UUID | None

    @property
    def is_reversal(self) -> bool:
        return self.posted.transaction.id != self.original


class BrowseDebtorTransactions:
    """Queries of one tenant, each of a constant number of statements."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def page(self, tenant_id: UUID, wanted: DebtorFilter, *, before: int | None, limit: int) -> Sequence[ListedDebtorTransaction]:
        """The last posted first; reversals are told of at what they reverse."""
        async with self._units_of_work(tenant_id, reading=True) as uow:
            return await uow.debtors_ledger.documents.page(wanted, before=before, limit=limit)

    async def one(self, tenant_id: UUID, transaction_id: UUID) -> DebtorTransactionDetails:
        """Raises `NotFound` where it is no debtor transaction."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            posted = await uow.transactions.get(transaction_id)
            if posted is None or posted.transaction.subject.type != "debtor":
                raise NotFound("there is no such debtor transaction")
            paper = posted.transaction.document
            document = await uow.debtors_ledger.documents.get(paper.type, paper.number)
            stored = await uow.events.get(posted.transaction.event_id)
            debtor = (await uow.debtors_ledger.debtors.named({posted.transaction.subject.number})).get(posted.transaction.subject.number)
            if document is None or stored is None or debtor is None:
                raise LookupError(f"transaction {transaction_id} has lost its number, its event or its debtor")
            reversal = None if document.reversed_by is None else await _transaction_of(uow, document.reversed_by)
            return DebtorTransactionDetails(
                posted=posted,
                document=document,
                debtor=debtor,
                entered_by=person_of(stored.source),
                reason=stored.data.get("reason"),
                original=await _transaction_of(uow, document.event_id),
                reversal=reversal,
            )


async def _transaction_of(uow: UnitOfWork, event_id: UUID) -> UUID:
    (posted,) = await uow.transactions.of_event(event_id)
    return posted.transaction.id
