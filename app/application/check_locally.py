"""The checks that need no call: by our own rules, then by what the ERP said of itself when its endpoint was last tested."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.accounts import Account
from app.domain.delivery import Validation, ValidationLevel
from app.domain.journal import JournalDocument
from app.domain.local_validation import local_problems, reference_problems


async def check_locally(
    uow: UnitOfWork, journal: Journal, document: JournalDocument, *, max_lines: int | None, now: datetime
) -> Validation:
    """How far the checks went and what they found. Where it is not `valid`, the ERP need not be asked; where it is, that is not yet
    the ERP's word."""
    problems = local_problems(
        document, max_lines=max_lines, accounts=await _accounts(uow, document), closed_period=await _closed_period(uow, journal, now)
    )
    if problems:
        return Validation(level=ValidationLevel.LOCAL, problems=problems)
    known = await uow.reference_data.look_up(journal.endpoint, {line.account_code for line in document.lines})
    if known is None or not (known.has_accounts or known.open_periods):
        return Validation(level=ValidationLevel.LOCAL)
    found = reference_problems(document, unknown_codes=known.unknown_codes, open_periods=known.open_periods, read_on=known.read_at.date())
    return Validation(level=ValidationLevel.REFERENCE_DATA, problems=found)


async def _accounts(uow: UnitOfWork, document: JournalDocument) -> dict[str, Account]:
    names = {line.account for line in document.lines if line.account is not None}
    found = {name: await uow.accounts.get(name) for name in sorted(names)}
    return {name: account for name, account in found.items() if account is not None}


async def _closed_period(uow: UnitOfWork, journal: Journal, now: datetime) -> str | None:
    """Only for a date that a person chose: the accounting date was open when it was posted, and stays ours whatever closes later."""
    day = journal.posting_date
    if day is None:
        return None
    tenant, manager = await uow.tenants.get(), await uow.posting_managers.latest()
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date() if tenant else now.date()
    cutoff_days = manager.cutoff_days if manager else 0
    around = [period for period in await uow.periods.list() if period.starts_on <= day <= period.ends_on]
    return next((period.name for period in around if period.is_closed(today, cutoff_days)), None)
