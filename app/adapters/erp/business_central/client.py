"""The calls of one step: nearly all are a `$batch`, whose JSON says of each operation what became of it."""

from collections.abc import Mapping, Sequence

from app.adapters.erp.answers import HttpAnswer, Timeouts
from app.adapters.erp.authorised import AuthorisedCalls, outcome_without_token
from app.adapters.erp.business_central.odata import PRIMARY, Operation, OperationAnswer, batch_body, read_batch
from app.adapters.erp.exact_json import as_object, read_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import StatusOutcome, outcome_of
from app.application.ports.erp import Exchange
from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow, SignIn
from app.domain.delivery import Misconfigured, Unknown

MAX_BYTES = 20_000_000
ALL_OR_NONE = {"isolation": "snapshot"}
"""One transaction for a whole `$batch` (Microsoft Learn, "Using OData transactional $batch requests")."""
EACH_BY_ITSELF = {"prefer": "odata.continue-on-error"}
"""What fails does not keep the rest of a `$batch` from being carried out."""
PAGE_SIZE = 5_000
MOST_PAGES = 1_000

Answers = list[OperationAnswer | None]


class Step:
    """The calls of one step, in the company of the endpoint."""

    def __init__(self, http: HttpClient, sign_in: SignIn | None, timeouts: Timeouts, url: str, company: str | None) -> None:
        self._authorised = AuthorisedCalls(http, sign_in, timeouts)
        self._url = url
        self._company = company

    @property
    def exchange(self) -> Exchange:
        return self._authorised.calls.exchange

    @property
    def reached(self) -> bool:
        return self._authorised.reached

    async def batch(self, operations: Sequence[Operation], label: str, how: Mapping[str, str]) -> Answers | StatusOutcome:
        """At most 100 operations, which is what Business Central takes. The outcome of the whole where it was not answered as agreed."""
        company = await self._company_id()
        if not isinstance(company, str):
            return company
        headers = {"content-type": "application/json", "accept": "application/json", **PRIMARY, **how}
        result = await self._authorised.request(
            "POST", f"{self._url}/$batch", label=label, headers=headers, content=batch_body(company, operations), max_bytes=MAX_BYTES
        )
        if isinstance(result, NotAuthorised | NoTokenNow):
            return outcome_without_token(result)
        return read_batch(result, len(operations))

    async def pages(self, path: str, label: str) -> list[Mapping[str, object]] | StatusOutcome:
        """All rows of a list, page by page. A next page is only asked for below the endpoint's own URL: the token goes along."""
        company = await self._company_id()
        if not isinstance(company, str):
            return company
        rows: list[Mapping[str, object]] = []
        url = f"{self._url}/companies({company})/{path}"
        for _ in range(MOST_PAGES):
            page = await self._page(url, label)
            if not isinstance(page, Mapping):
                return page
            rows += [as_object(row) for row in page["value"]]
            following = page.get("@odata.nextLink")
            if following is None:
                return rows
            if not isinstance(following, str) or not following.startswith(f"{self._url}/"):
                return Unknown(reason="the next page is somewhere else")
            url = following
        return Unknown(reason=f"there are more than {MOST_PAGES} pages")

    async def _page(self, url: str, label: str) -> Mapping[str, list[object]] | StatusOutcome:
        headers = {"accept": "application/json", "prefer": f"odata.maxpagesize={PAGE_SIZE}", **PRIMARY}
        result = await self._authorised.request("GET", url, label=label, headers=headers, max_bytes=MAX_BYTES)
        if isinstance(result, NotAuthorised | NoTokenNow):
            return outcome_without_token(result)
        if not isinstance(result, HttpAnswer) or result.status != 200:
            return outcome_of(result)
        body = as_object(read_json(result))
        return body if isinstance(body.get("value"), list) else Unknown(reason="the answer cannot be read")

    async def _company_id(self) -> str | StatusOutcome:
        token = await self._authorised.token()
        if not isinstance(token, AccessToken):
            return outcome_without_token(token)
        return self._company or token.organisation or Misconfigured(reason="neither the settings nor the sign-in name a company")
