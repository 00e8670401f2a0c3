"""Queries over the books. Each takes the connection, whose lock its caller holds."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from app.reference_erp.messages import Account, Balance, BookedJournal, Period, TrialBalance
from app.reference_erp.money import to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedAs:
    """What a reference was used for."""

    number: str
    content_hash: str


def accounts(db: sqlite3.Connection, codes: Collection[str] | None = None) -> list[Account]:
    """The chart by code, or of it those of `codes` that exist."""
    wanted = None if codes is None else json.dumps(sorted(codes))
    rows = db.execute(
        "SELECT * FROM account WHERE :codes IS NULL OR code IN (SELECT value FROM json_each(:codes)) ORDER BY code", {"codes": wanted}
    )
    return [Account(**{**row, "active": bool(row["active"])}) for row in rows]


def periods(db: sqlite3.Connection) -> list[Period]:
    return [Period(**row) for row in db.execute("SELECT * FROM period ORDER BY starts_on, period")]


def booked_as(db: sqlite3.Connection, reference: str) -> BookedAs | None:
    row = db.execute("SELECT id, content_hash FROM journal WHERE reference = ?", (reference,)).fetchone()
    return None if row is None else BookedAs(number=f"JE-{row['id']}", content_hash=row["content_hash"])


def journal(db: sqlite3.Connection, reference: str) -> BookedJournal | None:
    found = _with_lines(db, db.execute("SELECT * FROM journal WHERE reference = ?", (reference,)).fetchall())
    return found[0] if found else None


def journals(db: sqlite3.Connection, first: date | None, last: date | None, after: int, limit: int) -> list[BookedJournal]:
    """By number; dates inclusive."""
    rows = db.execute(
        "SELECT * FROM journal WHERE id > :after AND accounting_date >= :first AND accounting_date <= :last ORDER BY id LIMIT :limit",
        {"after": after, "first": _iso(first, date.min), "last": _iso(last, date.max), "limit": limit},
    )
    return _with_lines(db, rows.fetchall())


def _with_lines(db: sqlite3.Connection, headers: Sequence[sqlite3.Row]) -> list[BookedJournal]:
    lines: dict[int, list[dict[str, object]]] = {header["id"]: [] for header in headers}
    currencies = {header["id"]: (header["currency"], header["base_currency"]) for header in headers}
    for row in db.execute(
        "SELECT * FROM journal_line WHERE journal_id IN (SELECT value FROM json_each(?)) ORDER BY journal_id, line",
        (json.dumps(list(lines)),),
    ):
        line = dict(row)
        journal_id = line.pop("journal_id")
        currency, base_currency = currencies[journal_id]
        amounts = {"amount": to_text(line["amount"], currency), "base_amount": to_text(line["base_amount"], base_currency)}
        lines[journal_id].append(line | amounts | {"dimensions": json.loads(line["dimensions"])})
    return [_journal(header, lines[header["id"]]) for header in headers]


def _journal(header: sqlite3.Row, lines: list[dict[str, object]]) -> BookedJournal:
    fields = {name: header[name] for name in ("reference", "accounting_date", "currency", "base_currency", "description")}
    return BookedJournal.model_validate(fields | {"number": f"JE-{header['id']}", "lines": lines})


def trial_balance(db: sqlite3.Connection, as_of: date | None) -> TrialBalance:
    """Up to and including `as_of`, or all there is."""
    last = _iso(as_of, date.max)
    return TrialBalance(
        as_of=as_of,
        balances=[_balance(row) for row in db.execute(_BALANCES.format(currency="base_currency", amount="base_amount"), (last,))],
        by_currency=[_balance(row) for row in db.execute(_BALANCES.format(currency="currency", amount="amount"), (last,))],
    )


_BALANCES = (
    "SELECT account_code, {currency} AS currency,"
    " sum(iif(side = 'debit', {amount}, 0)) AS debit, sum(iif(side = 'credit', {amount}, 0)) AS credit"
    " FROM journal_line JOIN journal ON journal.id = journal_id WHERE accounting_date <= ? GROUP BY 1, 2 ORDER BY 1, 2"
)


def _balance(row: sqlite3.Row) -> Balance:
    currency = row["currency"]
    return Balance(
        account_code=row["account_code"],
        currency=currency,
        debit=to_text(row["debit"], currency),
        credit=to_text(row["credit"], currency),
        balance=to_text(row["debit"] - row["credit"], currency),
    )


def _iso(day: date | None, otherwise: date) -> str:
    return (day or otherwise).isoformat()
