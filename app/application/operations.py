"""The use cases of posting and delivery, wired: what the API, the screens and the worker are given."""

from dataclasses import dataclass

from app.application.answer_requests import AnswerRequests
from app.application.browse import Browse
from app.application.browse_debtor_transactions import BrowseDebtorTransactions
from app.application.debtor_batches import DebtorBatching
from app.application.deliver import Deliver
from app.application.enter_debtor_transaction import EnterDebtorTransaction
from app.application.explain_transaction import ExplainTransaction
from app.application.find_orders import FindOrders
from app.application.mark_as_sent import MarkAsSent
from app.application.poll_requests import PollRequests
from app.application.preview_debtor_transaction import PreviewDebtorTransaction
from app.application.read_batch import ReadBatch
from app.application.read_health import ReadHealth
from app.application.read_order import ReadOrder
from app.application.record_batch import RecordBatch
from app.application.record_document import RecordDocument
from app.application.record_event import RecordEvent
from app.application.redate_journal import RedateJournal
from app.application.reports import Reports
from app.application.resolve_event import ResolveEvent
from app.application.run_commands import RunCommands
from app.application.select_journals import ReadJournal
from app.application.send_journals import SendJournals
from app.application.validate_journals import ValidateJournals
from app.application.verify import VerifyLedger
from app.application.work_lane import WorkLane
from app.application.work_through import WorkThrough


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    record_event: RecordEvent
    record_batch: RecordBatch
    resolve_event: ResolveEvent
    record_document: RecordDocument
    run_commands: RunCommands
    preview_debtor_transaction: PreviewDebtorTransaction
    enter_debtor_transaction: EnterDebtorTransaction
    browse_debtor_transactions: BrowseDebtorTransactions
    debtor_batches: DebtorBatching
    browse: Browse
    reports: Reports
    explain_transaction: ExplainTransaction
    find_orders: FindOrders
    read_order: ReadOrder
    verify: VerifyLedger
    read_journal: ReadJournal
    work_through: WorkThrough
    read_health: ReadHealth
    validate_journals: ValidateJournals
    send_journals: SendJournals
    mark_as_sent: MarkAsSent
    redate_journal: RedateJournal
    read_batch: ReadBatch
    deliver: Deliver
    poll_requests: PollRequests
    answer_requests: AnswerRequests
    work_lane: WorkLane
