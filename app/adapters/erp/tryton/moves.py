"""What a move of Tryton shall say for a journal, and what one that stands there says. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.booked import BookedEntry
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

NOTHING = Decimal(0)

_REFERENCE = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """A line by codes, amounts ≥ 0 in the company's currency. `second` is its amount in another currency, debit positive; `dimensions`
    are pairs of an analytic root and an account below it, in their order."""

    account: str
    debit: Decimal
    credit: Decimal
    description: str
    second_currency: str | None = None
    second: Decimal | None = None
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a move says, by codes. Two drafts with the same content are the same to us."""

    date: date
    journal: str
    description: str
    lines: tuple[MoveLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Tryton's ids of what a move names by codes."""

    company: int
    journal: int
    period: int
    accounts: Mapping[str, int]
    currencies: Mapping[str, int]
    dimensions: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move as it stands in Tryton. `number` is there once it is posted."""

    id: int
    posted: bool
    number: str | None
    content: Content

    @property
    def entries(self) -> tuple[BookedEntry, ...]:
        return tuple(
            BookedEntry(
                reference=reference_of(self.content.description),
                number=self.number or "",
                accounting_date=self.content.date,
                account_code=line.account,
                amount=line.debit - line.credit,
            )
            for line in self.content.lines
        )


def problems(journal: JournalDocument, *, analytic: bool) -> tuple[Problem, ...]:
    """What Tryton can certainly not take. It makes drafts that do not balance, and refuses them only when they are posted.

    `analytic`: it has analytic accounts, which are where dimensions go.
    """
    return (*_of_the_whole(journal), *(found for line in journal.lines for found in _of_a_line(line, analytic)))


def _of_the_whole(journal: JournalDocument) -> Iterator[Problem]:
    if _REFERENCE.fullmatch(f"[{journal.reference}]") is None or _tidy(journal.reference) != journal.reference:
        message = "a reference that is put into a move's description must hold neither a closing bracket nor more than single spaces"
        yield Problem(line=None, code="reference-not-usable", message=message)
    difference = sum((line.base_amount if line.side == "debit" else -line.base_amount for line in journal.lines), NOTHING)
    if difference:
        message = f"debits and credits differ by {difference} {journal.base_currency}, the base currency"
        yield Problem(line=None, code="unbalanced-base", message=message)


def _of_a_line(line: JournalLine, analytic: bool) -> Iterator[Problem]:
    if line.tax_code is not None:
        yield Problem(line=line.line, code="tax-code-not-taken", message="a line of a move is made without a tax code")
    if line.dimensions and not analytic:
        message = "dimensions need Tryton's analytic accounts: settings.analytic_accounting says that it has them"
        yield Problem(line=line.line, code="dimension-not-taken", message=message)


def content_of(journal: JournalDocument, journal_code: str) -> Content:
    """The move that a journal has to become."""
    foreign = journal.currency if journal.currency != journal.base_currency else None
    return Content(
        date=journal.accounting_date,
        journal=journal_code,
        description=_tidy(f"[{journal.reference}] {journal.description}"),
        lines=tuple(_line(line, foreign) for line in journal.lines),
    )


def _line(line: JournalLine, foreign: str | None) -> MoveLine:
    is_debit = line.side == "debit"
    second = None if foreign is None else line.amount if is_debit else -line.amount
    return MoveLine(
        account=line.account_code,
        debit=line.base_amount if is_debit else NOTHING,
        credit=NOTHING if is_debit else line.base_amount,
        description=_tidy(line.description),
        second_currency=foreign,
        second=second,
        dimensions=tuple(sorted(line.dimensions.items())),
    )


def _tidy(text: str) -> str:
    """Texts of one line, without spaces around them: Tryton takes them off, and they would not read back as they were sent."""
    return " ".join(text.split())


def reference_of(description: str) -> str | None:
    """Our reference, at the front of a move's description; None where there is none."""
    found = _REFERENCE.match(description)
    return found.group(1) if found else None
