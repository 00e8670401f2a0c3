"""Journals to Quill, a ledger that does not exist: an example of an ERP adapter in a package of its own."""

from collections.abc import Collection, Sequence
from datetime import date
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.answers import HttpAnswer, HttpResult, Timeouts
from app.adapters.erp.calls import Calls
from app.adapters.erp.destination import Destination
from app.adapters.erp.exact_json import as_date, as_decimal, as_object, as_objects, as_text, read_json, to_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import as_look_up, as_validation, outcome_of
from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Answered, Capabilities, Checked, Connection, Prepared
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FindOutcome,
    FoundBooked,
    Problem,
    Purpose,
    SendOutcome,
    Unknown,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.erp_chart import ErpAccount
from app.domain.errors import Fault, Invalid
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

LEVEL = ValidationLevel.ERP_DRY_RUN


class QuillSettings(BaseModel):
    """`settings` of the endpoint, in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timeout_seconds: int = Field(default=30, ge=1, le=300)
    time_limit_seconds: int = Field(default=60, ge=1, le=86_400)


class QuillCredentials(BaseModel):
    """`credentials` of the endpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: SecretStr = Field(min_length=1, max_length=200)


def read_endpoint(connection: Connection) -> tuple[QuillSettings, QuillCredentials]:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(QuillSettings, connection.settings, "/settings", faults)
    credentials = read_shape(QuillCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a quill endpoint is not complete", *faults)
    return settings, credentials


class QuillConnection:
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        settings, credentials = read_endpoint(connection)
        self._http = http
        self._url = connection.url.rstrip("/")
        self._key = credentials.key.get_secret_value()
        self._timeouts = Timeouts(read=settings.timeout_seconds, write=settings.timeout_seconds, total=2 * settings.timeout_seconds + 20)
        self.capabilities = _capabilities(settings)

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        return ()

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        body = "" if purpose is Purpose.FIND else "\n".join(map(_entry, journals))
        return Prepared(purpose=purpose, journals=tuple(journals), body=body)

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        calls, results = Calls([self._key]), dict[str, ValidateOutcome]()
        for journal in prepared.journals:
            result = calls.add(await self._call("PUT", f"{_path(journal)}?check=1", _entry(journal)))
            valid = _number(result) is not None
            results[journal.reference] = Validation(level=LEVEL) if valid else as_validation(outcome_of(result, _errors(result)), LEVEL)
        return Answered(results=results, exchange=calls.exchange)

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """The reference makes a second time harmless: Quill answers with the first number."""
        calls, results = Calls([self._key]), dict[str, SendOutcome]()
        for journal in prepared.journals:
            result = calls.add(await self._call("PUT", _path(journal), _entry(journal)))
            number = _number(result)
            results[journal.reference] = outcome_of(result, _errors(result)) if number is None else Booked(number=number)
        return Answered(results=results, exchange=calls.exchange)

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        calls, results = Calls([self._key]), dict[str, FindOutcome]()
        for journal in prepared.journals:
            result = calls.add(await self._call("GET", _path(journal)))
            results[journal.reference] = _found(journal, result)
        return Answered(results=results, exchange=calls.exchange)

    async def check(self) -> Checked:
        chart, calendar = await self._call("GET", "/accounts"), await self._call("GET", "/open")
        spans = [(as_date(each.get("from")), as_date(each.get("to"))) for each in as_objects(_body(calendar).get("open"))]
        periods = [OpenPeriod(name=f"{first} to {last}", starts_on=first, ends_on=last) for first, last in spans if first and last]
        accounts = [(as_text(each.get("code")), as_text(each.get("name"))) for each in as_objects(_body(chart).get("accounts"))]
        asked = {"chart of accounts": chart, "open dates": calendar}
        return Checked(
            reachable=isinstance(chart, HttpAnswer),
            signed_in=_ok(chart),
            accounts=tuple(ErpAccount(code=code, name=name) for code, name in accounts if code),
            open_periods=tuple(period.name for period in periods),
            problems=tuple(f"The {what} cannot be read" for what, result in asked.items() if not _ok(result)),
            open_dates=tuple(periods),
        )

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        result = await self._call("GET", f"/entries?from={since}&to={as_of}")
        listed = _body(result).get("entries")
        read = [_booked(entry) for entry in as_objects(listed)]
        if not _ok(result) or not isinstance(listed, list) or len(read) < len(listed) or None in read:
            return CannotTell(reason="the ledger cannot be read")
        return [entry for each in read if each is not None for entry in each if entry.account_code in accounts]

    async def _call(self, method: str, path: str, content: str = "") -> HttpResult:
        headers = {"x-quill-key": self._key, "content-type": "application/json"}
        return await self._http.request(method, self._url + path, headers=headers, content=content.encode(), timeouts=self._timeouts)


def _path(journal: JournalDocument) -> str:
    return f"/entries/{quote(journal.reference, safe='')}"


def _entry(journal: JournalDocument) -> str:
    signs = {"debit": 1, "credit": -1}
    rows = [
        {
            "account": line.account_code,
            "amount": format(signs[line.side] * line.amount, "f"),
            "base": format(signs[line.side] * line.base_amount, "f"),
            "text": line.description,
        }
        for line in journal.lines
    ]
    head = {"date": journal.accounting_date.isoformat(), "currency": journal.currency, "base_currency": journal.base_currency}
    return to_json({**head, "text": journal.description, "rows": rows})


def _ok(result: HttpResult) -> bool:
    return isinstance(result, HttpAnswer) and result.status == 200 and isinstance(read_json(result), dict)


def _body(result: HttpResult) -> dict[str, object]:
    return dict(as_object(read_json(result))) if isinstance(result, HttpAnswer) else {}


def _number(result: HttpResult) -> str | None:
    """None where Quill does not clearly say that it took the entry."""
    return (as_text(_body(result).get("number"), 100) or None) if _ok(result) else None


def _errors(result: HttpResult) -> list[Problem]:
    if isinstance(result, HttpAnswer) and result.status == 409:
        return [Problem(line=None, code="reference-reused", message="Quill has another entry with this reference")]
    told = as_objects(_body(result).get("errors"))
    rows = [(row if isinstance(row := each.get("row"), int) else None, as_text(each.get("text"))) for each in told]
    return [Problem(line=row, code="refused", message=text or "Quill gave no reason") for row, text in rows]


def _found(journal: JournalDocument, result: HttpResult) -> FindOutcome:
    """Absent only where Quill says so itself: the 404 of a wrong URL says nothing about a journal."""
    if isinstance(result, HttpAnswer) and result.status == 404 and _body(result).get("missing") == journal.reference:
        return Absent()
    number, entries = _number(result), _booked(_body(result))
    if number is None or entries is None or _body(result).get("reference") != journal.reference:
        return as_look_up(Unknown(reason="the answer is not about this journal") if _ok(result) else outcome_of(result))
    return FoundBooked(number=number, problems=differences(journal, entries))


def _booked(entry: dict[str, object] | object) -> list[BookedEntry] | None:
    """None where it cannot be read whole: a part of a ledger proves nothing."""
    known = as_object(entry)
    day, number, rows = as_date(known.get("date")), as_text(known.get("number"), 100), known.get("rows")
    if day is None or not number or not isinstance(rows, list):
        return None
    found = [(as_text(row.get("account")), as_decimal(row.get("base"))) for row in as_objects(rows)]
    entries = [
        BookedEntry(
            reference=as_text(known.get("reference"), 20) or None, number=number, accounting_date=day, account_code=code, amount=amount
        )
        for code, amount in found
        if code and amount is not None
    ]
    return entries if len(entries) == len(rows) else None


def _capabilities(settings: QuillSettings) -> Capabilities:
    return Capabilities(
        batch_max=1,
        atomic_batch=True,
        dry_run="erp",
        highest_validation=LEVEL,
        max_lines=None,
        time_limit=settings.time_limit_seconds,
        reads_books=True,
    )


QUILL = Destination(
    name="quill",
    title="Quill (an example)",
    check=read_endpoint,
    connect=QuillConnection,
    capabilities=_capabilities(QuillSettings()),
    settings=QuillSettings,
    credentials=QuillCredentials,
)
