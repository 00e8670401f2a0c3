"""The calls to an organisation's books in Xero: what is asked of it, and the one that writes."""

from collections.abc import Mapping, Sequence

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.authorised import AuthorisedCalls
from app.adapters.erp.http import MAX_RESPONSE_BYTES
from app.adapters.erp.outcomes import StatusOutcome
from app.adapters.erp.token_calls import Reply, Request, TokenCalls, outcome_of_reply
from app.adapters.erp.xero.ledger import MAX_PAGE_BYTES
from app.adapters.erp.xero.manual_journals import ManualJournal, read_manual_journals
from app.adapters.erp.xero.payload import ASKED_AT_ONCE, PAGE_SIZE, POST_PATH, look_up_path, request_body
from app.adapters.erp.xero.reference_data import (
    ACCOUNTS,
    ORGANISATION,
    TRACKING,
    ReferenceData,
    read_accounts,
    read_categories,
    read_organisation,
)
from app.adapters.erp.xero.settings import XeroSettings
from app.adapters.erp.xero.verdicts import read_sends, settled
from app.domain.delivery import FindOutcome, FoundDraft, Misconfigured, SendOutcome
from app.domain.journal import JournalDocument

MAX_PAGES = 20


class Books:
    """Of one step."""

    def __init__(self, http: TokenCalls, settings: XeroSettings) -> None:
        self._http = http
        self._settings = settings
        self.step: AuthorisedCalls = http.step()

    async def organisation(self) -> Reply:
        return await self._get(ORGANISATION, "Organisation")

    async def accounts(self) -> Reply:
        return await self._get(ACCOUNTS, "Accounts", MAX_PAGE_BYTES)

    async def reference_data(self, *, tracking: bool) -> ReferenceData | StatusOutcome:
        """What a validation needs; the tracking categories only where lines have some. Stops at the first call that fails."""
        told = read_organisation(reply := await self.organisation())
        if told is None:
            return outcome_of_reply(reply)
        chart = read_accounts(reply := await self.accounts())
        if chart is None:
            return outcome_of_reply(reply)
        if not tracking:
            return ReferenceData(organisation=told, accounts=chart, categories={})
        categories = read_categories(reply := await self._get(TRACKING, "TrackingCategories"))
        if categories is None:
            return outcome_of_reply(reply)
        return ReferenceData(organisation=told, accounts=chart, categories=categories)

    async def look_up(self, references: Sequence[str]) -> list[ManualJournal] | StatusOutcome:
        """The manual journals with one of these narrations, whatever their status."""
        found = list[ManualJournal]()
        for start in range(0, len(references), ASKED_AT_ONCE):
            part = await self._pages(references[start : start + ASKED_AT_ONCE])
            if not isinstance(part, list):
                return part
            found += part
        return found

    async def book(self, journals: Sequence[JournalDocument], found: Mapping[str, FindOutcome]) -> dict[str, SendOutcome]:
        """Those that are not booked by what was `found`, in one call."""
        done = {reference: outcome for reference, there in found.items() if (outcome := settled(there)) is not None}
        drafts = {reference: there.number for reference, there in found.items() if isinstance(there, FoundDraft)}
        wanted = [each for each in journals if each.reference not in done]
        if not wanted:
            return done
        body = request_body(wanted, self._settings, drafts)
        request = Request(method="POST", path=POST_PATH, label="ManualJournals", content=body, headers={"content-type": "application/json"})
        return done | read_sends(wanted, await self._http.make(request, self.step))

    async def _pages(self, references: Sequence[str]) -> list[ManualJournal] | StatusOutcome:
        found = list[ManualJournal]()
        for page in range(1, MAX_PAGES + 1):
            reply = await self._get(look_up_path(references, page), "look-up", MAX_PAGE_BYTES)
            listed = read_manual_journals(reply) if isinstance(reply, HttpAnswer) and reply.status == 200 else None
            if listed is None:
                return outcome_of_reply(reply)
            found += listed
            if len(listed) < PAGE_SIZE:
                return found
        return Misconfigured(reason="Xero has too many manual journals with this narration")

    async def _get(self, path: str, label: str, max_bytes: int = MAX_RESPONSE_BYTES) -> Reply:
        return await self._http.make(Request(method="GET", path=path, label=label, max_bytes=max_bytes), self.step)
