"""A stand-in for Business Central's API v2.0, over plain dicts: what the adapter meets there, as Microsoft documents or publishes it.

Sources, by the letter behind each behaviour. The AL source is microsoft/ALAppExtensions and microsoft/BCApps (MIT); the pages are
Microsoft Learn, "Business Central": (J) page 30016 "APIV2 - Journals"; (L) page 30049 "APIV2 - JournalLines" with codeunit 5478
"Graph Mgt - Journal Lines"; (D) page 30022 "APIV2 - Dimension Set Lines"; (A) page 30014 "APIV2 - Accounts"; (G) page 30018
"APIV2 - G/L Entries"; (S) page 30087 "APIV2 - G/L Setup"; (P) codeunit 13 "Gen. Jnl.-Post Batch" and codeunit 11 "Gen. Jnl.-Check
Line"; (B) "Using OData transactional $batch requests"; (N) "Current API limits"; (E) "Error codes"; (O) OData 4.01 JSON batch and
`odata.continue-on-error`, as used against it in public posts.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import NAMESPACE_OID, uuid5

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.adapters.erp.exact_json import to_json
from tests.contract.odata_filter import matches

COMPANY = "6f3b2c1e-0a4d-4c8e-9b57-2f1d0c9a8e11"
TOKEN = "erp-token"
DEFAULT_TEMPLATE = "GENERAL"
NO_DATE = "0001-01-01"
MOST_OPERATIONS = 100

Answer = tuple[int, dict[str, Any] | None]


class Refused(Exception):
    """An error of Business Central's, with the correlation id that it puts behind each message (E)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": f"{message}  CorrelationId:  5b2c7e4e-3f1a-4d0b-8a55-0d9b3a1f7c66."}}


