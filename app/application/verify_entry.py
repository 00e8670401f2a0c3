"""An entry posted again from the data of its event; a reversal from those of the entry that it mirrors."""

from collections.abc import Sequence
from datetime import date

from app.application.ports.audit_reads import KeptTransaction
from app.application.ports.currencies import Currencies
from app.application.ports.events import StoredEvent
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitOfWork
from app.application.stored_events import read_stored
from app.application.verify_transactions import Expected
from app.domain.accounts import Account, AccountType
from app.domain.entry import entry_lines, mirrored
from app.domain.errors import NotFound
from app.domain.events import EntryRecorded, EntryReversed, Event

UNKNOWN = "(no such account)"


async def post_again(
    uow: UnitOfWork,
    tenant: Tenant,
    currencies: Currencies,
    account_codes: frozenset[tuple[str, str]],
    stored: StoredEvent,
    every: Sequence[KeptTransaction],
) -> Expected:
    """What the event must have posted. `every`: the entry's transactions, oldest first. Raises `NotFound` where that cannot be told."""

    def read(event: StoredEvent) -> Event:
        return read_stored(event, tenant.time_zone, currencies)

    event, origin = read(stored), stored
    if isinstance(event, EntryReversed):
        found = await uow.events.get(every[0].event_id) if every else None
        if found is None:
            raise NotFound("the entry that it reverses is gone")
        origin = found
    recorded, base = read(origin), currencies.get(tenant.base_currency)
    if not isinstance(recorded, EntryRecorded) or base is None:
        raise NotFound("the entry that it reverses was not recorded")
    kept = next((each for each in every if each.event_id == origin.id), None)
    lines = entry_lines(recorded, base, _Accounts(kept, account_codes).find)
    return Expected(
        stored=stored,
        event=event,
        subject=recorded.transaction_number,
        supplier=None,
        currency=recorded.currency,
        base_currency=base,
        on=date.fromisoformat(stored.decision["accounting_date"]),
        lines=mirrored(lines) if isinstance(event, EntryReversed) else lines,
    )


class _Accounts:
    """The chart may have changed since, and an event names only one of name and code. The other half is right where it is what that
    account is or, by the audit log, has been."""

    def __init__(self, kept: KeptTransaction | None, account_codes: frozenset[tuple[str, str]]) -> None:
        self._posted = frozenset((line.account, line.account_code) for line in kept.lines) if kept else frozenset()
        self._account_codes = account_codes

    def find(self, name: str | None, code: str | None, pointer: str) -> Account:
        known = sorted(pair for pair in self._account_codes if name in (None, pair[0]) and code in (None, pair[1]))
        posted = [pair for pair in known if pair in self._posted]
        found = next(iter(posted or known), (name or UNKNOWN, code or UNKNOWN))
        return Account(name=found[0], code=found[1], type=AccountType.EXPENSE)
