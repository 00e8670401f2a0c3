"""The reference ERP by itself: its books survive `kill -9`, book once, and take only what is right."""

import json
import sqlite3
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.reference_erp.money import minor_digits, to_minor, to_text
from tests.reference_erp_process import ReferenceErp


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "books" / "erp.db") as process:
        process.load_chart()
        yield process


def line(number: int, side: str, account_code: str, amount: str, base_amount: str | None = None) -> dict[str, Any]:
    return {"line": number, "side": side, "account_code": account_code, "amount": amount, "base_amount": base_amount or amount}


def journal(reference: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    header = {"reference": reference, "accounting_date": "2026-11-01", "currency": "NZD", "base_currency": "NZD"}
    both = list(lines) or [line(1, "debit", "2100", "10.50"), line(2, "credit", "2110", "10.50")]
    return {**header, "lines": both, **changes}


def book(erp: ReferenceErp, *journals: dict[str, Any], path: str = "/journals") -> list[dict[str, Any]]:
    status, body = erp.call("POST", path, {"journals": journals})
    assert status == 200, body
    results: list[dict[str, Any]] = body["results"]
    return results


def test_dimensions_and_tax_codes_are_booked_and_are_part_of_the_content(erp: ReferenceErp) -> None:
    mapped = line(1, "debit", "2100", "10.50") | {"dimensions": {"fund": "G", "cost_centre": "12"}, "tax_code": "NONE"}
    other = mapped | {"dimensions": {"fund": "X", "cost_centre": "12"}}
    credit = line(2, "credit", "2110", "10.50")

    again = [*book(erp, journal("A", mapped, credit)), *book(erp, journal("A", mapped, credit)), *book(erp, journal("A", other, credit))]

    assert [result["result"] for result in again] == ["booked", "duplicate", "rejected"]
    lines = erp.call("GET", "/journals/A")[1]["lines"]
    assert [(each["dimensions"], each["tax_code"]) for each in lines] == [
        ({"fund": "G", "cost_centre": "12"}, "NONE"),
        ({}, None),
    ]


def test_an_empty_dimension_is_the_same_as_none(erp: ReferenceErp) -> None:
    empty = line(1, "debit", "2100", "10.50") | {"dimensions": {}, "tax_code": None}

    assert book(erp, journal("A"))[0]["result"] == "booked"
    assert book(erp, journal("A", empty, line(2, "credit", "2110", "10.50")))[0]["result"] == "duplicate"


def test_books_of_before_dimensions_are_taken_over(tmp_path: Path) -> None:
    database = tmp_path / "erp.db"
    with ReferenceErp(database) as erp:
        erp.load_chart()
        book(erp, journal("A"))
    with sqlite3.connect(database) as before:
        before.execute("ALTER TABLE journal_line DROP COLUMN dimensions")
        before.execute("ALTER TABLE journal_line DROP COLUMN tax_code")
    before.close()

    with ReferenceErp(database) as erp:
        results = [*book(erp, journal("A")), *book(erp, journal("B"))]

    assert [result["result"] for result in results] == ["duplicate", "booked"]


def codes(result: dict[str, Any]) -> list[tuple[int | None, str]]:
    return [(problem["line"], problem["code"]) for problem in result["problems"]]


def test_numbers_follow_the_order_of_booking(erp: ReferenceErp) -> None:
    results = book(erp, journal("A"), journal("B", line(1, "debit", "2100", "1")), journal("C"))

    assert [(result["result"], result["number"]) for result in results] == [("booked", "JE-1"), ("rejected", None), ("booked", "JE-2")]


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        (
            journal("A", line(1, "debit", "2100", "1.00"), line(2, "credit", "2110", "1.01")),
            [(None, "unbalanced"), (None, "unbalanced-base")],
        ),
        (
            journal("A", line(1, "debit", "2100", "100", "1.00"), line(2, "credit", "2110", "100", "1.01"), currency="JPY"),
            [(None, "unbalanced-base")],
        ),
        (journal("A", line(4, "debit", "no", "1"), line(9, "credit", "nor", "1")), [(4, "unknown-account"), (9, "unknown-account")]),
        (journal("A", line(1, "debit", "2100", "1"), line(2, "credit", "9999", "1")), [(2, "inactive-account")]),
        (
            journal("A", line(1, "debit", "2100", "1.001"), line(2, "credit", "2110", "1.001")),
            [(1, "too-many-decimals"), (2, "too-many-decimals")],
        ),
        (journal("A", line(1, "debit", "2100", "0"), line(2, "credit", "2110", "0.00")), [(1, "zero-amount"), (2, "zero-amount")]),
        (journal("A", line(1, "debit", "2100", "1"), line(1, "credit", "2110", "1")), [(1, "line-repeated")]),
        (journal("A", currency="XXX"), [(None, "unknown-currency")]),
        (journal("A", lines=[]), [(None, "empty-journal")]),
        (
            journal("A", line(1, "debit", "2100", "9" * 15), line(2, "credit", "2110", "9" * 15)),
            [(1, "amount-too-large"), (2, "amount-too-large")],
        ),
    ],
)
def test_what_is_wrong_is_named_line_by_line_and_not_booked(erp: ReferenceErp, document: dict[str, Any], problems: list[Any]) -> None:
    erp.call("PUT", "/accounts/9999", {"name": "Old", "type": "expense", "active": False})

    verdict, booking = book(erp, document, path="/journals/validate")[0], book(erp, document)[0]

    assert (verdict["result"], codes(verdict)) == ("invalid", problems)
    assert (booking["result"], codes(booking)) == ("rejected", problems)
    assert erp.balances() == {}
    assert erp.call("GET", "/journals/A")[0] == 404


