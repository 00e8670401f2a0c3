"""Debtor transactions, dissected to the General Ledger, and their reversals."""

from datetime import date
from uuid import UUID

from app.application.debtor_facts import load_facts
from app.application.make_transaction import MakeTransaction
from app.application.ports.debtors import DebtorDocument
from app.application.ports.unit_of_work import UnitOfWork
from app.application.posting_context import PostingContext
from app.domain.debtor_transaction import debtor_lines, details
from app.domain.dissection import DebtorFacts, choose
from app.domain.entry import mirrored
from app.domain.errors import DebtorTransactionReversed, NotFound
from app.domain.events import DebtorReversed, DebtorTransaction
from app.domain.ordering import document_rate
from app.domain.transaction import AccountTransaction

DebtorEvent = DebtorTransaction | DebtorReversed


class PostDebtor:
    """A transaction once per kind and number, on the accounts of the records that the set-up names now; its mirror once, on the accounts
    of the original, whatever the set-up says by then."""

    def __init__(self, make: MakeTransaction) -> None:
        self._make = make

    async def __call__(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: DebtorEvent, day: date
    ) -> tuple[AccountTransaction, DebtorFacts | None]:
        """The transaction, and what it was decided with: nothing, for a reversal."""
        if isinstance(event, DebtorTransaction):
            return await self._post(uow, context, event_id, event, day)
        return await self._reverse(uow, context, event_id, event, day), None

    async def _post(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: DebtorTransaction, day: date
    ) -> tuple[AccountTransaction, DebtorFacts]:
        rate = document_rate(event.currency, context.base, event.exchange_rate)
        facts = await load_facts(uow, event, keep=True)
        choices = choose(facts, event)
        lines = debtor_lines(event, choices, rate)
        carried = details(event, choices, facts.warehouse.code if facts.warehouse else None, facts.territory.code)
        document = DebtorDocument(
            kind=event.kind,
            number=event.transaction_number,
            event_id=event_id,
            debtor=event.debtor,
            warehouse=carried.warehouse,
            sales_territory=carried.sales_territory,
            gl_interfaces=carried.gl_interfaces,
        )
        await uow.debtors_ledger.documents.claim(document)
        return self._make.of_debtor(event_id, event, event.debtor, day, (event.currency, context.base), lines, carried), facts

    async def _reverse(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: DebtorReversed, day: date
    ) -> AccountTransaction:
        documents = uow.debtors_ledger.documents
        document = await documents.get(event.kind, event.transaction_number)
        what = f"{event.kind.replace('_', ' ')} {event.transaction_number}"
        if document is None:
            raise NotFound(f"there is no {what} of a debtor")
        if document.reversed_by is not None:
            raise DebtorTransactionReversed(f"{what} is reversed already")
        (posted,) = await uow.transactions.of_event(document.event_id)
        original = posted.transaction
        await documents.reverse(event.kind, event.transaction_number, event_id)
        currencies = original.currency, context.base
        return self._make.of_debtor(event_id, event, document.debtor, day, currencies, mirrored(original.lines), original.debtor)
