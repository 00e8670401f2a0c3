"""The calls to an ERP, or what stands before it, that answers those of `docs/json-adapter.md`, in JSON or in another form."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from app.adapters.erp.agreed.books import compared, read_page
from app.adapters.erp.agreed.response import (
    LEVEL,
    Read,
    read_accounts,
    read_find,
    read_listed,
    read_open_dates,
    read_sends,
    read_validations,
)
from app.adapters.erp.agreed.settings import AgreedEndpoint, AgreedSettings
from app.adapters.erp.agreed.signing import SECRET_PREFIX, message_id_of, signature_headers
from app.adapters.erp.answers import HttpAnswer, HttpFailure, HttpResult, Timeouts, storable
from app.adapters.erp.calls import Calls
from app.adapters.erp.http import MAX_RESPONSE_BYTES, HttpClient
from app.adapters.erp.outcomes import exchange_of
from app.application.ports.erp import Answered, Capabilities, Checked, Exchange, Prepared
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell, FindOutcome, Problem, Purpose, Rejected, SendOutcome, ValidateOutcome, Validation
from app.domain.journal import JournalDocument

MAX_CHART_BYTES = 20_000_000
MAX_PAGES = 10_000
NO_CALL = Exchange(status=None, body="", duration_ms=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the messages are written. `problems` tells what the form cannot carry."""

    media_type: str
    write: Callable[[Sequence[JournalDocument]], str]
    read: Read
    problems: Callable[[JournalDocument], tuple[Problem, ...]] = lambda _: ()


class AgreedConnection:
    """One endpoint."""

    def __init__(self, http: HttpClient, endpoint: AgreedEndpoint, form: Form) -> None:
        self._http = http
        self._form = form
        self._url = endpoint.url
        self._headers = {"accept": form.media_type}
        if (authorization := endpoint.credentials.authorization) is not None:
            self._headers["authorization"] = authorization
        self._signing_secrets = endpoint.credentials.signing_secrets
        self._secrets = [*endpoint.credentials.kept_out, *(secret.removeprefix(SECRET_PREFIX) for secret in self._signing_secrets)]
        seconds = endpoint.settings.timeout_seconds
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self.capabilities = capabilities_with(endpoint.settings)

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """The same body validates and sends, without the journals that the form cannot carry; a look-up has none."""
        body = "" if purpose is Purpose.FIND else self._form.write(self._carried(journals))
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """What the form cannot carry; what stands behind it is known to its owner only."""
        return self._form.problems(journal)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """`POST /journals/validate`: the ERP's own checks, nothing is booked."""
        refused = {each.reference: Validation(level=LEVEL, problems=found) for each in prepared.journals if (found := self.problems(each))}
        asked = [each for each in prepared.references if each not in refused]
        if not asked:
            return Answered(results=refused, exchange=NO_CALL)
        result = await self._post("/journals/validate", prepared)
        results = refused | read_validations(self._form.read, asked, result)
        return Answered(results=results, exchange=exchange_of(result, self._secrets))

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """`POST /journals`: each journal of the batch has its own truth."""
        refused = {each.reference: Rejected(problems=found) for each in prepared.journals if (found := self.problems(each))}
        asked = [each for each in prepared.references if each not in refused]
        if not asked:
            return Answered(results=refused, exchange=NO_CALL)
        result = await self._post("/journals", prepared)
        results = refused | read_sends(self._form.read, asked, result)
        return Answered(results=results, exchange=exchange_of(result, self._secrets))

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """`GET /journals/{reference}`, once for each."""
        read, calls, results = self._form.read, Calls(self._secrets), dict[str, FindOutcome]()
        for journal in prepared.journals:
            result = calls.add(await self._get(f"/journals/{quote(journal.reference, safe='')}"))
            results[journal.reference] = compared(read, read_find(read, journal.reference, result), journal, result)
        return Answered(results=results, exchange=calls.exchange)

    async def check(self) -> Checked:
        """Reads the chart of accounts and the periods."""
        chart = await self._get("/accounts", MAX_CHART_BYTES)
        calendar = await self._get("/periods", MAX_CHART_BYTES)
        accounts, periods = read_listed(self._form.read, chart, "accounts"), read_listed(self._form.read, calendar, "periods")
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
            page = read_page(self._form.read, await self._get(f"/journals?from={since}&to={as_of}{more}", MAX_CHART_BYTES))
            if isinstance(page, CannotTell):
                return page
            found += [entry for entry in page.entries if entry.account_code in accounts and since <= entry.accounting_date <= as_of]
            if page.after is None or page.after == after:
                return found
            after = page.after
        return CannotTell(reason=f"the ERP lists more than {MAX_PAGES} pages of journals")

    def _carried(self, journals: Sequence[JournalDocument]) -> Sequence[JournalDocument]:
        return [journal for journal in journals if not self.problems(journal)]

    async def _post(self, path: str, prepared: Prepared) -> HttpResult:
        signed = signature_headers(self._signing_secrets, message_id=message_id_of(prepared), at=self._http.now(), body=prepared.body)
        headers = self._headers | {"content-type": self._form.media_type} | signed
        return await self._http.request("POST", self._url + path, headers=headers, content=prepared.body.encode(), timeouts=self._timeouts)

    async def _get(self, path: str, max_bytes: int = MAX_RESPONSE_BYTES) -> HttpResult:
        return await self._http.request("GET", self._url + path, headers=self._headers, timeouts=self._timeouts, max_bytes=max_bytes)


def capabilities_with(settings: AgreedSettings) -> Capabilities:
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
