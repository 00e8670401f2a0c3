"""Proves the ledger: everything stored against the event log, played again from nothing."""

from dataclasses import dataclass
from uuid import UUID

from app.application.ports.audit_reads import WrongSum
from app.application.ports.currencies import Currencies
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.replay import Replay
from app.application.verification import MOST_KEPT, Difference, DifferenceKind, Findings, Verification
from app.application.verify_log import LogCheck
from app.application.verify_order import OrderCheck
from app.domain.errors import NotFound

PAGE = 500


class VerifyLedger:
    """Replays the whole log of a tenant into empty state, order by order, and compares: states, posted balances, every transaction
    with its lines, dates and currencies, entries, debtor transactions and their reversals, the sums that reports read, and those of all
    debits and credits.

    It sees the database as it was at one moment, writes nothing and takes no lock, so the service stays in use.
    """

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies

    async def __call__(self, tenant_id: UUID) -> Verification:
        """Raises `NotFound` where there is no such tenant."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            tenant = await uow.tenants.get()
            if tenant is None:
                raise NotFound("there is no such tenant")
            return await _Run(uow, tenant, self._currencies, Findings()).run()


@dataclass(slots=True)
class _Run:
    """One verification inside its unit of work."""

    uow: UnitOfWork
    tenant: Tenant
    currencies: Currencies
    findings: Findings

    async def run(self) -> Verification:
        for end in await self.uow.audit_reads.loose_ends(PAGE):
            kind = DifferenceKind.EVENT if end.transaction_id is None else DifferenceKind.TRANSACTION
            difference = Difference(kind=kind, what=end.what, subject=end.subject, event_id=end.event_id, transaction_id=end.transaction_id)
            self.findings.add(difference)
        seen = await self._orders() + await self._log()
        for wrong in await self.uow.audit_reads.wrong_sums(MOST_KEPT + 1):
            self._sum(wrong)
        totals = await self.uow.audit_reads.totals()
        if totals.transactions != seen:
            self._total("transactions of no order, entry or debtor", str(totals.transactions), str(seen))
        if totals.debit != totals.credit:
            self._total("debits and credits of all transactions, base minor units", str(totals.debit), str(totals.credit))
        return Verification(
            tenant_id=self.tenant.id,
            tenant_name=self.tenant.name,
            totals=totals,
            difference_count=self.findings.count,
            differences=tuple(self.findings.kept),
        )

    async def _orders(self) -> int:
        """The number of transactions that belong to orders."""
        check = OrderCheck(self.uow, Replay(self.uow, self.tenant, self.currencies), self.findings)
        seen, after = 0, None
        while numbers := await self.uow.audit_reads.order_numbers(after, PAGE):
            for number in numbers:
                seen += await check(number)
            after = numbers[-1]
        return seen

    async def _log(self) -> int:
        """The number of transactions that belong to entries and debtors."""
        check = LogCheck(self.uow, self.tenant, self.currencies, await self.uow.audit_reads.account_codes(), self.findings)
        seen, after = 0, 0
        while events := await self.uow.audit_reads.log(after, PAGE):
            for event in events:
                seen += await check(event)
            after = events[-1].stored.applied or 0
        return seen

    def _sum(self, wrong: WrongSum) -> None:
        charge_code = f", charge code {wrong.charge_code}" if wrong.charge_code else ""
        difference = Difference(
            kind=DifferenceKind.REPORT,
            what=f"the reports' sum of a {wrong.span} is not that of its lines",
            key=f"{wrong.since} {wrong.account}{charge_code}",
            stored=_sides(wrong.kept),
            replayed=_sides(wrong.posted),
        )
        self.findings.add(difference)

    def _total(self, what: str, stored: str, replayed: str) -> None:
        self.findings.add(Difference(kind=DifferenceKind.TOTAL, what=what, stored=stored, replayed=replayed))


def _sides(sums: tuple[int, int] | None) -> str | None:
    return None if sums is None else f"{sums[0]} / {sums[1]}"
