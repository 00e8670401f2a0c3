"""What NetSuite has of journals, and what they may be booked on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.adapters.erp.netsuite import suiteql
from app.adapters.erp.netsuite.client import Rows, Step
from app.adapters.erp.netsuite.reference_data import ReferenceData, read_accounts, read_periods, read_segment, wanted_segments
from app.adapters.erp.netsuite.response import UNREADABLE, Posted, read_ledger
from app.adapters.erp.netsuite.suiteql import SEGMENTS
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.delivery import Absent, Misconfigured
from app.domain.journal import JournalDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """The record is there and not posted: it awaits approval. `number` is NetSuite's own."""

    number: str


Place = Posted | Awaiting | Absent | StatusOutcome


async def look_up(step: Step, references: Sequence[str], book: str) -> dict[str, Place]:
    """What is there of each. One that cannot be told does not keep the others from it."""
    records = {reference: await step.record(reference) for reference in references}
    numbers = {reference: number for reference, number in records.items() if isinstance(number, str)}
    posted = await posted_of(step, list(numbers), book)
    places: dict[str, Place] = {}
    for reference, record in records.items():
        if not isinstance(record, str):
            places[reference] = record
        elif isinstance(posted, dict):
            places[reference] = posted.get(reference, Awaiting(number=record))
        else:
            places[reference] = posted
    return places


async def posted_of(step: Step, references: Sequence[str], book: str) -> dict[str, Posted] | StatusOutcome:
    """What the ledger has of each; those that it does not have are missing."""
    if not references:
        return {}
    rows = await step.query(suiteql.ledger_of(references, book), "ledger")
    if isinstance(rows, StatusOutcome):
        return rows
    found = read_ledger(rows)
    return UNREADABLE if found is None or not found.keys() <= set(references) else found


async def read_reference_data(step: Step, journals: Sequence[JournalDocument], subsidiary: str | None) -> ReferenceData | StatusOutcome:
    """The accounts, periods, currencies and values of segments that these journals need."""
    questions = _questions(journals, subsidiary)
    answers: dict[str, Rows] = {}
    for name, question in questions.items():
        rows = await step.query(question, name)
        if isinstance(rows, StatusOutcome):
            return rows
        answers[name] = rows
    if subsidiary is not None and not answers["subsidiary"]:
        return Misconfigured(reason=f"there is no subsidiary {subsidiary}, or the role that signed in may not see it")
    periods = read_periods(answers["periods"])
    if periods is None:
        return UNREADABLE
    return ReferenceData(
        accounts={account.number: account for account in read_accounts(answers["accounts"])},
        periods=periods,
        currencies={symbol: str(row.get("id")) for row in answers["currencies"] if (symbol := _symbol(row))},
        base_currency=_symbol(answers["subsidiary"][0]) if answers.get("subsidiary") else None,
        segments={name: read_segment(answers[name]) for name in SEGMENTS if name in answers},
    )


def _questions(journals: Sequence[JournalDocument], subsidiary: str | None) -> dict[str, str]:
    questions = {
        "accounts": suiteql.accounts({line.account_code for journal in journals for line in journal.lines}),
        "periods": suiteql.periods({journal.accounting_date for journal in journals}),
        "currencies": suiteql.currencies({journal.currency for journal in journals}),
    }
    if subsidiary is not None:
        questions["subsidiary"] = suiteql.subsidiary_currency(subsidiary)
    return questions | {name: suiteql.segment_values(SEGMENTS[name], wanted) for name, wanted in wanted_segments(journals).items()}


def _symbol(row: Mapping[str, Any]) -> str | None:
    symbol = row.get("symbol")
    return symbol if isinstance(symbol, str) and symbol else None
