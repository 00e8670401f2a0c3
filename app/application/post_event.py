"""Applies one event inside a unit of work whose locks are held: new state, transactions, journals."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.application.make_journals import make_journals
from app.application.make_transaction import MakeTransaction
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.unit_of_work import UnitOfWork
from app.application.post_debtor import PostDebtor
from app.application.post_entry import PostEntry
from app.application.posting_context import PostingContext
from app.application.replay import Replay
from app.domain.dissection import DebtorFacts
from app.domain.entry import mirrored
from app.domain.errors import Fault, Invalid, PeriodClosed
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
from app.domain.invoicing import invoice_supplier
from app.domain.posting import OrderView, Posting, needed_invoice, needed_lines, post_all, touched_orders
from app.domain.posting_manager import PostingManager
from app.domain.transaction import AccountTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an event was decided with; kept, so that a replay decides alike. `next_date` is where a roll's second half went,
    `debtor` the set-up that a debtor transaction's accounts follow from."""

    document_date: date
    accounting_date: date
    manager_versions: Mapping[str, int]
    next_date: date | None = None
    debtor: DebtorFacts | None = None


class PostEvent:
    """Posts an event: raises `Waiting` where it came too early, a `DomainError` where a rule forbids it, before anything is
    written either way."""

    def __init__(self, clock: Clock, ids: Ids, currencies: Currencies) -> None:
        self._clock = clock
        self._ids = ids
        self._currencies = currencies
        self._make = MakeTransaction(ids)
        self._entry = PostEntry(self._make)
        self._debtor = PostDebtor(self._make)

    async def __call__(self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: Event) -> Decision:
        day = context.accounting_date(event.document_date)
        versions: dict[str, int] = {}
        next_date, facts = None, None
        if isinstance(event, DebtorTransaction | DebtorReversed):
            transaction, facts = await self._debtor(uow, context, event_id, event, day)
            transactions = [transaction]
        elif isinstance(event, EntryRecorded | EntryReversed):
            transactions = [await self._entry(uow, context, event_id, event, day)]
        elif isinstance(event, CommitmentsRolled):
            next_date = context.accounting_date(day + timedelta(days=1))
            transactions, versions = await self._roll(uow, context, event_id, event, (day, next_date))
        else:
            transactions, versions = await self._orders(uow, context, event_id, event, day)
        await uow.transactions.add(transactions)
        await make_journals(
            uow,
            context.tenant,
            context.endpoints,
            transactions,
            opening=event.opening,
            ids=self._ids,
            now=self._clock.now(),
        )
        return Decision(
            document_date=event.document_date, accounting_date=day, manager_versions=versions, next_date=next_date, debtor=facts
        )

    async def _orders(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: Event, day: date
    ) -> tuple[list[AccountTransaction], dict[str, int]]:
        views = await load_views(uow, [event])
        versions = {version for view in views.values() if (version := wanted_version(event, view)) is not None}
        postings, used = posted_orders(context, await older_managers(uow, context, versions), event, views)
        await self._claim(uow, event_id, event, postings)
        await uow.orders.save_all([(views[number], posting) for number, posting in postings.items()])
        return self._make.of_postings(event_id, event, postings.values(), day), used

    async def _roll(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: CommitmentsRolled, days: tuple[date, date]
    ) -> tuple[list[AccountTransaction], dict[str, int]]:
        """The order's open commitments at the period's end, out on its last day and in again on the next: one balanced pair."""
        if days[0] != event.document_date:
            raise PeriodClosed(f"{event.document_date} is closed: commitments are rolled before the period is")
        rolled = await Replay(uow, context.tenant, self._currencies).commitments(event.order_number, as_of=days[0])
        if rolled is None:
            return [], {}
        step, lines = rolled
        order = step.posting.order
        pair = zip(days, (lines, mirrored(lines)), strict=True) if lines else ()
        transactions = [self._make.of_order(event_id, event, order, each, posted) for each, posted in pair]
        return transactions, {event.order_number: step.manager.version}

    async def _claim(self, uow: UnitOfWork, event_id: UUID, event: Event, postings: Mapping[str, Posting]) -> None:
        """A supplier's document number is used once; that of a cancelled invoice may be used by the corrected one."""
        if isinstance(event, InvoiceMatched):
            await uow.orders.claim_document(one_supplier(event, postings), event.invoice_number, event_id)
        if isinstance(event, InvoiceCancelled):
            await uow.orders.release_document(one_supplier(event, postings), event.invoice_number)


async def load_views(uow: UnitOfWork, events: Iterable[Event]) -> Mapping[str, OrderView]:
    """The orders that events are about, as far as any of them needs each."""
    wanted: dict[str, set[int] | None] = {}
    invoices = []
    for event in events:
        named = needed_invoice(event)
        for number in touched_orders(event):
            lines, before = needed_lines(event, number), wanted.setdefault(number, set())
            wanted[number] = None if lines is None or before is None else before | set(lines)
            invoices += [] if named is None else [(number, *named)]
    lines_of = {number: None if lines is None else sorted(lines) for number, lines in wanted.items()}
    return await uow.orders.load_all(lines_of, invoices) if wanted else {}


def posted_orders(
    context: PostingContext, older: Mapping[int, PostingManager], event: Event, views: Mapping[str, OrderView]
) -> tuple[dict[str, Posting], dict[str, int]]:
    """What an event does to its orders, and the posting manager's version that decided about each."""
    managers = managers_for(context, older, event, views)
    postings = post_all(event, views, managers, context.base)
    return postings, {number: managers[number].version for number in postings}


def wanted_version(event: Event, view: OrderView) -> int | None:
    """The posting manager's version that decides about an order: its own, or the one that it moves to. None: it has not arrived."""
    if view.order is None:
        return None
    return event.manager_version if isinstance(event, OrderReposted) else view.order.manager_version


async def older_managers(uow: UnitOfWork, context: PostingContext, versions: Collection[int]) -> Mapping[int, PostingManager]:
    """Those of these versions that are not the newest."""
    latest = None if context.latest is None else context.latest.version
    older = sorted(version for version in versions if version != latest)
    return await uow.posting_managers.get_all(older) if older else {}


def managers_for(
    context: PostingContext, older: Mapping[int, PostingManager], event: Event, views: Mapping[str, OrderView]
) -> dict[str, PostingManager]:
    """The version in force for a new order, its own for an old one, the named one where it moves to another."""
    found: dict[str, PostingManager] = {}
    for number, view in views.items():
        version = wanted_version(event, view)
        if version is not None:
            is_latest = context.latest is not None and version == context.latest.version
            found[number] = context.manager_for_new_orders() if is_latest else older[version]
        elif type(event) is OrderCreated:
            found[number] = context.manager_for_new_orders()
    return found


def one_supplier(event: InvoiceMatched | InvoiceCancelled, postings: Mapping[str, Posting]) -> str:
    """Whose invoice it is; `Invalid` where its orders are of several suppliers and it names none."""
    codes = {invoice_supplier(posting.order, event) for posting in postings.values()}
    if len(codes) > 1:
        message = f"its orders are of {', '.join(sorted(codes))}: say which supplier it is from"
        raise Invalid(f"invoice {event.invoice_number} has no supplier: {message}", Fault(pointer="/data/supplier", message=message))
    return codes.pop()
