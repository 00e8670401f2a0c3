"""Lines as accountants read them: debits in one column, credits in another, and their sums under both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.delivery import Problem
from app.domain.journal import JournalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A line with its problems. `sent` is the line as the ERP gets it, None where that is the same or not known."""

    line: JournalLine
    problems: Sequence[Problem]
    sent: JournalLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Sums are in major units, of the document's and of the base currency."""

    rows: Sequence[EntryRow]
    debit: Decimal
    credit: Decimal
    base_debit: Decimal
    base_credit: Decimal

    @property
    def is_mapped(self) -> bool:
        return any(row.sent is not None for row in self.rows)


def entry_of(lines: Sequence[JournalLine], problems: Sequence[Problem], sent: Mapping[int, JournalLine]) -> Entry:
    """The lines with their problems beside them."""
    rows = [
        EntryRow(line=line, problems=[each for each in problems if each.line == line.line], sent=_other(line, sent.get(line.line)))
        for line in lines
    ]
    return Entry(
        rows=rows,
        debit=sum((line.amount for line in lines if line.side == "debit"), Decimal(0)),
        credit=sum((line.amount for line in lines if line.side == "credit"), Decimal(0)),
        base_debit=sum((line.base_amount for line in lines if line.side == "debit"), Decimal(0)),
        base_credit=sum((line.base_amount for line in lines if line.side == "credit"), Decimal(0)),
    )


def _other(line: JournalLine, sent: JournalLine | None) -> JournalLine | None:
    if sent is None or (sent.account_code == line.account_code and not sent.dimensions and sent.tax_code is None):
        return None
    return sent
