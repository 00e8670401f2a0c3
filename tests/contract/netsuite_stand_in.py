"""A stand-in for NetSuite's REST web services: what the adapter meets there, as Oracle documents it. SuiteQL is answered by SQLite.

Sources, by the letter behind each behaviour, all in Oracle's NetSuite help unless said otherwise: (U) "Using the Upsert Operation" and
"Using External IDs"; (E) "Error Handling in REST Web Services"; (C) "Errors Related to Concurrency Violations"; (Q) "Executing SuiteQL
Queries Through REST Web Services" and "Collection Paging"; (J) "Journal Entry" and the REST API Browser, record journalEntry; (A)
"Journal Entry Approval": what is not approved does not post; (P) "Default Posting Period When Transaction Date in Closed Period": without
a period a journal may go to the first open one; (R) "Replacing Sublists": `replace=line`; (X) the code NONEXISTENT_ID of a record that is
not there, as public integrations know it.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "erp-token"
MOST_ROWS_OF_A_PAGE = 1_000
BODY_FIELDS = {
    "externalId", "tranDate", "postingPeriod", "memo", "currency", "exchangeRate", "approved", "approvalStatus", "subsidiary", "line",
    "department", "class", "location", "tranId", "customForm", "reversalDate", "isReversal", "void",
}  # fmt: skip
LINE_FIELDS = {"account", "debit", "credit", "memo", "department", "class", "location", "entity", "line", "eliminate", "cleared"}
ERROR_TYPE = "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html"

SCHEMA = """
CREATE TABLE account (id TEXT, acctnumber TEXT, accountsearchdisplaynamecopy TEXT, accttype TEXT, isinactive TEXT, issummary TEXT);
CREATE TABLE accountingperiod (id TEXT, periodname TEXT, startdate TEXT, enddate TEXT, closed TEXT, alllocked TEXT,
                               isyear TEXT, isquarter TEXT, isadjust TEXT);
CREATE TABLE currency (id TEXT, symbol TEXT);
CREATE TABLE subsidiary (id TEXT, name TEXT, currency TEXT);
CREATE TABLE department (id TEXT, name TEXT, isinactive TEXT);
CREATE TABLE classification (id TEXT, name TEXT, isinactive TEXT);
CREATE TABLE location (id TEXT, name TEXT, isinactive TEXT);
CREATE TABLE "transaction" (id TEXT, type TEXT, externalid TEXT, tranid TEXT, trandate TEXT, postingperiod TEXT, voided TEXT, record TEXT);
CREATE TABLE transactionline (id TEXT, "transaction" TEXT, subsidiary TEXT);
CREATE TABLE transactionaccountingline ("transaction" TEXT, transactionline TEXT, accountingbook TEXT, account TEXT, posting TEXT,
                                        debit TEXT, credit TEXT);
