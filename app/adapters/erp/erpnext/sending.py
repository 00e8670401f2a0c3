"""Books journals in ERPNext, several in one step: look up, make a draft, compare it, submit it, read the ledger back."""

from collections.abc import Mapping, Sequence

from app.adapters.erp.erpnext import payload
from app.adapters.erp.erpnext.client import Doc, Step
from app.adapters.erp.erpnext.look_up import JOURNAL_ENTRY, Place, chunks, company_of, ledger, look_up, read_accounts
from app.adapters.erp.erpnext.reference_data import Account, Company, account_problems
from app.adapters.erp.erpnext.response import CHANGED, LOCKED, exception, row_lines
from app.adapters.erp.erpnext.settings import ErpNextSettings
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import (
    AcceptedAsync,
    Booked,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    SendOutcome,
    Throttled,
    Unauthorised,
    Unknown,
)
from app.domain.journal import JournalDocument

QUEUED_ABOVE = 100
"""Rows of an entry whose submission ERPNext puts into a queue of its own (`JournalEntry.submit`, versions 14 to 16)."""
NOT_READ_BACK = Problem(
    line=None, code="not-read-back", message="it is booked, but its ledger entries could not be read back", severity="warning"
)


class Sending:
    """One step that sends. `outcomes` fills up by reference; what has none yet goes on to the next stage."""

    def __init__(self, step: Step, settings: ErpNextSettings) -> None:
        self._step = step
        self._settings = settings
        self._posted: dict[str, list[str]] = {}
        """The names of what is in the ledger; more than one where it was booked twice."""
        self._accounts: Mapping[str, Account] = {}
        self.outcomes: dict[str, SendOutcome] = {}

    async def send(self, documents: Sequence[JournalDocument]) -> dict[str, SendOutcome]:
        """An outcome for every reference."""
        for document in documents:
            if problems := payload.shape_problems(document, self._settings):
                self.outcomes[document.reference] = Rejected(problems=problems)
        wanted = self._open(documents)
        if wanted:
            await self._send(wanted)
        return {each.reference: self.outcomes[each.reference] for each in documents}

    async def _send(self, wanted: Sequence[JournalDocument]) -> None:
        places = await look_up(self._step, [each.reference for each in wanted], self._settings)
        company = places if isinstance(places, StatusOutcome) else await company_of(self._step, self._settings.company)
        codes = {line.account_code for each in wanted for line in each.lines}
        accounts = company if isinstance(company, StatusOutcome) else await read_accounts(self._step, codes, self._settings.company)
        if isinstance(places, StatusOutcome) or isinstance(company, StatusOutcome) or isinstance(accounts, StatusOutcome):
            failed = next(each for each in (places, company, accounts) if isinstance(each, StatusOutcome))
            self.outcomes |= dict.fromkeys((each.reference for each in wanted), nothing_sent(failed))
            return
        self._accounts = accounts
        stopped: SendOutcome | None = None
        for document in wanted:
            outcome = stopped or await self._book(document, places[document.reference], company)
            if outcome is not None:
                self.outcomes[document.reference] = outcome
            if isinstance(outcome, Throttled | Unauthorised):
                stopped = outcome
        await self._read_back(self._open(wanted))

    def _open(self, documents: Sequence[JournalDocument]) -> list[JournalDocument]:
        return [document for document in documents if document.reference not in self.outcomes]

    async def _book(self, document: JournalDocument, place: Place, company: Company) -> SendOutcome | None:
        """None where it is in the ledger, and what is there is to be read back."""
        if place.posted:
            self._posted[document.reference] = place.posted
            return None
        if place.cancelled:
            names = ", ".join(place.cancelled)
            message = f"somebody cancelled {names} in ERPNext: amend it there, or mark the journal here"
            return Rejected(problems=(Problem(line=None, code="cancelled-in-erp", message=message),))
        if problems := (*account_problems(document, self._accounts, company), *payload.rate_problems(document, self._accounts)):
            return Rejected(problems=problems)
        entry = payload.journal_entry(document, self._accounts, company, self._settings)
        draft = await self._kept_draft(document, place, entry)
        if isinstance(draft, SendOutcome):
            return draft
        if draft is not None:
            return await self._submit(document, draft, again=True)
        made = await self._step.create(JOURNAL_ENTRY, entry, row_lines(document))
        if isinstance(made, StatusOutcome):
            return made
        if not payload.holds(made, entry, document, self._settings):
            return await self._made_otherwise(made)
        return await self._submit(document, made, again=False)

    async def _kept_draft(self, document: JournalDocument, place: Place, entry: payload.Row) -> Doc | SendOutcome | None:
        """The draft that says the same; others are deleted."""
        kept: Doc | None = None
        for name in place.drafts:
            doc = await self._step.read(JOURNAL_ENTRY, name)
            if isinstance(doc, StatusOutcome):
                return nothing_sent(doc)
            if kept is None and payload.holds(doc, entry, document, self._settings):
                kept = doc
            elif (refused := await self._step.delete(JOURNAL_ENTRY, name)) is not None:
                return Retryable(reason=f"the draft {name} cannot be deleted: {_why(refused)}")
        return kept

    async def _submit(self, document: JournalDocument, doc: Doc, *, again: bool) -> SendOutcome | None:
        """A draft that was there is submitted within the call: what was queued and failed would fail again without a word."""
        name, lines = str(doc.get("name")), row_lines(document)
        done = await (self._step.submit_now(JOURNAL_ENTRY, name, lines) if again else self._step.submit(doc, lines))
        if not isinstance(done, StatusOutcome):
            if done.get("name") == name and done.get("docstatus") == 1:
                self._posted[document.reference] = [name]
                return None
            queued = done.get("docstatus") == 0 and len(lines) > QUEUED_ABOVE
            return AcceptedAsync(job=name) if queued else Unknown(reason="the answer does not say that it was submitted")
        if exception(self._step.last) == LOCKED:
            return AcceptedAsync(job=name)
        if exception(self._step.last) == CHANGED:
            return Retryable(reason=f"somebody changed the draft {name} meanwhile")
        if isinstance(done, Rejected) and (left := await self._step.delete(JOURNAL_ENTRY, name)) is not None:
            return done if len(lines) <= QUEUED_ABOVE else Unknown(reason=f"it was refused, but its draft stays: {_why(left)}")
        return done

    async def _made_otherwise(self, made: Doc) -> SendOutcome:
        """A draft that ERPNext changed while it was made is not submitted."""
        await self._step.delete(JOURNAL_ENTRY, str(made.get("name")))
        message = "ERPNext made a draft with other accounts, amounts or dates than it was sent; the draft was deleted"
        return Rejected(problems=(Problem(line=None, code="made-otherwise", message=message),))

    async def _read_back(self, documents: Sequence[JournalDocument]) -> None:
        read = await entries_of(self._step, [name for each in documents for name in self._posted[each.reference]], self._accounts)
        for document in documents:
            names = self._posted[document.reference]
            if isinstance(read, StatusOutcome):
                problems: tuple[Problem, ...] = (NOT_READ_BACK,)
            else:
                problems = differences(document, [each for each in read if each.number in names])
            self.outcomes[document.reference] = Booked(number=names[0], problems=problems)


async def entries_of(step: Step, names: Sequence[str], accounts: Mapping[str, Account]) -> list[BookedEntry] | StatusOutcome:
    """What the ledger has of these Journal Entries, by the codes that `accounts` has them under."""
    found: list[BookedEntry] = []
    codes = {account.name: code for code, account in accounts.items()}
    for some in chunks(names):
        entries = await ledger(step, [("voucher_type", "=", JOURNAL_ENTRY), ("voucher_no", "in", some)], codes)
        if isinstance(entries, StatusOutcome):
            return entries
        found += entries
    return found


def nothing_sent(outcome: StatusOutcome) -> SendOutcome:
    """The same for a call before anything was made: later it may work, unless a person has to see to it."""
    if isinstance(outcome, Rejected):
        return Misconfigured(reason=outcome.problems[0].message)
    return Retryable(reason=outcome.reason) if isinstance(outcome, Unknown) else outcome


def _why(outcome: StatusOutcome) -> str:
    match outcome:
        case Rejected(problems=problems):
            return problems[0].message
        case Throttled():
            return "ERPNext asked to wait"
        case _:
            return outcome.reason
