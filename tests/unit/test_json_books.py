"""What a `json` endpoint tells of its ledger."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from app.adapters.erp.agreed import books
from app.adapters.erp.agreed.books import Page, read_entries
from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.json.reading import read_json
from app.domain.booked import BookedEntry
from app.domain.delivery import Absent, CannotTell, FoundBooked
from tests.contract.erp_suite import journal

read_page = partial(books.read_page, read_json)
compared = partial(books.compared, read_json)


def answer(body: object, status: int = 200) -> HttpAnswer:
    content = json.dumps(body).encode()
    return HttpAnswer(
        status=status, headers={}, content=content, truncated=False, duration_ms=1, received_at=datetime(2026, 11, 1, tzinfo=UTC)
    )


def booked(**changes: Any) -> dict[str, Any]:
    lines = [
        {"account_code": "2100", "side": "debit", "base_amount": "10.50"},
        {"account_code": "2110", "side": "credit", "base_amount": "10.50"},
    ]
    return {"reference": "JNL-1", "number": "JE-1", "status": "booked", "accounting_date": "2026-11-01", "lines": lines} | changes


def test_debits_are_positive_and_a_journal_of_somebody_else_has_no_reference() -> None:
    page = read_page(answer({"journals": [booked(reference=None)], "next": "7"}))

    assert isinstance(page, Page)
    assert page.after == "7"
    day = date(2026, 11, 1)
    assert list(page.entries) == [
        BookedEntry(reference=None, number="JE-1", accounting_date=day, account_code="2100", amount=Decimal("10.50")),
        BookedEntry(reference=None, number="JE-1", accounting_date=day, account_code="2110", amount=Decimal("-10.50")),
    ]


def test_a_draft_is_not_in_the_ledger() -> None:
    assert read_entries(booked(status="draft")) == ()


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"journals": {}},
        {"journals": [1]},
        {"journals": [booked(), booked(lines=None)]},
        {"journals": [booked(lines=[{"account_code": "2100", "side": "debit", "base_amount": 10}])]},
        {"journals": [booked(lines=[{"account_code": "2100", "side": "debit", "base_amount": "-1"}])]},
        {"journals": [booked(lines=[{"account_code": "2100", "side": "debit", "base_amount": "NaN"}])]},
        {"journals": [booked(lines=[{"account_code": "2100", "side": "left", "base_amount": "1"}])]},
        {"journals": [booked(accounting_date="01/11/2026")]},
        {"journals": [], "next": 7},
    ],
)
def test_a_part_of_a_ledger_proves_nothing(body: object) -> None:
    assert isinstance(read_page(answer(body)), CannotTell)


def test_what_is_no_list_is_none() -> None:
    assert read_page(answer({}, 404)) == CannotTell(reason="the ERP does not list its journals")
    assert isinstance(read_page(answer({}, 500)), CannotTell)
    assert isinstance(read_page(HttpFailure(kind=FailureKind.TIMEOUT, reason="late", duration_ms=1)), CannotTell)


def test_what_is_found_is_compared_with_what_was_sent() -> None:
    found = FoundBooked(number="JE-1")

    assert compared(found, journal("JNL-1"), answer(booked())) == found
    moved = compared(found, journal("JNL-1"), answer(booked(accounting_date="2026-12-31")))
    assert isinstance(moved, FoundBooked)
    assert [problem.code for problem in moved.problems] == ["date-moved"]
    assert compared(found, journal("JNL-1"), answer({"reference": "JNL-1"})) == found
    assert compared(Absent(), journal("JNL-1"), answer({}, 404)) == Absent()
