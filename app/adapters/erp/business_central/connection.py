"""The connection to one company of Business Central."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from app.adapters.erp.answers import Timeouts
from app.adapters.erp.business_central import payload
from app.adapters.erp.business_central.client import Step
from app.adapters.erp.business_central.look_up import look_up, read_reference_data
from app.adapters.erp.business_central.odata import literal, query
from app.adapters.erp.business_central.reference_data import Setup, data_problems, read_account, read_setup
from app.adapters.erp.business_central.response import Place, read_entries, told_differences
from app.adapters.erp.business_central.sending import Sending, taken
from app.adapters.erp.business_central.settings import BusinessCentralCredentials, BusinessCentralSettings, read_endpoint
from app.adapters.erp.business_central.sign_in import sign_in_flow
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import StatusOutcome, as_look_up, as_validation
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry
from app.domain.delivery import (
    Absent,
    CannotTell,
    FindOutcome,
    FoundBooked,
    FoundDraft,
    Problem,
    Purpose,
    SendOutcome,
    Unauthorised,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.journal import JournalDocument

LEVEL = ValidationLevel.REFERENCE_DATA
ACCOUNTS_AT_ONCE = 40


class BusinessCentralConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        endpoint = read_endpoint(connection)
        settings = endpoint.settings
        self._http = http
        self._sign_in = connection.sign_in
        self._url = endpoint.url
        self._company = settings.company_id
        self._prefix = settings.journal_prefix
        self._template = settings.journal_template
        seconds = settings.timeout_seconds
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self.capabilities = _capabilities(settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        return payload.shape_problems(journal)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        body = "" if purpose is Purpose.FIND else payload.planned(journals, self._prefix)
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Reads the allowed posting dates and the accounts now, and checks each line. Nothing is written."""
        step = self._step()
        data = await read_reference_data(step, prepared.journals)
        results: dict[str, ValidateOutcome] = {}
        for journal in prepared.journals:
            if isinstance(data, StatusOutcome):
                results[journal.reference] = as_validation(data, LEVEL)
            else:
                results[journal.reference] = Validation(level=LEVEL, problems=(*self.problems(journal), *data_problems(journal, data)))
        return Answered(results=results, exchange=step.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        step = self._step()
        results = await Sending(step, self._prefix, self._template).send(prepared.journals)
        return Answered(results=results, exchange=step.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """By our reference: in the ledger as the number of a document, else as an unposted journal of ours that has lines."""
        step = self._step()
        found = await look_up(step, prepared.journals, self._prefix, self._template)
        results: dict[str, FindOutcome] = {}
        for journal in prepared.journals:
            place = found if isinstance(found, StatusOutcome) else found[journal.reference]
            results[journal.reference] = as_look_up(place) if isinstance(place, StatusOutcome) else _found(journal, place)
        return Answered(results=results, exchange=step.exchange)

    async def check(self) -> Checked:
        """Reads the chart of accounts and the allowed posting dates."""
        step = self._step()
        chart = await step.pages("accounts" + query(select=payload.ACCOUNT_FIELDS), "accounts")
        rows = await step.pages("generalLedgerSetup", "setup")
        setup = read_setup(rows) if isinstance(rows, list) else None
        problems = [f"The chart of accounts: {_why(chart)}"] if isinstance(chart, StatusOutcome) else []
        if setup is None:
            problems.append(f"The general ledger setup: {_why(rows)}")
        return Checked(
            reachable=step.reached,
            signed_in=isinstance(chart, list),
            accounts=tuple(found.as_chart() for row in chart if (found := read_account(row)) is not None)
            if isinstance(chart, list)
            else (),
            open_periods=_open_periods(setup),
            problems=tuple(problems),
            open_dates=() if setup is None else setup.open_dates,
        )

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """General ledger entries, page by page."""
        spelled = {code.upper(): code for code in sorted(accounts)}
        numbers, step, found = list(spelled), self._step(), list[BookedEntry]()
        for start in range(0, len(numbers), ACCOUNTS_AT_ONCE):
            wanted = " or ".join(f"accountNumber eq {literal(number)}" for number in numbers[start : start + ACCOUNTS_AT_ONCE])
            dates = f"postingDate ge {since.isoformat()} and postingDate le {as_of.isoformat()}"
            path = "generalLedgerEntries" + query(filter=f"{dates} and ({wanted})", select=payload.ENTRY_FIELDS, orderby="entryNumber")
            rows = await step.pages(path, "ledger")
            if isinstance(rows, StatusOutcome):
                return as_look_up(rows)
            entries = read_entries(rows)
            if entries is None:
                return CannotTell(reason="an entry of the ledger cannot be read")
            found += entries
        return found

    def _step(self) -> Step:
        return Step(self._http, self._sign_in, self._timeouts, self._url, self._company)


def _found(journal: JournalDocument, place: Place) -> FindOutcome:
    if place.entries:
        return FoundBooked(number=place.number, problems=told_differences(journal, place.entries))
    if place.draft is not None and place.draft.lines and not taken(journal, place.draft):
        return FoundDraft(number=place.draft.code)
    return Absent()


def _open_periods(setup: Setup | None) -> tuple[str, ...]:
    if setup is None:
        return ()
    return tuple(f"{each.starts_on} to {each.ends_on}" for each in setup.open_dates)


def _why(answer: StatusOutcome | list[Mapping[str, object]]) -> str:
    if isinstance(answer, Unauthorised):
        return f"the credentials were refused ({answer.reason})"
    return as_look_up(answer).reason if isinstance(answer, StatusOutcome) else "the answer cannot be read"


def _capabilities(settings: BusinessCentralSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="none",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        foreign_currency=False,
        reads_books=True,
    )


BUSINESS_CENTRAL = Destination(
    name="business_central",
    title="Microsoft Dynamics 365 Business Central",
    check=read_endpoint,
    connect=BusinessCentralConnection,
    capabilities=_capabilities(BusinessCentralSettings()),
    sign_in=sign_in_flow,
    settings=BusinessCentralSettings,
    credentials=BusinessCentralCredentials,
)
