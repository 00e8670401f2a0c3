"""Many events at once: a number of statements that does not grow with theirs, in one unit of work or, of many, in a few side by side."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.application.events_in.envelope import Envelope, read_event
from app.application.make_journals import make_journals
from app.application.make_transaction import MakeTransaction
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.events import EventStatus, PostedEvent, StoredEvent
from app.application.ports.transactions import Delivery, PostedTransaction
from app.application.ports.unit_of_work import Deadlock, UnitOfWork, UnitsOfWork
from app.application.post_entry import find_account
from app.application.post_event import Decision, load_views, older_managers, one_supplier, posted_orders
from app.application.posting_context import PostingContext, load_context
from app.application.recorded import EventResult, by_event, decision_json, result_from, stored_event
from app.application.sent_events import Sent, Subject, in_parts
from app.domain.accounts import Account
from app.domain.entry import entry_lines
from app.domain.errors import DomainError, EntryExists, InvoiceExists, Waiting
from app.domain.events import (
    CommitmentsRolled,
    DebtorReversed,
    DebtorTransaction,
    EntryRecorded,
    EntryReversed,
    Event,
    InvoiceCancelled,
    InvoiceMatched,
    OrderCreated,
    OrderReposted,
)
from app.domain.order import Order
from app.domain.posting import Posting
from app.domain.posting_manager import PostingManager
from app.domain.staging import StagedOrder
from app.domain.transaction import AccountTransaction

Document = tuple[str, str]
"""A supplier's code and the number of its document."""

ALONE = DebtorTransaction | DebtorReversed | InvoiceCancelled | OrderReposted | CommitmentsRolled
"""Kinds that are decided by what only the store can tell when their turn comes; the last two are commands, which come alone. Nothing else
in a batch depends on the first two."""

