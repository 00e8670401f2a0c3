"""What is sent to Business Central for a journal. Field names as in the AL source of its API v2.0 (pages 30016, 30049). Pure.

`accountType` is left out: a line is for a G/L account unless told otherwise, and the name of that choice changed between versions.
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.adapters.erp.business_central.dimensions import wanted_dimensions
from app.adapters.erp.business_central.odata import Operation, literal, query
from app.adapters.erp.exact_json import to_json
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

CODE_LENGTH = 10
DOCUMENT_NUMBER_LENGTH = 20
ACCOUNT_NUMBER_LENGTH = 20
TEXT_LENGTH = 100
COMMENT_LENGTH = 250
LINE_NUMBER_STEP = 10_000
"""Business Central numbers the lines of a journal in such steps, so that people can put one between."""

ENTRY_FIELDS = "entryNumber,postingDate,documentNumber,accountNumber,debitAmount,creditAmount"
ACCOUNT_FIELDS = "number,displayName,category,blocked,accountType,directPosting"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def journal_code(prefix: str, reference: str) -> str:
    """The code of the journal of a reference, always the same: template and code are a journal's key there, so a second one with it
    is refused. Letters only: a code with digits is counted up when the journal is posted (codeunit 13, "Increment Batch Name")."""
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest())
    letters = ""
    while len(letters) < CODE_LENGTH - len(prefix):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return prefix + letters


def shape_problems(journal: JournalDocument) -> tuple[Problem, ...]:
    """What Business Central can certainly not take. Its journal lines have no currency in this API, so it is the company's own."""
    found = []
    if journal.currency != journal.base_currency:
        message = f"Business Central's API v2.0 books journals in the company's own currency only, {journal.base_currency}"
        found.append(Problem(line=None, code="foreign-currency", message=message))
    reference = journal.reference
    if len(reference) > DOCUMENT_NUMBER_LENGTH:
        found.append(Problem(line=None, code="reference-too-long", message="a document number has at most 20 characters"))
    if reference != reference.upper().strip(" "):
        message = "a document number there has neither small letters nor spaces around it, and would come back as another one"
        found.append(Problem(line=None, code="reference-altered", message=message))
    for line in journal.lines:
        if len(line.account_code) > ACCOUNT_NUMBER_LENGTH:
            message = f"{line.account_code} is longer than the 20 characters of an account number there"
            found.append(Problem(line=line.line, code="account-code-too-long", message=message))
    return tuple(found)


def new_journal(journal: JournalDocument, code: str, template: str | None) -> Operation:
    """Makes the empty journal (a general journal batch) of a reference."""
    body = {"code": code, "displayName": journal.reference}
    return Operation(method="POST", path="journals", body=body if template is None else body | {"templateDisplayName": template})


def new_lines(journal: JournalDocument, journal_id: str) -> list[Operation]:
    """Adds the lines to an empty journal, in their order."""
    return [Operation(method="POST", path=f"journals({journal_id})/journalLines", body=line_body(journal, each)) for each in journal.lines]


def line_body(journal: JournalDocument, line: JournalLine) -> dict[str, Any]:
    """One line: debit positive, credit negative."""
    return {
        "lineNumber": line.line * LINE_NUMBER_STEP,
        "accountNumber": line.account_code.upper(),
        "postingDate": journal.accounting_date.isoformat(),
        "documentNumber": journal.reference,
        "amount": signed(line),
        "description": (line.description or journal.description)[:TEXT_LENGTH],
        "comment": journal.description[:COMMENT_LENGTH],
        **({} if line.tax_code is None else {"taxCode": line.tax_code.upper()}),
    }


def signed(line: JournalLine) -> Decimal:
    return line.base_amount if line.side == "debit" else -line.base_amount


def post_journal(journal_id: str) -> Operation:
    """Posts the whole journal."""
    return Operation(method="POST", path=f"journals({journal_id})/Microsoft.NAV.post", body={})


def remove_journal(journal_id: str, etag: str) -> Operation:
    """Removes a journal with its lines, unless somebody changed it meanwhile."""
    return Operation(method="DELETE", path=f"journals({journal_id})", etag=etag)


def read_entries(reference: str) -> Operation:
    """The posted lines of a document."""
    return Operation(
        method="GET", path="generalLedgerEntries" + query(filter=f"documentNumber eq {literal(reference)}", select=ENTRY_FIELDS)
    )


def read_journal(code: str, template: str | None, *, dimensions: bool) -> Operation:
    """The unposted journal of that code with its lines, and their dimensions where these count. Without a template it is looked for in
    the first general one only."""
    lines = "journalLines($expand=dimensionSetLines)" if dimensions else "journalLines"
    template_filter = "" if template is None else f" and templateDisplayName eq {literal(template)}"
    return Operation(method="GET", path="journals" + query(filter=f"code eq {literal(code)}{template_filter}", expand=lines))


def read_setup() -> Operation:
    """The dates that may be posted to, and the company's currency."""
    return Operation(method="GET", path="generalLedgerSetup")


def read_accounts(numbers: Sequence[str]) -> Operation:
    """These accounts, where they are there."""
    wanted = " or ".join(f"number eq {literal(number)}" for number in numbers)
    return Operation(method="GET", path="accounts" + query(filter=wanted, select=ACCOUNT_FIELDS))


def planned(journals: Sequence[JournalDocument], prefix: str) -> str:
    """What is to be booked, for the record of an attempt; the calls carry the same journals and lines."""
    return to_json({"journals": [_plan(journal, prefix) for journal in journals]})


def _plan(journal: JournalDocument, prefix: str) -> Mapping[str, Any]:
    return {
        "code": journal_code(prefix, journal.reference),
        "displayName": journal.reference,
        "journalLines": [_planned_line(journal, line) for line in journal.lines],
    }


def _planned_line(journal: JournalDocument, line: JournalLine) -> Mapping[str, Any]:
    wanted = [{"code": code, "valueCode": value} for code, value in wanted_dimensions(line).items()]
    return line_body(journal, line) | ({"dimensionSetLines": wanted} if wanted else {})
