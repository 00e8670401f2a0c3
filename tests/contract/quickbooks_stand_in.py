"""A stand-in for the QuickBooks Online Accounting API: journal entries, accounts, preferences and the General Ledger report, over plain
dictionaries.

It behaves as Intuit documents, by these pages of https://developer.intuit.com/app/developer/qbo/docs/ (named where each rule stands):
[JE] api/accounting/all-entities/journalentry, [A] …/account, [P] …/preferences, [GL] api/accounting/report-entities/generalledger,
[Q] learn/explore-the-quickbooks-online-api/data-queries, [B] learn/explore-the-quickbooks-online-api/batch,
[E] develop/troubleshooting/error-codes, [BP] learn/learn-basic-field-definitions (requestid), [L] learn/rest-api-features (limits).
What only public integrations tell is marked [seen].
"""

import json
import re
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

REALM = "9130347"
TOKEN = "erp-token"
BASE = f"/v3/company/{REALM}"
NEEDS = {"Accounts Payable": "Vendor", "Accounts Receivable": "Customer"}

Entity = dict[str, Any]


class Refused(Exception):
    """[E] a fault with one error."""

    def __init__(self, code: str, message: str, detail: str, *, kind: str = "ValidationFault", status: int = 400) -> None:
        super().__init__(detail)
        self.status = status
        self.fault = {"Error": [{"Message": message, "Detail": detail, "code": code, "element": ""}], "type": kind}