CANCELLATION = InvoiceCancelled.type
"""What an invoice's cancellation is about shows when its turn comes: what follows it in a batch has to come after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    sent: Sent
    stored: StoredEvent
    decision: Decision
    transactions: Sequence[AccountTransaction]
    document: Document | None

    @property
    def posted(self) -> PostedEvent:
        return PostedEvent(
            event=self.stored,
            orders=sorted(self.decision.manager_versions),
            accounting_date=self.decision.accounting_date,
            decision=decision_json(self.decision),
            document=self.document,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """What the events are decided by: loaded once, changed in memory by one after the other."""

    context: PostingContext
    orders: Mapping[str, StagedOrder]
    managers: Mapping[int, PostingManager]
    accounts: Sequence[Account]
    entries: set[str]
    documents: set[Document]


class RecordTogether:
    """Records and posts events under the locks of all they are about.

    What cannot go with the others is left out, to be recorded alone after them: what is refused or has to wait, what came before with
    other content, and what follows about the same orders. Nothing is kept where a rule that only the store can check is broken.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies
        self._make = MakeTransaction(ids)

    async def __call__(self, tenant_id: UUID, envelopes: Mapping[int, Envelope], *, wait: bool = True) -> dict[int, EventResult]:
        """What became of those that could go together, by their places. Without `wait` what is about an order that somebody else has locked
        is left out too, so that it keeps nobody else waiting."""
        now = self._clock.now()
        try:
            async with self._units_of_work(tenant_id) as uow:
                context = await load_context(uow, self._currencies, now)
                sent = [each for each in self._read(envelopes, context, now) if not isinstance(each.event, ALONE)]
                parts = in_parts(sent)
                if len(parts) < 2:
                    return await self._record(uow, context, sent, now, wait=wait) if sent else {}
        except (DomainError, Deadlock):
            return {}
        results = await asyncio.gather(*(self._part(tenant_id, context, part, now, wait=wait) for part in parts), return_exceptions=True)
        return _joined(results)

    async def _part(
        self, tenant_id: UUID, context: PostingContext, sent: Sequence[Sent], now: datetime, *, wait: bool
    ) -> dict[int, EventResult]:
        """While one part is being stored the next is decided."""
        try:
            async with self._units_of_work(tenant_id) as uow:
                return await self._record(uow, context, sent, now, wait=wait)
        except (DomainError, Deadlock):
            return {}

    async def _record(
        self, uow: UnitOfWork, context: PostingContext, wanted: Sequence[Sent], now: datetime, *, wait: bool
    ) -> dict[int, EventResult]:
        sent = await self._locked(uow, wanted, wait=wait)
        if not sent:
            return {}
        known, waiting = await uow.events.known([each.key for each in sent], {number for each in sent for number in each.orders})
        duplicates = {each.place: known[each.key] for each in sent if _is_same(each, known.get(each.key))}
        new = [each for each in sent if each.place not in duplicates]
        books = await self._load(uow, context, new)
        held_up = {("order", number) for number in waiting}.union(*(each.subjects for each in new if each.key in known))
        decided = self._decide_all(books, held_up, new, now)
        if not decided and not duplicates:
            return {}
        posted = await self._write(uow, decided, books) if decided else {}
        if posted is None:
            return {}
        before = await uow.transactions.of_events([stored.id for stored in duplicates.values()]) if duplicates else {}
        await uow.commit()
        results = {each.sent.place: result_from(each.stored, posted.get(each.stored.id, ()), duplicate=False) for each in decided}
        return results | {place: result_from(stored, before.get(stored.id, ()), duplicate=True) for place, stored in duplicates.items()}

    def _read(self, envelopes: Mapping[int, Envelope], context: PostingContext, now: datetime) -> Iterable[Sent]:
        """Those whose data can be read."""
        for place, envelope in envelopes.items():
            try:
                event = read_event(envelope, received_at=now, time_zone=context.tenant.time_zone, currencies=self._currencies)
            except DomainError:
                continue
            yield Sent.of(place, envelope, event)

    async def _locked(self, uow: UnitOfWork, sent: Sequence[Sent], *, wait: bool) -> Sequence[Sent]:
        """Those whose subjects are locked now: all of them, or what nobody else had."""
        subjects = frozenset[Subject]().union(*(each.subjects for each in sent))
        free = set[Subject]()
        for kind in ("order", "entry"):
            numbers = [number for found, number in subjects if found == kind]
            if wait:
                await uow.orders.lock(kind, numbers)
            else:
                free |= {(kind, number) for number in await uow.orders.lock_free(kind, numbers)}
        return sent if wait else [each for each in sent if each.subjects <= free]

    async def _load(self, uow: UnitOfWork, context: PostingContext, new: Sequence[Sent]) -> _Books:
        views = await load_views(uow, [each.event for each in new])
        versions = {view.order.manager_version for view in views.values() if view.order is not None}
        entries = [each.event.transaction_number for each in new if isinstance(each.event, EntryRecorded)]
        orders = {number: StagedOrder(view) for number, view in views.items()}
        documents = _documents(new, [view.order for view in views.values() if view.order is not None])
        return _Books(
            context=context,
            orders=orders,
            managers=await older_managers(uow, context, versions),
            accounts=await uow.accounts.list() if entries else (),
            entries=set(await uow.transactions.entries(entries)) if entries else set(),
            documents=set(await uow.orders.claimed(documents)) if documents else set(),
        )

    def _decide_all(self, books: _Books, held_up: set[Subject], new: Sequence[Sent], now: datetime) -> list[_Decided]:
        """`held_up`: what parked events wait for, so that what follows waits too, and what refused ones are about that came again."""
        decided, keys = [], set()
        for each in new:
            if each.key not in keys and held_up.isdisjoint(each.subjects) and not isinstance(each.event, EntryReversed):
                try:
                    decided.append(self._decide(books, each, now))
                    keys.add(each.key)
                    continue
                except (DomainError, Waiting):
                    pass
            keys.add(each.key)
            held_up |= each.subjects
        return decided

    def _decide(self, books: _Books, sent: Sent, now: datetime) -> _Decided:
        event, context = sent.event, books.context
        stored = stored_event(self._ids.new(), sent.envelope, now, EventStatus.POSTED, sent.orders)
        day = context.accounting_date(event.document_date)
        versions: dict[str, int] = {}
        document = None
        if isinstance(event, EntryRecorded):
            transactions = [self._entry(books, stored.id, event, day)]
        else:
            views = {number: books.orders[number].view(event) for number in sent.orders}
            postings, versions = posted_orders(context, books.managers, event, views)
            document = _take_document(books, event, postings)
            for number, posting in postings.items():
                books.orders[number].take(posting)
            transactions = self._make.of_postings(stored.id, event, postings.values(), day)
        decision = Decision(document_date=event.document_date, accounting_date=day, manager_versions=versions)
        return _Decided(sent=sent, stored=stored, decision=decision, transactions=transactions, document=document)

    def _entry(self, books: _Books, event_id: UUID, event: EntryRecorded, day: date) -> AccountTransaction:
        number, base = event.transaction_number, books.context.base
        if number in books.entries:
            raise EntryExists(f"entry {number} exists already")
        lines = entry_lines(event, base, lambda name, code, pointer: find_account(books.accounts, name, code, pointer))
        books.entries.add(number)
        return self._make.of_entry(event_id, event, number, day, (event.currency, base), lines)

    async def _write(
        self, uow: UnitOfWork, decided: Sequence[_Decided], books: _Books
    ) -> Mapping[UUID, Sequence[PostedTransaction]] | None:
        """What each event posted; None where one of them was recorded by somebody else meanwhile."""
        if not await uow.events.add_posted([each.posted for each in decided]):
            return None
        await uow.orders.save_all([change for order in books.orders.values() if (change := order.change) is not None])
        posted = await uow.transactions.add([transaction for each in decided for transaction in each.transactions])
        return by_event(posted, await self._journals(uow, decided, books))

    async def _journals(self, uow: UnitOfWork, decided: Sequence[_Decided], books: _Books) -> list[tuple[UUID, Delivery]]:
        tenant, endpoints, went = books.context.tenant, books.context.endpoints, list[tuple[UUID, Delivery]]()
        for opening in (True, False):
            made = [transaction for each in decided if each.sent.event.opening is opening for transaction in each.transactions]
            if made:
                went += await make_journals(uow, tenant, endpoints, made, opening=opening, ids=self._ids, now=self._clock.now())
        return went


