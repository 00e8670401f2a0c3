"""A journal as Odoo takes it: an `account.move` of type `entry`. Pure."""

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.adapters.erp.exact_json import to_json
from app.adapters.erp.odoo.books import Books
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

MOST_DIGITS = 14
"""Of an amount in minor units. Odoo rounds what it is sent as a float of 64 bits: 9999999999999.98 became 9999999999999.99."""


def own_problems(document: JournalDocument) -> tuple[Problem, ...]:
    """What no Odoo can take, whatever its books are like."""
    found = []
    for line in document.lines:
        if any(_digits(amount) > MOST_DIGITS for amount in (line.amount, line.base_amount)):
            message = f"an amount has more than {MOST_DIGITS} digits, and Odoo might round it wrongly"
            found.append(Problem(line=line.line, code="too-many-digits", message=message))
        if line.tax_code is not None:
            message = "a journal entry in Odoo takes no tax code: map it to none"
            found.append(Problem(line=line.line, code="tax-code-refused", message=message))
    return tuple(found)


def described(documents: Sequence[JournalDocument], journal: str) -> str:
    """What is kept as the request: the entries with codes in the place of ids, which are looked up when they are sent."""
    return to_json({"journal": journal, "entries": [_described(document) for document in documents]})


def entry_values(document: JournalDocument, books: Books) -> dict[str, Any]:
    """The values of a new `account.move`. All accounts, currencies and dimensions are in `books`."""
    note = html.escape(document.description) if books.dialect.rich_notes else document.description
    return {
        "move_type": "entry",
        "journal_id": books.journal.id,
        "ref": document.reference,
        "date": document.accounting_date.isoformat(),
        "narration": note,
        "line_ids": [[0, 0, line_values(line, document, books)] for line in document.lines],
    }


def line_values(line: JournalLine, document: JournalDocument, books: Books) -> dict[str, Any]:
    """The values of one `account.move.line`."""
    balance = signed(line, line.base_amount)
    both = {"debit": max(balance, Decimal(0)), "credit": max(-balance, Decimal(0))}
    return {
        "account_id": books.accounts[line.account_code].id,
        "name": label(line, document),
        "currency_id": books.currencies[document.currency].id,
        "amount_currency": signed(line, line.amount),
        **({"balance": balance} if books.dialect.signed_balance else both),
        **_analytic_values(line, books),
    }


def signed(line: JournalLine, amount: Decimal) -> Decimal:
    """Debit positive."""
    return amount if line.side == "debit" or not amount else -amount


def label(line: JournalLine, document: JournalDocument) -> str:
    return line.description or document.description or document.reference


def distribution(line: JournalLine, books: Books) -> Mapping[str, int] | None:
    """The whole line on the analytic accounts of its dimensions; None without any."""
    ids = [str(analytic.id) for analytic in books.analytics_of(line) if analytic is not None]
    if not ids:
        return None
    return dict.fromkeys([",".join(ids)] if books.dialect.analytic == "set" else ids, 100)


def _analytic_values(line: JournalLine, books: Books) -> Mapping[str, Any]:
    shares = distribution(line, books)
    if shares is None:
        return {}
    return {"analytic_account_id": int(next(iter(shares)))} if books.dialect.analytic == "one" else {"analytic_distribution": shares}


def _described(document: JournalDocument) -> Mapping[str, Any]:
    return {
        "ref": document.reference,
        "date": document.accounting_date.isoformat(),
        "narration": document.description,
        "lines": [
            {
                "account": line.account_code,
                "name": label(line, document),
                "currency": document.currency,
                "amount_currency": signed(line, line.amount),
                "balance": signed(line, line.base_amount),
                **({"analytic": dict(sorted(line.dimensions.items()))} if line.dimensions else {}),
            }
            for line in document.lines
        ],
    }


def _digits(amount: Decimal) -> int:
    _, digits, exponent = amount.as_tuple()
    return len(digits) + max(int(exponent), 0)
