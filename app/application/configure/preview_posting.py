"""What a purchase would post through a posting manager that nobody has saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.application.configure.made_up_purchase import Bill, played, purchase_events
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.posting_context import PostingContext, load_context
from app.domain.accounts import AccountType
from app.domain.errors import Fault, Invalid
from app.domain.posting_manager import posting_manager
from app.domain.transaction import AccountTransaction

SAMPLE_NUMBER = "SAMPLE"
SAMPLE_CODE = "EXPENSE"
"""What the order is coded to where the chart has no active expense account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePurchase:
    """Amounts in major units of the base currency. `account_code` None: that of the chart's first active expense account."""

    ordered: Decimal
    shipping: Decimal = Decimal(0)
    billed: Decimal | None = None
    tax: Decimal = Decimal(0)
    account_code: str | None = None
    invoice_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePosting:
    """An event of the purchase; `transaction` None where it posts nothing."""

    event_type: str
    transaction: AccountTransaction | None


class PreviewPosting:
    """Takes a made-up order, receipt and invoice through the posting manager that is given, by the very code that would post them.

    Nothing is stored: neither the posting manager nor anything of the purchase. Periods play no part: it happens today.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies

    async def __call__(self, tenant_id: UUID, document: Mapping[str, Any], sample: SamplePurchase) -> Sequence[SamplePosting]:
        """Raises `UnknownAccount`, or `Invalid` for an unfit type or amount, with pointers into `document` or below `/sample`."""
        async with self._units_of_work(tenant_id) as uow:
            context = await load_context(uow, self._currencies, self._clock.now())
            accounts = {account.name: account for account in await uow.accounts.list()}
            account_code = sample.account_code or await _expense_code(uow)
        manager = posting_manager(document, accounts, version=1 if context.latest is None else context.latest.version + 1)
        order, receipt, invoice = purchase_events(SAMPLE_NUMBER, account_code, _bill(sample, context), context.base, context.today)
        events = (order, invoice, receipt) if sample.invoice_first else (order, receipt, invoice)
        return [
            SamplePosting(event_type=event.type, transaction=transaction)
            for event, transaction in played(replace(context, latest=manager), events, self._ids)
        ]


async def _expense_code(uow: UnitOfWork) -> str:
    expenses = (account.code for account in await uow.accounts.list() if account.active and account.type is AccountType.EXPENSE)
    return next(expenses, SAMPLE_CODE)


def _bill(sample: SamplePurchase, context: PostingContext) -> Bill:
    if sample.ordered <= 0:
        raise _invalid("ordered", "must be above 0")
    for name in ("shipping", "billed", "tax"):
        if (amount := getattr(sample, name)) is not None and amount < 0:
            raise _invalid(name, "must not be negative")

    def minor(name: str) -> int:
        return context.base.to_minor(getattr(sample, name), f"/sample/{name}")

    return Bill(
        ordered=minor("ordered"), shipping=minor("shipping"), tax=minor("tax"), billed=None if sample.billed is None else minor("billed")
    )


def _invalid(name: str, message: str) -> Invalid:
    return Invalid("the sample purchase cannot be", Fault(pointer=f"/sample/{name}", message=message))
