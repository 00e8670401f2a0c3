"""A journal as a move of Tryton: what it shall hold, what is sent for that, and what is read back. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.exact_json import a_list, a_text, an_object
from app.adapters.erp.tryton.values import from_date, from_decimal, nested, to_date, to_decimal, to_id
from app.domain.booked import BookedEntry
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

MAX_TEXT = 10_000
MAX_CODE = 200
NOTHING = Decimal(0)

_REFERENCE = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """A line, amounts ≥ 0 in the company's currency. `second` is the line's amount in another currency, debit positive."""

    account: str
    debit: Decimal
    credit: Decimal
    description: str
    second_currency: str | None = None
    second: Decimal | None = None


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


FIELDS = (
    *("state", "number", "date", "description", "journal.code", "lines.account.code", "lines.debit", "lines.credit"),
    *("lines.description", "lines.second_currency.code", "lines.amount_second_currency"),
)
"""What `read_move` needs."""


def problems(journal: JournalDocument) -> tuple[Problem, ...]:
    """What Tryton can certainly not take. It makes drafts that do not balance, and refuses them only when they are posted."""
    return tuple(_problems(journal))


def _problems(journal: JournalDocument) -> Iterator[Problem]:
    if _REFERENCE.fullmatch(f"[{journal.reference}]") is None or _tidy(journal.reference) != journal.reference:
        message = "a reference that is put into a move's description must hold neither a closing bracket nor more than single spaces"
        yield Problem(line=None, code="reference-not-usable", message=message)
    difference = sum((line.base_amount if line.side == "debit" else -line.base_amount for line in journal.lines), NOTHING)
    if difference:
        message = f"debits and credits differ by {difference} {journal.base_currency}, the base currency"
        yield Problem(line=None, code="unbalanced-base", message=message)
    for line in journal.lines:
        if line.tax_code is not None:
            yield Problem(line=line.line, code="tax-code-not-taken", message="moves of Tryton are made without tax codes")
        if line.dimensions:
            yield Problem(line=line.line, code="dimension-not-taken", message="moves of Tryton are made without dimensions")


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
    )


def _tidy(text: str) -> str:
    """Texts of one line, without spaces around them: Tryton takes them off, and they would not read back as they were sent."""
    return " ".join(text.split())


def reference_of(description: str) -> str | None:
    """Our reference, at the front of a move's description; None where there is none."""
    found = _REFERENCE.match(description)
    return found.group(1) if found else None


def prepared_move(content: Content) -> dict[str, Any]:
    """A move by codes: what is kept of a request before Tryton was asked for its ids."""
    return _values(content, journal=content.journal, accounts=None, currencies=None)


def values_of(content: Content, ids: Ids) -> dict[str, Any]:
    """The values that make a move of this content. Raises `KeyError` where an id is missing."""
    known = _values(content, journal=ids.journal, accounts=ids.accounts, currencies=ids.currencies)
    return {"company": ids.company, "period": ids.period} | known


def _values(
    content: Content, *, journal: str | int, accounts: Mapping[str, int] | None, currencies: Mapping[str, int] | None
) -> dict[str, Any]:
    lines = []
    for line in content.lines:
        values: dict[str, Any] = {
            "account": line.account if accounts is None else accounts[line.account],
            "debit": from_decimal(line.debit),
            "credit": from_decimal(line.credit),
            "description": line.description,
        }
        if line.second_currency is not None and line.second is not None:
            values["second_currency"] = line.second_currency if currencies is None else currencies[line.second_currency]
            values["amount_second_currency"] = from_decimal(line.second)
        lines.append(values)
    head = {"journal": journal, "date": from_date(content.date), "description": content.description}
    return {**head, "lines": [["create", lines]]}


def read_moves(listed: object) -> tuple[Move, ...] | None:
    """The moves of an answer; None where one of them, or the whole, is not what was asked for."""
    if not isinstance(listed, list):
        return None
    found = [read_move(an_object(each)) for each in listed]
    moves = tuple(move for move in found if move is not None)
    return moves if len(moves) == len(found) else None


def read_move(record: Mapping[str, Any]) -> Move | None:
    """A move with the fields of `FIELDS`, its lines in the order in which they were made; None where it is anything else."""
    day, state, move_id = to_date(record.get("date")), record.get("state"), to_id(record.get("id"))
    rows = sorted(map(an_object, a_list(nested(record, "lines"))), key=lambda row: to_id(row.get("id")) or 0)
    lines = [line for line in map(_read_line, rows) if line is not None]
    if day is None or move_id is None or state not in ("draft", "posted") or len(lines) < len(rows):
        return None
    number = a_text(record.get("number"), MAX_CODE) or None
    if state == "posted" and number is None:
        return None
    content = Content(
        date=day,
        journal=_code(record, "journal"),
        description=a_text(record.get("description"), MAX_TEXT),
        lines=tuple(lines),
    )
    return Move(id=move_id, posted=state == "posted", number=number, content=content)


def _read_line(row: Mapping[str, Any]) -> MoveLine | None:
    debit, credit, account = to_decimal(row.get("debit")), to_decimal(row.get("credit")), _code(row, "account")
    if debit is None or credit is None or not account:
        return None
    return MoveLine(
        account=account,
        debit=debit,
        credit=credit,
        description=a_text(row.get("description"), MAX_TEXT),
        second_currency=_code(row, "second_currency") or None,
        second=to_decimal(row.get("amount_second_currency")),
    )


def _code(record: Mapping[str, Any], field: str) -> str:
    return a_text(an_object(nested(record, field)).get("code"), MAX_CODE)


def domain_of(references: Sequence[str], company: str | None) -> list[Any]:
    """The search for moves of these references; `like` with its wildcards escaped."""
    wanted: list[Any] = ["OR", *([["description", "like", f"{_escaped(f'[{reference}]')}%"]] for reference in references)]
    return wanted if company is None else [["company.party.name", "=", company], wanted]


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
