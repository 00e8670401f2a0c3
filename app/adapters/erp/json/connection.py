"""The calls to a `json` endpoint: an ERP, or what stands before it, that speaks the format of `docs/json-adapter.md`."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from urllib.parse import quote

from app.adapters.erp.answers import HttpAnswer, HttpFailure, HttpResult, Timeouts, storable
from app.adapters.erp.calls import Calls
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import MAX_RESPONSE_BYTES, HttpClient
from app.adapters.erp.json.books import compared, read_page
from app.adapters.erp.json.payload import request_body
from app.adapters.erp.json.response import LEVEL, read_accounts, read_find, read_listed, read_open_dates, read_sends, read_validations
from app.adapters.erp.json.settings import JsonSettings, read_endpoint
from app.adapters.erp.json.signing import SECRET_PREFIX, message_id_of, signature_headers
from app.adapters.erp.outcomes import exchange_of
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell, FindOutcome, Problem, Purpose, SendOutcome, ValidateOutcome
from app.domain.journal import JournalDocument

MAX_CHART_BYTES = 20_000_000
MAX_PAGES = 10_000


class JsonConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        endpoint = read_endpoint(connection)
        self._http = http
        self._url = endpoint.url
        self._headers = {"accept": "application/json"}
        self._signing_secrets = endpoint.credentials.signing_secrets
        self._secrets = [secret.removeprefix(SECRET_PREFIX) for secret in self._signing_secrets]
        if (token := endpoint.credentials.token) is not None:
            self._headers["authorization"] = f"Bearer {token.get_secret_value()}"
            self._secrets.append(token.get_secret_value())
        seconds = endpoint.settings.timeout_seconds
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self.capabilities = _capabilities(endpoint.settings)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """The same body validates and sends; a look-up has none."""
        body = "" if purpose is Purpose.FIND else request_body(journals)
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """None: what stands behind the format is known to its owner only."""
        return ()

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """`POST /journals/validate`: the ERP's own checks, nothing is booked."""
        result = await self._post("/journals/validate", prepared)
        return Answered(results=read_validations(prepared.references, result), exchange=exchange_of(result, self._secrets))

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """`POST /journals`: each journal of the batch has its own truth."""
        result = await self._post("/journals", prepared)
        return Answered(results=read_sends(prepared.references, result), exchange=exchange_of(result, self._secrets))

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """`GET /journals/{reference}`, once for each."""
        calls, results = Calls(self._secrets), dict[str, FindOutcome]()
        for journal in prepared.journals:
            result = calls.add(await self._get(f"/journals/{quote(journal.reference, safe='')}"))
            results[journal.reference] = compared(read_find(journal.reference, result), journal, result)
        return Answered(results=results, exchange=calls.exchange)

    async def check(self) -> Checked:
        """Reads the chart of accounts and the periods."""
        chart = await self._get("/accounts", MAX_CHART_BYTES)
        calendar = await self._get("/periods", MAX_CHART_BYTES)
        accounts, periods = read_listed(chart, "accounts"), read_listed(calendar, "periods")
        problems = []
        if accounts is None:
            problems.append(f"The chart of accounts: {_why_not(chart)}")
        if periods is None:
            problems.append(f"The periods: {_why_not(calendar)}")
        return Checked(
            reachable=isinstance(chart, HttpAnswer),
            signed_in=isinstance(chart, HttpAnswer) and chart.status == 200,
            accounts=read_accounts(accounts or ()),
            open_periods=_texts(item.get("period") for item in periods or () if item.get("status") == "open"),
            problems=tuple(problems),
            open_dates=read_open_dates(periods or ()),
        )

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """`GET /journals?from=&to=&after=`, page by page."""
        found: list[BookedEntry] = []
        after: str | None = None
        for _ in range(MAX_PAGES):
            more = "" if after is None else f"&after={quote(after, safe='')}"
            page = read_page(await self._get(f"/journals?from={since}&to={as_of}{more}", MAX_CHART_BYTES))
            if isinstance(page, CannotTell):
                return page
            found += [entry for entry in page.entries if entry.account_code in accounts and since <= entry.accounting_date <= as_of]
            if page.after is None or page.after == after:
                return found
            after = page.after
        return CannotTell(reason=f"the ERP lists more than {MAX_PAGES} pages of journals")

    async def _post(self, path: str, prepared: Prepared) -> HttpResult:
        signed = signature_headers(self._signing_secrets, message_id=message_id_of(prepared), at=self._http.now(), body=prepared.body)
        headers = self._headers | {"content-type": "application/json"} | signed
        return await self._http.request("POST", self._url + path, headers=headers, content=prepared.body.encode(), timeouts=self._timeouts)

    async def _get(self, path: str, max_bytes: int = MAX_RESPONSE_BYTES) -> HttpResult:
        return await self._http.request("GET", self._url + path, headers=self._headers, timeouts=self._timeouts, max_bytes=max_bytes)


def _capabilities(settings: JsonSettings) -> Capabilities:
    return Capabilities(
        batch_max=settings.batch_max,
        atomic_batch=False,
        dry_run="erp",
        highest_validation=LEVEL,
        max_lines=settings.max_lines,
        time_limit=settings.time_limit_seconds,
        commitments=True,
        reads_books=True,
    )


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(storable(value) for value in values if isinstance(value, str))


def _why_not(result: HttpResult) -> str:
    if isinstance(result, HttpFailure):
        return result.reason
    if result.status == 200:
        return "the answer cannot be read"
    return "the credentials were refused" if result.status == 401 else f"the ERP answered {result.status}"


JSON = Destination(
    name="json",
    title="JSON, for an ERP behind middleware",
    check=read_endpoint,
    connect=JsonConnection,
    capabilities=_capabilities(JsonSettings()),
)
