"""What an ERP has in its ledger, and how it differs from what it was sent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.delivery import Problem
from app.domain.journal import JournalDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedEntry:
    """One line of an ERP's ledger. `amount` in the base currency, major units, debit positive; `reference` is ours, None where the
    entry has none; `number` is the ERP's own."""

    reference: str | None
    number: str
    accounting_date: date
    account_code: str
    amount: Decimal


def differences(document: JournalDocument, booked: Sequence[BookedEntry]) -> tuple[Problem, ...]:
    """How a booked journal differs from its document: in its date, or in what it leaves on an account. Empty where it does not."""
    return (*_dates(document, booked), *_amounts(document, booked))


def _dates(document: JournalDocument, booked: Sequence[BookedEntry]) -> Iterator[Problem]:
    for moved in sorted({entry.accounting_date for entry in booked} - {document.accounting_date}):
        message = f"the ERP booked it on {moved}, not on {document.accounting_date}"
        yield Problem(line=None, code="date-moved", message=message)


def _amounts(document: JournalDocument, booked: Sequence[BookedEntry]) -> Iterator[Problem]:
    asked = _sums((line.account_code, line.base_amount if line.side == "debit" else -line.base_amount) for line in document.lines)
    there = _sums((entry.account_code, entry.amount) for entry in booked)
    for code in sorted(asked.keys() | there.keys()):
        want, have = asked[code], there[code]
        if want != have:
            message = f"account {code}: the ERP booked {have} {document.base_currency}, not {want} (debit positive)"
            yield Problem(line=None, code="booked-otherwise", message=message)


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> defaultdict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for code, amount in amounts:
        sums[code] += amount
    return sums
