"""The calls to the QuickBooks Online Accounting API."""

from collections.abc import Collection, Sequence
from datetime import date
from urllib.parse import quote

from app.adapters.erp.answers import HttpAnswer, Timeouts
from app.adapters.erp.authorised import AuthorisedCalls
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import as_look_up, as_validation
from app.adapters.erp.quickbooks.booking import Booking
from app.adapters.erp.quickbooks.checked import checked, why_not
from app.adapters.erp.quickbooks.company import Company, Preferences, company_problems, preference_problems
from app.adapters.erp.quickbooks.faults import outcome
from app.adapters.erp.quickbooks.journal_entries import standing
from app.adapters.erp.quickbooks.ledger import MAX_REPORT_BYTES, read_report, report_path
from app.adapters.erp.quickbooks.payload import NOT_ASKED, kept_body, problems_of
from app.adapters.erp.quickbooks.reading import Reading
from app.adapters.erp.quickbooks.settings import QuickBooksCredentials, QuickBooksSettings, read_endpoint
from app.adapters.erp.quickbooks.sign_in import sign_in_flow
from app.adapters.erp.token_calls import Reply, TokenCalls
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


class QuickBooksConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        endpoint = read_endpoint(connection)
        seconds = endpoint.settings.timeout_seconds
        self._settings = endpoint.settings
        self._http = TokenCalls(
            http,
            connection.sign_in,
            Timeouts(read=seconds, write=seconds, total=2 * seconds + 20),
            url=lambda realm: f"{endpoint.url}/v3/company/{quote(realm, safe='')}",
            secrets=[endpoint.credentials.client_secret.get_secret_value()],
        )
        self._reading = Reading(http, self._http, endpoint.settings)
        self.capabilities = _capabilities(endpoint.settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """A foreign currency that no single rate converts, or that the settings refuse; dimensions and tax codes that it has not."""
        return problems_of(journal, self._settings)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """What a send books, with accounts by our codes: QuickBooks' ids are filled in with the call."""
        body = kept_body(journals, self._settings) if purpose is Purpose.SEND else ""
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Against preferences, chart of accounts, classes and departments as they are now: there is no dry run."""
        step = self._http.step()
        preferences = await self._reading.preferences(step)
        if not isinstance(preferences, Preferences):
            return _not_validated(prepared, preferences, step)
        company = await self._reading.company(prepared.journals, step, live=True)
        if not isinstance(company, Company):
            return _not_validated(prepared, company, step)
        results: dict[str, ValidateOutcome] = {}
        for each in prepared.journals:
            asked = (*preference_problems(each, preferences, self._settings), *company_problems(each, company, self._settings))
            results[each.reference] = Validation(level=LEVEL, problems=(*self.problems(each), *asked))
        return Answered(results=results, exchange=step.calls.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """Looks up what is there, books the rest in one call, and reads it back."""
        step, unique = self._http.step(), {each.reference: each for each in prepared.journals}
        results: dict[str, SendOutcome] = {
            reference: Rejected(problems=refused) for reference, each in unique.items() if (refused := self.problems(each))
        }
        rest = [each for reference, each in unique.items() if reference not in results]
        results |= await Booking(self._http, self._reading, self._settings, step).book(rest) if rest else {}
        return Answered(results=results, exchange=step.calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """By DocNumber, whatever the date."""
        step, results = self._http.step(), dict[str, FindOutcome]()
        asked = [each for each in prepared.journals if not any(problem.code == NOT_ASKED for problem in self.problems(each))]
        listed = await self._reading.look_up([each.reference for each in asked], step)
        company = await self._reading.company((), step, live=False) if isinstance(listed, list) and listed else Company(accounts={})
        for each in prepared.journals:
            if each not in asked:
                results[each.reference] = CannotTell(reason="QuickBooks cannot be asked for this reference")
            elif not isinstance(listed, list):
                results[each.reference] = as_look_up(outcome(listed))
            elif not isinstance(company, Company):
                results[each.reference] = as_look_up(outcome(company))
            else:
                results[each.reference] = standing(each, listed, company.codes)
        return Answered(results=results, exchange=step.calls.exchange)

    async def check(self) -> Checked:
        """Reads the preferences and the chart of accounts."""
        step = self._http.step()
        preferences = await self._reading.preferences(step)
        accounts = await self._reading.accounts(step, live=True)
        return checked(preferences, accounts, reached=step.reached)

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """From the General Ledger report."""
        step = self._http.step()
        preferences = await self._reading.preferences(step)
        chart = await self._reading.accounts(step, live=True)
        if not isinstance(preferences, Preferences):
            return CannotTell(reason=f"the preferences: {why_not(preferences)}")
        if not isinstance(chart, dict):
            return CannotTell(reason=f"the chart of accounts: {why_not(chart)}")
        codes = {each.id: code for code, each in chart.items() if code in accounts}
        if not codes:
            return []
        several = preferences.multi_currency
        reply = await self._reading.get(report_path(codes, since, as_of, multi_currency=several), "ledger", step, MAX_REPORT_BYTES)
        if not isinstance(reply, HttpAnswer) or reply.status != 200:
            return CannotTell(reason=f"the ledger: {why_not(reply)}")
        entries = read_report(reply, codes, multi_currency=several)
        return entries if entries is not None else CannotTell(reason="the ledger: the report cannot be read")


def _not_validated(prepared: Prepared, failed: Reply, step: AuthorisedCalls) -> Answered[ValidateOutcome]:
    verdict = as_validation(outcome(failed), LEVEL)
    return Answered(results=dict.fromkeys(prepared.references, verdict), exchange=step.calls.exchange)


def _capabilities(settings: QuickBooksSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="none",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        foreign_currency=settings.foreign_currency != "refuse",
        reads_books=True,
    )


QUICKBOOKS = Destination(
    name="quickbooks",
    title="QuickBooks Online",
    check=read_endpoint,
    connect=QuickBooksConnection,
    capabilities=_capabilities(QuickBooksSettings()),
    sign_in=sign_in_flow,
    settings=QuickBooksSettings,
    credentials=QuickBooksCredentials,
)
