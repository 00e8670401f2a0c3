"""QuickBooks' journal entries as it answers them, and what they mean for each journal. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_decimal, as_object, as_objects, as_text, read_json
from app.adapters.erp.quickbooks.company import read_day
from app.adapters.erp.quickbooks.faults import DUPLICATE, item_outcome, outcome, read_fault
from app.adapters.erp.quickbooks.rates import converted
from app.adapters.erp.token_calls import Reply
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import Absent, FindOutcome, FoundBooked, Problem, SendOutcome, Unknown
from app.domain.journal import JournalDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """`lines`: account id and amount in the entry's currency, debit positive. `rate` turns it into the home currency."""

    id: str
    number: str
    day: date
    rate: Decimal
    lines: tuple[tuple[str, Decimal], ...]
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """QuickBooks says that the number is used: by a journal entry of ours, or by something else."""

    refusal: SendOutcome


def read_journal_entry(item: Mapping[str, Any]) -> JournalEntry | None:
    """None where it is not one that was booked."""
    identity, day = as_text(item.get("Id")), read_day(item.get("TxnDate"))
    if not identity or day is None:
        return None
    rate = as_decimal(item.get("ExchangeRate"))
    tax = as_decimal(as_object(item.get("TxnTaxDetail")).get("TotalTax"))
    return JournalEntry(
        id=identity,
        number=as_text(item.get("DocNumber")),
        day=day,
        rate=rate if rate else Decimal(1),
        lines=tuple(_lines(item)),
        tax=tax if tax is not None else Decimal(0),
    )


def standing(journal: JournalDocument, listed: Iterable[JournalEntry], codes: Mapping[str, str]) -> FindOutcome:
    """What became of a journal, by those that QuickBooks finds: its reference is exactly the DocNumber. `codes` are ours by id."""
    ours = [each for each in listed if each.number == journal.reference]
    return _found(journal, ours, codes) if ours else Absent()


def read_created(journal: JournalDocument, reply: Reply, accounts: Mapping[str, str]) -> JournalEntry | Duplicate | SendOutcome:
    """Of one journal that was posted by itself. `accounts` are ids by code."""
    body = as_object(read_json(reply)) if isinstance(reply, HttpAnswer) else {}
    if isinstance(reply, HttpAnswer) and reply.status == 200:
        created = read_journal_entry(as_object(body.get("JournalEntry")))
        return created or Unknown(reason="the answer does not say that the journal is booked")
    refusal = read_fault(body)
    said = outcome(reply, journal, accounts)
    return Duplicate(refusal=said) if refusal is not None and refusal.has(DUPLICATE) else said


def read_batch(
    journals: Sequence[JournalDocument], reply: Reply, accounts: Mapping[str, str]
) -> dict[str, JournalEntry | Duplicate | SendOutcome]:
    """Of each journal of a batch, paired by `bId`."""
    items = as_object(read_json(reply)).get("BatchItemResponse") if isinstance(reply, HttpAnswer) and reply.status == 200 else None
    if not isinstance(items, list):
        return {each.reference: outcome(reply, each, accounts) for each in journals}
    listed = as_objects(items)
    return {
        each.reference: _item(each, [item for item in listed if item.get("bId") == str(place)], accounts)
        for place, each in enumerate(journals, start=1)
    }


def booked(journal: JournalDocument, entry: JournalEntry, codes: Mapping[str, str]) -> FoundBooked:
    """By what QuickBooks answered itself when it booked it."""
    return _found(journal, [entry], codes)


def _item(
    journal: JournalDocument, about: Sequence[Mapping[str, Any]], accounts: Mapping[str, str]
) -> JournalEntry | Duplicate | SendOutcome:
    if len(about) != 1:
        return Unknown(reason="the answer does not say what became of this journal")
    refusal = read_fault(about[0])
    if refusal is None:
        created = read_journal_entry(as_object(about[0].get("JournalEntry")))
        return created or Unknown(reason="the answer does not say that the journal is booked")
    said = item_outcome(refusal, journal, accounts)
    return Duplicate(refusal=said) if refusal.has(DUPLICATE) else said


def _found(journal: JournalDocument, ours: Sequence[JournalEntry], codes: Mapping[str, str]) -> FoundBooked:
    first, problems = ours[0], list[Problem]()
    problems += differences(journal, _entries(journal, first, codes))
    if first.number != journal.reference:
        message = f"QuickBooks numbered it {first.number or 'not at all'} instead: it cannot be looked up by our reference any more"
        problems.append(Problem(line=None, code="reference-lost", message=message))
    if first.tax:
        message = f"QuickBooks added tax of {first.tax} to a journal that was sent without"
        problems.append(Problem(line=None, code="tax-added", message=message))
    if len(ours) > 1:
        others = ", ".join(each.id for each in ours[1:])
        problems.append(
            Problem(line=None, code="booked-twice", message=f"QuickBooks has it under this number more than once: {others} too")
        )
    return FoundBooked(number=first.id, problems=tuple(problems))


def _entries(journal: JournalDocument, entry: JournalEntry, codes: Mapping[str, str]) -> list[BookedEntry]:
    like = min((line.base_amount for line in journal.lines), key=_exponent, default=Decimal("0.01"))
    return [
        BookedEntry(
            reference=entry.number,
            number=entry.id,
            accounting_date=entry.day,
            account_code=codes.get(account, f"id {account}"),
            amount=converted(amount, entry.rate, like) if entry.rate != 1 else amount,
        )
        for account, amount in entry.lines
    ]


def _lines(item: Mapping[str, Any]) -> Iterable[tuple[str, Decimal]]:
    for line in as_objects(item.get("Line")):
        detail, amount = as_object(line.get("JournalEntryLineDetail")), as_decimal(line.get("Amount"))
        if line.get("DetailType") == "JournalEntryLineDetail" and amount is not None:
            account = as_text(as_object(detail.get("AccountRef")).get("value"))
            yield account, amount if detail.get("PostingType") == "Debit" else -amount


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
