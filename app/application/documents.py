"""What a transaction says of the paper behind it."""

from app.domain import events
from app.domain.transaction import Document

_KINDS: dict[str, tuple[str, str]] = {
    "order.created": ("order", "Order {number}"),
    "order.changed": ("order", "Change of order {number}"),
    "order.cancelled": ("order", "Cancellation of order {number}"),
    "order.closed": ("order", "Close of order {number}"),
    "order.reopened": ("order", "Reopening of order {number}"),
    "receiving.closed": ("order", "Receiving closed on order {number}"),
    "receiving.reopened": ("order", "Receiving reopened on order {number}"),
    "goods.received": ("receipt", "Receipt {number} of order {order}"),
    "goods.returned": ("return", "Return {number} of order {order}"),
    "invoice.matched": ("invoice", "Invoice {number} for order {order}"),
    "invoice.credited": ("credit_note", "Credit note {number} for order {order}"),
    "invoice.cancelled": ("invoice", "Cancellation of invoice {number} for order {order}"),
    "order.reposted": ("order", "Order {number} moved to another posting manager version"),
    "commitments.rolled": ("order", "Commitments of order {number} rolled over"),
    "entry.recorded": ("entry", "Entry {number}"),
    "entry.reversed": ("entry", "Reversal of entry {number}"),
}
_DEBTORS = {
    events.DebtorKind.INVOICE: "Invoice",
    events.DebtorKind.CREDIT_NOTE: "Credit note",
    events.DebtorKind.JOURNAL_DEBIT: "Journal debit",
    events.DebtorKind.JOURNAL_CREDIT: "Journal credit",
}


def document_of(event: events.Event) -> Document:
    """The event's document: its kind, its own number and date."""
    if isinstance(event, events.DebtorTransaction | events.DebtorReversed):
        return Document(type=event.kind, number=event.transaction_number, date=event.document_date)
    return Document(type=_KINDS[event.type][0], number=_number(event), date=event.document_date)


def description_of(event: events.Event, subject: str) -> str:
    """A sentence for people: "Receipt R-7 of order PO-102"; an entry's own words where it has some. `subject`: the order's number, or
    the debtor's code."""
    if isinstance(event, events.DebtorTransaction):
        return f"{_DEBTORS[event.kind]} {event.transaction_number} to debtor {subject}"
    if isinstance(event, events.DebtorReversed):
        return f"Reversal of {_DEBTORS[event.kind].lower()} {event.transaction_number} to debtor {subject}"
    if isinstance(event, events.EntryRecorded) and event.description:
        return event.description
    return _KINDS[event.type][1].format(number=_number(event), order=subject)


def _number(event: events.Event) -> str:
    match event:
        case events.InvoiceMatched() | events.InvoiceCancelled():
            return event.invoice_number
        case events.GoodsReceived():
            return event.receipt_number
        case events.EntryRecorded() | events.EntryReversed():
            return event.transaction_number
    return str(getattr(event, "order_number", ""))
