"""An account transaction from an event and the lines that it posts."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from app.application.documents import description_of, document_of
from app.application.ports.clock import Ids
from app.domain.events import Event
from app.domain.money import Currency
from app.domain.order import Order
from app.domain.posting import Posting
from app.domain.transaction import AccountTransaction, DebtorDetails, Subject, TransactionLine


class MakeTransaction:
    """Gives a transaction its id, its document and its words."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def of_order(self, event_id: UUID, event: Event, order: Order, day: date, lines: tuple[TransactionLine, ...]) -> AccountTransaction:
        return AccountTransaction(
            id=self._ids.new(),
            event_id=event_id,
            event_type=event.type,
            subject=Subject(type="order", number=order.number),
            supplier=order.supplier,
            document=document_of(event),
            accounting_date=day,
            currency=order.currency,
            base_currency=order.base_currency,
            description=description_of(event, order.number),
            lines=lines,
        )

    def of_postings(self, event_id: UUID, event: Event, postings: Iterable[Posting], day: date) -> list[AccountTransaction]:
        """One for each order that the event posts something for."""
        return [self.of_order(event_id, event, each.order, day, each.lines) for each in postings if each.lines]

    def of_entry(
        self,
        event_id: UUID,
        event: Event,
        number: str,
        day: date,
        currencies: tuple[Currency, Currency],
        lines: tuple[TransactionLine, ...],
    ) -> AccountTransaction:
        """`currencies`: the document's and the base."""
        return AccountTransaction(
            id=self._ids.new(),
            event_id=event_id,
            event_type=event.type,
            subject=Subject(type="entry", number=number),
            supplier=None,
            document=document_of(event),
            accounting_date=day,
            currency=currencies[0],
            base_currency=currencies[1],
            description=description_of(event, number),
            lines=lines,
        )

    def of_debtor(
        self,
        event_id: UUID,
        event: Event,
        debtor: str,
        day: date,
        currencies: tuple[Currency, Currency],
        lines: tuple[TransactionLine, ...],
        details: DebtorDetails | None,
    ) -> AccountTransaction:
        """`currencies`: the document's and the base."""
        return AccountTransaction(
            id=self._ids.new(),
            event_id=event_id,
            event_type=event.type,
            subject=Subject(type="debtor", number=debtor),
            supplier=None,
            document=document_of(event),
            accounting_date=day,
            currency=currencies[0],
            base_currency=currencies[1],
            description=description_of(event, debtor),
            lines=lines,
            debtor=details,
        )
