"""The unit of work: what is read and written together, and rolled back unless `commit()` was said."""

from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from app.application.ports.accruals import Accruals
from app.application.ports.audit_reads import AuditReads
from app.application.ports.authorisations import Authorisations, Consents
from app.application.ports.batches import Batches
from app.application.ports.chart_pulls import ChartPulls
from app.application.ports.debtor_batches import DebtorBatches
from app.application.ports.debtors import DebtorsLedger
from app.application.ports.delivered import DeliveredJournals
from app.application.ports.delivery import Attempts, Dispatch
from app.application.ports.events import EventLog
from app.application.ports.journal_sets import JournalSets
from app.application.ports.journals import Journals
from app.application.ports.order_lists import OrderLists
from app.application.ports.orders import Orders
from app.application.ports.period_close import PeriodCloseReads
from app.application.ports.polling import Polls
from app.application.ports.reference_data import ReferenceData
from app.application.ports.reports import LedgerReports
from app.application.ports.set_up_progress import SetUpProgressReads
from app.application.ports.setup import AccountChart, ApiKeys, AuditLog, Endpoints, Periods, PostingManagers, Tenants
from app.application.ports.standings import Standings
from app.application.ports.transactions import Transactions
from app.application.ports.turns import Turns
from app.application.ports.users import SignInThrottle, Users, UserSessions
from app.application.ports.worklists import Worklists


class StoreUnavailable(Exception):
    """The database does not answer. Nothing was kept, unless it went away in the very moment of a commit."""


class Deadlock(StoreUnavailable):
    """Two units of work waited for each other, and this one had to give way. Nothing was kept: it can be done again."""


class UnitOfWork(Protocol):
    """One database transaction of one tenant. No network call is made while it is open."""

    tenant_id: UUID

    @property
    def tenants(self) -> Tenants: ...
    @property
    def keys(self) -> ApiKeys: ...
    @property
    def users(self) -> Users: ...
    @property
    def user_sessions(self) -> UserSessions: ...
    @property
    def sign_in_throttle(self) -> SignInThrottle: ...
    @property
    def accounts(self) -> AccountChart: ...
    @property
    def posting_managers(self) -> PostingManagers: ...
    @property
    def periods(self) -> Periods: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def authorisations(self) -> Authorisations: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def events(self) -> EventLog: ...
    @property
    def debtors_ledger(self) -> DebtorsLedger: ...
    @property
    def debtor_batches(self) -> DebtorBatches: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def order_lists(self) -> OrderLists: ...
    @property
    def transactions(self) -> Transactions: ...
    @property
    def journals(self) -> Journals: ...
    @property
    def dispatch(self) -> Dispatch: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def polls(self) -> Polls: ...
    @property
    def reference_data(self) -> ReferenceData: ...
    @property
    def chart_pulls(self) -> ChartPulls: ...
    @property
    def journal_sets(self) -> JournalSets: ...
    @property
    def worklists(self) -> Worklists: ...
    @property
    def standings(self) -> Standings: ...
    @property
    def set_up_progress(self) -> SetUpProgressReads: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def period_close(self) -> PeriodCloseReads: ...
    @property
    def delivered(self) -> DeliveredJournals: ...
    @property
    def audit_reads(self) -> AuditReads: ...
    @property
    def reports(self) -> LedgerReports: ...
    @property
    def accruals(self) -> Accruals: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    async def commit(self) -> None: ...


class UnitsOfWork(Protocol):
    """Opens units of work, each for one tenant."""

    def __call__(self, tenant_id: UUID, *, snapshot: bool = False) -> UnitOfWork:
        """`snapshot`: all reads see the database as it was at the first one."""
        ...