class QuickBooksStandIn:
    """The books of one company in NZD, which uses several currencies."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Entity]] = {
            "Account": [
                account("101", "2100", "Estimates", "Other Current Liability"),
                account("102", "2110", "Goods received, not invoiced", "Other Current Liability"),
                account("103", "4100-12", "Chemistry", "Expense"),
                account("104", "0999", "Old (deleted)", "Expense", Active=False),
                account("105", "2000", "Accounts Payable (A/P)", "Accounts Payable"),
                account("106", "1200", "Accounts Receivable (A/R)", "Accounts Receivable"),
                account("107", "", "Unnumbered", "Expense"),
            ],
            "Class": [{"Id": "201", "Name": "Science", "FullyQualifiedName": "Faculty:Science", "Active": True}],
            "Department": [{"Id": "301", "Name": "Auckland", "FullyQualifiedName": "Auckland", "Active": True}],
        }
        self.entries: list[Entity] = []
        self.bills: list[tuple[str, str, str]] = []
        self.closed_until = "2026-10-31"
        self.multi_currency = True
        self.warn_duplicates = False
        self.number_itself = False
        self.minute_limit = 500
        self._calls: list[float] = []
        self._answers: dict[str, tuple[int, Any]] = {}
        routes = [
            Route(f"{BASE}/preferences", self._guarded(self._preferences), methods=["GET"]),
            Route(f"{BASE}/query", self._guarded(self._query), methods=["GET"]),
            Route(f"{BASE}/journalentry", self._guarded(self._create), methods=["POST"]),
            Route(f"{BASE}/batch", self._guarded(self._batch), methods=["POST"]),
            Route(f"{BASE}/reports/GeneralLedger", self._guarded(self._report), methods=["GET"]),
            Route("/v3/company/{realm}/{rest:path}", self._guarded(_forbidden), methods=["GET", "POST"]),
        ]
        self.app = Starlette(routes=routes)

    def delete(self, number: str) -> None:
        """A person deletes it: nothing of it is left."""
        self.entries = [each for each in self.entries if each.get("DocNumber") != number]

    def book_bill(self, day: str, account_id: str, amount: str) -> None:
        """What is no journal entry."""
        self.bills.append((day, account_id, amount))

    def _guarded(self, endpoint: Callable[[Request, bytes], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":  # [E] 3200, in the gateway's lower case [seen]
                return _gateway(401, "003200", "AuthenticationFailed", "Token expired")
            now = time.monotonic()
            if sum(each > now - 60 for each in self._calls) >= self.minute_limit:  # [L] 500 a minute; 429 without Retry-After
                return _gateway(429, "003001", "ThrottleExceeded", "The request limit was reached")
            self._calls.append(now)
            assert request.query_params.get("minorversion") == "75"
            return self._once(request, await request.body(), endpoint)

        return answer

    def _once(self, request: Request, body: bytes, endpoint: Callable[[Request, bytes], Response]) -> Response:
        """[BP] the same requestid is answered as the first time, and is not carried out again."""
        key = request.query_params.get("requestid")
        if key is None or request.method != "POST":
            return _answered(endpoint, request, body)
        if len(key) > 50:
            return JSONResponse({"Fault": Refused("2130", "Invalid Request Id", key).fault}, 400)
        if key not in self._answers:
            response = _answered(endpoint, request, body)
            self._answers[key] = (response.status_code, json.loads(bytes(response.body)))
        status, content = self._answers[key]
        return JSONResponse(content, status)

    def _preferences(self, request: Request, body: bytes) -> Response:
        told = {
            "AccountingInfoPrefs": {"BookCloseDate": self.closed_until, "UseAccountNumbers": True},
            "CurrencyPrefs": {"HomeCurrency": {"value": "NZD"}, "MultiCurrencyEnabled": self.multi_currency},
            "OtherPrefs": {"NameValue": [{"Name": "WarnDuplicateJournalNumber", "Value": str(self.warn_duplicates).lower()}]},
        }
        return JSONResponse({"Preferences": told, "time": _now()})

    def _query(self, request: Request, body: bytes) -> Response:
        """[Q] `select * from …`; text in single quotes, escaped by a backslash; 1,000 results at most; no name where nothing is found."""
        query = request.query_params["query"]
        by_number = re.fullmatch(r"select \* from JournalEntry where DocNumber in \((.*)\) maxresults (\d+)", query)
        by_active = re.fullmatch(r"select \* from (\w+) where Active in \(true, false\) startposition (\d+) maxresults (\d+)", query)
        if by_number is not None:
            wanted = [each.replace("\\'", "'") for each in re.findall(r"'((?:[^'\\]|\\')*)'", by_number[1])]
            resource, start, most = "JournalEntry", 1, int(by_number[2])
            found = [each for each in self.entries if each.get("DocNumber") in wanted]
        elif by_active is not None:
            resource, start, most = by_active[1], int(by_active[2]), int(by_active[3])
            found = self.lists[resource]
        else:
            raise Refused("4000", "Error parsing query", f"QueryParserError: {query}")
        assert most <= 1_000
        page = found[start - 1 : start - 1 + most]
        return JSONResponse({"QueryResponse": {resource: page, "startPosition": start, "maxResults": len(page)} if page else {}})

    def _create(self, request: Request, body: bytes) -> Response:
        return JSONResponse({"JournalEntry": self._booked(_parsed(body)), "time": _now()})

    def _batch(self, request: Request, body: bytes) -> Response:
        """[B] at most 30 items, each by itself, 200 to the whole with a fault for each that failed."""
        items = _parsed(body)["BatchItemRequest"]
        if len(items) > 30:
            raise Refused("1040", "Batch too large", "At most 30")
        answers = []
        for item in items:
            assert item["operation"] == "create"
            try:
                answers.append({"bId": item["bId"], "JournalEntry": self._booked(item["JournalEntry"])})
            except Refused as refused:
                answers.append({"bId": item["bId"], "Fault": refused.fault})
        return JSONResponse({"BatchItemResponse": answers, "time": _now()})

    def _booked(self, asked: Entity) -> Entity:
        self._check(asked)
        kept = {
            "Id": str(1000 + len(self.entries) + 1),
            "SyncToken": "0",
            "TxnDate": asked["TxnDate"],
            "PrivateNote": asked.get("PrivateNote"),
            "CurrencyRef": asked["CurrencyRef"],
            "ExchangeRate": float(asked.get("ExchangeRate", 1)),
            "Line": [_line(place, each) for place, each in enumerate(asked["Line"])],
            "TotalAmt": 0,  # [JE] always
            "TxnTaxDetail": {},
        }
        number = str(len(self.entries) + 1) if self.number_itself else asked.get("DocNumber")
        self.entries.append(kept | ({"DocNumber": number} if number else {}))
        return self.entries[-1]

    def _check(self, asked: Entity) -> None:
        number = asked.get("DocNumber", "")
        if len(number) > 21:  # [JE]
            raise Refused("2050", "Invalid String Length", "DocNumber: at most 21")
        if asked["TxnDate"] <= self.closed_until:  # [E]
            raise Refused("6210", "Account Period Closed, Cannot Update Through Services API", "The account period has closed")
        if asked["CurrencyRef"]["value"] != "NZD" and not self.multi_currency:
            raise Refused("6000", "A business validation error", "Multi currency should be enabled to perform this operation")
        known = next((each for each in self.entries if each.get("DocNumber") == number), None)
        if self.warn_duplicates and known is not None:  # [JE] only with WarnDuplicateJournalNumber
            detail = f"DocNumber={number} is assigned to TxnType=Journal Entry with TxnId={known['Id']}"
            raise Refused("6140", "Duplicate Document Number Error", f"Duplicate Document Number Error : {detail}")
        for line in asked["Line"]:
            self._check_line(line["JournalEntryLineDetail"])
        sums = {side: sum(each["Amount"] for each in asked["Line"] if _side(each) == side) for side in ("Debit", "Credit")}
        if sums["Debit"] != sums["Credit"]:  # [E]
            raise Refused("2300", "Amount on debits not equal to credits", f"{sums['Debit']} is not {sums['Credit']}")

    def _check_line(self, line: Entity) -> None:
        identity = line["AccountRef"]["value"]
        known = next((each for each in self.lists["Account"] if each["Id"] == identity), None)
        if known is None or not known["Active"]:
            raise Refused("2500", "Invalid Reference Id", f"Invalid Reference Id : Accounts element id {identity} not found")
        needed, entity = NEEDS.get(known["AccountType"]), line.get("Entity", {}).get("Type")
        if needed is not None and entity != needed:  # [JE] Business Rules
            kind = known["AccountType"]
            raise Refused(
                "6000", "A business validation error", f"When you use {kind}, you must choose a {needed.lower()} in the Name field."
            )

    def _report(self, request: Request, body: bytes) -> Response:
        """[GL] sections by account, the columns asked for; those of the other kind of company are left out."""
        asked = request.query_params
        right = ("debt_home_amt", "credit_home_amt") if self.multi_currency else ("debt_amt", "credit_amt")
        known = {"tx_date", "txn_type", "doc_num", "account_name", *right}
        columns = [each for each in asked["columns"].split(",") if each in known]
        wanted = asked["account"].split(",")
        sections = [
            self._section(each, columns, asked["start_date"], asked["end_date"]) for each in self.lists["Account"] if each["Id"] in wanted
        ]
        titles = [{"ColTitle": each, "ColType": "String", "MetaData": [{"Name": "ColKey", "Value": each}]} for each in columns]
        return JSONResponse({"Header": {"ReportName": "GeneralLedger"}, "Columns": {"Column": titles}, "Rows": {"Row": sections}})

    def _section(self, of: Entity, columns: list[str], first: str, last: str) -> Entity:
        rows = [_row(columns, {"tx_date": {"value": "Beginning Balance"}})]
        for day, number, kind, identity, amount in sorted(self.ledger(), reverse=True):
            if identity == of["Id"] and first <= day <= last:
                debit, credit = ({"value": f"{amount:.2f}"}, {"value": ""}) if amount > 0 else ({"value": ""}, {"value": f"{-amount:.2f}"})
                doc_num = next((each.get("DocNumber", "") for each in self.entries if each["Id"] == number), "INV-7")
                cells = {"tx_date": {"value": day}, "txn_type": {"value": kind, "id": number}, "doc_num": {"value": doc_num}}
                cells |= {"account_name": {"value": of["Name"], "id": identity}, "debt_amt": debit, "credit_amt": credit}
                rows.append(_row(columns, cells | {"debt_home_amt": debit, "credit_home_amt": credit}))
        header = {"ColData": [{"value": of["Name"], "id": of["Id"]}, *({"value": ""} for _ in columns[1:])]}
        return {"Header": header, "Rows": {"Row": rows}, "Summary": {"ColData": [{"value": f"Total for {of['Name']}"}]}, "type": "Section"}

    def ledger(self) -> list[tuple[str, str, str, str, Decimal]]:
        """Day, id, kind, account id and amount in NZD, debit positive."""
        found = []
        for entry in self.entries:
            for line in entry["Line"]:
                of = line["JournalEntryLineDetail"]["AccountRef"]["value"]
                found.append((entry["TxnDate"], entry["Id"], "Journal Entry", of, home(entry, line)))
        for place, (day, of, amount) in enumerate(self.bills, start=1):
            found.append((day, f"9{place}", "Bill", of, Decimal(amount)))
        return found


def home(entry: Entity, line: Entity) -> Decimal:
    """A line's amount in the home currency, debit positive."""
    amount = Decimal(str(line["Amount"])) * Decimal(str(entry["ExchangeRate"]))
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return rounded if _side(line) == "Debit" else -rounded


