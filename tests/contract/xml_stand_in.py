"""An XML front over the reference ERP's ledger: what middleware before an ERP does that speaks the format of the `xml` adapter.

Written from `docs/adapters/xml.md` and the schema alone; it shares no code with the adapter. Requests that the schema does not know
are refused, and so is an answer of its own that the schema does not know.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lxml import etree
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.reference_erp.ledger import Ledger
from app.reference_erp.messages import BookedJournal, Journal, Problem
from tests.xml_schema import NAMESPACE, schema_errors

NS = f"{{{NAMESPACE}}}"
DEFAULT: dict[Any, str] = {None: NAMESPACE}
MONEY = ("amount", "base-amount")
USER, PASSWORD = "middleware", "erp-token"


class XmlFront:
    """The application, over the books in `database`. Asks for `token`, or for `USER` and `PASSWORD`; signed where it has a secret."""

    def __init__(self, database: Path, token: str = "erp-token", signing_secret: str | None = None, page: int = 1000) -> None:
        self.database = database
        self.ledger = Ledger(database)
        self._accepted = [f"Bearer {token}", "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()]
        self._signing_secret = signing_secret
        self._page = page
        self.app = Starlette(
            routes=[
                Route("/journals", self._book, methods=["POST"]),
                Route("/journals", self._list, methods=["GET"]),
                Route("/journals/validate", self._validate, methods=["POST"]),
                Route("/journals/{reference:path}", self._find, methods=["GET"]),
                Route("/accounts", self._accounts, methods=["GET"]),
                Route("/periods", self._periods, methods=["GET"]),
            ]
        )

    def restart(self) -> None:
        """With what is on disk."""
        self.ledger.close()
        self.ledger = Ledger(self.database)

    async def _validate(self, request: Request) -> Response:
        return await self._each(request, book=False)

    async def _book(self, request: Request) -> Response:
        return await self._each(request, book=True)

    async def _each(self, request: Request, *, book: bool) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        body = await request.body()
        if self._signing_secret is not None:
            try:
                Webhook(self._signing_secret).verify(body, dict(request.headers), json_parse=False)
            except (WebhookVerificationError, ValueError):
                return _error(401, "unauthorised", "The signature is missing or wrong")
        if errors := schema_errors(body):
            return _error(422, "invalid", "; ".join(errors))
        try:
            journals = [_journal(each) for each in etree.fromstring(body)]
        except ValidationError as error:
            return _error(422, "invalid", str(error))
        root = _element("account-transaction-response")
        for journal in journals:
            if book:
                booking = self.ledger.book(journal)
                _result(root, booking.reference, booking.result, booking.number, booking.problems)
            else:
                verdict = self.ledger.check(journal)
                _result(root, verdict.reference, verdict.result, None, verdict.problems)
        return _answer(root)

    async def _find(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        reference = request.path_params["reference"]
        found = self.ledger.find(reference)
        if found is None:
            return _error(404, "journal-not-found", f"There is no journal with reference {reference}")
        return _answer(_booked(_element("account-transaction"), found))

    async def _list(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        first, last = (date.fromisoformat(request.query_params[name]) for name in ("from", "to"))
        found = self.ledger.journals(first, last, int(request.query_params.get("after", "0")), self._page)
        root = _element("account-transactions")
        for journal in found:
            _booked(_sub(root, "account-transaction"), journal)
        if len(found) == self._page:
            _sub(root, "next", found[-1].number.removeprefix("JE-"))
        return _answer(root)

    async def _accounts(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        root = _element("accounts")
        for account in self.ledger.accounts():
            item = _sub(root, "account")
            for name, text in {"code": account.code, "name": account.name, "type": account.type}.items():
                _sub(item, name, text)
            _sub(item, "active", "true" if account.active else "false")
        return _answer(root)

    async def _periods(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        root = _element("periods")
        for period in self.ledger.periods():
            item = _sub(root, "accounting-period")
            _sub(item, "period", period.period)
            _sub(item, "starts-on", period.starts_on.isoformat())
            _sub(item, "ends-on", period.ends_on.isoformat())
            _sub(item, "status", period.status)
        return _answer(root)

    def _refusal(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        if any(secrets.compare_digest(given.encode(), each.encode()) for each in self._accepted):
            return None
        return _error(401, "unauthorised", "The credentials are missing or wrong")


def _journal(element: etree._Element) -> Journal:
    named = {name: _text(element, name) for name in ("reference", "accounting-date", "currency", "base-currency", "description")}
    lines = [_line(each) for each in element.iterfind(f"{NS}lines/{NS}line")]
    currencies = {
        (each.tag.removeprefix(NS), each.get("iso-currency-code")) for each in element.iterfind(f"{NS}lines/{NS}line/*[@iso-currency-code]")
    }
    assert currencies <= {("amount", named["currency"]), ("base-amount", named["base-currency"])}
    return Journal.model_validate({name.replace("-", "_"): text for name, text in named.items()} | {"lines": lines})


def _line(element: etree._Element) -> Mapping[str, object]:
    texts = {each.tag.removeprefix(NS).replace("-", "_"): each.text or "" for each in element if each.tag != f"{NS}dimension"}
    dimensions = {each.get("name"): each.text or "" for each in element.iterfind(f"{NS}dimension")}
    return texts | {"line": int(texts.pop("number")), "dimensions": dimensions}


def _booked(element: etree._Element, journal: BookedJournal) -> etree._Element:
    named = {
        "reference": journal.reference,
        "number": journal.number,
        "status": journal.status,
        "accounting-date": journal.accounting_date.isoformat(),
        "currency": journal.currency,
        "base-currency": journal.base_currency,
        "description": journal.description,
    }
    for name, text in named.items():
        _sub(element, name, text)
    lines = _sub(element, "lines")
    for line in journal.lines:
        item = _sub(lines, "line")
        _sub(item, "number", str(line.line))
        _sub(item, "account-code", line.account_code)
        _sub(item, "side", line.side)
        _sub(item, "amount", line.amount).set("iso-currency-code", journal.currency)
        _sub(item, "base-amount", line.base_amount).set("iso-currency-code", journal.base_currency)
    return element


def _result(root: etree._Element, reference: str, result: str, number: str | None, problems: Sequence[Problem]) -> None:
    item = _sub(root, "account-transaction-result")
    _sub(item, "reference", reference)
    _sub(item, "result", result)
    if number is not None:
        _sub(item, "number", number)
    for problem in problems:
        told = _sub(item, "problem", problem.message)
        told.set("code", problem.code)
        if problem.line is not None:
            told.set("line", str(problem.line))


def _error(status: int, code: str, detail: str) -> Response:
    root = _element("error")
    _sub(root, "code", code)
    _sub(root, "detail", detail)
    return _answer(root, status)


def _answer(root: etree._Element, status: int = 200) -> Response:
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    assert schema_errors(body) == []
    return Response(body, status, media_type="application/xml")


def _element(name: str) -> etree._Element:
    return etree.Element(NS + name, nsmap=DEFAULT)


def _sub(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, NS + name)
    element.text = text
    return element


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(NS + name) or ""
