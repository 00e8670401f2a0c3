"""What is sent to QuickBooks Online: journal entries, and what asks for them. Pure.

https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/journalentry: a line has a positive amount and says
whether it is a debit or a credit; accounts are named by their id; amounts are in the currency of CurrencyRef.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

from app.adapters.erp.exact_json import Json, to_json
from app.adapters.erp.quickbooks.rates import exchange_rate
from app.adapters.erp.quickbooks.settings import QuickBooksSettings
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

MINOR_VERSION = "minorversion=75"
MAX_TEXT = 4_000
MAX_RESULTS = 1_000
NOT_ASKED = "reference-not-allowed"
DIMENSIONS = {"Class": "ClassRef", "Department": "DepartmentRef"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """QuickBooks' ids: of accounts by our code, of classes and departments by the dimension's name and value."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[tuple[str, str], str] = field(default_factory=dict)


def problems_of(journal: JournalDocument, settings: QuickBooksSettings) -> tuple[Problem, ...]:
    """What QuickBooks can certainly not take."""
    return (*_currency_problems(journal, settings), *_reference_problems(journal), *_line_problems(journal))


def journal_entry(journal: JournalDocument, settings: QuickBooksSettings, ids: Ids | None = None) -> dict[str, Json]:
    """Without `ids` accounts, classes and departments are named as we know them, for what is kept before the call."""
    known = ids or Ids()
    sent: dict[str, Json] = {"DocNumber": journal.reference, "TxnDate": journal.accounting_date.isoformat()}
    if journal.description:
        sent["PrivateNote"] = journal.description[:MAX_TEXT]
    sent["CurrencyRef"] = {"value": journal.currency if _in_its_currency(journal, settings) else journal.base_currency}
    rate = exchange_rate(journal.lines) if _foreign(journal) and _in_its_currency(journal, settings) else None
    if rate is not None:
        sent["ExchangeRate"] = rate
    return sent | {"Line": [_line(journal, line, settings, known) for line in journal.lines]}


def kept_body(journals: Sequence[JournalDocument], settings: QuickBooksSettings) -> str:
    """What is kept of a send before it is made: accounts by our codes, since their ids are looked up with the call."""
    return to_json({"JournalEntry": [journal_entry(each, settings) for each in journals]})


def create_body(journal: JournalDocument, settings: QuickBooksSettings, ids: Ids) -> str:
    return to_json(journal_entry(journal, settings, ids))


def batch_body(journals: Iterable[JournalDocument], settings: QuickBooksSettings, ids: Ids) -> str:
    """Each item's `bId` is its place, from 1."""
    items: list[Json] = [
        {"bId": str(place), "operation": "create", "JournalEntry": journal_entry(each, settings, ids)}
        for place, each in enumerate(journals, start=1)
    ]
    return to_json({"BatchItemRequest": items})


def write_path(resource: str, body: str) -> str:
    """`requestid` is the same for the same content: a repeat of it is answered as before, and books nothing."""
    digest = hashlib.sha256(f"{resource}\n{body}".encode()).digest()
    return f"/{resource}?requestid={UUID(bytes=digest[:16])}&{MINOR_VERSION}"


def query_path(query: str) -> str:
    return f"/query?query={quote(query, safe='')}&{MINOR_VERSION}"


def look_up_query(references: Sequence[str]) -> str:
    numbers = ", ".join(_quoted(reference) for reference in references)
    return f"select * from JournalEntry where DocNumber in ({numbers}) maxresults {MAX_RESULTS}"  # noqa: S608 - no SQL: it only reads


def list_query(resource: str, start: int) -> str:
    """All of a list, from `start` on (counted from 1), inactive ones too."""
    return f"select * from {resource} where Active in (true, false) startposition {start} maxresults {MAX_RESULTS}"  # noqa: S608


def _quoted(text: str) -> str:
    """As https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries says."""
    return "'" + text.replace("'", "\\'") + "'"


def _foreign(journal: JournalDocument) -> bool:
    return journal.currency != journal.base_currency


def _in_its_currency(journal: JournalDocument, settings: QuickBooksSettings) -> bool:
    return not _foreign(journal) or settings.foreign_currency != "base_amounts"


def _line(journal: JournalDocument, line: JournalLine, settings: QuickBooksSettings, ids: Ids) -> dict[str, Json]:
    own = _in_its_currency(journal, settings)
    detail: dict[str, Json] = {
        "PostingType": "Debit" if line.side == "debit" else "Credit",
        "AccountRef": _ref(ids.accounts.get(line.account_code), line.account_code),
    }
    for name, value in sorted(line.dimensions.items()):
        detail[DIMENSIONS.get(name, name)] = _ref(ids.dimensions.get((name, value)), value)
    if (entity := settings.entities.get(line.account_code)) is not None:
        detail["Entity"] = {"Type": entity.type, "EntityRef": {"value": entity.id}}
    return {
        "DetailType": "JournalEntryLineDetail",
        "Amount": line.amount if own else line.base_amount,
        "Description": line.description[:MAX_TEXT] if own else f"{line.description[: MAX_TEXT - 100]} ({journal.currency} {line.amount})",
        "JournalEntryLineDetail": detail,
    }


def _ref(found: str | None, ours: str) -> dict[str, Json]:
    return {"name": ours} if found is None else {"value": found}


def _currency_problems(journal: JournalDocument, settings: QuickBooksSettings) -> Iterator[Problem]:
    if not _foreign(journal) or settings.foreign_currency == "base_amounts":
        return
    if settings.foreign_currency == "refuse":
        message = f'the journal is in {journal.currency}, and the setting "foreign_currency" says to refuse that'
        yield Problem(line=None, code="foreign-currency", message=message)
    elif exchange_rate(journal.lines) is None:
        message = (
            f"QuickBooks takes one exchange rate for a whole journal, and none makes the {journal.base_currency} amounts of this one "
            f'out of its {journal.currency} amounts; the setting "foreign_currency": "base_amounts" sends the former'
        )
        yield Problem(line=None, code="exchange-rate", message=message)


def _reference_problems(journal: JournalDocument) -> Iterator[Problem]:
    reference = journal.reference
    if reference != reference.strip() or "\\" in reference or not reference.isprintable():
        message = "QuickBooks cannot be asked for a reference with a backslash, control characters or spaces at its ends"
        yield Problem(line=None, code=NOT_ASKED, message=message)


def _line_problems(journal: JournalDocument) -> Iterator[Problem]:
    for line in journal.lines:
        for name in line.dimensions:
            if name not in DIMENSIONS:
                message = f"QuickBooks has no dimension {name}; it has Class and Department (which it may call Location)"
                yield Problem(line=line.line, code="unknown-dimension", message=message)
        if line.tax_code is not None:
            message = "QuickBooks adds tax of its own to a line with a tax code, and this journal carries its tax already: map none"
            yield Problem(line=line.line, code="tax-code-not-allowed", message=message)