def test_periods(erp: ReferenceErp) -> None:
    assert book(erp, journal("A", accounting_date="1999-01-01"), path="/journals/validate")[0]["result"] == "valid"
    erp.call("PUT", "/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"})
    erp.call("PUT", "/periods/2026-12", {"starts_on": "2026-12-01", "ends_on": "2026-12-31", "status": "closed"})

    dates = ["2026-11-30", "2026-12-01", "2027-01-01"]
    verdicts = book(erp, *[journal(day[-8:], accounting_date=day) for day in dates], path="/journals/validate")

    assert [codes(verdict) for verdict in verdicts] == [[], [(None, "period-closed")], [(None, "no-period")]]
    assert erp.call("PUT", "/periods/bad", {"starts_on": "2026-12-01", "ends_on": "2026-11-01"})[0] == 422


def test_a_reference_is_used_once(erp: ReferenceErp) -> None:
    same = journal("A", line(2, "credit", "2110", "10.5"), line(1, "debit", "2100", "10.50"))

    assert book(erp, journal("A"))[0]["result"] == "booked"
    assert [(item["result"], item["number"]) for item in book(erp, journal("A"), same)] == [("duplicate", "JE-1")] * 2
    assert codes(book(erp, journal("A", description="other"))[0]) == [(None, "reference-reused")]
    assert codes(book(erp, journal("A", accounting_date="2026-11-02"), path="/journals/validate")[0]) == [(None, "reference-reused")]
    assert erp.balances() == {"2100": "10.50", "2110": "-10.50"}


def test_the_same_journal_from_many_at_once_is_booked_once(erp: ReferenceErp) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: book(erp, journal("A"))[0], range(24)))

    assert sorted(result["result"] for result in results) == ["booked"] + ["duplicate"] * 23
    assert {result["number"] for result in results} == {"JE-1"}
    assert erp.balances() == {"2100": "10.50", "2110": "-10.50"}


def test_trial_balance_by_date_and_currency(erp: ReferenceErp) -> None:
    yen = [line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57")]
    book(erp, journal("A"), journal("B", *yen, currency="JPY", accounting_date="2026-12-01"))

    _, november = erp.call("GET", "/trial-balance?as_of=2026-11-30")
    _, everything = erp.call("GET", "/trial-balance")

    assert [(row["account_code"], row["balance"]) for row in november["balances"]] == [("2100", "10.50"), ("2110", "-10.50")]
    assert everything["balances"][0] == {"account_code": "2100", "currency": "NZD", "debit": "24.07", "credit": "0.00", "balance": "24.07"}
    assert [(row["currency"], row["balance"]) for row in everything["by_currency"]] == [
        ("JPY", "1200"),
        ("NZD", "10.50"),
        ("JPY", "-1200"),
        ("NZD", "-10.50"),
    ]


def test_journals_are_listed_in_pages(erp: ReferenceErp) -> None:
    book(erp, *[journal(f"J-{day}", accounting_date=f"2026-11-0{day}") for day in range(1, 8)])

    def numbers(query: str) -> list[str]:
        return [item["number"] for item in erp.call("GET", f"/journals?{query}")[1]["journals"]]

    assert numbers("from=2026-11-02&to=2026-11-04") == ["JE-2", "JE-3", "JE-4"]
    assert numbers("limit=2&after=3") == ["JE-4", "JE-5"]
    assert numbers("from=2027-01-01") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"journals": [{**journal("A"), "colour": "red"}]}, 422),
        ({"journals": [journal("A", line(1, "debit", "2100", "1") | {"amount": 1.5}, line(2, "credit", "2110", "1"))]}, 422),
        ({"journals": [journal("A", line(1, "debit", "2100", "-1"), line(2, "credit", "2110", "-1"))]}, 422),
        ({"journals": [journal("A", accounting_date=20261101)]}, 422),
        ({"journals": [journal("A" * 21)]}, 422),
        ({"journals": []}, 422),
        ([], 422),
    ],
)
def test_a_message_of_another_form_is_refused_whole(erp: ReferenceErp, body: object, status: int) -> None:
    answered, problem = erp.call("POST", "/journals", body)

    assert (answered, problem["code"]) == (status, "invalid")
    assert problem["errors"][0]["message"]


