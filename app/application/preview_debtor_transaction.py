"""What a debtor transaction would take, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.application.debtor_facts import load_facts
from app.application.events_in.envelope import faults_of
from app.application.events_in.schemas import DebtorDocumentData, DebtorTransactionData
from app.application.events_in.translate import debtor_transaction
from app.application.ports.clock import Clock
from app.application.ports.currencies import Currencies
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.posting_context import load_context
from app.domain.debtor_transaction import debtor_lines, details, tax_shares
from app.domain.debtors import Dissection
from app.domain.dissection import Choice, choose
from app.domain.errors import DomainError, Fault, Invalid
from app.domain.events import DebtorTransaction
from app.domain.money import Currency
from app.domain.ordering import document_rate
from app.domain.transaction import DebtorDetails, TransactionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`choices` and `taxes` are one per line of the event, `lines` what would be posted."""

    event: DebtorTransaction
    base: Currency
    accounting_date: date
    dissection: Dissection
    carried: DebtorDetails
    choices: Sequence[Choice]
    taxes: Sequence[int]
    lines: Sequence[TransactionLine]


class PreviewDebtorTransaction:
    """Which record and accounts a transaction would take now, and why: what posting does, up to the posting. Refused as posting would
    refuse it, but for the number, which is not asked for."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies
        self._clock = clock

    async def __call__(self, tenant_id: UUID, data: DebtorDocumentData) -> Preview:
        """Raises a `DomainError` whose pointers are into the data itself."""
        try:
            return await self._preview(tenant_id, data)
        except DomainError as error:
            faults = (Fault(pointer=fault.pointer.removeprefix("/data"), message=fault.message) for fault in error.faults)
            raise type(error)(error.detail, *faults) from error

    async def of_json(self, tenant_id: UUID, data: Mapping[str, Any]) -> Preview:
        """The same for the data of a `debtor.transaction` that nobody has looked at yet. Raises `Invalid` with a pointer per fault, too."""
        try:
            read = DebtorTransactionData.model_validate(data)
        except ValidationError as error:
            raise Invalid("the transaction breaks a rule", *faults_of(error)) from error
        return await self(tenant_id, read)

    async def _preview(self, tenant_id: UUID, data: DebtorDocumentData) -> Preview:
        now = self._clock.now()
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            context = await load_context(uow, self._currencies, now)
            today = now.astimezone(ZoneInfo(context.tenant.time_zone)).date()
            event = debtor_transaction(data, "", today, self._currencies)
            facts = await load_facts(uow, event, keep=False)
        choices = choose(facts, event)
        found: dict[str, Any] = {"lines": debtor_lines(event, choices, document_rate(event.currency, context.base, event.exchange_rate))}
        return Preview(
            event=event,
            base=context.base,
            accounting_date=context.accounting_date(event.document_date),
            dissection=facts.dissection,
            carried=details(event, choices, facts.warehouse.code if facts.warehouse else None, facts.territory.code),
            choices=choices,
            taxes=tax_shares(event),
            **found,
        )
