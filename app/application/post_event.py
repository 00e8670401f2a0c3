"""Applies one event inside a unit of work whose locks are held: new state, transactions, journals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.application.documents import description_of, document_of
from app.application.make_journals import make_journals
from app.application.ports.clock import Clock, Ids
from app.application.ports.unit_of_work import UnitOfWork
from app.application.posting_context import PostingContext
from app.domain.accounts import Account
from app.domain.entry import entry_lines, mirrored
from app.domain.errors import EntryExists, EntryReversed, Fault, Invalid, NotFound, UnknownAccount
from app.domain.events import EntryRecorded, Event, InvoiceCredited, InvoiceMatched, OrderCreated
from app.domain.events import EntryReversed as EntryReversedEvent
from app.domain.invoicing import invoice_supplier, translation_rate
from app.domain.money import Currency
from app.domain.order import Order
from app.domain.posting import OrderView, Posting, apply, needed_lines, post, touched_orders
from app.domain.posting_manager import PostingManager
from app.domain.transaction import AccountTransaction, Subject, Supplier, TransactionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an event was decided with; kept, so that a replay decides alike."""

    accounting_date: date
    manager_versions: Mapping[str, int]


class PostEvent:
    """Posts an event: raises `Waiting` where it came too early, a `DomainError` where a rule forbids it, before anything is
    written either way."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    async def __call__(self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: Event) -> Decision:
        day = context.accounting_date(event.document_date)
        if isinstance(event, EntryRecorded | EntryReversedEvent):
            transactions = [await self._entry(uow, context, event_id, event, day)]
            versions: dict[str, int] = {}
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
        return Decision(accounting_date=day, manager_versions=versions)

    async def _orders(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: Event, day: date
    ) -> tuple[list[AccountTransaction], dict[str, int]]:
        views = await self._load(uow, event)
        managers = await self._managers(uow, context, event, views)
        orders = {number: view.order for number, view in views.items() if view.order is not None}
        changed = apply(event, orders, managers, context.base)
        if isinstance(event, InvoiceMatched):
            await uow.orders.claim_document(_one_supplier(event, changed), event.invoice_number, event_id)
        transactions = []
        for number, order in changed.items():
            posting = post(views[number], order, managers[number], translation_rate(event, order))
            await uow.orders.save(views[number], posting)
            if posting.lines:
                transactions.append(self._of_order(event_id, event, posting, day))
        return transactions, {number: managers[number].version for number in changed}

    async def _load(self, uow: UnitOfWork, event: Event) -> dict[str, OrderView]:
        named = None
        if isinstance(event, InvoiceCredited) and event.credits_invoice:
            named = (event.supplier.code if event.supplier else None, event.credits_invoice)
        return {number: await uow.orders.load(number, needed_lines(event, number), named) for number in touched_orders(event)}

    async def _managers(
        self, uow: UnitOfWork, context: PostingContext, event: Event, views: Mapping[str, OrderView]
    ) -> dict[str, PostingManager]:
        """The version in force for a new order, its own for an old one."""
        found: dict[str, PostingManager] = {}
        for number, view in views.items():
            latest = context.latest
            if view.order is None:
                if type(event) is OrderCreated:
                    found[number] = context.manager_for_new_orders()
            elif latest is not None and view.order.manager_version == latest.version:
                found[number] = latest
            else:
                manager = await uow.posting_managers.get(view.order.manager_version)
                if manager is None:
                    raise LookupError(f"posting manager version {view.order.manager_version} is gone")
                found[number] = manager
        return found

    def _of_order(self, event_id: UUID, event: Event, posting: Posting, day: date) -> AccountTransaction:
        order = posting.order
        return self._transaction(
            event_id,
            event,
            Subject(type="order", number=order.number),
            order.supplier,
            day,
            (order.currency, order.base_currency),
            posting.lines,
        )

    async def _entry(
        self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: EntryRecorded | EntryReversedEvent, day: date
    ) -> AccountTransaction:
        number = event.transaction_number
        posted = await uow.transactions.of_entry(number)
        if isinstance(event, EntryRecorded):
            if posted:
                raise EntryExists(f"entry {number} exists already")
            accounts = await uow.accounts.list()
            lines = entry_lines(event, context.base, lambda name, code, pointer: _find_account(accounts, name, code, pointer))
            currency = event.currency
        else:
            if not posted:
                raise NotFound(f"there is no entry {number}")
            if len(posted) > 1:
                raise EntryReversed(f"entry {number} is reversed already")
            lines, currency = mirrored(posted[0].lines), posted[0].currency
        return self._transaction(event_id, event, Subject(type="entry", number=number), None, day, (currency, context.base), lines)

    def _transaction(
        self,
        event_id: UUID,
        event: Event,
        subject: Subject,
        supplier: Supplier | None,
        day: date,
        currencies: tuple[Currency, Currency],
        lines: tuple[TransactionLine, ...],
    ) -> AccountTransaction:
        return AccountTransaction(
            id=self._ids.new(),
            event_id=event_id,
            event_type=event.type,
            subject=subject,
            supplier=supplier,
            document=document_of(event),
            accounting_date=day,
            currency=currencies[0],
            base_currency=currencies[1],
            description=description_of(event, subject.number),
            lines=lines,
        )


def _one_supplier(event: InvoiceMatched, orders: Mapping[str, Order]) -> str:
    codes = {invoice_supplier(order, event) for order in orders.values()}
    if len(codes) > 1:
        message = f"its orders are of {', '.join(sorted(codes))}: say which supplier it is from"
        raise Invalid(f"invoice {event.invoice_number} has no supplier: {message}", Fault(pointer="/data/supplier", message=message))
    return codes.pop()


def _find_account(accounts: Sequence[Account], name: str | None, code: str | None, pointer: str) -> Account:
    found = [account for account in accounts if account.active and (account.name == name if name is not None else account.code == code)]
    if len(found) == 1:
        return found[0]
    field, value = ("account", name) if name is not None else ("account_code", code)
    message = f"{value} is the code of several accounts: name one" if found else f"{value} is not an active account"
    raise UnknownAccount(message, Fault(pointer=f"{pointer}/{field}", message=message))