def _joined(results: Sequence[dict[int, EventResult] | BaseException]) -> dict[int, EventResult]:
    """Of all parts, once all have ended."""
    found: dict[int, EventResult] = {}
    for each in results:
        if isinstance(each, BaseException):
            raise each
        found |= each
    return found


def _take_document(books: _Books, event: Event, postings: Mapping[str, Posting]) -> Document | None:
    """The number that an invoice takes of its supplier; `InvoiceExists` where it is taken."""
    if not isinstance(event, InvoiceMatched):
        return None
    document = (one_supplier(event, postings), event.invoice_number)
    if document in books.documents:
        raise InvoiceExists("this supplier used the number before")
    books.documents.add(document)
    return document


def _is_same(sent: Sent, stored: StoredEvent | None) -> bool:
    """Whether the event came before, and is settled or waits."""
    settled = (EventStatus.POSTED, EventStatus.PARKED)
    return stored is not None and stored.status in settled and stored.fingerprint == sent.envelope.fingerprint


def _documents(new: Sequence[Sent], orders: Sequence[Order]) -> set[Document]:
    """Those that the events may claim: of the supplier that they name, or else of one that their orders may be of."""
    suppliers: dict[str, set[str]] = {order.number: {order.supplier.code if order.supplier else ""} for order in orders}
    for each in new:
        if isinstance(each.event, OrderCreated):
            suppliers.setdefault(each.event.order_number, {""}).add(each.event.supplier.code if each.event.supplier else "")
    return {
        (supplier, each.event.invoice_number)
        for each in new
        if isinstance(each.event, InvoiceMatched)
        for supplier in ([each.event.supplier.code] if each.event.supplier else set().union(*(suppliers.get(n, ()) for n in each.orders)))
    }
