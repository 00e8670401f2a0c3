"""A `tryton` endpoint: the REST API of Tryton, signed in to by the key of a user application."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from app.adapters.erp.destination import Destination
from app.adapters.erp.exact_json import to_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import as_look_up, as_validation
from app.adapters.erp.tryton.books import read_entries
from app.adapters.erp.tryton.calls import TrytonCalls
from app.adapters.erp.tryton.check import check
from app.adapters.erp.tryton.drafts import Drafts
from app.adapters.erp.tryton.move_values import prepared_move
from app.adapters.erp.tryton.moves import Move, content_of, problems
from app.adapters.erp.tryton.posting import booked
from app.adapters.erp.tryton.settings import BATCH_MAX, TIME_LIMIT_SECONDS, TrytonCredentials, TrytonSettings, read_endpoint
from app.adapters.erp.tryton.step import LEVEL, Outcome, check_draft, each, post_draft
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FindOutcome,
    FoundBooked,
    FoundDraft,
    Problem,
    Purpose,
    SendOutcome,
    ValidateOutcome,
    Validation,
)
from app.domain.journal import JournalDocument


class TrytonConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        self._http = http
        self._endpoint = read_endpoint(connection)
        self._settings = settings = self._endpoint.settings
        self.capabilities = _capabilities(settings.batch_max, settings.max_lines, settings.time_limit_seconds)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """What Tryton can certainly not take."""
        return problems(journal, analytic=self._settings.analytic_accounting)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """The moves by codes; Tryton's ids of these are looked up when the call is made. A look-up has no body."""
        moves = [prepared_move(content_of(journal, self._settings.journal)) for journal in journals]
        return Prepared(purpose=purpose, journals=tuple(journals), body="" if purpose is Purpose.FIND else to_json({"moves": moves}))

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """Makes a draft of each, which Tryton checks, and removes it."""
        calls = self._calls()
        done = await each(calls, self._settings, prepared.journals, check_draft)
        return Answered(results={reference: _verdict(outcome) for reference, outcome in done.items()}, exchange=calls.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """Posts each journal that is not posted yet, from its draft."""
        calls = self._calls()
        done = await each(calls, self._settings, prepared.journals, post_draft)
        results = {reference: outcome for reference, outcome in done.items() if not isinstance(outcome, Validation)}
        return Answered(results=results, exchange=calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """All of them by one search for our references."""
        calls = self._calls()
        there = await Drafts(calls, self._settings).there(prepared.journals)
        results: dict[str, FindOutcome] = {}
        for journal in prepared.journals:
            results[journal.reference] = _found(journal, there[journal.reference]) if isinstance(there, Mapping) else as_look_up(there)
        return Answered(results=results, exchange=calls.exchange)

    async def check(self) -> Checked:
        """Reads company, journal, rights, chart of accounts and open periods."""
        return await check(self._calls(), self._settings)

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """The posted lines of these accounts, page by page."""
        return await read_entries(self._calls(), self._settings, accounts, since, as_of)

    def _calls(self) -> TrytonCalls:
        return TrytonCalls(self._http, self._endpoint)


def _verdict(outcome: Outcome) -> ValidateOutcome:
    """A journal that stands in the ledger already has nothing left to be checked."""
    match outcome:
        case Booked():
            return Validation(level=LEVEL)
        case Validation():
            return outcome
        case _:
            return as_validation(outcome, LEVEL)


def _found(journal: JournalDocument, there: Sequence[Move]) -> FindOutcome:
    if posted := [move for move in there if move.posted]:
        found = booked(journal, posted)
        return FoundBooked(number=found.number, problems=found.problems)
    return FoundDraft(number=f"draft {there[0].id}") if there else Absent()


def _capabilities(batch_max: int, max_lines: int | None, time_limit: int) -> Capabilities:
    return Capabilities(
        batch_max=batch_max,
        atomic_batch=False,
        dry_run="draft",
        highest_validation=LEVEL,
        max_lines=max_lines,
        time_limit=time_limit,
        reads_books=True,
    )


TRYTON = Destination(
    name="tryton",
    title="Tryton",
    check=read_endpoint,
    connect=TrytonConnection,
    capabilities=_capabilities(BATCH_MAX, None, TIME_LIMIT_SECONDS),
    settings=TrytonSettings,
    credentials=TrytonCredentials,
)
