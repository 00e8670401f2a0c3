"""The calls of one step: the record `journalEntry` by its external id, and SuiteQL."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.adapters.erp.answers import HttpResult, Timeouts
from app.adapters.erp.authorised import AuthorisedCalls, outcome_without_token
from app.adapters.erp.exact_json import to_json
from app.adapters.erp.http import MAX_RESPONSE_BYTES, HttpClient
from app.adapters.erp.netsuite.response import read_made, read_record, read_rows
from app.adapters.erp.outcomes import StatusOutcome
from app.application.ports.erp import Exchange
from app.application.ports.sign_in import NotAuthorised, NoTokenNow, SignIn
from app.domain.delivery import Absent, Unknown
from app.domain.journal import JournalDocument

PAGE_SIZE = 1_000
MOST_ROWS = 100_000
"""Oracle, "Executing SuiteQL Queries Through REST Web Services": a query gives no more."""
MAX_PAGE_BYTES = 20_000_000
STRICT = {"x-netsuite-propertynamevalidation": "Error", "x-netsuite-propertyvaluevalidation": "Error"}
"""A field that NetSuite does not know, or a value that does not fit, is refused rather than dropped."""

Rows = list[Mapping[str, Any]]


class Step:
    """The calls of one step."""

    def __init__(self, http: HttpClient, sign_in: SignIn | None, timeouts: Timeouts, url: str) -> None:
        self._authorised = AuthorisedCalls(http, sign_in, timeouts)
        self._url = url

    @property
    def exchange(self) -> Exchange:
        return self._authorised.calls.exchange

    @property
    def reached(self) -> bool:
        return self._authorised.reached

    async def record(self, reference: str) -> str | Absent | StatusOutcome:
        """The number of the journal entry with this external id."""
        result = await self._call("GET", _by_external_id(reference), "look up")
        return read_record(reference, result) if not isinstance(result, StatusOutcome) else result

    async def make(self, journal: JournalDocument, body: str, *, instead: bool) -> StatusOutcome | None:
        """Makes the journal entry; None where it was made. `instead`: all lines of the one that is there are replaced."""
        path = _by_external_id(journal.reference) + ("?replace=line" if instead else "")
        result = await self._call("PUT", path, "book", headers=STRICT, content=body)
        return read_made(result, journal) if not isinstance(result, StatusOutcome) else result

    async def query(self, question: str, label: str) -> Rows | StatusOutcome:
        """All rows that answer a question in SuiteQL, page by page."""
        rows: Rows = []
        while len(rows) < MOST_ROWS:
            path = f"/query/v1/suiteql?limit={PAGE_SIZE}&offset={len(rows)}"
            content = to_json({"q": question})
            result = await self._call("POST", path, label, headers={"prefer": "transient"}, content=content, max_bytes=MAX_PAGE_BYTES)
            page = read_rows(result) if not isinstance(result, StatusOutcome) else result
            if isinstance(page, StatusOutcome):
                return page
            found, more = page
            rows += found
            if not more:
                return rows
            if not found:
                return Unknown(reason="a page that is not the last has no rows")
        return Unknown(reason=f"there are more than {MOST_ROWS} rows")

    async def _call(
        self,
        method: str,
        path: str,
        label: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: str = "",
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> HttpResult | StatusOutcome:
        sent = {"accept": "application/json", **(headers or {})} | ({"content-type": "application/json"} if content else {})
        result = await self._authorised.request(method, self._url + path, label=label, headers=sent, content=content, max_bytes=max_bytes)
        return outcome_without_token(result) if isinstance(result, NotAuthorised | NoTokenNow) else result


def _by_external_id(reference: str) -> str:
    return f"/record/v1/journalEntry/eid:{quote(reference, safe='')}"