def test_the_token_is_asked_for_everywhere_but_for_health(erp: ReferenceErp) -> None:
    for method, path in (
        ("GET", "/accounts"),
        ("POST", "/journals"),
        ("PUT", "/faults"),
        ("GET", "/journals/A"),
        ("GET", "/trial-balance"),
    ):
        status, problem = erp.call(method, path, {} if method != "GET" else None, token="wrong")
        assert (status, problem["code"]) == (401, "unauthorised"), path
    assert erp.call("GET", "/healthz", token="wrong")[0] == 200


def test_faults_count_down(erp: ReferenceErp) -> None:
    erp.fault("fail", status=502, times=2)
    body = {"journals": [journal("A")]}

    assert erp.call("POST", "/journals/validate", body)[0] == 200
    assert [erp.call("POST", "/journals", body)[0] for _ in range(3)] == [502, 502, 200]
    assert erp.call("GET", "/faults")[1]["mode"] == "none"


def test_a_dropped_connection_has_no_answer_but_a_booking(erp: ReferenceErp) -> None:
    erp.fault("book_then_drop", times=1)

    with pytest.raises((urllib.error.URLError, ConnectionError)):
        erp.call("POST", "/journals", {"journals": [journal("A")]})

    assert erp.call("GET", "/journals/A")[1]["number"] == "JE-1"


def test_kill_9_in_the_middle_of_work_loses_nothing_that_was_answered(erp: ReferenceErp) -> None:
    booked: list[str] = []

    def work(worker: int) -> None:
        for number in count():
            reference = f"W{worker}-{number}"
            try:
                booked.extend(result["reference"] for result in book(erp, journal(reference)) if result["result"] == "booked")
            except (OSError, json.JSONDecodeError):
                return
            if len(booked) > 40:
                erp.kill()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    erp.restart()

    listed = erp.call("GET", "/journals")[1]["journals"]
    assert set(booked) <= {item["reference"] for item in listed}
    assert len({item["number"] for item in listed}) == len(listed)
    assert all(len(item["lines"]) == 2 for item in listed)
    assert book(erp, journal(booked[0]))[0]["result"] == "duplicate"
    debits = to_text(len(listed) * 1050, "NZD")
    assert erp.balances() == {"2100": debits, "2110": f"-{debits}"}


def test_amounts_are_whole_minor_units_on_disk(erp: ReferenceErp) -> None:
    book(erp, journal("A"))
    erp.kill()

    with sqlite3.connect(erp.database) as books:
        assert books.execute("SELECT amount, typeof(amount) FROM journal_line").fetchall() == [(1050, "integer")] * 2
        with pytest.raises(sqlite3.IntegrityError):
            books.execute("UPDATE journal_line SET amount = -1")
    books.close()


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "text"),
    [
        ("12", "NZD", 1200, "12.00"),
        ("12.5", "NZD", 1250, "12.50"),
        ("12.500", "NZD", 1250, "12.50"),
        ("12", "JPY", 12, "12"),
        ("0.001", "BHD", 1, "0.001"),
        ("0.005", "NZD", None, ""),
        ("1.5", "JPY", None, ""),
    ],
)
def test_money_in_minor_units(amount: str, currency: str, minor: int | None, text: str) -> None:
    digits = minor_digits(currency)
    assert digits is not None
    assert to_minor(amount, digits) == minor
    if minor is not None:
        assert to_text(minor, currency) == text
        assert to_text(-minor, currency) == f"-{text}"


def test_currencies_without_minor_units_are_not_kept() -> None:
    assert [minor_digits(currency) for currency in ("XAU", "XXX", "ZZZ", "nzd")] == [None] * 4
