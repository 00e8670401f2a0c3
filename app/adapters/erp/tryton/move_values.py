"""Moves in Tryton's own JSON: the values that make one, the search for some, and what is read back. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.adapters.erp.exact_json import as_object, as_text
from app.adapters.erp.tryton.moves import Content, Ids, Move, MoveLine
from app.adapters.erp.tryton.values import from_date, from_decimal, nested, to_date, to_decimal, to_id, to_list

MAX_TEXT = 10_000
MAX_CODE = 200

_FIELDS = (
    *("state", "number", "date", "description", "journal.code", "lines.account.code", "lines.debit", "lines.credit"),
    *("lines.description", "lines.second_currency.code", "lines.amount_second_currency"),
)
_ANALYTIC_FIELDS = ("lines.analytic_lines.account.code", "lines.analytic_lines.account.root.code")

Named = Callable[[str], Any]


def fields(*, analytic: bool) -> tuple[str, ...]:
    """What `read_move` needs. A field that Tryton does not have is an error to it."""
    return (*_FIELDS, *_ANALYTIC_FIELDS) if analytic else _FIELDS


def prepared_move(content: Content) -> dict[str, Any]:
    """A move by codes: what is kept of a request before Tryton was asked for its ids."""
    lines = [_line(line, content, account=str, currency=str, dimension="/".join) for line in content.lines]
    return _move(content, content.journal, lines)


def values_of(content: Content, ids: Ids) -> dict[str, Any]:
    """The values that make a move of this content. Raises `KeyError` where an id is missing."""
    lines = [
        _line(line, content, account=ids.accounts.__getitem__, currency=ids.currencies.__getitem__, dimension=ids.dimensions.__getitem__)
        for line in content.lines
    ]
    return {"company": ids.company, "period": ids.period} | _move(content, ids.journal, lines)


def _move(content: Content, journal: str | int, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"journal": journal, "date": from_date(content.date), "description": content.description, "lines": [["create", lines]]}


def _line(
    line: MoveLine, content: Content, *, account: Named, currency: Named, dimension: Callable[[tuple[str, str]], Any]
) -> dict[str, Any]:
    amounts = {"debit": from_decimal(line.debit), "credit": from_decimal(line.credit)}
    values = {"account": account(line.account), **amounts, "description": line.description}
    if line.second_currency is not None and line.second is not None:
        values |= {"second_currency": currency(line.second_currency), "amount_second_currency": from_decimal(line.second)}
    if line.dimensions:
        split = [{"account": dimension(each), "date": from_date(content.date), **amounts} for each in line.dimensions]
        values["analytic_lines"] = [["create", split]]
    return values


def read_moves(listed: object) -> tuple[Move, ...] | None:
    """The moves of an answer; None where one of them, or the whole, is not what was asked for."""
    if not isinstance(listed, list):
        return None
    found = [read_move(as_object(each)) for each in listed]
    moves = tuple(move for move in found if move is not None)
    return moves if len(moves) == len(found) else None


def read_move(record: Mapping[str, Any]) -> Move | None:
    """A move with its `fields`, its lines in the order in which they were made; None where it is anything else."""
    day, state, move_id = to_date(record.get("date")), record.get("state"), to_id(record.get("id"))
    rows = sorted(map(as_object, to_list(nested(record, "lines"))), key=lambda row: to_id(row.get("id")) or 0)
    lines = [line for line in map(_read_line, rows) if line is not None]
    number = as_text(record.get("number"), MAX_CODE) or None
    if day is None or move_id is None or state not in ("draft", "posted") or len(lines) < len(rows):
        return None
    if state == "posted" and number is None:
        return None
    description = as_text(record.get("description"), MAX_TEXT)
    content = Content(date=day, journal=_code(record, "journal"), description=description, lines=tuple(lines))
    return Move(id=move_id, posted=state == "posted", number=number, content=content)


def _read_line(row: Mapping[str, Any]) -> MoveLine | None:
    debit, credit, account = to_decimal(row.get("debit")), to_decimal(row.get("credit")), _code(row, "account")
    if debit is None or credit is None or not account:
        return None
    analytic = [as_object(nested(as_object(each), "account")) for each in to_list(nested(row, "analytic_lines"))]
    return MoveLine(
        account=account,
        debit=debit,
        credit=credit,
        description=as_text(row.get("description"), MAX_TEXT),
        second_currency=_code(row, "second_currency") or None,
        second=to_decimal(row.get("amount_second_currency")),
        dimensions=tuple(sorted((_code(each, "root"), as_text(each.get("code"), MAX_CODE)) for each in analytic)),
    )


def _code(record: Mapping[str, Any], field: str) -> str:
    return as_text(as_object(nested(record, field)).get("code"), MAX_CODE)


def domain_of(references: Sequence[str], company: str | None) -> list[Any]:
    """The search for moves of these references; `like` with its wildcards escaped."""
    wanted: list[Any] = ["OR", *([["description", "like", f"{_escaped(f'[{reference}]')}%"]] for reference in references)]
    return wanted if company is None else [["company.party.name", "=", company], wanted]


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
