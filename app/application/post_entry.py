"""Entries already coded by their source, and their reversals."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.application.make_transaction import MakeTransaction
from app.application.ports.unit_of_work import UnitOfWork
from app.application.posting_context import PostingContext
from app.domain.accounts import Account
from app.domain.entry import entry_lines, mirrored
from app.domain.errors import EntryExists, EntryReversed, Fault, NotFound, UnknownAccount
from app.domain.events import EntryRecorded
from app.domain.events import EntryReversed as EntryReversedEvent
from app.domain.transaction import AccountTransaction

EntryEvent = EntryRecorded | EntryReversedEvent


class PostEntry:
    """An entry once per number, its mirror once."""

    def __init__(self, make: MakeTransaction) -> None:
        self._make = make

    async def __call__(self, uow: UnitOfWork, context: PostingContext, event_id: UUID, event: EntryEvent, day: date) -> AccountTransaction:
        number = event.transaction_number
        posted = await uow.transactions.of_entry(number)
        if isinstance(event, EntryRecorded):
            if posted:
                raise EntryExists(f"entry {number} exists already")
            accounts = await uow.accounts.list()
            lines = entry_lines(event, context.base, lambda name, code, pointer: find_account(accounts, name, code, pointer))
            return self._make.of_entry(event_id, event, number, day, (event.currency, context.base), lines)
        if not posted:
            raise NotFound(f"there is no entry {number}")
        if len(posted) > 1:
            raise EntryReversed(f"entry {number} is reversed already")
        return self._make.of_entry(event_id, event, number, day, (posted[0].currency, context.base), mirrored(posted[0].lines))


def find_account(accounts: Sequence[Account], name: str | None, code: str | None, pointer: str) -> Account:
    """The active account of this name, or the only one of this code; `UnknownAccount` at the pointer."""
    found = [account for account in accounts if account.active and (account.name == name if name is not None else account.code == code)]
    if len(found) == 1:
        return found[0]
    field, value = ("account", name) if name is not None else ("account_code", code)
    message = f"{value} is the code of several accounts: name one" if found else f"{value} is not an active account"
    raise UnknownAccount(message, Fault(pointer=f"{pointer}/{field}", message=message))
