"""A stand-in for Xero's Accounting API: manual journals, accounts, the organisation and the ledger, over plain dictionaries.

It behaves as Xero documents, by these pages of https://developer.xero.com/documentation/ (named where each rule stands):
[MJ] api/accounting/manualjournals, [J] api/accounting/journals, [RR] api/accounting/requests-and-responses,
[RC] api/accounting/responsecodes, [L] guides/oauth2/limits, [I] guides/idempotent-requests/idempotency,
[OAS] the examples of github.com/XeroAPI/Xero-OpenAPI, xero_accounting.yaml. What only public integrations tell is marked [seen].
"""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

TENANT = "6a1d4f3e-0000-4000-8000-organisation"
TOKEN = "erp-token"
API = "/api.xro/2.0"
NO_ID = "00000000-0000-0000-0000-000000000000"
PAGE = 100  # [MJ] "Up to 100 manual journals will be returned per call"; [J] "A maximum of 100 journals"
KEY_LIFETIME = 360  # [I] six minutes
RESERVED = {"DEBTORS", "CREDITORS", "RETAINEDEARNINGS"}  # [MJ] "accounts that you can't use"

Element = dict[str, Any]


class XeroStandIn:
    """The books of one organisation in NZD."""

    def __init__(self) -> None:
        self.accounts = [
            account("2100", "Estimates", "CURRLIAB"),
            account("2110", "Goods received, not invoiced", "CURRLIAB"),
            account("4100-12", "Chemistry", "EXPENSE"),
            account("0999", "Old", "EXPENSE", Status="ARCHIVED"),
            account("800", "Accounts Payable", "CURRLIAB", SystemAccount="CREDITORS"),
            account("610", "Accounts Receivable", "CURRENT", SystemAccount="DEBTORS"),
            account("090", "Cheque", "BANK"),
            account("630", "Inventory", "INVENTORY"),
        ]
        self.lock_dates = {"PeriodLockDate": date(2026, 10, 31), "EndOfYearLockDate": date(2026, 3, 31)}
        self.categories = {"Region": ["North", "South"]}
        self.manual_journals: list[Element] = []
        self.journals: list[Element] = []
        self.minute_limit, self.day_limit = 60, 5_000
        self.later = 0.0
        """Seconds that the clock of this organisation is ahead."""
        self._calls: list[float] = []
        self._answers: dict[str, tuple[float, bytes, int, Any]] = {}
        self.connections = [
            {"id": str(uuid4()), "tenantId": TENANT, "tenantType": "ORGANISATION", "tenantName": "Kōwhai College"},
            {"id": str(uuid4()), "tenantId": str(uuid4()), "tenantType": "PRACTICE", "tenantName": "Its accountants"},
        ]
        routes = [
            Route("/connections", self._connections, methods=["GET"]),
            Route(f"{API}/Organisation", self._guarded(self._organisation), methods=["GET"]),
            Route(f"{API}/Accounts", self._guarded(self._accounts), methods=["GET"]),
            Route(f"{API}/TrackingCategories", self._guarded(self._tracking), methods=["GET"]),
            Route(f"{API}/ManualJournals", self._guarded(self._list), methods=["GET"]),
            Route(f"{API}/ManualJournals", self._guarded(self._post), methods=["POST"]),
            Route(f"{API}/Journals", self._guarded(self._ledger), methods=["GET"]),
        ]
        self.app = Starlette(routes=routes, exception_handlers={404: _not_found})

    def leave_draft(self, body: str) -> None:
        """As a POST that says DRAFT leaves it."""
        for each in json.loads(body, parse_float=Decimal, parse_int=Decimal)["ManualJournals"]:
            self._one(each | {"Status": "DRAFT"})

    def void(self, narration: str) -> None:
        """A person voids it: its journal is reversed by another one."""
        for each in self.manual_journals:
            if each["Narration"] == narration:
                each["Status"] = "VOIDED"
                self._book(each, -1)

    def book_bill(self, day: date, account_code: str, amount: str) -> None:
        """What is not a manual journal of anybody's."""
        bill = {
            "ManualJournalID": str(uuid4()),
            "Date": _ms(day),
            "JournalLines": [_posted(account_code, amount), _posted("800", "-" + amount)],
        }
        self._book(bill, 1, "ACCPAY")

    def _guarded(self, endpoint: Callable[[Request, bytes], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":  # [RC] 401, "TokenExpired"
                return _gateway(401, "Unauthorized", "TokenExpired: token expired")
            if request.headers.get("xero-tenant-id") != TENANT:  # [RC] 403
                return _gateway(403, "Forbidden", "AuthenticationUnsuccessful")
            if (limited := self._limited()) is not None:
                return limited
            return self._remembered(request, await request.body(), endpoint)

        return answer

    def _limited(self) -> Response | None:
        """[L] 60 a minute and 5,000 a day for each organisation; 429 with Retry-After in seconds and X-Rate-Limit-Problem."""
        now = self._now()
        if len(self._calls) >= self.day_limit:
            return PlainTextResponse("", 429, {"retry-after": "41000", "x-rate-limit-problem": "day"})
        if sum(each > now - 60 for each in self._calls) >= self.minute_limit:
            return PlainTextResponse("", 429, {"retry-after": "17", "x-rate-limit-problem": "minute"})
        self._calls.append(now)
        return None

    def _remembered(self, request: Request, body: bytes, endpoint: Callable[[Request, bytes], Response]) -> Response:
        """[I] the answer to a key is repeated for six minutes, that of a refusal too; with another request it is a 400."""
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            return endpoint(request, body)
        if len(key) > 128:
            return _exception(400, 10, "ValidationException", "The idempotency key is too long")
        known = self._answers.get(key)
        asked = f"{request.method} {request.url.path}?{request.url.query}".encode() + body
        if known is not None and self._now() - known[0] < KEY_LIFETIME:
            if known[1] != asked:
                return _exception(400, 10, "ValidationException", f"Idempotency Key: {key} is used with a different request.")
            return JSONResponse(known[3], known[2])
        response = endpoint(request, body)
        self._answers[key] = (self._now(), asked, response.status_code, json.loads(bytes(response.body)))
        return response

    async def _connections(self, request: Request) -> Response:
        """guides/oauth2/auth-flow, "5. Check the tenants you're authorized to access"."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _gateway(401, "Unauthorized", "TokenExpired: token expired")
        return JSONResponse(self.connections)

    def _organisation(self, request: Request, body: bytes) -> Response:
        told = {"Name": "Kōwhai College", "BaseCurrency": "NZD", "OrganisationStatus": "ACTIVE", "IsDemoCompany": False}
        return JSONResponse({"Organisations": [told | {name: _ms(day) for name, day in self.lock_dates.items()}]})

    def _accounts(self, request: Request, body: bytes) -> Response:
        return JSONResponse({"Accounts": self.accounts})

    def _tracking(self, request: Request, body: bytes) -> Response:
        active = {"Status": "ACTIVE"}
        told = [
            {"Name": name, "Options": [{"Name": each} | active for each in options]} | active for name, options in self.categories.items()
        ]
        return JSONResponse({"TrackingCategories": told})

    def _list(self, request: Request, body: bytes) -> Response:
        try:
            wanted = _filter(request.query_params.get("where", ""))
        except ValueError as error:
            return _exception(400, 16, "QueryParseException", str(error))
        found = [each for each in self.manual_journals if wanted(each)]
        page = request.query_params.get("page")
        if page is None:  # [MJ] lines only with paging
            return JSONResponse({"ManualJournals": [each | {"JournalLines": []} for each in found]})
        start = (int(page) - 1) * PAGE
        return JSONResponse({"ManualJournals": found[start : start + PAGE]})

    def _ledger(self, request: Request, body: bytes) -> Response:
        """[J] journals after the number `offset`, oldest first; If-Modified-Since leaves out what was made before."""
        since = request.headers.get("if-modified-since")
        made_after = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else datetime.min.replace(tzinfo=UTC)
        offset = int(request.query_params.get("offset", "0"))
        found = [each for each in self.journals if each["JournalNumber"] > offset and moment(each["CreatedDateUTC"]) >= made_after]
        return JSONResponse({"Journals": found[:PAGE]})

    def _post(self, request: Request, body: bytes) -> Response:
        elements = [self._one(each) for each in json.loads(body, parse_float=Decimal, parse_int=Decimal)["ManualJournals"]]
        failed = [each for each in elements if each["StatusAttributeString"] == "ERROR"]
        if failed and request.query_params.get("summarizeErrors") != "false":  # [RR] a 400 with the elements that failed
            return _exception(400, 10, "ValidationException", "A validation exception occurred", Elements=failed)
        return JSONResponse({"Status": "OK", "ManualJournals": elements})

    def _one(self, asked: Element) -> Element:
        """[MJ] created, or updated where an id is given; [OAS] a refused element is echoed with its errors and no id of its own."""
        identity = asked.get("ManualJournalID")
        known = next((each for each in self.manual_journals if each["ManualJournalID"] == identity), None)
        kept = {
            "Date": _ms(date.fromisoformat(asked["Date"])) if "Date" in asked else _ms(date.today()),
            "Status": asked.get("Status", "DRAFT"),
            "LineAmountTypes": asked.get("LineAmountTypes", "NoTax"),
            "UpdatedDateUTC": _ms_now(self.later),
            "ManualJournalID": identity or str(uuid4()),
            "Narration": asked.get("Narration", ""),
            "JournalLines": [_line(each) for each in asked.get("JournalLines", [])],
            "ShowOnCashBasisReports": asked.get("ShowOnCashBasisReports", True),
        }
        errors = list(self._errors(asked)) + ([] if identity is None or known is not None else ["The manual journal does not exist"])
        if errors:
            refused = {"ManualJournalID": identity or NO_ID, "StatusAttributeString": "ERROR"}
            return kept | refused | {"ValidationErrors": [{"Message": message} for message in errors]}
        if known is None:
            self.manual_journals.append(kept)
        else:
            known.update(kept)
        if kept["Status"] == "POSTED":
            self._book(kept, 1)
        return kept | {"StatusAttributeString": "OK"}

    def _errors(self, asked: Element) -> list[str]:
        lines, found = asked.get("JournalLines", []), []
        if not asked.get("Narration"):
            found.append("Narration is mandatory")
        if len(lines) < 2:
            found.append("The JournalLines element must contain at least two individual JournalLine sub-elements")
        day = date.fromisoformat(asked["Date"])
        for name, lock in self.lock_dates.items():
            if day <= lock:  # [seen]
                label = "period lock date" if name == "PeriodLockDate" else "end of year lock date"
                found.append(f"The document date cannot be before the {label}, currently set at {lock:%d %B %Y}")
                break
        found += [message for line in lines if (message := self._account_error(line)) is not None]
        debit = sum((line["LineAmount"] for line in lines if line["LineAmount"] > 0), Decimal(0))
        credit = sum((line["LineAmount"] for line in lines if line["LineAmount"] < 0), Decimal(0))
        if debit + credit:  # [OAS]
            found.append(f"The total debits ({debit:.2f}) must equal total credits ({credit:.2f})")
        return found

    def _account_error(self, line: Element) -> str | None:
        code = line.get("AccountCode")
        known = next((each for each in self.accounts if each["Code"] == code), None)
        if known is None:  # [seen]
            return f"Account code '{code}' is not a valid code for this document."
        if known["Status"] != "ACTIVE":  # [seen]
            return f"Account code '{code}' has been archived, or deleted. Each line item must reference a valid account."
        if known.get("SystemAccount") in RESERVED or known["Type"] in ("BANK", "INVENTORY"):  # [MJ] refused; the words are ours
            return f"Account code '{code}' cannot be used in a manual journal."
        tracking = line.get("Tracking", [])
        if len(tracking) > 2:  # [MJ] at most two
            return "A JournalLine can have a maximum of 2 TrackingCategory elements"
        if any(each["Option"] not in self.categories.get(each["Name"], []) for each in tracking):
            return "A tracking option does not exist"
        return None

    def _book(self, kept: Element, sign: int, source: str = "MANJOURNAL") -> None:
        """[J] NetAmount is positive for a debit; numbers have gaps [OAS]."""
        lines = [
            {"AccountCode": each["AccountCode"], "NetAmount": sign * each["LineAmount"], "TaxAmount": 0.0} for each in kept["JournalLines"]
        ]
        self.journals.append(
            {
                "JournalID": str(uuid4()),
                "JournalDate": kept["Date"],
                "JournalNumber": 8 * len(self.journals) + 1,
                "CreatedDateUTC": _ms_now(self.later),
                "SourceID": kept["ManualJournalID"],
                "SourceType": source,
                "JournalLines": lines,
            }
        )

    def _now(self) -> float:
        return time.monotonic() + self.later


def account(code: str, name: str, kind: str, **more: str) -> Element:
    return {"Code": code, "Name": name, "AccountID": str(uuid4()), "Type": kind, "Status": "ACTIVE"} | more


def _line(asked: Element) -> Element:
    tracking = [dict(each) for each in asked.get("Tracking", [])]
    return _posted(asked["AccountCode"], asked["LineAmount"]) | {
        "Description": asked.get("Description", ""),
        "TaxType": asked.get("TaxType", "NONE"),
        "Tracking": tracking,
    }


def _posted(account_code: str, amount: Decimal | str) -> Element:
    return {"AccountCode": account_code, "LineAmount": float(amount), "TaxAmount": 0.0, "IsBlank": False}


def _filter(where: str) -> Callable[[Element], bool]:
    """[MJ] `Narration=="text"`; [RR] `Date >= DateTime(2026, 11, 01)`; with OR or AND."""
    if not where:
        return lambda _: True
    narrations = re.fullmatch(r'Narration=="[^"\\]*"( OR Narration=="[^"\\]*")*', where)
    if narrations is not None:
        wanted = re.findall(r'Narration=="([^"\\]*)"', where)
        return lambda each: each["Narration"] in wanted
    day = r"DateTime\((\d{4}), (\d\d), (\d\d)\)"
    dates = re.fullmatch(rf"Date>={day} AND Date<{day}", where)
    if dates is None:
        raise ValueError(f"cannot parse {where}")
    numbers = [int(each) for each in dates.groups()]
    first, last = date(*numbers[:3]), date(*numbers[3:])
    return lambda each: first <= moment(each["Date"]).date() < last


def moment(text: str) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text[6:].split("+")[0]))


def _ms(day: date) -> str:
    """[RR] "JSON dates": milliseconds since 1970."""
    return f"/Date({(day - date(1970, 1, 1)).days * 86_400_000}+0000)/"


def _ms_now(later: float) -> str:
    return f"/Date({int((time.time() + later) * 1000)}+0000)/"


def _gateway(status: int, title: str, detail: str) -> Response:
    return JSONResponse({"Type": None, "Title": title, "Status": status, "Detail": detail, "Instance": str(uuid4())}, status)


def _exception(status: int, number: int, kind: str, message: str, **more: Any) -> Response:
    return JSONResponse({"ErrorNumber": number, "Type": kind, "Message": message} | more, status)


async def _not_found(request: Request, error: Exception) -> Response:
    return PlainTextResponse("The resource you're looking for cannot be found", 404)
