"""The calls that read a company: queries page by page, its preferences, its lists. What fails is given back as it came."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.adapters.erp.authorised import AuthorisedCalls
from app.adapters.erp.http import HttpClient
from app.adapters.erp.quickbooks.company import (
    PREFERENCES,
    Account,
    Company,
    Preferences,
    accounts_of,
    dimension_ids,
    read_preferences,
    read_queried,
)
from app.adapters.erp.quickbooks.journal_entries import JournalEntry, read_journal_entry
from app.adapters.erp.quickbooks.payload import DIMENSIONS, MAX_RESULTS, list_query, look_up_query, query_path
from app.adapters.erp.quickbooks.settings import QuickBooksSettings
from app.adapters.erp.token_calls import Reply, Request, TokenCalls
from app.domain.journal import JournalDocument

MAX_PAGES = 50
MAX_PAGE_BYTES = 20_000_000
ASKED_AT_ONCE = 30
GOOD_FOR = timedelta(seconds=60)
"""How long ids are taken from what was read before."""

Row = Mapping[str, Any]


class Reading:
    """Of one endpoint. Ids of accounts, classes and departments are kept for a minute."""

    def __init__(self, http: HttpClient, calls: TokenCalls, settings: QuickBooksSettings) -> None:
        self._clock = http.now
        self._http = calls
        self._settings = settings
        self._kept: dict[str, tuple[datetime, Sequence[Row]]] = {}

    async def get(self, path: str, label: str, step: AuthorisedCalls, max_bytes: int = MAX_PAGE_BYTES) -> Reply:
        return await self._http.make(Request(method="GET", path=path, label=label, max_bytes=max_bytes), step)

    async def preferences(self, step: AuthorisedCalls) -> Preferences | Reply:
        reply = await self.get(PREFERENCES, "preferences", step)
        return read_preferences(reply) or reply

    async def accounts(self, step: AuthorisedCalls, *, live: bool) -> dict[str, Account] | Reply:
        """The chart by our codes, inactive accounts too."""
        listed = await self._list("Account", step, live=live)
        return accounts_of(listed, self._settings) if isinstance(listed, list) else listed

    async def company(self, journals: Collection[JournalDocument], step: AuthorisedCalls, *, live: bool) -> Company | Reply:
        """What these journals need. What was kept does not do where it lacks something of them."""
        accounts = await self.accounts(step, live=live)
        if not isinstance(accounts, dict):
            return accounts
        dimensions: dict[tuple[str, str], str] = {}
        for name in DIMENSIONS:
            if any(name in line.dimensions for journal in journals for line in journal.lines):
                listed = await self._list(name, step, live=live)
                if not isinstance(listed, list):
                    return listed
                dimensions |= dimension_ids(name, listed)
        company = Company(accounts=accounts, dimensions=dimensions)
        return company if live or _has_all(company, journals) else await self.company(journals, step, live=True)

    async def look_up(self, references: Sequence[str], step: AuthorisedCalls) -> list[JournalEntry] | Reply:
        """The journal entries with one of these numbers."""
        found = list[JournalEntry]()
        for start in range(0, len(references), ASKED_AT_ONCE):
            query = look_up_query(references[start : start + ASKED_AT_ONCE])
            reply = await self.get(query_path(query), "look-up", step)
            rows = read_queried(reply, "JournalEntry")
            entries = [read_journal_entry(row) for row in rows] if rows is not None else [None]
            if None in entries:
                return reply
            found += [each for each in entries if each is not None]
        return found

    async def _list(self, resource: str, step: AuthorisedCalls, *, live: bool) -> list[Row] | Reply:
        kept = self._kept.get(resource)
        if not live and kept is not None and self._clock() - kept[0] < GOOD_FOR:
            return list(kept[1])
        found = list[Row]()
        for page in range(MAX_PAGES):
            reply = await self.get(query_path(list_query(resource, page * MAX_RESULTS + 1)), resource, step)
            rows = read_queried(reply, resource)
            if rows is None:
                return reply
            found += rows
            if len(rows) < MAX_RESULTS:
                break
        self._kept[resource] = (self._clock(), found)
        return found


def _has_all(company: Company, journals: Collection[JournalDocument]) -> bool:
    lines = [line for journal in journals for line in journal.lines]
    return all(
        line.account_code in company.accounts and all(each in company.dimensions for each in line.dimensions.items()) for line in lines
    )
