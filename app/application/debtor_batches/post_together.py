"""Several debtor transactions posted at once."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from app.application.make_journals import make_journals
from app.application.make_transaction import MakeTransaction
from app.application.ports.clock import Clock, Ids
from app.application.ports.unit_of_work import UnitOfWork
from app.application.post_debtor import PostDebtor
from app.application.post_event import Decision
from app.application.posting_context import PostingContext
from app.domain.errors import DomainError
from app.domain.events import DebtorTransaction
from app.domain.transaction import AccountTransaction


class Posted(NamedTuple):
    """A transaction with what it was decided with."""

    transaction: AccountTransaction
    decision: Decision


class PostTogether:
    """As each would be posted by itself, but that their journals are made together: locks are taken in the same order as for one event.
    A refusal names the transaction."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._debtor = PostDebtor(MakeTransaction(ids))

    async def __call__(
        self, uow: UnitOfWork, context: PostingContext, events: Sequence[tuple[UUID, DebtorTransaction]]
    ) -> Sequence[Posted]:
        posted = [await self._one(uow, context, event_id, event) for event_id, event in events]
        transactions = [transaction for transaction, _ in posted]
        await uow.transactions.add(transactions)
        now = self._clock.now()
        await make_journals(uow, context.tenant, context.endpoints, transactions, opening=False, ids=self._ids, now=now)
        return posted

    async def _one(self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: DebtorTransaction) -> Posted:
        try:
            day = context.accounting_date(event.document_date)
            transaction, facts = await self._debtor(uow, context, event_id, event, day)
        except DomainError as error:
            raise type(error)(f"{event.kind} {event.transaction_number}: {error.detail}") from error
        return Posted(transaction, Decision(document_date=event.document_date, accounting_date=day, manager_versions={}, debtor=facts))
