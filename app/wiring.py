"""Wires the use cases of posting and delivery from the parts that `bootstrap` chose: a part of the composition root."""

from collections.abc import Coroutine

from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.clock import SystemChance
from app.adapters.postgres.growing_tables import keep_analysing
from app.adapters.postgres.lanes import PostgresLaneClaims
from app.adapters.postgres.pull_claims import PostgresPullClaims
from app.adapters.postgres.tenant_directory import PostgresTenantDirectory
from app.adapters.procurement.cxml import CxmlDocumentReader
from app.application.answer_requests import AnswerRequests
from app.application.browse import Browse
from app.application.browse_debtor_transactions import BrowseDebtorTransactions
from app.application.connect_endpoint import ConnectEndpoint
from app.application.debtor_batches import DebtorBatching
from app.application.deliver import Deliver
from app.application.enter_debtor_transaction import EnterDebtorTransaction
from app.application.explain_transaction import ExplainTransaction
from app.application.find_orders import FindOrders
from app.application.flow import Flow
from app.application.look_up_journal import LookUpJournal
from app.application.mark_as_sent import MarkAsSent
from app.application.operations import Operations
from app.application.poll_requests import PollRequests
from app.application.ports.attempt_witness import AttemptWitness
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.erp import ErpAdapters
from app.application.ports.setup import Secrets
from app.application.ports.tenant_directory import TenantDirectory
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.waking import Wakeups
from app.application.preview_debtor_transaction import PreviewDebtorTransaction
from app.application.pull_charts import PullCharts
from app.application.read_batch import ReadBatch
from app.application.read_health import ReadHealth
from app.application.read_order import ReadOrder
from app.application.record_batch import RecordBatch
from app.application.record_document import RecordDocument
from app.application.record_event import RecordEvent
from app.application.redate_journal import RedateJournal
from app.application.reports import Reports
from app.application.resolve_event import ResolveEvent
from app.application.run_batch import RunBatch
from app.application.run_commands import RunCommands
from app.application.select_journals import ReadJournal
from app.application.send_journals import SendJournals
from app.application.take_turns import TakeTurns
from app.application.validate_journal import ValidateJournal
from app.application.validate_journals import ValidateJournals
from app.application.verify import VerifyLedger
from app.application.work_lane import WorkLane
from app.application.work_through import WorkThrough
from app.worker import Worker


def wire_operations(
    *,
    engine: AsyncEngine,
    units_of_work: UnitsOfWork,
    clock: Clock,
    ids: Ids,
    currencies: Currencies,
    secrets: Secrets,
    erp_adapters: ErpAdapters,
    witness: AttemptWitness,
    lease_seconds: int,
) -> Operations:
    """The use cases on these parts."""
    connect = ConnectEndpoint(erp_adapters, secrets, units_of_work, clock)
    deliver = Deliver(TakeTurns(units_of_work, connect, clock, ids, SystemChance()), witness)
    flow, validate_journal = Flow(SystemChance()), ValidateJournal(units_of_work, connect, clock, ids, witness)
    record_event = RecordEvent(units_of_work, clock, ids, currencies)
    claims, preview = PostgresLaneClaims(engine), PreviewDebtorTransaction(units_of_work, currencies, clock)
    return Operations(
        record_event=record_event,
        record_batch=RecordBatch(record_event),
        resolve_event=ResolveEvent(units_of_work, record_event),
        record_document=RecordDocument(CxmlDocumentReader(), record_event),
        run_commands=RunCommands(units_of_work, record_event, clock),
        preview_debtor_transaction=preview,
        enter_debtor_transaction=EnterDebtorTransaction(record_event, clock),
        browse_debtor_transactions=BrowseDebtorTransactions(units_of_work),
        debtor_batches=DebtorBatching(units_of_work, clock, ids, currencies, preview),
        browse=Browse(units_of_work, currencies, clock),
        reports=Reports(units_of_work, currencies, clock, connect),
        explain_transaction=ExplainTransaction(units_of_work, currencies),
        find_orders=FindOrders(units_of_work, currencies),
        read_order=ReadOrder(units_of_work, clock),
        verify=VerifyLedger(units_of_work, currencies),
        read_journal=ReadJournal(units_of_work),
        work_through=WorkThrough(units_of_work, currencies, clock),
        read_health=ReadHealth(units_of_work, clock),
        validate_journals=ValidateJournals(units_of_work, connect, validate_journal, flow, clock, ids),
        send_journals=SendJournals(units_of_work, claims, deliver, clock, ids, lease_seconds),
        mark_as_sent=MarkAsSent(units_of_work, LookUpJournal(units_of_work, connect, flow, clock, ids, witness), clock),
        redate_journal=RedateJournal(units_of_work),
        read_batch=ReadBatch(units_of_work),
        deliver=deliver,
        poll_requests=PollRequests(units_of_work, clock, ids),
        answer_requests=AnswerRequests(units_of_work, clock),
        work_lane=WorkLane(deliver, RunBatch(units_of_work, validate_journal, flow, clock)),
    )


def wire_worker(engine: AsyncEngine, operations: Operations, wakeups: Wakeups, clock: Clock, lease_seconds: int) -> Worker:
    """A worker on this database."""
    return Worker(PostgresLaneClaims(engine), operations.work_lane, wakeups, clock, lease_seconds)


def wire_pull_charts(
    engine: AsyncEngine, units_of_work: UnitsOfWork, erp_adapters: ErpAdapters, secrets: Secrets, clock: Clock
) -> PullCharts:
    """What asks ERPs of this database for their charts again."""
    connect = ConnectEndpoint(erp_adapters, secrets, units_of_work, clock)
    return PullCharts(units_of_work, PostgresPullClaims(engine), connect, clock)


def wire_analysis(engine: AsyncEngine) -> Coroutine[None, None, None]:
    """What tells the planner about tables that grow fast."""
    return keep_analysing(engine)


def wire_tenant_directory(engine: AsyncEngine) -> TenantDirectory:
    """All tenants of this database, for the operator's commands only."""
    return PostgresTenantDirectory(engine)
