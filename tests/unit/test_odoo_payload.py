"""What the `odoo` adapter sends, without a network: golden entries for each version's words, and what it refuses by itself."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.exact_json import to_json
from app.adapters.erp.odoo.books import Analytic, Books, OdooAccount, OdooCurrency, OdooJournal, book_problems
from app.adapters.erp.odoo.dialect import dialect_of
from app.adapters.erp.odoo.payload import described, entry_values, own_problems
from app.domain.journal import JournalDocument, JournalLine

NZD = OdooCurrency(id=35, code="NZD", active=True, step=Decimal("0.01"))
JPY = OdooCurrency(id=25, code="JPY", active=True, step=Decimal(1))
ACCOUNTS = {code: OdooAccount(id=number, code=code, active=True) for number, code in enumerate(("2100", "2110", "4100.12"), start=50)}
ANALYTICS = (
    Analytic(id=3, names=frozenset({"12", "Marine Sciences"}), plan="Department"),
    Analytic(id=7, names=frozenset({"G", "General"}), plan="Fund"),
)


def books(version: int = 19, **changes: Any) -> Books:
    known: dict[str, Any] = {
        "journal": OdooJournal(id=4, code="MISC", company_id=1, active=True),
        "dialect": dialect_of(version),
        "base": NZD,
        "locked_until": date(2026, 10, 31),
        "currencies": {"NZD": NZD, "JPY": JPY},
        "accounts": ACCOUNTS,
        "analytics": ANALYTICS,
    }
    return Books(**known | changes)


def line(number: int, side: Any, code: str, amount: str, base_amount: str | None = None, **changes: Any) -> JournalLine:
    known: dict[str, Any] = {
        "line": number,
        "role": "grni",
        "ledger": "actual",
        "account": None,
        "account_code": code,
        "side": side,
        "amount": Decimal(amount),
        "base_amount": Decimal(base_amount or amount),
        "charge_code": "4100-12",
        "description": f"Widget {number}",
    }
    return JournalLine(**known | changes)


def journal(*lines: JournalLine, **changes: Any) -> JournalDocument:
    known: dict[str, Any] = {
        "reference": "JNL-000017",
        "accounting_date": date(2026, 11, 1),
        "currency": "NZD",
        "base_currency": "NZD",
        "description": "Receipt R-7 of <Kōwhai & Co>",
        "lines": lines or (line(1, "debit", "2110", "10.50"), line(2, "credit", "2100", "10.50")),
    }
    return JournalDocument(**known | changes)


IN_YEN = journal(
    line(1, "debit", "4100.12", "1200", "13.57", dimensions={"Fund": "G", "Department": "12"}),
    line(2, "debit", "2110", "0", "0.01", description=""),
    line(3, "credit", "2100", "1200", "13.58"),
    currency="JPY",
)


def sent_lines(document: JournalDocument, version: int) -> list[dict[str, Any]]:
    """The values of the lines as the JSON that goes out, with numbers as their text."""
    entry = json.loads(to_json(entry_values(document, books(version))), parse_float=str)
    return [values for _, _, values in entry["line_ids"]]


def test_an_entry_in_the_base_currency() -> None:
    assert to_json(entry_values(journal(), books())) == (
        '{"move_type":"entry","journal_id":4,"ref":"JNL-000017","date":"2026-11-01","narration":"Receipt R-7 of &lt;Kōwhai &amp; Co&gt;",'
        '"line_ids":[[0,0,{"account_id":51,"name":"Widget 1","currency_id":35,"amount_currency":10.50,"balance":10.50}],'
        '[0,0,{"account_id":50,"name":"Widget 2","currency_id":35,"amount_currency":-10.50,"balance":-10.50}]]}'
    )


def test_a_foreign_entry_says_both_amounts_and_its_dimensions() -> None:
    assert sent_lines(IN_YEN, 19) == [
        {
            "account_id": 52,
            "name": "Widget 1",
            "currency_id": 25,
            "amount_currency": 1200,
            "balance": "13.57",
            "analytic_distribution": {"3,7": 100},
        },
        {"account_id": 51, "name": "Receipt R-7 of <Kōwhai & Co>", "currency_id": 25, "amount_currency": 0, "balance": "0.01"},
        {"account_id": 50, "name": "Widget 3", "currency_id": 25, "amount_currency": -1200, "balance": "-13.58"},
    ]


@pytest.mark.parametrize(
    ("version", "amounts", "note"),
    [
        (14, {"debit": 0, "credit": "13.58"}, "Receipt R-7 of <Kōwhai & Co>"),
        (15, {"debit": 0, "credit": "13.58"}, "Receipt R-7 of &lt;Kōwhai &amp; Co&gt;"),
        (16, {"balance": "-13.58"}, "Receipt R-7 of &lt;Kōwhai &amp; Co&gt;"),
        (18, {"balance": "-13.58"}, "Receipt R-7 of &lt;Kōwhai &amp; Co&gt;"),
    ],
)
def test_what_versions_say_differently(version: int, amounts: dict[str, object], note: str) -> None:
    last = sent_lines(IN_YEN, version)[-1]

    assert last == {"account_id": 50, "name": "Widget 3", "currency_id": 25, "amount_currency": -1200} | amounts
    assert entry_values(IN_YEN, books(version))["narration"] == note


@pytest.mark.parametrize(
    ("version", "analytic"),
    [
        (15, {"analytic_account_id": 3}),
        (16, {"analytic_distribution": {"3": 100}}),
        (17, {"analytic_distribution": {"3": 100}}),
    ],
)
def test_one_dimension_in_every_version(version: int, analytic: dict[str, object]) -> None:
    document = journal(line(1, "debit", "4100.12", "1", dimensions={"Department": "12"}), line(2, "credit", "2100", "1"))
    first = sent_lines(document, version)[0]

    assert first.items() >= analytic.items()


def test_several_dimensions_before_plans_shared_a_distribution() -> None:
    assert sent_lines(IN_YEN, 16)[0]["analytic_distribution"] == {"3": 100, "7": 100}
    too_many = [problem for problem in book_problems(IN_YEN, books(15)) if problem.code == "too-many-dimensions"]
    assert [problem.line for problem in too_many] == [1]


def test_what_is_kept_says_codes_and_exact_amounts() -> None:
    kept = described([IN_YEN], "MISC")

    assert '"amount_currency":-1200,"balance":-13.58}' in kept
    assert json.loads(kept)["entries"][0]["lines"][0]["analytic"] == {"Department": "12", "Fund": "G"}
    assert described([replace(IN_YEN)], "MISC") == kept


@pytest.mark.parametrize(("amount", "fits"), [("999999999999.99", True), ("1000000000000.01", False), ("1E+14", False)])
def test_more_digits_than_odoo_rounds_rightly_are_refused(amount: str, fits: bool) -> None:
    found = own_problems(journal(line(1, "debit", "2110", amount), line(2, "credit", "2100", amount)))

    assert [(problem.line, problem.code) for problem in found] == ([] if fits else [(1, "too-many-digits"), (2, "too-many-digits")])


def test_a_tax_code_is_refused() -> None:
    found = own_problems(journal(line(1, "debit", "2110", "1", tax_code="GST"), line(2, "credit", "2100", "1")))

    assert [(problem.line, problem.code) for problem in found] == [(1, "tax-code-refused")]


def codes(document: JournalDocument, **changes: Any) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in book_problems(document, books(**changes))]


def test_books_that_fit_have_no_problems() -> None:
    assert codes(journal()) == codes(IN_YEN) == []
    assert codes(journal(accounting_date=date(1999, 1, 1)), locked_until=None) == []


def test_what_the_books_would_refuse_or_change_silently() -> None:
    old = {"2110": replace(ACCOUNTS["2110"], active=False)}
    assert codes(journal(), accounts=old) == [(1, "inactive-account"), (2, "unknown-account")]
    assert codes(journal(accounting_date=date(2026, 10, 31))) == [(None, "period-closed")]
    assert codes(journal(), base=JPY)[0] == (None, "base-currency")
    assert codes(IN_YEN, currencies={"NZD": NZD}) == [(None, "inactive-currency")]
    assert codes(IN_YEN, currencies={"NZD": NZD, "JPY": replace(JPY, active=False)}) == [(None, "inactive-currency")]
    assert codes(journal(), journal=OdooJournal(id=4, code="MISC", company_id=1, active=False)) == [(None, "inactive-journal")]
    finer = (line(1, "debit", "2110", "1.005"), line(2, "credit", "2100", "1.005"))
    assert codes(journal(*finer)) == [(1, "too-many-decimals"), (2, "too-many-decimals")]


@pytest.mark.parametrize(
    ("dimensions", "fits"),
    [
        ({"Department": "12"}, True),
        ({"Department": "Marine Sciences"}, True),
        ({"Department": "G"}, False),
        ({"Branch": "12"}, False),
        ({"Department": "99"}, False),
    ],
)
def test_a_dimension_is_an_account_of_just_that_plan(dimensions: dict[str, str], fits: bool) -> None:
    document = journal(line(1, "debit", "2110", "1", dimensions=dimensions), line(2, "credit", "2100", "1"))

    assert codes(document) == ([] if fits else [(1, "unknown-dimension")])


def test_two_accounts_that_fit_are_none() -> None:
    twice = (*ANALYTICS, Analytic(id=8, names=frozenset({"12"}), plan="Department"))
    document = journal(line(1, "debit", "2110", "1", dimensions={"Department": "12"}), line(2, "credit", "2100", "1"))

    assert codes(document, analytics=twice) == [(1, "unknown-dimension")]
