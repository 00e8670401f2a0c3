"""The PostgreSQL unit of work: one connection, one database transaction, repositories made when they are asked for."""

from functools import cached_property
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.adapters.postgres.constraints import domain_error
from app.adapters.postgres.engine import is_deadlock, is_outage
from app.adapters.postgres.repositories.accruals import PostgresAccruals
from app.adapters.postgres.repositories.audit_reads import PostgresAuditReads
from app.adapters.postgres.repositories.authorisations import PostgresAuthorisations
from app.adapters.postgres.repositories.batches import PostgresBatches
from app.adapters.postgres.repositories.chart_pulls import PostgresChartPulls
from app.adapters.postgres.repositories.consents import PostgresConsents
from app.adapters.postgres.repositories.debtor_batches import PostgresDebtorBatches
from app.adapters.postgres.repositories.debtors import PostgresDebtorsLedger
from app.adapters.postgres.repositories.delivered import PostgresDeliveredJournals
from app.adapters.postgres.repositories.delivery import PostgresAttempts, PostgresDispatch
from app.adapters.postgres.repositories.events import PostgresEventLog
from app.adapters.postgres.repositories.journal_sets import PostgresJournalSets
from app.adapters.postgres.repositories.journals import PostgresJournals
from app.adapters.postgres.repositories.order_lists import PostgresOrderLists
from app.adapters.postgres.repositories.orders import PostgresOrders
from app.adapters.postgres.repositories.period_close import PostgresPeriodClose
from app.adapters.postgres.repositories.polling import PostgresPolls
from app.adapters.postgres.repositories.posting_set_up import PostgresPostingSetUp
from app.adapters.postgres.repositories.reference_data import PostgresReferenceData
from app.adapters.postgres.repositories.reports import PostgresLedgerReports
from app.adapters.postgres.repositories.set_up_progress import PostgresSetUpProgress
from app.adapters.postgres.repositories.setup import (
    PostgresAccountChart,
    PostgresApiKeys,
    PostgresAuditLog,
    PostgresEndpoints,
    PostgresPeriods,
    PostgresPostingManagers,
    PostgresTenants,
)
from app.adapters.postgres.repositories.standings import PostgresStandings
from app.adapters.postgres.repositories.transactions import PostgresTransactions
from app.adapters.postgres.repositories.turns import PostgresTurns
from app.adapters.postgres.repositories.users import PostgresSignInThrottle, PostgresUsers, PostgresUserSessions
from app.adapters.postgres.repositories.worklists import PostgresWorklists
from app.adapters.postgres.statements import statement
from app.application.ports.currencies import Currencies
from app.application.ports.unit_of_work import Deadlock, StoreUnavailable
from app.application.ports.waking import Waker

PLANNED_FOR_ITS_VALUES = "SET LOCAL plan_cache_mode = force_custom_plan"
"""After some executions PostgreSQL takes up one plan for whatever values, where it believes that no dearer. Over a long history it is: such
a plan does not know how early a page or a period ends."""


