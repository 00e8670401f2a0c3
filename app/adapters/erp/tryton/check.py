"""What a test of a `tryton` endpoint tells."""

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import as_object, read_json
from app.adapters.erp.tryton.calls import MOVE, TrytonCalls
from app.adapters.erp.tryton.reading import Reading
from app.adapters.erp.tryton.records import Company, shown_account, shown_period
from app.adapters.erp.tryton.settings import TrytonSettings
from app.adapters.erp.tryton.verdicts import sentence
from app.application.ports.erp import Checked

RIGHTS = ("read", "create", "write", "delete")


async def check(calls: TrytonCalls, settings: TrytonSettings) -> Checked:
    """Company, journal, rights, chart of accounts and open periods; without a company there is nothing more to read."""
    reading = Reading(calls, settings)
    company = await reading.company()
    reachable = isinstance(calls.last, HttpAnswer)
    signed_in = isinstance(calls.last, HttpAnswer) and calls.last.status == 200
    if not isinstance(company, Company):
        return Checked(
            reachable=reachable, signed_in=signed_in, accounts=(), open_periods=(), problems=(f"The company: {sentence(company)}",)
        )
    problems = list(missing_rights(await calls.rights()))
    if not isinstance(journal := await reading.journal(), int):
        problems.append(f"The journal: {sentence(journal)}")
    if settings.analytic_accounting and not isinstance(roots := await reading.dimensions(company), list):
        problems.append(f"The analytic accounts: {sentence(roots)}")
    if not isinstance(accounts := await reading.chart(company), list):
        problems.append(f"The chart of accounts: {sentence(accounts)}")
        accounts = []
    if not isinstance(periods := await reading.open_periods(company), list):
        problems.append(f"The periods: {sentence(periods)}")
        periods = []
    return Checked(
        reachable=reachable,
        signed_in=signed_in,
        accounts=tuple(map(shown_account, accounts)),
        open_periods=tuple(period.name for period in periods),
        problems=tuple(problems),
        open_dates=tuple(map(shown_period, periods)),
    )


def missing_rights(result: HttpResult) -> tuple[str, ...]:
    """Sentences about what the key's user may not do with moves. Drafts are made, posted and removed, so all four are needed."""
    rights = as_object(as_object(read_json(result)).get(MOVE)) if isinstance(result, HttpAnswer) and result.status == 200 else {}
    missing = [right for right in RIGHTS if rights.get(right) not in (1, True)]
    if not missing:
        return ()
    return (f"The key's user may not {', '.join(missing)} moves: the group Accounting may",)