def account(identity: str, number: str, name: str, kind: str, **more: Any) -> Entity:
    """[A]"""
    known = {"Id": identity, "Name": name, "FullyQualifiedName": name, "AccountType": kind, "Active": True} | more
    return known | ({"AcctNum": number} if number else {})


def _line(place: int, asked: Entity) -> Entity:
    return {"Id": str(place), **asked, "Amount": float(asked["Amount"])}


def _side(line: Entity) -> str:
    side: str = line["JournalEntryLineDetail"]["PostingType"]
    return side


def _row(columns: list[str], cells: Entity) -> Entity:
    return {"ColData": [cells.get(each, {"value": ""}) for each in columns], "type": "Data"}


def _parsed(body: bytes) -> Entity:
    parsed: Entity = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    return parsed


def _answered(endpoint: Callable[[Request, bytes], Response], request: Request, body: bytes) -> Response:
    try:
        return endpoint(request, body)
    except Refused as refused:
        return JSONResponse({"Fault": refused.fault, "time": _now()}, refused.status)


def _gateway(status: int, code: str, name: str, detail: str) -> Response:
    said = {"message": f"message={name}; errorCode={code}; statusCode={status}", "detail": detail, "code": code.lstrip("0")}
    return JSONResponse({"fault": {"error": [said], "type": "SERVICE"}}, status)


def _forbidden(request: Request, body: bytes) -> Response:
    if request.path_params["realm"] == REALM:
        return PlainTextResponse("no such resource", 404)
    return _gateway(403, "003100", "ApplicationAuthorizationFailed", "The app is not connected to this company")


def _now() -> str:
    return "2026-11-22T00:00:00.000-08:00"
