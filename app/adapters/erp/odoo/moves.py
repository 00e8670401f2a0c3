"""The journal entries that Odoo has: `account.move` with its lines."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.odoo.books import Books, OdooJournal
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.payload import distribution, line_values
from app.adapters.erp.odoo.records import day, decimal, linked_id, record_id, records, text, text_or_none
from app.adapters.erp.odoo.reply import Failed, understood
from app.domain.booked import BookedEntry, differences
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument

POSTED, DRAFT = "posted", "draft"
MOVE_FIELDS = ("ref", "name", "state", "date", "journal_id")
LINE_FIELDS = ("move_id", "account_id", "name", "currency_id", "amount_currency", "balance")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    account_id: int
    name: str
    currency_id: int
    amount_currency: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A journal entry; `number` is Odoo's own, None of a draft that has none yet."""

    id: int
    reference: str | None
    number: str | None
    state: str
    day: date
    journal_id: int
    lines: tuple[MoveLine, ...] = ()


async def moves_of(odoo: Odoo, journal: OdooJournal, references: Iterable[str]) -> Mapping[str, Sequence[Move]] | Failed:
    """The entries of the company with these references of ours, posted or draft, the oldest first."""
    domain = [
        ["ref", "in", sorted(set(references))],
        ["company_id", "=", journal.company_id],
        ["move_type", "=", "entry"],
        ["state", "in", [POSTED, DRAFT]],
    ]
    found = await read_moves(odoo, journal, domain)
    if isinstance(found, Failed):
        return found
    by_reference: defaultdict[str, list[Move]] = defaultdict(list)
    for move in found:
        by_reference[move.reference or ""].append(move)
    return by_reference


async def read_moves(odoo: Odoo, journal: OdooJournal, domain: Sequence[Any]) -> Sequence[Move] | Failed:
    """With their lines, the oldest first."""
    reply = await odoo.call("account.move", "search_read", domain=domain, fields=MOVE_FIELDS, order="id", context=journal.context)
    found = understood(reply, lambda value: [_move(each) for each in records(value)])
    if isinstance(found, Failed) or not found:
        return found
    of_these = [["move_id", "in", [move.id for move in found]], ["account_id", "!=", False]]
    reply = await odoo.call("account.move.line", "search_read", domain=of_these, fields=LINE_FIELDS, order="id", context=journal.context)
    lines = understood(reply, _lines_by_move)
    return lines if isinstance(lines, Failed) else [replace(move, lines=tuple(lines[move.id])) for move in found]


async def read_codes(odoo: Odoo, journal: OdooJournal, moves: Iterable[Move]) -> Mapping[int, str] | Failed:
    """The codes of the accounts that these entries are on."""
    ids = sorted({line.account_id for move in moves for line in move.lines})
    if not ids:
        return {}
    domain = [["id", "in", ids]]
    reply = await odoo.call("account.account", "search_read", domain=domain, fields=["code"], context=journal.context)
    return understood(reply, lambda value: {record_id(each["id"]): text(each["code"]) for each in records(value)})


def is_same(move: Move, document: JournalDocument, books: Books) -> bool:
    """Whether a draft says just what the journal says today. One with dimensions is made anew: they are not read."""
    if any(distribution(line, books) is not None for line in document.lines):
        return False
    if (move.day, move.journal_id) != (document.accounting_date, books.journal.id):
        return False
    wanted = [line_values(line, document, books) for line in document.lines]
    return [_values(line) for line in move.lines] == [
        (each["account_id"], each["name"], each["currency_id"], each["amount_currency"], _balance(each)) for each in wanted
    ]


def posted_differences(document: JournalDocument, posted: Sequence[Move], codes: Mapping[int, str]) -> tuple[Problem, ...]:
    """How the first of these entries differs from the journal, and that there are more."""
    first, *more = posted
    told = differences(document, entries_of(first, codes))
    if more:
        others = ", ".join(move.number or f"id {move.id}" for move in more)
        told = (*told, Problem(line=None, code="booked-twice", message=f"Odoo has {document.reference} again as {others}"))
    return told


def entries_of(move: Move, codes: Mapping[int, str]) -> list[BookedEntry]:
    return [
        BookedEntry(
            reference=move.reference,
            number=number_of(move),
            accounting_date=move.day,
            account_code=codes.get(line.account_id, f"id {line.account_id}"),
            amount=line.balance,
        )
        for line in move.lines
    ]


def number_of(move: Move) -> str:
    return move.number or f"draft {move.id}"


def _move(record: Mapping[str, Any]) -> Move:
    number = text_or_none(record["name"])
    return Move(
        id=record_id(record["id"]),
        reference=text_or_none(record["ref"]),
        number=None if number == "/" else number,
        state=text(record["state"]),
        day=day(record["date"]),
        journal_id=linked_id(record["journal_id"]),
    )


def _lines_by_move(value: object) -> defaultdict[int, list[MoveLine]]:
    lines: defaultdict[int, list[MoveLine]] = defaultdict(list)
    for record in records(value):
        lines[linked_id(record["move_id"])].append(
            MoveLine(
                account_id=linked_id(record["account_id"]),
                name=text_or_none(record["name"]) or "",
                currency_id=linked_id(record["currency_id"]),
                amount_currency=decimal(record["amount_currency"]),
                balance=decimal(record["balance"]),
            )
        )
    return lines


def _values(line: MoveLine) -> tuple[int, str, int, Decimal, Decimal]:
    return (line.account_id, line.name, line.currency_id, line.amount_currency, line.balance)


def _balance(values: Mapping[str, Any]) -> Decimal:
    balance: Decimal = values["balance"] if "balance" in values else values["debit"] - values["credit"]
    return balance
