"""The one error tree. Each class is a rule that was broken; `code` is part of the wire format and never changes."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One broken field: `pointer` is an RFC 6901 JSON pointer into the body that was sent."""

    pointer: str
    message: str


class DomainError(Exception):
    """A rule of Glint was broken. `detail` is a sentence for the sender, `faults` say where."""

    code: ClassVar[str] = "invalid"
    title: ClassVar[str] = "The request breaks a rule"

    def __init__(self, detail: str, *faults: Fault) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults


class Invalid(DomainError):
    """The payload itself breaks a rule, whatever the state: HTTP 422."""


class Conflict(DomainError):
    """Well formed, but against the present state: HTTP 409."""

    code = "conflict"
    title = "The request is against the present state"


class NotFound(DomainError):
    """The object does not exist in this tenant: HTTP 404."""

    code = "not-found"
    title = "Not found"


class UnknownAccount(Invalid):
    code = "unknown-account"
    title = "Account is not set up"


class WrongCurrency(Invalid):
    code = "wrong-currency"
    title = "Currency is not the order's"


class ReturnAboveReceived(Invalid):
    code = "return-above-received"
    title = "More is returned than was received"


class CreditAboveInvoiced(Invalid):
    code = "credit-above-invoiced"
    title = "More is credited than was invoiced"


class AmountTooLarge(Invalid):
    code = "amount-too-large"
    title = "Amount is beyond what a ledger line can hold"


class NoPostingManager(Conflict):
    code = "no-posting-manager"
    title = "The posting manager is not set up"


class OrderClosed(Conflict):
    code = "order-closed"
    title = "Order or line is closed"


class OrderCancelled(Conflict):
    code = "order-cancelled"
    title = "Order is cancelled"


class OrderExists(Conflict):
    code = "order-exists"
    title = "Order exists already"


class OrderInUse(Conflict):
    code = "order-in-use"
    title = "Order is received or invoiced"


class StaleVersion(Conflict):
    code = "stale-version"
    title = "Version is not above the last one"


class QuantityBelowUsed(Conflict):
    code = "quantity-below-used"
    title = "Quantity is below what is received or invoiced"


class InvoiceExists(Conflict):
    code = "invoice-exists"
    title = "Invoice number was used by this supplier"


class InvoiceUnknown(Invalid):
    code = "invoice-unknown"
    title = "There is no such invoice"


class InvoiceInUse(Conflict):
    code = "invoice-in-use"
    title = "A credit note names the invoice"


class InvoiceNotInForce(Conflict):
    code = "invoice-not-in-force"
    title = "Invoice is cancelled, or a credit note"


class EntryExists(Conflict):
    code = "entry-exists"
    title = "Entry exists already"


class EntryReversed(Conflict):
    code = "entry-reversed"
    title = "Entry is reversed already"


class UnknownDebtor(Invalid):
    code = "unknown-debtor"
    title = "Debtor is not set up"


class UnknownWarehouse(Invalid):
    code = "unknown-warehouse"
    title = "Warehouse is not set up"


class UnknownGlInterface(Invalid):
    code = "unknown-gl-interface"
    title = "GL interface record is not on the list"


class WarehouseMissing(Invalid):
    code = "warehouse-missing"
    title = "A warehouse must be given"


class WrongDissection(Invalid):
    code = "wrong-dissection"
    title = "The choice does not fit the dissection option"


class GlInterfaceMissing(Conflict):
    code = "gl-interface-missing"
    title = "A GL interface record is not set up"


class DebtorTransactionExists(Conflict):
    code = "debtor-transaction-exists"
    title = "Debtor transaction exists already"


class DebtorTransactionReversed(Conflict):
    code = "debtor-transaction-reversed"
    title = "Debtor transaction is reversed already"


class DebtorBatchPosted(Conflict):
    code = "debtor-batch-posted"
    title = "Batch is posted already"


class ControlTotalDiffers(Conflict):
    code = "control-total-differs"
    title = "Batch differs from its control total"


class EventIdReused(Conflict):
    code = "event-id-reused"
    title = "Event id was used with other content"


class PeriodClosed(Conflict):
    code = "period-closed"
    title = "Period is closed"


class InUse(Conflict):
    code = "in-use"
    title = "In use"


class TenantExists(Conflict):
    code = "tenant-exists"
    title = "A tenant of this name exists"


class JournalNotValid(Conflict):
    code = "journal-not-valid"
    title = "Journal is not valid"


class JournalAlreadySent(Conflict):
    code = "journal-already-sent"
    title = "Journal is sent already"


class JournalBlocked(Conflict):
    code = "journal-blocked"
    title = "An earlier journal of the same lane is not sent"


class LeaseExpired(Conflict):
    code = "lease-expired"
    title = "Somebody else has the journal by now, or has concluded it"


class VerdictDiffers(Conflict):
    code = "verdict-differs"
    title = "The lease was answered with another verdict"


class ErpDidNotAnswer(Conflict):
    code = "erp-did-not-answer"
    title = "The ERP did not answer"


class EventNotWaiting(Conflict):
    code = "event-not-waiting"
    title = "Event is neither parked nor refused"


class Waiting(Exception):
    """The event cannot be applied yet: these orders have not arrived, or lack a line it names."""

    def __init__(self, order_numbers: tuple[str, ...]) -> None:
        super().__init__(", ".join(order_numbers))
        self.order_numbers = order_numbers
