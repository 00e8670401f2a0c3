"""The calls to Xero's Accounting API."""

from collections.abc import Collection, Sequence
from datetime import date

from app.adapters.erp.answers import Timeouts
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import as_look_up, as_validation, before_booking
from app.adapters.erp.token_calls import Request, TokenCalls
from app.adapters.erp.xero.books import Books
from app.adapters.erp.xero.checked import checked
from app.adapters.erp.xero.ledger_calls import LedgerCalls
from app.adapters.erp.xero.payload import NOT_ASKED, idempotency_key, problems_of, request_body
from app.adapters.erp.xero.reference_data import ReferenceData, reference_problems
from app.adapters.erp.xero.settings import XeroCredentials, XeroSettings, read_endpoint
from app.adapters.erp.xero.sign_in import sign_in_flow
from app.adapters.erp.xero.verdicts import standing
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry
from app.domain.delivery import (
    CannotTell,
    FindOutcome,
    Problem,
    Purpose,
    Rejected,
    SendOutcome,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.journal import JournalDocument

LEVEL = ValidationLevel.REFERENCE_DATA
KEY_LIFETIME = 360


class XeroConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        endpoint = read_endpoint(connection)
        seconds = endpoint.settings.timeout_seconds
        timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self._settings = endpoint.settings
        secret = endpoint.credentials.client_secret.get_secret_value()
        self._http = TokenCalls(http, connection.sign_in, timeouts, url=lambda _: endpoint.url, headers=_headers, secrets=[secret])
        self.capabilities = _capabilities(endpoint.settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """A foreign currency, unless the settings say to send base amounts; a reference that Xero cannot be asked for."""
        return problems_of(journal, self._settings)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """What a send posts where nothing of it is there yet. A validation and a look-up have no body: they only read."""
        body = request_body(journals, self._settings) if purpose is Purpose.SEND else ""
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Against the lock dates and the chart of accounts as Xero has them now: it has no dry run, and a draft says less."""
        books = Books(self._http, self._settings)
        tracking = any(line.dimensions for journal in prepared.journals for line in journal.lines)
        known = await books.reference_data(tracking=tracking)
        results: dict[str, ValidateOutcome] = {}
        for each in prepared.journals:
            if isinstance(known, ReferenceData):
                problems = (*self.problems(each), *reference_problems(each, known))
                results[each.reference] = Validation(level=LEVEL, problems=problems)
            else:
                results[each.reference] = as_validation(known, LEVEL)
        return Answered(results=results, exchange=books.step.calls.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """Looks up what is there, then posts the rest in one call; what Xero answers is what it keeps, and is compared."""
        books, unique = Books(self._http, self._settings), {each.reference: each for each in prepared.journals}
        results: dict[str, SendOutcome] = {
            reference: Rejected(problems=refused) for reference, each in unique.items() if (refused := self.problems(each))
        }
        rest = [each for reference, each in unique.items() if reference not in results]
        listed = await books.look_up([each.reference for each in rest])
        if isinstance(listed, list):
            results |= await books.book(rest, {each.reference: standing(each, listed) for each in rest})
        else:
            results |= {each.reference: before_booking(listed) for each in rest}
        return Answered(results=results, exchange=books.step.calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """By narration, whatever the date."""
        books, results = Books(self._http, self._settings), dict[str, FindOutcome]()
        asked = [each for each in prepared.journals if not any(problem.code == NOT_ASKED for problem in self.problems(each))]
        listed = await books.look_up([each.reference for each in asked])
        for journal in prepared.journals:
            if journal not in asked:
                results[journal.reference] = CannotTell(reason="Xero cannot be asked for this reference")
            else:
                results[journal.reference] = standing(journal, listed) if isinstance(listed, list) else as_look_up(listed)
        return Answered(results=results, exchange=books.step.calls.exchange)

    async def check(self) -> Checked:
        """Reads the organisation and the chart of accounts."""
        books = Books(self._http, self._settings)
        organisation, accounts = await books.organisation(), await books.accounts()
        return checked(organisation, accounts, reached=books.step.reached)

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """From the Journals, or as the setting `ledger` says."""
        return await LedgerCalls(self._http, self._settings).entries(frozenset(accounts), since, as_of)


def _headers(organisation: str, request: Request) -> dict[str, str]:
    headers = {"xero-tenant-id": organisation}
    if request.method == "POST":
        headers["idempotency-key"] = idempotency_key(organisation, request.path, request.content)
    return headers


def _capabilities(settings: XeroSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="none",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        idempotency_key_lifetime=KEY_LIFETIME,
        foreign_currency=settings.foreign_currency == "base_amounts",
        reads_books=True,
    )


XERO = Destination(
    name="xero",
    title="Xero",
    check=read_endpoint,
    connect=XeroConnection,
    capabilities=_capabilities(XeroSettings()),
    sign_in=sign_in_flow,
    settings=XeroSettings,
    credentials=XeroCredentials,
)
