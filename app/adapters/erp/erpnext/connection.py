"""The connection to one company of an ERPNext site."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from app.adapters.erp.destination import Destination
from app.adapters.erp.erpnext import payload
from app.adapters.erp.erpnext.client import Filter, Step
from app.adapters.erp.erpnext.look_up import (
    JOURNAL_ENTRY,
    Place,
    chunks,
    company_of,
    dates_of,
    ledger,
    look_up,
    read_accounts,
    references_of,
)
from app.adapters.erp.erpnext.reference_data import ACCOUNT_FIELDS, account_problems, closed_problems, read_account
from app.adapters.erp.erpnext.sending import Sending, entries_of
from app.adapters.erp.erpnext.settings import ErpNextCredentials, ErpNextSettings, read_endpoint
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import StatusOutcome, as_look_up, as_validation
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import (
    Absent,
    CannotTell,
    FindOutcome,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Problem,
    Purpose,
    Rejected,
    SendOutcome,
    Unauthorised,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.journal import JournalDocument

LEVEL = ValidationLevel.REFERENCE_DATA


class ErpNextConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        self._endpoint = read_endpoint(connection)
        self._settings = self._endpoint.settings
        self._http = http
        self.capabilities = _capabilities(self._settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        return payload.shape_problems(journal, self._settings)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        body = "" if purpose is Purpose.FIND else payload.planned(journals, self._settings)
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Reads the company, its accounts and its open dates now, and checks each line. Nothing is written."""
        step = Step(self._http, self._endpoint)
        results = await self._validated(step, prepared.journals)
        return Answered(results=results, exchange=step.calls.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        step = Step(self._http, self._endpoint)
        results = await Sending(step, self._settings).send(prepared.journals)
        return Answered(results=results, exchange=step.calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """By our reference; what is posted is compared with what was sent. One that was cancelled is not in the ledger."""
        step = Step(self._http, self._endpoint)
        found = await look_up(step, prepared.references, self._settings)
        results: dict[str, FindOutcome] = {}
        for journal in prepared.journals:
            place = found if isinstance(found, StatusOutcome) else found[journal.reference]
            results[journal.reference] = as_look_up(place) if isinstance(place, StatusOutcome) else await self._found(step, journal, place)
        return Answered(results=results, exchange=step.calls.exchange)

    async def check(self) -> Checked:
        """Reads the chart of accounts, the company, the open dates, and whether Journal Entry has the field of our reference."""
        step, company_name = Step(self._http, self._endpoint), self._settings.company
        chart = await step.rows("Account", ACCOUNT_FIELDS, [("company", "=", company_name), ("is_group", "=", 0)])
        company = await company_of(step, company_name)
        dates = company if isinstance(company, StatusOutcome) else await dates_of(step, company, company_name)
        field = await step.rows(JOURNAL_ENTRY, ("name", self._settings.reference_field), [(self._settings.reference_field, "=", "?")])
        asked = {"chart of accounts": chart, "company": company, "open dates": dates, f"field {self._settings.reference_field}": field}
        accounts = [found for row in chart if (found := read_account(row)) is not None] if isinstance(chart, list) else []
        open_dates = () if isinstance(dates, StatusOutcome) else dates
        return Checked(
            reachable=step.reached,
            signed_in=isinstance(chart, list),
            accounts=tuple(account.as_chart() for account in accounts),
            open_periods=tuple(period.name for period in open_dates),
            problems=tuple(f"The {what}: {_why(found)}" for what, found in asked.items() if isinstance(found, StatusOutcome)),
            open_dates=open_dates,
        )

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """Entries of the general ledger, page by page, and of those that are Journal Entries our reference."""
        step, found = Step(self._http, self._endpoint), list[BookedEntry]()
        known = await read_accounts(step, accounts, self._settings.company)
        if isinstance(known, StatusOutcome):
            return as_look_up(known)
        codes = {account.name: code for code, account in known.items()}
        dates: list[Filter] = [("posting_date", ">=", since.isoformat()), ("posting_date", "<=", as_of.isoformat())]
        for some in chunks(sorted(codes)):
            read = await ledger(step, [("company", "=", self._settings.company), *dates, ("account", "in", some)], codes)
            if isinstance(read, StatusOutcome):
                return as_look_up(read)
            found += read
        references = await references_of(step, (entry.number for entry in found), self._settings)
        if isinstance(references, StatusOutcome):
            return as_look_up(references)
        return [replace(entry, reference=references.get(entry.number)) for entry in found]

    async def _validated(self, step: Step, journals: Sequence[JournalDocument]) -> dict[str, ValidateOutcome]:
        company = await company_of(step, self._settings.company)
        codes = {line.account_code for each in journals for line in each.lines}
        accounts = company if isinstance(company, StatusOutcome) else await read_accounts(step, codes, self._settings.company)
        dates = company if isinstance(company, StatusOutcome) else await dates_of(step, company, self._settings.company)
        if isinstance(company, StatusOutcome) or isinstance(accounts, StatusOutcome) or isinstance(dates, StatusOutcome):
            failed = next(each for each in (company, accounts, dates) if isinstance(each, StatusOutcome))
            verdict = Misconfigured(reason=_why(failed)) if isinstance(failed, Rejected) else as_validation(failed, LEVEL)
            return dict.fromkeys((each.reference for each in journals), verdict)
        results: dict[str, ValidateOutcome] = {}
        for journal in journals:
            problems = self.problems(journal)
            rates = () if problems else payload.rate_problems(journal, accounts)
            of_data = (*closed_problems(journal, dates), *account_problems(journal, accounts, company), *rates)
            results[journal.reference] = Validation(level=LEVEL, problems=(*problems, *of_data))
        return results

    async def _found(self, step: Step, journal: JournalDocument, place: Place) -> FindOutcome:
        if place.posted:
            accounts = await read_accounts(step, {line.account_code for line in journal.lines}, self._settings.company)
            entries = accounts if isinstance(accounts, StatusOutcome) else await entries_of(step, place.posted, accounts)
            if isinstance(entries, StatusOutcome):
                return as_look_up(entries)
            return FoundBooked(number=place.posted[0], problems=differences(journal, entries))
        return FoundDraft(number=place.drafts[0]) if place.drafts else Absent()


def _why(outcome: StatusOutcome) -> str:
    if isinstance(outcome, Unauthorised):
        return "the credentials were refused"
    return outcome.problems[0].message if isinstance(outcome, Rejected) else as_look_up(outcome).reason


def _capabilities(settings: ErpNextSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="none",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        async_result=True,
        foreign_currency=settings.foreign_currency,
        reads_books=True,
    )


ERPNEXT = Destination(
    name="erpnext",
    title="ERPNext",
    check=read_endpoint,
    connect=ErpNextConnection,
    capabilities=_capabilities(ErpNextSettings(company="?")),
    settings=ErpNextSettings,
    credentials=ErpNextCredentials,
)
