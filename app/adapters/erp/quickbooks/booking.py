"""The calls of a send to QuickBooks: look up, book what is not there, read it back."""

from collections.abc import Sequence

from app.adapters.erp.authorised import AuthorisedCalls
from app.adapters.erp.outcomes import before_booking
from app.adapters.erp.quickbooks.company import Company, company_problems
from app.adapters.erp.quickbooks.faults import outcome
from app.adapters.erp.quickbooks.journal_entries import Duplicate, JournalEntry, booked, read_batch, read_created, standing
from app.adapters.erp.quickbooks.payload import batch_body, create_body, write_path
from app.adapters.erp.quickbooks.reading import Reading
from app.adapters.erp.quickbooks.settings import QuickBooksSettings
from app.adapters.erp.token_calls import Reply, Request, TokenCalls
from app.domain.delivery import Booked, FoundBooked, Rejected, SendOutcome, Unknown
from app.domain.journal import JournalDocument

Said = JournalEntry | Duplicate | SendOutcome


class Booking:
    """One send of journals that have no problems of their own, each reference once."""

    def __init__(self, http: TokenCalls, reading: Reading, settings: QuickBooksSettings, step: AuthorisedCalls) -> None:
        self._http = http
        self._reading = reading
        self._settings = settings
        self._step = step

    async def book(self, journals: Sequence[JournalDocument]) -> dict[str, SendOutcome]:
        listed = await self._reading.look_up([each.reference for each in journals], self._step)
        if not isinstance(listed, list):
            return _not_begun(journals, listed)
        company = await self._reading.company(journals, self._step, live=False)
        if not isinstance(company, Company):
            return _not_begun(journals, company)
        results: dict[str, SendOutcome] = {}
        for each in journals:
            there = standing(each, listed, company.codes)
            if isinstance(there, FoundBooked):
                results[each.reference] = Booked(number=there.number, problems=there.problems)
            elif problems := company_problems(each, company, self._settings):
                results[each.reference] = Rejected(problems=problems)
        wanted = [each for each in journals if each.reference not in results]
        return results | (await self._read_back(wanted, await self._post(wanted, company), company) if wanted else {})

    async def _post(self, journals: Sequence[JournalDocument], company: Company) -> dict[str, Said]:
        ids = company.ids
        if len(journals) == 1:
            body = create_body(journals[0], self._settings, ids)
            reply = await self._http.make(_request("journalentry", body), self._step)
            return {journals[0].reference: read_created(journals[0], reply, ids.accounts)}
        reply = await self._http.make(_request("batch", batch_body(journals, self._settings, ids)), self._step)
        return read_batch(journals, reply, ids.accounts)

    async def _read_back(self, journals: Sequence[JournalDocument], said: dict[str, Said], company: Company) -> dict[str, SendOutcome]:
        """A repeated `requestid` is answered with an entry that may have been deleted since: only what is found is booked."""
        results: dict[str, SendOutcome] = {}
        asked = [each for each in journals if isinstance(said[each.reference], JournalEntry | Duplicate)]
        listed = await self._reading.look_up([each.reference for each in asked], self._step) if asked else []
        for each in journals:
            answered = said[each.reference]
            if not isinstance(answered, JournalEntry | Duplicate):
                results[each.reference] = answered
            else:
                results[each.reference] = _settled(each, answered, listed if isinstance(listed, list) else None, company)
        return results


def _settled(
    journal: JournalDocument, answered: JournalEntry | Duplicate, listed: list[JournalEntry] | None, company: Company
) -> SendOutcome:
    """`listed` None: it could not be read back."""
    found = standing(journal, listed, company.codes) if listed is not None else None
    if isinstance(found, FoundBooked):
        return Booked(number=found.number, problems=found.problems)
    if isinstance(answered, Duplicate):
        unclear = Unknown(reason="QuickBooks says that the number is used, and cannot be asked by what")
        return answered.refusal if listed is not None else unclear
    if listed is None or answered.number != journal.reference:
        there = booked(journal, answered, company.codes)
        return Booked(number=there.number, problems=there.problems)
    return Unknown(reason="QuickBooks answered that it booked the journal, but does not find it")


def _not_begun(journals: Sequence[JournalDocument], failed: Reply) -> dict[str, SendOutcome]:
    return {each.reference: before_booking(outcome(failed)) for each in journals}


def _request(resource: str, body: str) -> Request:
    headers = {"content-type": "application/json"}
    return Request(method="POST", path=write_path(resource, body), label=resource, content=body, headers=headers)