class PostgresUnitOfWork:
    """Rolls back unless `commit()` was said. A broken constraint comes out as the domain's error."""

    def __init__(self, engine: AsyncEngine, tenant_id: UUID, currencies: Currencies, waker: Waker | None, *, reading: bool = False) -> None:
        self.tenant_id = tenant_id
        self._reading = reading
        self._engine = engine
        self._currencies = currencies
        self._waker = waker
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        try:
            self._connection = await self._engine.connect()
        except (DBAPIError, OSError) as error:
            raise StoreUnavailable from error
        if self._reading:
            try:
                await self._connection.execute(statement(PLANNED_FOR_ITS_VALUES))
            except BaseException as error:  # whatever it is, a cancellation too: the connection goes back, as it does from inside
                await self.__aexit__(type(error), error, None)
                raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection is not None:
            await self._connection.close()
        known = domain_error(error) if isinstance(error, DBAPIError) else None
        if known is not None:
            raise known from error
        if isinstance(error, DBAPIError) and is_outage(error):
            raise StoreUnavailable from error
        if isinstance(error, DBAPIError) and is_deadlock(error):
            raise Deadlock from error

    async def commit(self) -> None:
        await self.connection.commit()
        if self._waker is not None and self.dispatch.has_woken:
            self._waker.wake()

    @property
    def connection(self) -> AsyncConnection:
        if self._connection is None:
            raise RuntimeError("the unit of work is not open")
        return self._connection

    @cached_property
    def tenants(self) -> PostgresTenants:
        return PostgresTenants(self.connection, self.tenant_id)

    @cached_property
    def keys(self) -> PostgresApiKeys:
        return PostgresApiKeys(self.connection, self.tenant_id)

    @cached_property
    def users(self) -> PostgresUsers:
        return PostgresUsers(self.connection, self.tenant_id)

    @cached_property
    def user_sessions(self) -> PostgresUserSessions:
        return PostgresUserSessions(self.connection, self.tenant_id)

    @cached_property
    def sign_in_throttle(self) -> PostgresSignInThrottle:
        return PostgresSignInThrottle(self.connection, self.tenant_id)

    @cached_property
    def accounts(self) -> PostgresAccountChart:
        return PostgresAccountChart(self.connection, self.tenant_id)

    @cached_property
    def posting_set_up(self) -> PostgresPostingSetUp:
        return PostgresPostingSetUp(self.connection, self.tenant_id)

    @cached_property
    def posting_managers(self) -> PostgresPostingManagers:
        return PostgresPostingManagers(self.connection, self.tenant_id)

    @cached_property
    def periods(self) -> PostgresPeriods:
        return PostgresPeriods(self.connection, self.tenant_id)

    @cached_property
    def endpoints(self) -> PostgresEndpoints:
        return PostgresEndpoints(self.connection, self.tenant_id)

    @cached_property
    def authorisations(self) -> PostgresAuthorisations:
        return PostgresAuthorisations(self.connection, self.tenant_id)

    @cached_property
    def consents(self) -> PostgresConsents:
        return PostgresConsents(self.connection, self.tenant_id)

    @cached_property
    def audit(self) -> PostgresAuditLog:
        return PostgresAuditLog(self.connection, self.tenant_id)

    @cached_property
    def events(self) -> PostgresEventLog:
        return PostgresEventLog(self.connection, self.tenant_id)

    @cached_property
    def debtors_ledger(self) -> PostgresDebtorsLedger:
        return PostgresDebtorsLedger(self.connection, self.tenant_id)

    @cached_property
    def debtor_batches(self) -> PostgresDebtorBatches:
        return PostgresDebtorBatches(self.connection, self.tenant_id)

    @cached_property
    def orders(self) -> PostgresOrders:
        return PostgresOrders(self.connection, self.tenant_id, self._currencies)

    @cached_property
    def order_lists(self) -> PostgresOrderLists:
        return PostgresOrderLists(self.connection, self.tenant_id)

    @cached_property
    def transactions(self) -> PostgresTransactions:
        return PostgresTransactions(self.connection, self.tenant_id)

    @cached_property
    def journals(self) -> PostgresJournals:
        return PostgresJournals(self.connection, self.tenant_id)

    @cached_property
    def dispatch(self) -> PostgresDispatch:
        return PostgresDispatch(self.connection, self.tenant_id)

    @cached_property
    def attempts(self) -> PostgresAttempts:
        return PostgresAttempts(self.connection, self.tenant_id)

    @cached_property
    def turns(self) -> PostgresTurns:
        return PostgresTurns(self.connection, self.tenant_id, self.journals)

    @cached_property
    def polls(self) -> PostgresPolls:
        return PostgresPolls(self.connection, self.tenant_id)

    @cached_property
    def reference_data(self) -> PostgresReferenceData:
        return PostgresReferenceData(self.connection, self.tenant_id)

    @cached_property
    def chart_pulls(self) -> PostgresChartPulls:
        return PostgresChartPulls(self.connection, self.tenant_id)

    @cached_property
    def journal_sets(self) -> PostgresJournalSets:
        return PostgresJournalSets(self.connection, self.tenant_id)

    @cached_property
    def worklists(self) -> PostgresWorklists:
        return PostgresWorklists(self.connection, self.tenant_id)

    @cached_property
    def standings(self) -> PostgresStandings:
        return PostgresStandings(self.connection, self.tenant_id)

    @cached_property
    def set_up_progress(self) -> PostgresSetUpProgress:
        return PostgresSetUpProgress(self.connection, self.tenant_id)

    @cached_property
    def batches(self) -> PostgresBatches:
        return PostgresBatches(self.connection, self.tenant_id)

    @cached_property
    def period_close(self) -> PostgresPeriodClose:
        return PostgresPeriodClose(self.connection, self.tenant_id)

    @cached_property
    def delivered(self) -> PostgresDeliveredJournals:
        return PostgresDeliveredJournals(self.connection, self.tenant_id)

    @cached_property
    def audit_reads(self) -> PostgresAuditReads:
        return PostgresAuditReads(self.connection, self.tenant_id)

    @cached_property
    def reports(self) -> PostgresLedgerReports:
        return PostgresLedgerReports(self.connection, self.tenant_id)

    @cached_property
    def accruals(self) -> PostgresAccruals:
        return PostgresAccruals(self.connection, self.tenant_id)


class PostgresUnitsOfWork:
    """Opens units of work on one engine. The waker is told of lanes that became due, once they are committed."""

    def __init__(self, engine: AsyncEngine, currencies: Currencies, waker: Waker | None = None) -> None:
        self._engine = engine
        self._currencies = currencies
        self._waker = waker

    def __call__(self, tenant_id: UUID, *, reading: bool = False, snapshot: bool = False) -> PostgresUnitOfWork:
        engine = self._engine.execution_options(isolation_level="REPEATABLE READ") if snapshot else self._engine
        return PostgresUnitOfWork(engine, tenant_id, self._currencies, self._waker, reading=reading or snapshot)
