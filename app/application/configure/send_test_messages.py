"""Whether an ERP would take what Glint sends: a made-up purchase, from the set-up to the ERP's answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal
from uuid import UUID

from app.application.configure.made_up_purchase import MARK, Bill, played, purchase_events
from app.application.connect_endpoint import ConnectEndpoint
from app.application.mapped import mapped
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.erp import Answered, ErpAdapters, ErpConnection, Exchange, Prepared
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint, Secrets
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.posting_context import PostingContext, load_context
from app.domain.accounts import AccountType
from app.domain.delivery import Purpose, SendOutcome, ValidateOutcome, Validation, ValidationLevel
from app.domain.errors import Conflict, Fault, Invalid, NotFound
from app.domain.journal import JournalDocument, journal_lines
from app.domain.omission import carried_lines, journal_parts, omitted_roles
from app.domain.transaction import AccountTransaction, TransactionLine

USUAL_AMOUNT = 1050
"""In minor units of the base currency."""
RANDOM_CHARACTERS = 12

TestPurpose = Literal[Purpose.VALIDATE, Purpose.SEND]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestMessage:
    """A journal of the made-up purchase. Without `document` its event gives this endpoint nothing; without `prepared` the mapping keeps
    it from being sent, and `outcome` says why; without `outcome` the ERP was not called with it."""

    event_type: str
    document: JournalDocument | None = None
    prepared: Prepared | None = None
    outcome: SendOutcome | ValidateOutcome | None = None
    exchange: Exchange | None = None


class SendTestMessages:
    """Takes a made-up order, receipt and invoice through the present set-up and calls the ERP with each, marked TEST.

    Nothing of it is stored: neither events nor transactions, journals or attempts; no balance moves. To an ERP for tests they are
    sent, so that it books them; to a live one they are only validated, and asking to send is refused.
    """

    def __init__(
        self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies, secrets: Secrets, adapters: ErpAdapters
    ) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies
        self._connect = ConnectEndpoint(adapters, secrets, units_of_work, clock)

    async def __call__(
        self, tenant_id: UUID, actor: str, name: str, *, account_code: str | None, amount: Decimal | None, purpose: TestPurpose | None
    ) -> tuple[TestPurpose, Sequence[TestMessage]]:
        """What it was for, and a message per event. After a call that got no answer the ERP is not called again."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await _callable_endpoint(uow, name)
            settled = _settled(endpoint, purpose)
            connection = self._open(tenant_id, endpoint)
            context = await load_context(uow, self._currencies, self._clock.now())
            minor = USUAL_AMOUNT if amount is None else context.base.to_minor(amount, "/amount")
            purchase = self._purchase(context, account_code or await _expense_code(uow), minor)
            messages = [message for each in purchase for message in self._messages(endpoint, connection, settled, *each)]
            references = [message.document.reference for message in messages if message.document is not None]
            await uow.audit.write(actor, "endpoint.test_messages", name, {"purpose": str(settled), "references": references})
            await uow.commit()
        return settled, await _called(connection, messages)

    def _open(self, tenant_id: UUID, endpoint: Endpoint) -> ErpConnection:
        try:
            return self._connect(tenant_id, endpoint)
        except SealedByOther as error:
            raise Conflict(f"the credentials of {endpoint.name} cannot be opened any more: send them again") from error

    def _purchase(self, context: PostingContext, account_code: str, amount: int) -> list[tuple[str, AccountTransaction | None]]:
        events = purchase_events(self._marked(), account_code, Bill(ordered=amount), context.base, context.today)
        return [(event.type, transaction) for event, transaction in played(context, events, self._ids)]

    def _messages(
        self, endpoint: Endpoint, connection: ErpConnection, purpose: TestPurpose, event_type: str, transaction: AccountTransaction | None
    ) -> list[TestMessage]:
        """A message per journal that the endpoint would get; one without a document where it gets none."""
        if transaction is None:
            return [TestMessage(event_type=event_type)]
        messages = []
        for part in journal_parts(endpoint.commitments):
            lines = carried_lines(transaction.lines, omit=omitted_roles(endpoint.omit, endpoint.commitments), part=part)
            if lines:
                sent = mapped(endpoint, _document(self._marked(), transaction, lines))
                message = TestMessage(event_type=event_type, document=sent.document)
                if sent.problems:
                    messages.append(replace(message, outcome=Validation(level=ValidationLevel.LOCAL, problems=sent.problems)))
                else:
                    messages.append(replace(message, prepared=connection.prepare(purpose, [sent.document])))
        return messages or [TestMessage(event_type=event_type)]

    def _marked(self) -> str:
        """A number that no other test has: the end of an id is random."""
        return f"{MARK}-{self._ids.new().hex[-RANDOM_CHARACTERS:].upper()}"


async def _callable_endpoint(uow: UnitOfWork, name: str) -> Endpoint:
    endpoint = await uow.endpoints.get(name)
    if endpoint is None:
        raise NotFound(f"there is no endpoint {name}")
    if endpoint.delivery == "poll":
        raise Conflict(f"{name} is polled by the ERP: there is nothing to call")
    return endpoint


def _settled(endpoint: Endpoint, purpose: TestPurpose | None) -> TestPurpose:
    if endpoint.environment == "test":
        return purpose or Purpose.SEND
    if purpose is Purpose.SEND:
        raise Conflict(f"{endpoint.name} is live: a test must not land in its ledger, so it is only validated")
    return Purpose.VALIDATE


async def _expense_code(uow: UnitOfWork) -> str:
    for account in await uow.accounts.list():
        if account.active and account.type is AccountType.EXPENSE:
            return account.code
    message = "the chart has no active expense account: name an account code"
    raise Invalid(message, Fault(pointer="/account_code", message=message))


def _document(reference: str, transaction: AccountTransaction, lines: Sequence[TransactionLine]) -> JournalDocument:
    return JournalDocument(
        reference=reference,
        accounting_date=transaction.accounting_date,
        currency=transaction.currency.code,
        base_currency=transaction.base_currency.code,
        description=f"{MARK} {transaction.description}",
        lines=journal_lines(lines, transaction.currency, transaction.base_currency),
    )


async def _called(connection: ErpConnection, messages: Sequence[TestMessage]) -> list[TestMessage]:
    called: list[TestMessage] = []
    answering = True
    for message in messages:
        if message.prepared is None or not answering:
            called.append(message)
            continue
        answered: Answered[SendOutcome] | Answered[ValidateOutcome]
        if message.prepared.purpose is Purpose.SEND:
            answered = await connection.send(message.prepared)
        else:
            answered = await connection.validate(message.prepared)
        outcome = answered.results[message.prepared.references[0]]
        called.append(replace(message, outcome=outcome, exchange=answered.exchange))
        answering = answered.exchange.status is not None
    return called
