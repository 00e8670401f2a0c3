"""The calls that read Xero's ledger back, page by page, bounded."""

from collections.abc import Collection, Sequence
from datetime import date

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.token_calls import Request, TokenCalls
from app.adapters.erp.xero.checked import why_not
from app.adapters.erp.xero.ledger import (
    MAX_PAGE_BYTES,
    journals_path,
    manual_journals_path,
    modified_since,
    named,
    of_manual_journals,
    read_page,
)
from app.adapters.erp.xero.manual_journals import ManualJournal, read_manual_journals
from app.adapters.erp.xero.payload import PAGE_SIZE
from app.adapters.erp.xero.settings import XeroSettings
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell


class LedgerCalls:
    """One reading; `ledger_calls_max` calls at most for each list."""

    def __init__(self, http: TokenCalls, settings: XeroSettings) -> None:
        self._http = http
        self._settings = settings
        self._step = http.step()

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """What is posted on these accounts between two dates, both included."""
        if self._settings.ledger == "manual_journals":
            listed = await self._manual_journals(since, as_of)
            entries = listed if isinstance(listed, CannotTell) else of_manual_journals(listed, accounts, since, as_of)
            return entries if entries is not None else CannotTell(reason="Xero does not tell the lines of a manual journal")
        booked = await self._journals(accounts, since, as_of)
        if isinstance(booked, CannotTell):
            return booked
        if not booked:
            return []
        listed = await self._manual_journals(since, as_of)
        return listed if isinstance(listed, CannotTell) else named(booked, listed)

    async def _journals(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[tuple[str, BookedEntry]] | CannotTell:
        found, offset = list[tuple[str, BookedEntry]](), 0
        headers = modified_since(since, self._settings.posted_ahead_days)
        for _ in range(self._settings.ledger_calls_max):
            reply = await self._get(journals_path(offset), headers)
            page = read_page(reply, accounts, since, as_of) if isinstance(reply, HttpAnswer) else None
            if page is None:
                return reply if isinstance(reply, CannotTell) else CannotTell(reason="the Journals cannot be read")
            found += page.entries
            if page.last is None:
                return found
            if page.last <= offset:
                return CannotTell(reason="Xero repeats a page of its Journals")
            offset = page.last
        return CannotTell(reason="Xero's ledger has more pages than the setting ledger_calls_max allows")

    async def _manual_journals(self, since: date, as_of: date) -> Sequence[ManualJournal] | CannotTell:
        found = list[ManualJournal]()
        for page in range(1, self._settings.ledger_calls_max + 1):
            reply = await self._get(manual_journals_path(since, as_of, page), {})
            listed = read_manual_journals(reply) if isinstance(reply, HttpAnswer) else None
            if listed is None:
                return reply if isinstance(reply, CannotTell) else CannotTell(reason="the manual journals cannot be read")
            found += listed
            if len(listed) < PAGE_SIZE:
                return found
        return CannotTell(reason="there are more manual journals than the setting ledger_calls_max allows")

    async def _get(self, path: str, headers: dict[str, str]) -> HttpAnswer | CannotTell:
        request = Request(method="GET", path=path, label="ledger", headers=headers, max_bytes=MAX_PAGE_BYTES)
        reply = await self._http.make(request, self._step)
        return reply if isinstance(reply, HttpAnswer) and reply.status == 200 else CannotTell(reason=f"the ledger: {why_not(reply)}")
