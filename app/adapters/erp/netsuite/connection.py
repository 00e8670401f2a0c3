"""The connection to one NetSuite account."""

from collections.abc import Collection, Sequence
from datetime import date

from app.adapters.erp.answers import Timeouts
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.netsuite import suiteql
from app.adapters.erp.netsuite.client import Rows, Step
from app.adapters.erp.netsuite.look_up import Awaiting, Place, look_up, read_reference_data
from app.adapters.erp.netsuite.payload import planned, shape_problems
from app.adapters.erp.netsuite.reference_data import data_problems, read_accounts, read_periods
from app.adapters.erp.netsuite.response import Posted, read_entry, told_differences
from app.adapters.erp.netsuite.sending import Sending
from app.adapters.erp.netsuite.settings import NetSuiteCredentials, NetSuiteSettings, read_endpoint
from app.adapters.erp.netsuite.sign_in import sign_in_flow
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
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.journal import JournalDocument

LEVEL = ValidationLevel.REFERENCE_DATA
ACCOUNTS_AT_ONCE = 500


class NetSuiteConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        endpoint = read_endpoint(connection)
        self._http = http
        self._sign_in = connection.sign_in
        self._url = endpoint.url
        self._settings = endpoint.settings
        seconds = endpoint.settings.timeout_seconds
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self.capabilities = _capabilities(endpoint.settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        return shape_problems(journal, self._settings.max_lines)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        return Prepared(purpose=purpose, journals=tuple(journals), body="" if purpose is Purpose.FIND else planned(journals))

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Reads periods, accounts, currencies and segments now, and checks each line. Nothing is written."""
        step = self._step()
        data = await read_reference_data(step, prepared.journals, self._settings.subsidiary_id)
        results: dict[str, ValidateOutcome] = {}
        for journal in prepared.journals:
            if isinstance(data, StatusOutcome):
                results[journal.reference] = as_validation(data, LEVEL)
            else:
                results[journal.reference] = Validation(level=LEVEL, problems=(*self.problems(journal), *data_problems(journal, data)))
        return Answered(results=results, exchange=step.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        step = self._step()
        results = await Sending(step, self._settings).send(prepared.journals)
        return Answered(results=results, exchange=step.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """By our reference, which is the record's external id. What awaits approval is not booked."""
        step = self._step()
        places = await look_up(step, prepared.references, self._settings.accounting_book)
        results = {journal.reference: _found(journal, places[journal.reference]) for journal in prepared.journals}
        return Answered(results=results, exchange=step.exchange)

    async def check(self) -> Checked:
        """Reads the chart of accounts and the accounting periods."""
        step = self._step()
        chart = await step.query(suiteql.accounts(None), "accounts")
        rows = await step.query(suiteql.periods(None), "periods")
        periods = read_periods(rows) if isinstance(rows, list) else None
        problems = [f"The chart of accounts: {as_look_up(chart).reason}"] if isinstance(chart, StatusOutcome) else []
        if periods is None:
            problems.append(f"The periods: {as_look_up(rows).reason if isinstance(rows, StatusOutcome) else 'the answer cannot be read'}")
        is_open = [period for period in periods or () if period.open]
        return Checked(
            reachable=step.reached,
            signed_in=isinstance(chart, list),
            accounts=tuple(account.as_chart() for account in read_accounts(chart)) if isinstance(chart, list) else (),
            open_periods=tuple(period.name for period in is_open),
            problems=tuple(problems),
            open_dates=tuple(period.as_open_dates() for period in is_open),
        )

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """Posted lines of the accounting book, page by page."""
        settings, step, numbers, found = self._settings, self._step(), sorted(accounts), list[BookedEntry]()
        for start in range(0, len(numbers), ACCOUNTS_AT_ONCE):
            some = numbers[start : start + ACCOUNTS_AT_ONCE]
            question = suiteql.ledger_on(some, since, as_of, settings.accounting_book, settings.subsidiary_id)
            rows = await step.query(question, "ledger")
            if isinstance(rows, StatusOutcome):
                return as_look_up(rows)
            entries = _entries(rows)
            if entries is None:
                return CannotTell(reason="an entry of the ledger cannot be read")
            found += entries
        return found

    def _step(self) -> Step:
        return Step(self._http, self._sign_in, self._timeouts, self._url)


def _entries(rows: Rows) -> list[BookedEntry] | None:
    found = [entry for row in rows if (entry := read_entry(row)) is not None]
    return found if len(found) == len(rows) else None


def _found(journal: JournalDocument, place: Place) -> FindOutcome:
    match place:
        case Posted():
            return FoundBooked(number=place.number, problems=told_differences(journal, place))
        case Awaiting(number=number):
            return FoundDraft(number=number)
        case Absent():
            return place
        case _:
            return as_look_up(place)


def _capabilities(settings: NetSuiteSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="none",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        reads_books=True,
    )


NETSUITE = Destination(
    name="netsuite",
    title="Oracle NetSuite",
    check=read_endpoint,
    connect=NetSuiteConnection,
    capabilities=_capabilities(NetSuiteSettings(account_id="1234567")),
    sign_in=sign_in_flow,
    settings=NetSuiteSettings,
    credentials=NetSuiteCredentials,
)
