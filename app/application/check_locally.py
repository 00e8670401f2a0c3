"""The checks that need no call: by our own rules, then by what the ERP said of itself when its endpoint was last tested."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ports.journals import Journal
from app.application.ports.reference_data import ReferenceAnswer
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.delivery import Problem, Validation, ValidationLevel
from app.domain.journal import JournalDocument
from app.domain.local_validation import local_problems, reference_problems
from app.domain.periods import Period


async def check_locally(
    uow: UnitOfWork, endpoint: str, checked: Sequence[tuple[Journal, JournalDocument]], *, max_lines: int | None, now: datetime
) -> Mapping[UUID, Validation]:
    """How far the checks of each journal of one endpoint went and what they found, by its id. Where it is not `valid`, the ERP need
    not be asked; where it is, that is not yet the ERP's word. As many statements for many journals as for one."""
    documents = [document for _, document in checked]
    accounts = await uow.accounts.named({line.account for document in documents for line in document.lines if line.account is not None})
    closed = await _closed_periods(uow, [journal.posting_date for journal, _ in checked if journal.posting_date is not None], now)
    problems = {
        journal.id: local_problems(
            document,
            max_lines=max_lines,
            accounts=accounts,
            closed_period=closed.get(journal.posting_date) if journal.posting_date else None,
        )
        for journal, document in checked
    }
    codes = {line.account_code for journal, document in checked if not problems[journal.id] for line in document.lines}
    known = await uow.reference_data.look_up(endpoint, codes) if codes else None
    return {journal.id: _verdict(document, problems[journal.id], known) for journal, document in checked}


def _verdict(document: JournalDocument, problems: tuple[Problem, ...], known: ReferenceAnswer | None) -> Validation:
    if problems or known is None or not (known.has_accounts or known.open_periods):
        return Validation(level=ValidationLevel.LOCAL, problems=problems)
    found = reference_problems(document, unknown_codes=known.unknown_codes, open_periods=known.open_periods, read_on=known.read_at.date())
    return Validation(level=ValidationLevel.REFERENCE_DATA, problems=found)


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
