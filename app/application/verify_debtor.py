"""A debtor transaction posted again from its event and the set-up kept with it; a reversal from those of the one that it mirrors."""

from collections.abc import Sequence
from datetime import date

from app.application.debtor_facts import facts_from_json
from app.application.ports.currencies import Currencies
from app.application.ports.debtors import DebtorDocument
from app.application.ports.events import StoredEvent
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitOfWork
from app.application.stored_events import read_stored
from app.application.verify_transactions import Expected
from app.domain.debtor_transaction import debtor_lines, details
from app.domain.dissection import DebtorFacts, choose
from app.domain.entry import mirrored
from app.domain.errors import NotFound
from app.domain.events import DebtorReversed, DebtorTransaction
from app.domain.ordering import document_rate


async def post_debtor_again(uow: UnitOfWork, tenant: Tenant, currencies: Currencies, stored: StoredEvent) -> Expected:
    """What the event must have posted. Raises `NotFound` where that cannot be told."""
    event = read_stored(stored, tenant.time_zone, currencies)
    base = currencies.get(tenant.base_currency)
    if not isinstance(event, DebtorTransaction | DebtorReversed) or base is None:
        raise NotFound("it is not a debtor transaction")
    document = await uow.debtors_ledger.documents.get(event.kind, event.transaction_number)
    if document is None:
        raise NotFound("its number is not among those that were used")
    origin = await _origin(uow, document, event, stored)
    recorded, facts = read_stored(origin, tenant.time_zone, currencies), facts_from_json(origin.decision["debtor"])
    if not isinstance(recorded, DebtorTransaction):
        raise NotFound("what it reverses is not a debtor transaction")
    choices = choose(facts, recorded)
    lines = debtor_lines(recorded, choices, document_rate(recorded.currency, base, recorded.exchange_rate))
    carried = details(recorded, choices, facts.warehouse.code if facts.warehouse else None, facts.territory.code)
    return Expected(
        stored=stored,
        event=event,
        subject=recorded.debtor,
        supplier=None,
        currency=recorded.currency,
        base_currency=base,
        on=date.fromisoformat(stored.decision["accounting_date"]),
        lines=mirrored(lines) if isinstance(event, DebtorReversed) else lines,
        debtor=carried,
    )


async def _origin(uow: UnitOfWork, document: DebtorDocument, event: DebtorTransaction | DebtorReversed, stored: StoredEvent) -> StoredEvent:
    if isinstance(event, DebtorTransaction):
        if document.event_id != stored.id:
            raise NotFound("its number was used by another event")
        return stored
    if document.reversed_by != stored.id:
        raise NotFound("the number that it reverses was reversed by another event, or is not reversed")
    origin = await uow.events.get(document.event_id)
    if origin is None:
        raise NotFound("what it reverses is gone")
    return origin


def unknown_accounts(stored: StoredEvent, account_codes: frozenset[tuple[str, str]]) -> Sequence[str]:
    """The accounts of the kept set-up that the chart has never had with this code, by the chart and the audit log."""
    facts = _facts(stored)
    pairs = [] if facts is None else [(account.name, account.code) for account in facts.accounts.values()]
    return [f"{code} {name}" for name, code in pairs if (name, code) not in account_codes]


def _facts(stored: StoredEvent) -> DebtorFacts | None:
    kept = stored.decision.get("debtor")
    return None if kept is None else facts_from_json(kept)
