"""The books, in SQLite: integers in minor units, a journal and its lines in one transaction, a reference used once."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from app.reference_erp import reading
from app.reference_erp.checks import problems_of
from app.reference_erp.messages import Account, BookedJournal, Booking, Journal, Period, Problem, TrialBalance, Verdict
from app.reference_erp.money import minor_digits, to_minor

_SCHEMA = Path(__file__).with_name("schema.sql")
ADDED = {"dimensions": "TEXT NOT NULL DEFAULT '{}'", "tax_code": "TEXT"}
"""Columns of a line that books of an earlier version lack."""


class Ledger:
    """Safe to use from several threads. What was answered as booked is on disk and survives `kill -9`."""

    def __init__(self, database: Path) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(_SCHEMA.read_text())
        there = {column["name"] for column in self._db.execute("PRAGMA table_info(journal_line)")}
        for name in [each for each in ADDED if each not in there]:
            self._db.execute(f"ALTER TABLE journal_line ADD COLUMN {name} {ADDED[name]}")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def put_accounts(self, accounts: Iterable[Account]) -> None:
        """Adds or changes; all or none."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO account (code, name, type, active) VALUES (:code, :name, :type, :active)"
                " ON CONFLICT (code) DO UPDATE SET name = excluded.name, type = excluded.type, active = excluded.active",
                [account.model_dump() for account in accounts],
            )

    def put_period(self, period: Period) -> None:
        with self._transaction() as db:
            db.execute(
                "INSERT INTO period (period, starts_on, ends_on, status) VALUES (:period, :starts_on, :ends_on, :status)"
                " ON CONFLICT (period) DO UPDATE SET starts_on = excluded.starts_on, ends_on = excluded.ends_on, status = excluded.status",
                period.model_dump(mode="json"),
            )

    def accounts(self) -> list[Account]:
        with self._lock:
            return reading.accounts(self._db)

    def periods(self) -> list[Period]:
        with self._lock:
            return reading.periods(self._db)

    def check(self, journal: Journal) -> Verdict:
        """What `book` would say, without booking."""
        with self._lock:
            earlier = reading.booked_as(self._db, journal.reference)
            problems = self._problems(journal) if earlier is None else _reuse_problems(journal, earlier)
        return Verdict(reference=journal.reference, result="invalid" if problems else "valid", problems=problems)

    def book(self, journal: Journal) -> Booking:
        """Once per reference: the same content again answers with the first number, other content is rejected."""
        with self._transaction() as db:
            earlier = reading.booked_as(db, journal.reference)
            problems = self._problems(journal) if earlier is None else _reuse_problems(journal, earlier)
            if problems:
                return Booking(reference=journal.reference, result="rejected", problems=problems)
            if earlier is not None:
                return Booking(reference=journal.reference, result="duplicate", number=earlier.number)
            return Booking(reference=journal.reference, result="booked", number=_insert(db, journal))

    def find(self, reference: str) -> BookedJournal | None:
        with self._lock:
            return reading.journal(self._db, reference)

    def journals(self, first: date | None, last: date | None, after: int, limit: int) -> Sequence[BookedJournal]:
        """In the order of booking, of accounting dates from `first` to `last` inclusive, past number JE-`after`."""
        with self._lock:
            return reading.journals(self._db, first, last, after, limit)

    def trial_balance(self, as_of: date | None) -> TrialBalance:
        with self._lock:
            return reading.trial_balance(self._db, as_of)

    def _problems(self, journal: Journal) -> list[Problem]:
        named = reading.accounts(self._db, {line.account_code for line in journal.lines})
        return problems_of(journal, {account.code: account for account in named}, reading.periods(self._db))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise


def _insert(db: sqlite3.Connection, journal: Journal) -> str:
    header = journal.model_dump(mode="json", exclude={"lines"}) | {"content_hash": _content_hash(journal)}
    cursor = db.execute(
        "INSERT INTO journal (reference, content_hash, accounting_date, currency, base_currency, description)"
        " VALUES (:reference, :content_hash, :accounting_date, :currency, :base_currency, :description)",
        header,
    )
    db.executemany(
        "INSERT INTO journal_line VALUES"
        " (:journal_id, :line, :account_code, :side, :amount, :base_amount, :charge_code, :role, :ledger, :description,"
        " :dimensions, :tax_code)",
        [
            line | {"journal_id": cursor.lastrowid, "dimensions": json.dumps(line["dimensions"], sort_keys=True)}
            for line in _minor_lines(journal)
        ],
    )
    return f"JE-{cursor.lastrowid}"


def _minor_lines(journal: Journal) -> list[dict[str, object]]:
    digits, base_digits = minor_digits(journal.currency) or 0, minor_digits(journal.base_currency) or 0
    return [
        line.model_dump() | {"amount": to_minor(line.amount, digits), "base_amount": to_minor(line.base_amount, base_digits)}
        for line in sorted(journal.lines, key=lambda line: line.line)
    ]


def _content_hash(journal: Journal) -> str:
    """Of what is booked, not of how it was written: `10.5` is `10.50`, and a dimension or tax code that is empty is one left out."""
    lines = [{name: value for name, value in line.items() if name not in ADDED or value} for line in _minor_lines(journal)]
    content = journal.model_dump(mode="json", exclude={"lines"}) | {"lines": lines}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _reuse_problems(journal: Journal, earlier: reading.BookedAs) -> list[Problem]:
    if earlier.content_hash == _content_hash(journal):
        return []
    message = f"Reference {journal.reference} was used with other content for {earlier.number}"
    return [Problem(line=None, code="reference-reused", message=message)]
