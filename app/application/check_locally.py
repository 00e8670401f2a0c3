"""The checks that need no call: by our own rules and the adapter's, then by what the ERP said of itself when it was last asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ports.erp import ErpConnection
from app.application.ports.journals import Journal
from app.application.ports.reference_data import ChartSource, ReferenceAnswer
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.accounts import Account
from app.domain.delivery import Problem, Validation, ValidationLevel
from app.domain.journal import JournalDocument
from app.domain.local_validation import chart_problems, local_problems, open_date_problems
from app.domain.mapping import Mapped
from app.domain.periods import Period

READ = "as read on {}; test the endpoint to read it again"
LOADED = "as loaded on {}; load it again if it changed"


async def check_locally(
    uow: UnitOfWork, endpoint: str, checked: Sequence[tuple[Journal, Mapped]], connection: ErpConnection, *, now: datetime
) -> Mapping[UUID, Validation]:
    """How far the checks of each journal of one endpoint went and what they found, by its id. Where it is not `valid`, the ERP need
    not be asked; where it is, that is not yet the ERP's word. As many statements for many journals as for one."""
    lines = [line for _, sent in checked for line in sent.document.lines]
    accounts = await uow.accounts.named({line.account for line in lines if line.account is not None})
    closed = await _closed_periods(uow, [journal.posting_date for journal, _ in checked if journal.posting_date is not None], now)
    local = {}
    for journal, sent in checked:
        period = closed.get(journal.posting_date) if journal.posting_date else None
        local[journal.id] = Validation(level=ValidationLevel.LOCAL, problems=_local(sent, connection, accounts, period))
    codes = {line.account_code for journal, sent in checked if local[journal.id].valid for line in sent.document.lines}
    known = await uow.reference_data.look_up(endpoint, codes) if codes else None
    return {journal.id: _verdict(sent.document, local[journal.id], known) for journal, sent in checked}


def _local(sent: Mapped, connection: ErpConnection, accounts: Mapping[str, Account], closed_period: str | None) -> tuple[Problem, ...]:
    """By our own rules, the mapping, and the adapter, which judges only what is mapped in full. What it finds once more is told once."""
    capabilities = connection.capabilities
    ours = local_problems(
        sent.document,
        max_lines=capabilities.max_lines,
        accounts=accounts,
        closed_period=closed_period,
        commitments=capabilities.commitments,
    )
    told = {(problem.line, problem.code) for problem in ours}
    theirs = () if sent.problems else connection.problems(sent.document)
    return (*ours, *sent.problems, *(problem for problem in theirs if (problem.line, problem.code) not in told))


def _verdict(document: JournalDocument, local: Validation, known: ReferenceAnswer | None) -> Validation:
    if not local.valid or known is None or not (known.has_accounts or known.open_periods):
        return local
    chart = (LOADED if known.source is ChartSource.LOADED else READ).format(known.read_at.date())
    asked = READ.format((known.asked_at or known.read_at).date())
    found = (
        *open_date_problems(document, open_periods=known.open_periods, told=asked),
        *chart_problems(document, unknown=known.unknown_codes, inactive=known.inactive_codes, told=chart),
    )
    return Validation(level=ValidationLevel.REFERENCE_DATA, problems=(*local.problems, *found))


async def _closed_periods(uow: UnitOfWork, days: Sequence[date], now: datetime) -> Mapping[date, str]:
    """The closed period of ours that each day lies in, where there is one. Only for dates that a person chose: the accounting date was
    open when it was posted, and stays ours whatever closes later."""
    if not days:
        return {}
    tenant, manager = await uow.tenants.get(), await uow.posting_managers.latest()
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date() if tenant else now.date()
    cutoff_days = manager.cutoff_days if manager else 0
    closed = [period for period in await uow.periods.list() if period.is_closed(today, cutoff_days)]
    return {day: found for day in days if (found := _around(day, closed)) is not None}


def _around(day: date, periods: Sequence[Period]) -> str | None:
    return next((period.name for period in periods if period.starts_on <= day <= period.ends_on), None)
