"""ERPNext's REST API over plain dicts, as far as journals need it. Each behaviour names where it is written down:

frappe/frappe and frappe/erpnext are the vendor's public repositories, "docs" is docs.frappe.io/framework, REST API. Amounts are floats
here because they are there: what gets through is what a real site would keep.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Doc = dict[str, Any]
KEY, SECRET = "erp-key", "erp-token"
QUEUE_ABOVE = 100
JOURNAL_ENTRY = "Journal Entry"
STATUS = {
    "ValidationError": 417,
    "LinkValidationError": 417,
    "MandatoryError": 417,
    "UniqueValidationError": 417,
    "TimestampMismatchError": 417,
    "DocumentLockedError": 417,
    "ClosedAccountingPeriod": 417,
    "DuplicateEntryError": 409,
    "DoesNotExistError": 404,
    "PermissionError": 403,
    "AuthenticationError": 401,
    "OperationalError": 500,
}
"""frappe/exceptions.py, `http_status_code`; ClosedAccountingPeriod is erpnext's, a ValidationError."""


class FrappeError(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class ErpNext:
    """One company, ABC in NZD. `version` 14 to 16: where frozen dates are kept, and when an imbalance is noticed."""

    def __init__(self, version: int = 15, reference_field: str = "custom_glint_reference", *, unique: bool = True) -> None:
        self.version = version
        self.reference_field = reference_field
        self.unique = unique
        self.docs: dict[str, dict[str, Doc]] = {JOURNAL_ENTRY: {}, "Account": {}, "GL Entry": {}, "Accounting Period": {}}
        self.docs |= {"Period Closing Voucher": {}, "Company": {}, "Accounts Settings": {"Accounts Settings": {"acc_frozen_upto": None}}}
        self.docs["Company"]["ABC"] = {"name": "ABC", "default_currency": "NZD", "cost_center": "Main - ABC"}
        self.queue: list[str] = []
        self.locked: set[str] = set()
        self.changes: dict[str, Any] = {}
        """What this site's own customisation does to each draft while it is made."""
        self._numbers = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/api/method/frappe.client.submit", self._answer(self._submit), methods=["POST"]),
                Route("/api/resource/{doctype}", self._answer(self._list), methods=["GET"]),
                Route("/api/resource/{doctype}", self._answer(self._create), methods=["POST"]),
                Route("/api/resource/{doctype}/{name:path}", self._answer(self._one), methods=["GET", "PUT", "DELETE"]),
            ]
        )

    # the books

    def account(self, number: str, title: str, **changes: Any) -> str:
        """Named "number - title - abbreviation" (erpnext/accounts/doctype/account/account.py, `get_account_autoname`)."""
        name = " - ".join(part for part in (number, title, "ABC") if part)
        known = {"account_number": number, "account_name": title, "company": "ABC", "account_type": "", "account_currency": "NZD"}
        row = {"name": name, "report_type": "Balance Sheet", "is_group": 0, "disabled": 0, **known, **changes}
        self.docs["Account"][name] = row
        return name

    def close(self, first: date, last: date, **changes: Any) -> None:
        """A closed Accounting Period (erpnext/accounts/doctype/accounting_period)."""
        closed = [{"document_type": "Sales Invoice", "closed": 1}, {"document_type": JOURNAL_ENTRY, "closed": 1}]
        name = f"{first} ABC"
        known = {"name": name, "company": "ABC", "start_date": str(first), "end_date": str(last), "Closed Document": closed}
        self.docs["Accounting Period"][name] = known | changes

    def freeze(self, day: date) -> None:
        """In the Accounts Settings; from version 16 on per company (patch migrate_account_freezing_settings_to_company)."""
        if self.version < 16:
            self.docs["Accounts Settings"]["Accounts Settings"]["acc_frozen_upto"] = str(day)
        else:
            self.docs["Company"]["ABC"]["accounts_frozen_till_date"] = str(day)

    def close_year(self, day: date) -> None:
        """A submitted Period Closing Voucher; its date got another name in newer versions."""
        field = "posting_date" if self.version < 16 else "period_end_date"
        self.docs["Period Closing Voucher"][str(day)] = {"name": str(day), "company": "ABC", "docstatus": 1, field: str(day)}

    def run_queue(self) -> None:
        """What the background worker does; a job that fails leaves the draft (frappe/model/document.py, `execute_action`)."""
        while self.queue:
            name = self.queue.pop()
            self.locked.discard(name)
            try:
                self._post(self.docs[JOURNAL_ENTRY][name])
            except FrappeError:
                continue

    def insert(self, body: Mapping[str, Any]) -> Doc:
        """A draft (docs, "Create"). Fields that the doctype does not have are dropped without a word."""
        fields = (
            "voucher_type",
            "company",
            "posting_date",
            "user_remark",
            "multi_currency",
            "cheque_no",
            "cheque_date",
            self.reference_field,
        )
        doc: Doc = {name: body.get(name) for name in fields} | {"doctype": JOURNAL_ENTRY, "docstatus": 0}
        doc["accounts"] = [dict(row) for row in body.get("accounts", [])]
        doc |= self.changes
        self._validate(doc)
        reference = doc.get(self.reference_field)
        if self.unique and reference and any(each.get(self.reference_field) == reference for each in self.docs[JOURNAL_ENTRY].values()):
            raise FrappeError(
                "UniqueValidationError", f"{JOURNAL_ENTRY} must be unique"
            )  # base_document.py, show_unique_validation_message
        doc |= {"name": f"ACC-JV-2026-{next(self._numbers):05}", "modified": f"2026-11-22 10:00:00.{next(self._numbers):06}"}
        doc["creation"] = doc["modified"]
        self.docs[JOURNAL_ENTRY][doc["name"]] = doc
        return doc

    def cancel(self, name: str) -> None:
        """docstatus 2; its ledger entries are marked (general_ledger.py, `make_reverse_gl_entries`)."""
        self.docs[JOURNAL_ENTRY][name]["docstatus"] = 2
        for entry in self.docs["GL Entry"].values():
            entry["is_cancelled"] = 1 if entry["voucher_no"] == name else entry["is_cancelled"]

    # erpnext/accounts/doctype/journal_entry/journal_entry.py

    def _validate(self, doc: Doc) -> None:
        if doc.get("company") != "ABC":
            raise FrappeError("LinkValidationError", f"Could not find Company: {doc.get('company')}")
        if not doc["accounts"]:
            raise FrappeError("ValidationError", "Accounts table cannot be blank.")
        self._closed_period(doc)
        for index, row in enumerate(doc["accounts"], start=1):
            self._validate_row(index, row, doc)
        if self.version < 16:
            self._balance(doc)  # newer ones check only a submission, in `before_submit`

    def _validate_row(self, index: int, row: Doc, doc: Doc) -> None:
        account = self.docs["Account"].get(row.get("account", ""))
        if account is None:
            raise FrappeError("LinkValidationError", f"Could not find Row #{index}: Account: {row.get('account')}")
        if account["account_type"] in ("Receivable", "Payable") and not (row.get("party_type") and row.get("party")):
            message = f"Row {index}: Party Type and Party is required for Receivable / Payable account {account['name']}"
            raise FrappeError("ValidationError", message)
        row["account_currency"] = account["account_currency"] or "NZD"
        if row["account_currency"] == "NZD":
            row["exchange_rate"] = 1
        elif not doc.get("multi_currency"):
            raise FrappeError("ValidationError", "Please check Multi Currency option to allow accounts with other currency")
        elif not row.get("exchange_rate") or row["exchange_rate"] == 1:
            row["exchange_rate"] = 1.7  # `set_exchange_rate`: it takes the site's own rate instead
        for side in ("debit", "credit"):
            row[f"{side}_in_account_currency"] = float(row.get(f"{side}_in_account_currency") or 0)
            row[side] = round(row[f"{side}_in_account_currency"] * round(float(row["exchange_rate"]), 9), 2)
        if not row["debit"] and not row["credit"]:
            raise FrappeError("ValidationError", f"Row {index}: Both Debit and Credit values cannot be zero")

    def _balance(self, doc: Doc) -> None:
        difference = round(sum(row["debit"] - row["credit"] for row in doc["accounts"]), 2)
        if difference:
            raise FrappeError("ValidationError", f"Total Debit must be equal to Total Credit. The difference is {difference}")

    def _post(self, doc: Doc) -> None:
        """`_submit` and erpnext/accounts/general_ledger.py; nothing is kept where it fails."""
        self._balance(doc)
        day = doc["posting_date"]
        self._closed_period(doc)
        closings = [each.get("period_end_date") or each.get("posting_date") for each in self.docs["Period Closing Voucher"].values()]
        if any(day <= closing for closing in closings if closing):
            raise FrappeError("ValidationError", f"Books have been closed till the period ending on {max(map(str, closings))}")
        frozen = self.docs["Accounts Settings"]["Accounts Settings"].get("acc_frozen_upto")
        frozen = self.docs["Company"]["ABC"].get("accounts_frozen_till_date") or frozen
        if frozen and day <= frozen:
            raise FrappeError("ValidationError", f"You are not authorized to add or update entries before {frozen}")
        for index, row in enumerate(doc["accounts"], start=1):
            account = self.docs["Account"][row["account"]]
            if account["report_type"] == "Profit and Loss" and not row.get("cost_center"):
                message = f"Journal Entry {doc['name']}: Cost Center is required for 'Profit and Loss' account {account['name']}."
                raise FrappeError("ValidationError", message)
            entry = {name: row[name] for name in ("account", "debit", "credit")}
            name = f"{doc['name']}-{index}"
            voucher = {"voucher_type": JOURNAL_ENTRY, "voucher_no": doc["name"], "company": "ABC", "posting_date": day, "is_cancelled": 0}
            self.docs["GL Entry"][name] = {"name": name, **voucher, **entry}
        doc |= {"docstatus": 1, "modified": f"2026-11-22 10:00:00.{next(self._numbers):06}"}

    def _closed_period(self, doc: Doc) -> None:
        for period in self.docs["Accounting Period"].values():
            if not period.get("disabled") and period["start_date"] <= doc["posting_date"] <= period["end_date"]:
                message = f"You cannot create a {JOURNAL_ENTRY} within the closed Accounting Period <strong>{period['name']}</strong>"
                raise FrappeError("ClosedAccountingPeriod", message)

    # frappe/api/v1.py and frappe/client.py

    def _answer(self, handle: Any) -> Any:
        async def answer(request: Request) -> Response:
            try:
                if request.headers.get("authorization") != f"token {KEY}:{SECRET}":
                    raise FrappeError("AuthenticationError", "Invalid API key")  # frappe/auth.py, validate_api_key_secret
                return JSONResponse(*handle(request, json.loads(await request.body() or b"{}")))
            except FrappeError as error:
                return _failed(error)

        return answer

    def _submit(self, _: Request, body: Doc) -> tuple[Doc]:
        """client.py, `submit`: the whole document, compared by its time stamp; above 100 rows it is queued (`JournalEntry.submit`)."""
        given = body["doc"]
        doc = self._get(JOURNAL_ENTRY, given["name"])
        if given["modified"] != doc["modified"]:
            raise FrappeError("TimestampMismatchError", "Document has been modified after you have opened it. Please refresh")
        if doc["docstatus"] != 0:
            raise FrappeError("ValidationError", "Cannot edit cancelled or submitted document")
        if len(doc["accounts"]) > QUEUE_ABOVE:
            self._check_lock(doc["name"])
            self.locked.add(doc["name"])
            self.queue.append(doc["name"])
        else:
            self._post(doc)
        return ({"message": doc},)

    def _create(self, request: Request, body: Doc) -> tuple[Doc]:
        if request.path_params["doctype"] != JOURNAL_ENTRY:
            raise FrappeError("PermissionError", "No permission")
        return ({"data": self.insert(body)},)

    def _one(self, request: Request, body: Doc) -> tuple[Doc] | tuple[Doc, int]:
        doctype, name = request.path_params["doctype"], request.path_params["name"]
        doc = self._get(doctype, name)
        if request.method == "GET":
            return ({"data": doc},)
        self._check_lock(name)
        if request.method == "DELETE":
            if doc["docstatus"] == 1:
                raise FrappeError("ValidationError", f"{name}: Submitted Record cannot be deleted. You must Cancel it first.")
            del self.docs[doctype][name]
            return {"data": "ok"}, 202
        if body != {"docstatus": 1} or doc["docstatus"] != 0:
            raise FrappeError("ValidationError", "Cannot edit submitted document")
        self._post(doc)  # `doc.save()` with docstatus 1 submits at once, without `JournalEntry.submit` and its queue
        return ({"data": doc},)

    def _list(self, request: Request, _: Doc) -> tuple[Doc]:
        """docs, "Listing": fields, filters, or_filters, order_by, limit_start, limit_page_length (20 unless told)."""
        asked = request.query_params
        doctype, rows = request.path_params["doctype"], list(self._table(request.path_params["doctype"]).values())
        fields = json.loads(asked.get("fields", '["name"]'))
        if doctype == JOURNAL_ENTRY:
            self._check_fields([*fields, *(each[-3] for each in json.loads(asked.get("filters", "[]")))])
        rows = [row for row in rows if all(_fits(row, each) for each in json.loads(asked.get("filters", "[]")))]
        if either := json.loads(asked.get("or_filters", "[]")):
            rows = [row for row in rows if any(_fits(row, each) for each in either)]
        start, length = int(asked.get("limit_start", "0")), int(asked.get("limit_page_length", "20"))
        plain = [{name: value for name, value in row.items() if not isinstance(value, list)} for row in rows[start : start + length]]
        return ({"data": [row if fields == ["*"] else {name: row.get(name) for name in fields} for row in plain]},)

    def _check_fields(self, names: Sequence[str]) -> None:
        known = {"name", "docstatus", "company", "posting_date", "cheque_no", self.reference_field}
        if unknown := [name for name in names if name not in known]:
            raise FrappeError("OperationalError", f"(1054, \"Unknown column 'tabJournal Entry.{unknown[0]}' in 'where clause'\")")

    def _table(self, doctype: str) -> dict[str, Doc]:
        if doctype not in self.docs:
            raise FrappeError("DoesNotExistError", f"DocType {doctype} not found")
        return self.docs[doctype]

    def _get(self, doctype: str, name: str) -> Doc:
        if name not in self._table(doctype):
            raise FrappeError("DoesNotExistError", f"{doctype} {name} not found")
        return self.docs[doctype][name]

    def _check_lock(self, name: str) -> None:
        """frappe/model/document.py, `check_if_locked`."""
        if name in self.locked:
            message = "This document is currently locked and queued for execution. Please try again after some time."
            raise FrappeError("DocumentLockedError", message)


def _fits(row: Mapping[str, Any], condition: Sequence[Any]) -> bool:
    """With four parts the first is the kind of a child table: one of its rows must fit."""
    if len(condition) == 4:
        return any(_fits(child, condition[1:]) for child in row[condition[0]])
    name, operator, value = condition
    have = row.get(name)
    if operator == "in":
        return have in value
    if operator == "=":
        return bool(have == value)
    return have is not None and (have >= value if operator == ">=" else have <= value)


def _failed(error: FrappeError) -> Response:
    """frappe/utils/response.py: `_server_messages` is JSON in JSON, `exc` the traceback of a site that shows it."""
    shown = json.dumps([json.dumps({"message": str(error), "title": "Message", "indicator": "red", "raise_exception": 1})])
    trace = json.dumps(
        ["Traceback (most recent call last):\n  File apps/frappe/frappe/app.py, line 110, in application\nsecret-of-the-site"]
    )
    body = {"exception": f"frappe.exceptions.{error.kind}: {error}", "exc_type": error.kind, "exc": trace, "_server_messages": shown}
    return JSONResponse(body, STATUS[error.kind])
