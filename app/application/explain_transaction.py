"""Explains a posted transaction: for each amount the quantities, prices, shares and rates it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.debtor_facts import facts_from_json
from app.application.ports.currencies import Currencies
from app.application.ports.events import StoredEvent
from app.application.ports.setup import Tenant
from app.application.ports.transactions import PostedTransaction
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.replay import Replay, Step
from app.application.stored_events import read_stored
from app.domain.dissection import choose
from app.domain.errors import NotFound
from app.domain.events import CommitmentsRolled, DebtorReversed, DebtorTransaction, EntryRecorded, Event
from app.domain.explain import LineExplanation, explain
from app.domain.explain_balance import Moment
from app.domain.explain_debtor import explain_debtor
from app.domain.explain_entry import EntrySource, explain_entry, explain_roll
from app.domain.explain_parts import ExplanationMismatch
from app.domain.ordering import document_rate
from app.domain.transaction import AccountTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A transaction and, line by line, where its amounts came from."""

    posted: PostedTransaction
    lines: Sequence[LineExplanation]


class ExplainTransaction:
    """Replays the transaction's order from the log up to its event, by the very code that posted it, and tells what moved each
    balance: quantities, prices, shares of charges, layers, rates and splits. What it tells adds up to what is posted, to the cent."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies

    async def __call__(self, tenant_id: UUID, transaction_id: UUID) -> Explanation:
        """Raises `NotFound` where the tenant has no such transaction."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            posted = await uow.transactions.get(transaction_id)
            if posted is None:
                raise NotFound("there is no such transaction")
            tenant = await uow.tenants.get()
            stored = await uow.events.get(posted.transaction.event_id)
            if tenant is None or stored is None:
                raise ExplanationMismatch(f"transaction {transaction_id} has no event or no tenant")
            if posted.transaction.subject.type == "order":
                lines = await self._of_order(uow, tenant, stored, posted.transaction)
            elif posted.transaction.subject.type == "debtor":
                lines = await self._of_debtor(uow, tenant, stored, posted.transaction)
            else:
                lines = await self._of_entry(uow, tenant, stored, posted.transaction)
            return Explanation(posted=posted, lines=lines)

    async def _of_order(
        self, uow: UnitOfWork, tenant: Tenant, stored: StoredEvent, transaction: AccountTransaction
    ) -> Sequence[LineExplanation]:
        replay = Replay(uow, tenant, self._currencies)
        event = self._read(tenant, stored)
        if isinstance(event, CommitmentsRolled):
            return await self._of_roll(replay, event, stored, transaction)
        before: Step | None = None
        last: Step | None = None
        async for step in replay.order(transaction.subject.number, up_to=stored.applied):
            before, last = last, step
        if last is None or last.stored.id != stored.id:
            raise ExplanationMismatch(f"event {stored.id} is not in the log of order {transaction.subject.number}")
        return explain(None if before is None else _moment(before), _moment(last), last.rate, transaction.lines)

    async def _of_roll(
        self, replay: Replay, event: CommitmentsRolled, stored: StoredEvent, transaction: AccountTransaction
    ) -> Sequence[LineExplanation]:
        up_to = None if stored.applied is None else stored.applied - 1
        rolled = await replay.commitments(event.order_number, as_of=event.document_date, up_to=up_to)
        if rolled is None:
            raise ExplanationMismatch(f"order {event.order_number} was not there on {event.document_date}")
        enters = transaction.accounting_date > event.document_date
        return explain_roll(_moment(rolled[0]), event.document_date, transaction.lines, enters=enters)

    async def _of_entry(
        self, uow: UnitOfWork, tenant: Tenant, stored: StoredEvent, transaction: AccountTransaction
    ) -> Sequence[LineExplanation]:
        """A reversal is at the rate of the entry that it mirrors."""
        number = transaction.subject.number
        original = next(iter(await uow.transactions.of_entry(number)), transaction)
        source = stored if original.event_id == stored.id else await uow.events.get(original.event_id)
        event = None if source is None else self._read(tenant, source)
        if not isinstance(event, EntryRecorded):
            raise ExplanationMismatch(f"entry {number} was not recorded by an event")
        rate = document_rate(event.currency, transaction.base_currency, event.exchange_rate)
        return explain_entry(transaction, EntrySource(number=number, rate=rate, reversal=original.id != transaction.id))

    async def _of_debtor(
        self, uow: UnitOfWork, tenant: Tenant, stored: StoredEvent, transaction: AccountTransaction
    ) -> Sequence[LineExplanation]:
        """By the set-up that was kept with the event; a reversal by that of the one that it mirrors."""
        event, origin = self._read(tenant, stored), stored
        if isinstance(event, DebtorReversed):
            document = await uow.debtors_ledger.documents.get(event.kind, event.transaction_number)
            found = None if document is None else await uow.events.get(document.event_id)
            if found is None:
                raise ExplanationMismatch(f"{event.kind} {event.transaction_number} was posted by no event")
            event, origin = self._read(tenant, found), found
        if not isinstance(event, DebtorTransaction):
            raise ExplanationMismatch(f"event {origin.id} is not a debtor transaction")
        choices = choose(facts_from_json(origin.decision["debtor"]), event)
        return explain_debtor(transaction, event, choices, reversal=origin.id != stored.id)

    def _read(self, tenant: Tenant, stored: StoredEvent) -> Event:
        return read_stored(stored, tenant.time_zone, self._currencies)


def _moment(step: Step) -> Moment:
    return Moment(order=step.posting.order, manager=step.manager)