class BusinessCentral:
    """One company. `accounts`, `setup`, `journals` (by id, with their lines), `entries` are its books."""

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {}
        self.setup: dict[str, Any] = {
            "allowPostingFrom": NO_DATE,
            "allowPostingTo": NO_DATE,
            "localCurrencyCode": "NZD",
        }
        self.journals: dict[str, dict[str, Any]] = {}
        self.entries: list[dict[str, Any]] = []
        self.dimensions: dict[str, set[str]] = {}
        self.default_dimensions: dict[str, dict[str, str]] = {}
        """By account: what its lines get by themselves."""
        self.page_size = 20_000
        self.tokens = {TOKEN}
        self.posts_in_background = False
        """General Ledger Setup, "Post with Job Queue": the call returns before anything is posted (P)."""
        self.meanwhile: Callable[[str, str], None] = lambda method, path: None
        """What others do just before an operation is carried out."""
        self.next_page_base: str | None = None
        self.replica: list[dict[str, Any]] | None = None
        """The ledger as a replica has it, for reads that do not ask for the primary database ("Managing Database Access Intent")."""
        self._made = 0
        self.app = Starlette(routes=[Route("/api/v2.0/{path:path}", self._answer, methods=["GET", "POST", "PATCH", "DELETE"])])

    def add_account(self, number: str, name: str, **changes: Any) -> None:
        account = {"id": _id(number), "number": number, "displayName": name, "category": "Liabilities", "blocked": False}
        self.accounts[number] = account | {"accountType": "Posting", "directPosting": True} | changes

    def journal(self, code: str) -> dict[str, Any] | None:
        return next((each for each in self.journals.values() if each["code"] == code), None)

    async def _answer(self, request: Request) -> Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            refused = {"error": {"code": "Authentication_InvalidCredentials", "message": "The server has rejected the client credentials."}}
            return JSONResponse(refused, 401, {"www-authenticate": "Bearer"})
        if request.path_params["path"] == "$batch" and request.method == "POST":
            return self._batch(await request.json(), request.headers)
        path = request.path_params["path"] + (f"?{request.url.query}" if request.url.query else "")
        if path == "companies":
            return JSONResponse({"value": [{"id": COMPANY, "name": "UNI", "displayName": "The University"}]})
        intent = {"Data-Access-Intent": request.headers.get("data-access-intent", "")}
        status, body = self._one(request.method, path, intent, None, request.headers.get("prefer", ""), str(request.base_url) + "api/v2.0/")
        return Response(None if body is None else to_json(body), status, media_type="application/json")

    def _batch(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
        """(B), (N), (O): in the order given; `Isolation: snapshot` undoes all of what one failure spoils; without
        `continue-on-error` what comes after a failure is not carried out and not answered."""
        if len(body["requests"]) > MOST_OPERATIONS:
            return JSONResponse({"error": {"code": "BadRequest", "message": "The batch has too many operations."}}, 400)
        before = copy.deepcopy((self.journals, self.entries, self._made))
        responses: list[dict[str, Any]] = []
        for each in body["requests"]:
            status, content = self._one(each["method"], each["url"], each.get("headers", {}), each.get("body"), "", "")
            responses.append({"id": each["id"], "status": status, "headers": {"odata-version": "4.0"}, "body": content})
            if status >= 400 and headers.get("isolation") == "snapshot":
                self.journals, self.entries, self._made = before
            if status >= 400 and "odata.continue-on-error" not in headers.get("prefer", ""):
                break
        return Response(to_json({"responses": responses}), 200, media_type="application/json")

    def _one(self, method: str, url: str, headers: Mapping[str, Any], body: Any, prefer: str, base: str) -> Answer:
        parts = urlsplit(url)
        path, options = unquote(parts.path), dict(parse_qsl(parts.query))
        for verb, pattern, handle in self._routes():
            if verb == method and (found := re.fullmatch(rf"companies\({COMPANY}\)/{pattern}", path)):
                self.meanwhile(method, path)
                try:
                    return handle(found.groups(), options, headers, body, prefer, base)
                except Refused as refused:
                    return refused.status, refused.body
        return 404, Refused(404, "BadRequest_NotFound", f"Resource not found for the segment '{path}'.").body

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        return [
            ("GET", "(accounts|dimensions|generalLedgerSetup|generalLedgerEntries|journals)", self._list),
            ("POST", "journals", self._new_journal),
            ("DELETE", r"journals\(([^)]*)\)", self._remove_journal),
            ("POST", r"journals\(([^)]*)\)/journalLines", self._new_line),
            ("GET", r"journals\(([^)]*)\)/journalLines", self._lines),
            ("POST", r"journalLines\(([^)]*)\)/dimensionSetLines", self._new_dimension),
            ("PATCH", r"journalLines\(([^)]*)\)/dimensionSetLines\(([^)]*)\)", self._change_dimension),
            ("POST", r"journals\(([^)]*)\)/Microsoft\.NAV\.post", self._post),
        ]

    def _list(self, groups: Any, options: Mapping[str, str], headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """(A), (G), (S), (J). Without a filter on the template, journals are those of the first general one (J). Pages as (N) says."""
        rows = {
            "accounts": list(self.accounts.values()),
            "dimensions": [
                {"code": code, "dimensionValues": [{"code": each} for each in sorted(of)]} for code, of in self.dimensions.items()
            ],
            "generalLedgerSetup": [self.setup],
            "generalLedgerEntries": self.entries,
            "journals": list(self.journals.values()),
        }[groups[0]]
        if groups[0] == "generalLedgerEntries" and self.replica is not None and headers.get("Data-Access-Intent") != "ReadWrite":
            rows = self.replica
        where = options.get("$filter", "")
        if groups[0] == "journals" and "templateDisplayName" not in where:
            rows = [row for row in rows if row["templateDisplayName"] == DEFAULT_TEMPLATE]
        rows = [row for row in rows if not where or matches(where, row)]
        asked = re.search(r"odata\.maxpagesize=(\d+)", prefer)
        size, skip = min(self.page_size, int(asked[1]) if asked else self.page_size), int(options.get("$skiptoken", 0))
        page: dict[str, Any] = {"value": [_shown(row, options) for row in rows[skip : skip + size]]}
        if len(rows) > skip + size:
            more = "&".join(f"{name}={value}" for name, value in options.items() if name != "$skiptoken")
            page["@odata.nextLink"] = f"{self.next_page_base or base}companies({COMPANY})/{groups[0]}?{more}&$skiptoken={skip + size}"
        return 200, page

    def _new_journal(self, groups: Any, options: Any, headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """(J): key is template and code; codes have at most 10 characters and are upper-cased."""
        unknown = body.keys() - {"code", "displayName", "templateDisplayName", "balancingAccountId"}
        if unknown:
            raise Refused(400, "BadRequest", f"The property '{min(unknown)}' does not exist on type 'Microsoft.NAV.journal'.")
        code, template = _code(body["code"], 10), body.get("templateDisplayName", DEFAULT_TEMPLATE)
        if any((each["code"], each["templateDisplayName"]) == (code, template) for each in self.journals.values()):
            message = f"The record in table Gen. Journal Batch already exists. Identification fields and values: {template},{code}"
            raise Refused(400, "Internal_EntityWithSameKeyExists", message)
        self._made += 1
        journal_id = _id(f"journal {self._made}")
        journal = {"@odata.etag": f'W/"{self._made}"', "id": journal_id, "code": code, "displayName": body.get("displayName", "")}
        self.journals[journal_id] = journal | {"templateDisplayName": template, "balancingAccountNumber": "", "journalLines": []}
        return 201, _shown(self.journals[journal_id], {})

    def _remove_journal(self, groups: Any, options: Any, headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """ "Delete journal": If-Match; another version is refused."""
        journal = self._journal(groups[0])
        if headers.get("If-Match") not in (journal["@odata.etag"], "*"):
            raise Refused(409, "Request_EntityChanged", "Another user has already changed the record.")
        del self.journals[groups[0]]
        return 204, None

    def _new_line(self, groups: Any, options: Any, headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """(L): the account must be there, posted to and not blocked; direct posting and dates are only looked at when it is posted."""
        journal = self._journal(groups[0])
        known = {"lineNumber", "accountId", "accountNumber", "postingDate", "documentNumber", "externalDocumentNumber", "amount"}
        unknown = body.keys() - known - {"accountType", "description", "comment", "taxCode"}
        if unknown:
            raise Refused(400, "BadRequest", f"The property '{min(unknown)}' does not exist on type 'Microsoft.NAV.journalLine'.")
        account = self.accounts.get(_code(body["accountNumber"], 20))
        if account is None:
            raise Refused(400, "Application_DialogException", 'The "accountNumber" does not match to an Account.')
        for field, wanted in (("accountType", "Posting"), ("blocked", False)):
            if account[field] != wanted:
                message = (
                    f"{field} must be equal to '{wanted}' in G/L Account: No.={account['number']}. Current value is '{account[field]}'."
                )
                raise Refused(400, "Application_FieldValidationException", message)
        if len(body["description"]) > 100 or len(body["comment"]) > 250:
            raise Refused(400, "Application_StringExceededLength", "The length of the string is too long.")
        if any(line["lineNumber"] == body["lineNumber"] for line in journal["journalLines"]):
            raise Refused(400, "Internal_EntityWithSameKeyExists", "The record in table Gen. Journal Line already exists.")
        line = {"id": _id(f"{groups[0]} {body['lineNumber']}"), **body, "accountNumber": account["number"], "balancingAccountNumber": ""}
        line |= {"amount": Decimal(str(body["amount"])), "documentNumber": _code(body["documentNumber"], 20)}
        defaults = self.default_dimensions.get(account["number"], {})
        line["dimensionSetLines"] = [{"id": _id(code), "code": code, "valueCode": value} for code, value in defaults.items()]
        journal["journalLines"].append(line)
        return 201, line

    def _lines(self, groups: Any, options: Mapping[str, str], headers: Any, body: Any, prefer: str, base: str) -> Answer:
        return 200, {"value": [_shown(line, options) for line in self._journal(groups[0])["journalLines"]]}

    def _new_dimension(self, groups: Any, options: Any, headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """(D)"""
        line = self._line(groups[0])
        self._check_value(body["code"], body["valueCode"])
        if any(each["code"] == body["code"] for each in line["dimensionSetLines"]):
            message = "The dimension set line already exists. Check existing dimension set lines and the default ones on the parent."
            raise Refused(400, "Application_DialogException", message)
        line["dimensionSetLines"].append({"id": _id(body["code"]), **body})
        return 201, body

    def _change_dimension(self, groups: Any, options: Any, headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """(D): PATCH needs If-Match."""
        if "If-Match" not in headers:
            raise Refused(400, "BadRequest_InvalidToken", "Could not validate the client concurrency token required by the service.")
        found: dict[str, Any] = next(each for each in self._line(groups[0])["dimensionSetLines"] if each["id"] == groups[1])
        self._check_value(found["code"], body["valueCode"])
        found["valueCode"] = body["valueCode"]
        return 200, found

    def _check_value(self, code: str, value: str) -> None:
        if code not in self.dimensions:
            raise Refused(400, "Application_DialogException", 'The "code" does not match to a Dimension.')
        if value not in self.dimensions[code]:
            raise Refused(400, "Application_DialogException", 'The "valueCode" does not match to a Dimension Value.')

    def _line(self, line_id: str) -> dict[str, Any]:
        return next(line for journal in self.journals.values() for line in journal["journalLines"] if line["id"] == line_id)

    def _post(self, groups: Any, options: Any, headers: Any, body: Any, prefer: str, base: str) -> Answer:
        """(P): all lines or none; afterwards they are gone and the journal stays, under a new code if its own has digits."""
        journal = self._journal(groups[0])
        lines = journal["journalLines"]
        if not lines:
            raise Refused(400, "Application_DialogException", "There is nothing to post.")
        for line in lines:
            self._check_line(line)
        if (total := sum(line["amount"] for line in lines)) != 0:
            message = f"Document No. {lines[0]['documentNumber']} is out of balance by {total}. Please check that the amounts are correct."
            raise Refused(400, "Application_DialogException", message)
        if not self.posts_in_background:
            self.post(journal)
        return 204, None

    def post(self, journal: dict[str, Any]) -> None:
        """What posting does to the books."""
        for line in sorted(journal["journalLines"], key=lambda each: int(each["lineNumber"])):
            amount = line["amount"]
            entry = {"entryNumber": len(self.entries) + 1001, "postingDate": line["postingDate"], "documentNumber": line["documentNumber"]}
            entry |= {"accountNumber": line["accountNumber"], "description": line["description"]}
            entry["dimensionSetLines"] = line["dimensionSetLines"]
            self.entries.append(entry | {"debitAmount": max(amount, Decimal(0)), "creditAmount": max(-amount, Decimal(0))})
        journal["journalLines"] = []
        if found := re.fullmatch(r"(.*?)(\d+)(\D*)", journal["code"]):
            journal["code"] = f"{found[1]}{int(found[2]) + 1:0{len(found[2])}}{found[3]}"

    def _check_line(self, line: Mapping[str, Any]) -> None:
        first, last = self.setup["allowPostingFrom"], self.setup["allowPostingTo"]
        if line["postingDate"] < first or (last != NO_DATE and line["postingDate"] > last):
            message = (
                f"Posting Date is not within your range of allowed posting dates in Gen. Journal Line Line No.='{line['lineNumber']}'."
            )
            raise Refused(400, "Application_FieldValidationException", message)
        account = self.accounts[line["accountNumber"]]
        if not account["directPosting"]:
            message = f"Direct Posting must be equal to 'Yes'  in G/L Account: No.={account['number']}. Current value is 'No'."
            raise Refused(400, "Application_FieldValidationException", message)

    def _journal(self, journal_id: str) -> dict[str, Any]:
        if journal_id not in self.journals:
            raise Refused(404, "Internal_RecordNotFound", "The Gen. Journal Batch does not exist.")
        return self.journals[journal_id]


def purpose_of(method: str, path: str, body: bytes) -> str | None:
    """For `FaultyServer`: what a request of the adapter serves."""
    if method != "POST" or not path.endswith("/$batch"):
        return None
    urls = [unquote(each["url"]) for each in json.loads(body)["requests"]]
    if any("Microsoft.NAV.post" in url for url in urls):
        return "send"
    if any("generalLedgerEntries" in url for url in urls):
        return "find"
    return "validate" if any("generalLedgerSetup" in url for url in urls) else None


def _shown(row: Mapping[str, Any], options: Mapping[str, str]) -> dict[str, Any]:
    """`$select`, and what belongs to a row only where `$expand` asks for it."""
    expand, _, inner = options.get("$expand", "").removesuffix(")").partition("($expand=")
    parts = ("journalLines", "dimensionSetLines", "dimensionValues")
    shown = {name: value for name, value in row.items() if name not in parts or name == expand}
    if "journalLines" in shown:
        shown["journalLines"] = [_shown(line, {"$expand": inner}) for line in shown["journalLines"]]
    return {name: shown[name] for name in options["$select"].split(",")} if "$select" in options else shown


def _code(value: str, length: int) -> str:
    """The AL type Code: upper case, no spaces around it, no longer than it is."""
    if len(value) > length:
        raise Refused(
            400, "Application_StringExceededLength", f"The length of the string is {len(value)}, but it must be less than {length}."
        )
    return value.strip(" ").upper()


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))
