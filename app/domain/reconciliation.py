"""What was delivered to an ERP against what its ledger holds: differences per account, each traced to its journals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.booked import BookedEntry
from app.domain.journal import JournalDocument

ZERO = Decimal(0)


class Trace(StrEnum):
    """Why a journal, on one account, does not stand in the ERP as it was delivered."""

    MISSING_THERE = "missing_there"
    CHANGED_THERE = "changed_there"
    NOT_SENT_HERE = "not_sent_here"
    """It carries a reference of ours, of a journal that is not sent as far as we know."""
    BOOKED_THERE_BY_HAND = "booked_there_by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A journal that the ERP booked as far as we know. `number` is the ERP's own; `amounts` per account of the ERP, in the base
    currency, debit positive. `by_hand`: a person booked it there, under that number and without our reference."""

    reference: str
    number: str | None
    accounting_date: date
    amounts: Mapping[str, Decimal]
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """Movements of an account in the base currency, debit positive."""

    account_code: str
    ours: Decimal
    theirs: Decimal

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One journal on one account. Dates are None where that side does not have it."""

    trace: Trace
    account_code: str
    reference: str | None
    number: str | None
    ours: Decimal
    theirs: Decimal
    our_date: date | None
    their_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """All accounts, and every journal that explains a difference; the traced amounts of an account add up to its difference."""

    accounts: tuple[AccountBalance, ...]
    traced: tuple[Traced, ...]

    @property
    def equal(self) -> bool:
        return not self.traced


def delivered_amounts(document: JournalDocument) -> dict[str, Decimal]:
    """What a document leaves on each account of the ERP."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        sums[line.account_code] += line.base_amount if line.side == "debit" else -line.base_amount
    return dict(sums)


@dataclass(slots=True)
class _There:
    """What the ERP has of one journal on one account."""

    amount: Decimal
    day: date
    number: str
    reference: str | None


def reconcile(delivered: Iterable[Delivered], entries: Sequence[BookedEntry], *, unsent: frozenset[str] = frozenset()) -> Reconciliation:
    """Compares journal by journal and account by account; `unsent` are references of ours whose journals are not sent."""
    journals = list(delivered)
    there = _by_journal(entries, {journal.number: journal.reference for journal in journals if journal.by_hand and journal.number})
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    theirs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        theirs[entry.account_code] += entry.amount
    traced: list[Traced] = []
    for journal in journals:
        booked = there.pop((journal.reference, ""), {})
        for code in sorted(journal.amounts.keys() | booked.keys()):
            amount = journal.amounts.get(code, ZERO)
            ours[code] += amount
            if (found := _compared(journal, code, amount, booked.get(code))) is not None:
                traced.append(found)
    for (reference, _), booked in there.items():
        traced += [_foreign(code, found, reference in unsent) for code, found in sorted(booked.items())]
    codes = sorted(ours.keys() | theirs.keys())
    return Reconciliation(
        accounts=tuple(AccountBalance(account_code=code, ours=ours[code], theirs=theirs[code]) for code in codes), traced=tuple(traced)
    )


def _by_journal(entries: Iterable[BookedEntry], by_hand: Mapping[str, str]) -> dict[tuple[str, str], dict[str, _There]]:
    """The entries of each journal per account. Ours by reference, or by the number that a person gave for it; others by number."""
    found: dict[tuple[str, str], dict[str, _There]] = {}
    for entry in entries:
        reference = entry.reference or by_hand.get(entry.number)
        key = ("", entry.number) if reference is None else (reference, "")
        accounts = found.setdefault(key, {})
        if entry.account_code in accounts:
            accounts[entry.account_code].amount += entry.amount
        else:
            accounts[entry.account_code] = _There(entry.amount, entry.accounting_date, entry.number, entry.reference)
    return found


def _compared(journal: Delivered, code: str, amount: Decimal, there: _There | None) -> Traced | None:
    if there is None:
        if amount == ZERO:
            return None
        return Traced(
            trace=Trace.MISSING_THERE,
            account_code=code,
            reference=journal.reference,
            number=journal.number,
            ours=amount,
            theirs=ZERO,
            our_date=journal.accounting_date,
            their_date=None,
        )
    if there.amount == amount and there.day == journal.accounting_date:
        return None
    return Traced(
        trace=Trace.CHANGED_THERE,
        account_code=code,
        reference=journal.reference,
        number=there.number,
        ours=amount,
        theirs=there.amount,
        our_date=journal.accounting_date,
        their_date=there.day,
    )


def _foreign(code: str, there: _There, ours: bool) -> Traced:
    return Traced(
        trace=Trace.NOT_SENT_HERE if ours else Trace.BOOKED_THERE_BY_HAND,
        account_code=code,
        reference=there.reference,
        number=there.number,
        ours=ZERO,
        theirs=there.amount,
        our_date=None,
        their_date=there.day,
    )
