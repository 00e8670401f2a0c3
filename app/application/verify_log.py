"""One event of the log: untouched since it came, in the order logs where it belongs, and if it is an entry or a debtor's, posted as it
says."""

import hashlib

from app.application.events_in.envelope import canonical_json
from app.application.ports.audit_reads import LoggedEvent
from app.application.ports.currencies import Currencies
from app.application.ports.events import StoredEvent
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitOfWork
from app.application.verification import Difference, DifferenceKind, Findings
from app.application.verify_debtor import post_debtor_again, unknown_accounts
from app.application.verify_entry import post_again
from app.application.verify_order import UNREADABLE
from app.application.verify_transactions import compare


class LogCheck:
    """Checks posted events one by one; entries and debtor transactions are posted again from their data."""

    def __init__(
        self, uow: UnitOfWork, tenant: Tenant, currencies: Currencies, account_codes: frozenset[tuple[str, str]], findings: Findings
    ) -> None:
        self._uow = uow
        self._tenant = tenant
        self._currencies = currencies
        self._account_codes = account_codes
        self._findings = findings

    async def __call__(self, logged: LoggedEvent) -> int:
        """How many transactions it has that belong to an entry or a debtor."""
        stored = logged.stored
        self._untouched(stored)
        self._in_order_logs(logged)
        if stored.type.startswith("entry."):
            return await self._entry(stored, str(stored.data.get("transaction_number")))
        if stored.type.startswith("debtor."):
            return await self._debtor(stored, str(stored.data.get("transaction_number")))
        return 0

    async def _entry(self, stored: StoredEvent, number: str) -> int:
        every = await self._uow.audit_reads.transactions("entry", number)
        mine = [transaction for transaction in every if transaction.event_id == stored.id]
        if len(mine) != 1:
            self._add(stored, f"an entry of {len(mine)} transactions instead of one", number)
        try:
            expected = await post_again(self._uow, self._tenant, self._currencies, self._account_codes, stored, every)
        except UNREADABLE as error:
            self._add(stored, f"the entry cannot be posted again: {type(error).__name__}: {error}", number)
        else:
            for transaction in mine[:1]:
                compare(expected, transaction, self._findings)
        return len(mine)

    async def _debtor(self, stored: StoredEvent, number: str) -> int:
        mine = await self._uow.audit_reads.of_event(stored.id)
        if len(mine) != 1:
            self._add(stored, f"a debtor transaction of {len(mine)} transactions instead of one", number)
        try:
            for account in unknown_accounts(stored, self._account_codes):
                self._add(stored, "it was decided with an account that the chart never had", number, account)
            expected = await post_debtor_again(self._uow, self._tenant, self._currencies, stored)
        except UNREADABLE as error:
            self._add(stored, f"the debtor transaction cannot be posted again: {type(error).__name__}: {error}", number)
        else:
            for transaction in mine[:1]:
                compare(expected, transaction, self._findings)
        return len(mine)

    def _untouched(self, stored: StoredEvent) -> None:
        text = canonical_json({"type": stored.type, "data": stored.data})
        if hashlib.sha256(text.encode()).digest() != stored.fingerprint:
            self._add(stored, "the event's type or data are not what its fingerprint was taken of", None)

    def _in_order_logs(self, logged: LoggedEvent) -> None:
        day = logged.stored.decision.get("accounting_date")
        for number in logged.stored.decision.get("manager_versions", {}):
            found = logged.orders.get(number)
            if found is None or found.isoformat() != day:
                there = None if found is None else found.isoformat()
                self._add(logged.stored, "the event is not in the order's log with its accounting date", number, there, str(day))

    def _add(self, event: StoredEvent, what: str, subject: str | None, stored: str | None = None, replayed: str | None = None) -> None:
        difference = Difference(kind=DifferenceKind.EVENT, what=what, subject=subject, event_id=event.id, stored=stored, replayed=replayed)
        self._findings.add(difference)
