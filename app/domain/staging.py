"""An order while several events are applied to it, one after the other, before what they made of it is stored at once."""

from app.domain.changed import changed
from app.domain.events import Event
from app.domain.order import InvoiceKey, Order, OrderInvoice, OrderLine
from app.domain.posting import OrderView, Posting, needed_invoice, needed_lines
from app.domain.targets import Balances


class StagedOrder:
    """Hands out what the store would: an event is given the lines that it needs, and no others."""

    def __init__(self, stored: OrderView) -> None:
        self._stored = stored
        self._order: Order | None = stored.order
        self._lines: dict[int, OrderLine] = {}
        self._invoices: dict[InvoiceKey, OrderInvoice] = {}
        self._posted: dict[int | None, Balances] = dict(stored.posted)
        self._moved: dict[int | None, Balances] = {}
        if stored.order is not None:
            self._lines |= stored.order.lines
            self._invoices |= stored.order.invoices

    def view(self, event: Event) -> OrderView:
        """The order as the events before have left it; `order` is None where it has not arrived."""
        order = self._order
        if order is None:
            return OrderView(order=None, posted={})
        wanted = needed_lines(event, order.number)
        numbers = list(self._lines) if wanted is None else [number for number in wanted if number in self._lines]
        lines = {number: self._lines[number] for number in numbers}
        posted = {number: self._posted[number] for number in (None, *numbers) if number in self._posted}
        return OrderView(order=changed(order, lines=lines, invoices=self._named_invoice(event, order)), posted=posted)

    def take(self, posting: Posting) -> None:
        """What an event has made of its view."""
        self._order = posting.order
        self._lines |= posting.order.lines
        self._invoices |= posting.order.invoices
        self._posted |= posting.balances
        self._moved |= posting.balances

    @property
    def change(self) -> tuple[OrderView, Posting] | None:
        """The order as it was stored, and all that has come of it since; None where nothing was taken."""
        if self._order is None or self._order is self._stored.order:
            return None
        order = changed(self._order, lines=self._lines, invoices=self._invoices)
        return self._stored, Posting(order=order, balances=self._moved, lines=())

    def _named_invoice(self, event: Event, order: Order) -> dict[InvoiceKey, OrderInvoice]:
        named = needed_invoice(event)
        if named is None:
            return {}
        key = (named[0] or (order.supplier.code if order.supplier else ""), named[1])
        return {key: self._invoices[key]} if key in self._invoices else {}
