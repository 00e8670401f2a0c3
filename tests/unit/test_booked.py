"""How what an ERP booked differs from what it was sent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.booked import BookedEntry, differences
from tests.contract.erp_suite import journal, line

DAY = date(2026, 11, 1)


def entry(account_code: str, amount: str, day: date = DAY) -> BookedEntry:
    return BookedEntry(reference="JNL-1", number="JE-1", accounting_date=day, account_code=account_code, amount=Decimal(amount))


def test_the_same_is_no_difference_however_its_lines_are_cut() -> None:
    lines = (line(1, "debit", "2100", "10.00"), line(2, "debit", "2100", "0.50"), line(3, "credit", "2110", "10.50"))
    document = replace(journal("JNL-1"), lines=lines)

    assert differences(document, [entry("2110", "-10.50"), entry("2100", "10.5")]) == ()


def test_a_moved_date_and_other_amounts_are_told() -> None:
    moved = date(2026, 12, 31)
    told = differences(journal("JNL-1"), [entry("2100", "10.50", moved), entry("9999", "-10.50", moved)])

    assert [problem.code for problem in told] == ["date-moved", "booked-otherwise", "booked-otherwise"]
    assert "on 2026-12-31, not on 2026-11-01" in told[0].message
    assert "account 2110" in told[1].message
    assert "account 9999: the ERP booked -10.50 NZD, not 0" in told[2].message


def test_the_wrong_side_is_another_amount() -> None:
    assert len(differences(journal("JNL-1"), [entry("2100", "-10.50"), entry("2110", "10.50")])) == 2


def test_nothing_booked_is_a_difference_on_every_account() -> None:
    assert [problem.code for problem in differences(journal("JNL-1"), [])] == ["booked-otherwise", "booked-otherwise"]
