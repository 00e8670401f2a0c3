"""What is sent to Xero: manual journals, and what asks for them. Pure.

https://developer.xero.com/documentation/api/accounting/manualjournals: debits are positive, credits negative; Narration and two lines
are mandatory; DRAFT unless told otherwise. Our reference is the whole Narration: to be equal to it is the one filter that Xero has
optimised, and it does not depend on dates or words that people may change.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from app.adapters.erp.exact_json import Json, to_json
from app.adapters.erp.xero.settings import XeroSettings
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

API = "/api.xro/2.0"
POST_PATH = f"{API}/ManualJournals?summarizeErrors=false"
PAGE_SIZE = 100
MAX_DESCRIPTION = 4_000
MAX_TRACKING = 2
NOT_ASKED = "reference-not-allowed"
ASKED_AT_ONCE = 10
"""References in one look-up: its URL stays far below what servers take."""

_NO_FILTER_TAKES = frozenset('"\\')


def problems_of(journal: JournalDocument, settings: XeroSettings) -> tuple[Problem, ...]:
    """What Xero can certainly not take."""
    return tuple(_problems(journal, settings))


def request_body(journals: Iterable[JournalDocument], settings: XeroSettings, drafts: Mapping[str, str] | None = None) -> str:
    """`drafts` are the ids of drafts that are there already, by reference: their content is replaced, and they are posted."""
    known = drafts or {}
    return to_json({"ManualJournals": [_manual_journal(each, settings, known.get(each.reference)) for each in journals]})


def look_up_path(references: Sequence[str], page: int) -> str:
    """Manual journals with one of these narrations, with their lines, whatever their status."""
    where = " OR ".join(f'Narration=="{reference}"' for reference in references)
    return f"{API}/ManualJournals?where={quote(where, safe='')}&page={page}"


def idempotency_key(organisation: str, path: str, content: str) -> str:
    """64 characters. The same for the same journals with the same content in the same organisation: a repeat within the six minutes
    for which Xero remembers is answered as before. Keys are shared by all organisations of an app, so theirs is part of it."""
    said = to_json([organisation, path, content])
    return hashlib.sha256(said.encode()).hexdigest()


def _problems(journal: JournalDocument, settings: XeroSettings) -> Iterator[Problem]:
    if journal.currency != journal.base_currency and settings.foreign_currency == "refuse":
        message = (
            f"Xero's manual journals are in the base currency only, and this one is in {journal.currency}; "
            'the setting "foreign_currency": "base_amounts" sends its amounts in the base currency'
        )
        yield Problem(line=None, code="foreign-currency", message=message)
    if journal.reference != journal.reference.strip() or _NO_FILTER_TAKES & set(journal.reference) or not journal.reference.isprintable():
        message = "Xero cannot be asked for a reference with a quotation mark, a backslash, control characters or spaces at its ends"
        yield Problem(line=None, code=NOT_ASKED, message=message)

    for line in journal.lines:
        if len(line.dimensions) > MAX_TRACKING:
            message = f"Xero takes at most {MAX_TRACKING} tracking categories on a line, and this one has {len(line.dimensions)}"
            yield Problem(line=line.line, code="too-many-dimensions", message=message)


def _manual_journal(journal: JournalDocument, settings: XeroSettings, draft: str | None) -> dict[str, Json]:
    return ({"ManualJournalID": draft} if draft is not None else {}) | {
        "Narration": journal.reference,
        "Date": journal.accounting_date.isoformat(),
        "Status": "POSTED",
        "LineAmountTypes": "NoTax",
        "ShowOnCashBasisReports": settings.cash_basis,
        "JournalLines": [_line(journal, line) for line in journal.lines],
    }


def _line(journal: JournalDocument, line: JournalLine) -> dict[str, Json]:
    sent: dict[str, Json] = {
        "LineAmount": line.base_amount if line.side == "debit" else -line.base_amount,
        "AccountCode": line.account_code,
        "Description": _description(journal, line),
    }
    if line.tax_code is not None:
        sent["TaxType"] = line.tax_code
    if line.dimensions:
        sent["Tracking"] = [{"Name": name, "Option": option} for name, option in sorted(line.dimensions.items())]
    return sent


def _description(journal: JournalDocument, line: JournalLine) -> str:
    """What the journal and its line are about; of a foreign currency, what was converted."""
    said = ": ".join(part for part in (journal.description, line.description) if part)
    if journal.currency == journal.base_currency:
        return said[:MAX_DESCRIPTION]
    converted = f" ({journal.currency} {line.amount})"
    return said[: MAX_DESCRIPTION - len(converted)] + converted