INSERT INTO currency VALUES ('1', 'NZD'), ('2', 'JPY');
INSERT INTO subsidiary VALUES ('3', 'University', '1');
"""


class Refused(Exception):
    """(E): one detail, with the path into the body where it is about a value."""

    def __init__(self, status: int, code: str, detail: str, path: str | None = None) -> None:
        super().__init__(detail)
        about = {} if path is None else {"o:errorPath": path}
        details = [{"detail": detail, "o:errorCode": code, **about}]
        self.answer = JSONResponse({"type": ERROR_TYPE, "title": "Refused", "status": status, "o:errorDetails": details}, status)


class NetSuite:
    """One account with one subsidiary, over SQLite in memory."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.create_function("TO_CHAR", 1, str)
        self.db.create_function("TO_CHAR", 2, lambda value, form: value)
        self.db.create_function("TO_DATE", 2, lambda value, form: value)
        self.db.executescript(SCHEMA)
        self.tokens = {TOKEN}
        self.page_size = MOST_ROWS_OF_A_PAGE
        self.blocked = 0
        """How many calls to refuse with WS_REQUEST_BLOCKED (C)."""
        self.approval_by_people = False
        """A workflow there takes approval back, whatever was asked (A)."""
        self.meanwhile: Callable[[str], None] = lambda external_id: None
        """What others do just before a record is written."""
        self.app = Starlette(
            routes=[
                Route("/services/rest/query/v1/suiteql", self._authorised(self._query), methods=["POST"]),
                Route("/services/rest/record/v1/journalEntry/{key:path}", self._authorised(self._record), methods=["GET", "PUT"]),
            ]
        )

    def add_account(self, number: str, name: str, *, kind: str = "OthCurrLiab", inactive: str = "F", summary: str = "F") -> None:
        self.db.execute(
            "INSERT INTO account VALUES (?,?,?,?,?,?)", (f"9{len(self.rows('account')):03}", number, name, kind, inactive, summary)
        )

    def add_period(self, name: str, first: str, last: str, *, closed: str = "F", locked: str = "F") -> None:
        values = (f"5{len(self.rows('accountingperiod')):02}", name, first, last, closed, locked, "F", "F", "F")
        self.db.execute("INSERT INTO accountingperiod VALUES (?,?,?,?,?,?,?,?,?)", values)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(f'SELECT * FROM "{table}"')]

    def _authorised(self, answer: Any) -> Any:
        async def checked(request: Request) -> Response:
            if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
                return Refused(401, "INVALID_LOGIN", "Invalid login attempt.").answer
            if self.blocked:
                self.blocked -= 1
                return Refused(400, "WS_REQUEST_BLOCKED", "Concurrent request limit exceeded. Request blocked.").answer
            try:
                response: Response = await answer(request)
            except Refused as refused:
                return refused.answer
            return response

        return checked

    async def _query(self, request: Request) -> Response:
        """(Q): a page of at most a thousand rows; columns that are null are left out; without `Prefer: transient` it is refused."""
        if request.headers.get("prefer") != "transient":
            raise Refused(400, "INVALID_HEADER", "The Prefer header must be transient.")
        question = re.sub(r"\b(FROM|JOIN) transaction\b", r'\1 "transaction"', (await request.json())["q"])
        question = question.replace("tal.transaction =", 'tal."transaction" =').replace("tl.transaction =", 'tl."transaction" =')
        try:
            found = [dict(row) for row in self.db.execute(question)]
        except sqlite3.Error as error:
            raise Refused(400, "INVALID_PARAMETER", f"Invalid search query. Detailed unprocessed description follows. {error}") from error
        limit, offset = min(int(request.query_params["limit"]), self.page_size), int(request.query_params["offset"])
        items = [{"links": []} | {name: value for name, value in row.items() if value is not None} for row in found]
        page = items[offset : offset + limit]
        more = len(items) > offset + limit
        return JSONResponse({"links": [], "count": len(page), "hasMore": more, "items": page, "offset": offset, "totalResults": len(items)})

    async def _record(self, request: Request) -> Response:
        key = unquote(request.scope["raw_path"].decode().rsplit("/", 1)[1])
        external_id = key.removeprefix("eid:")
        there = self.db.execute('SELECT * FROM "transaction" WHERE externalid = ?', (external_id,)).fetchone()
        if request.method == "GET":
            if there is None:
                raise Refused(404, "NONEXISTENT_ID", "The record instance does not exist. Provide a valid record instance ID.")
            record = json.loads(there["record"])
            return JSONResponse({"links": [], "id": there["id"], "tranId": there["tranid"], "externalId": external_id, **record})
        for header in ("x-netsuite-propertynamevalidation", "x-netsuite-propertyvaluevalidation"):
            assert request.headers.get(header) == "Error"
        self.meanwhile(external_id)
        record_id = self.put(external_id, json.loads(await request.body(), parse_float=Decimal), request.query_params.get("replace"))
        place = f"http://{request.headers['host']}/services/rest/record/v1/journalEntry/{record_id}"
        return Response(status_code=204, headers={"location": place})

    def put(self, external_id: str, body: dict[str, Any], replace: str | None = None) -> str:
        """(U): makes the record, or overwrites it, posted or not. Lines are added to those that are there, unless replaced (R)."""
        self._check_body(body)
        there = self.db.execute('SELECT * FROM "transaction" WHERE externalid = ?', (external_id,)).fetchone()
        record_id = there["id"] if there is not None else str(7000 + len(self.rows("transaction")))
        if there is not None:
            if replace != "line":
                body["line"]["items"] = json.loads(there["record"])["line"]["items"] + body["line"]["items"]
            for table, column in (("transaction", "id"), ("transactionline", "transaction"), ("transactionaccountingline", "transaction")):
                self.db.execute(f'DELETE FROM "{table}" WHERE "{column}" = ?', (record_id,))
        values = (
            record_id,
            "Journal",
            external_id,
            f"JE{record_id}",
            body["tranDate"],
            self._period(body),
            "F",
            json.dumps(body, default=str),
        )
        self.db.execute('INSERT INTO "transaction" VALUES (?,?,?,?,?,?,?,?)', values)
        posts = "T" if body.get("approved") and not self.approval_by_people else "F"
        rate = Decimal(str(body.get("exchangeRate", 1)))
        for number, line in enumerate(body["line"]["items"]):
            debit, credit = (_base(line.get(side), rate) for side in ("debit", "credit"))
            self.db.execute("INSERT INTO transactionline VALUES (?,?,?)", (str(number), record_id, body.get("subsidiary", {}).get("id")))
            posted = (record_id, str(number), "1", line["account"]["id"], posts, debit, credit)
            self.db.execute("INSERT INTO transactionaccountingline VALUES (?,?,?,?,?,?,?)", posted)
        return record_id

    def approve(self) -> None:
        """People approve all that awaits it."""
        self.db.execute("UPDATE transactionaccountingline SET posting = 'T'")

    def _check_body(self, body: Mapping[str, Any]) -> None:
        if unknown := body.keys() - BODY_FIELDS:
            raise Refused(400, "INVALID_CONTENT", f"Unknown reference or field {min(unknown)}.", min(unknown))
        total = Decimal(0)
        for number, line in enumerate(body["line"]["items"]):
            path = f"line.items[{number}]"
            if unknown := {name for name in line if not name.startswith(("cseg_", "custcol_"))} - LINE_FIELDS:
                raise Refused(400, "INVALID_CONTENT", f"Unknown field {min(unknown)}.", f"{path}.{min(unknown)}")
            account = self.db.execute("SELECT * FROM account WHERE id = ?", (line["account"]["id"],)).fetchone()
            if account is None or account["isinactive"] == "T":
                detail = f"You have entered an Invalid Field Value {line['account']['id']} for the following field: account"
                raise Refused(400, "INVALID_CONTENT", f"Error while accessing resource: {detail}", f"{path}.account")
            total += Decimal(str(line.get("debit", 0))) - Decimal(str(line.get("credit", 0)))
        if total:
            raise Refused(400, "USER_ERROR", "Error while accessing a resource. The amounts in a journal entry must balance.")

    def _period(self, body: Mapping[str, Any]) -> str:
        """(P): the first open period, where the body names none and that of the date is closed."""
        named = body.get("postingPeriod", {}).get("id")
        periods = self.db.execute("SELECT * FROM accountingperiod ORDER BY startdate").fetchall()
        if named is None:
            days = [each for each in periods if each["enddate"] >= body["tranDate"] and each["closed"] == "F"]
            return str(days[0]["id"])
        period = next((each for each in periods if each["id"] == named), None)
        if period is None or period["closed"] == "T" or period["alllocked"] == "T":
            detail = "Error while accessing a resource. The posting period is closed."
            raise Refused(400, "USER_ERROR", detail, "postingPeriod")
        return str(named)


def purpose_of(method: str, path: str, body: bytes) -> str | None:
    """For `FaultyServer`: what a request of the adapter serves."""
    if "/journalEntry/" in path:
        return "send" if method == "PUT" else "find"
    return "validate" if b"FROM accountingperiod" in body else None


def _base(amount: object, rate: Decimal) -> str | None:
    return None if amount is None else str((Decimal(str(amount)) * rate).quantize(Decimal("0.01"), ROUND_HALF_UP))
