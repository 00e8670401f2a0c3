"""What can be said about a journal before its ERP is asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.accounts import Account, AccountType
from app.domain.journal import JournalDocument, JournalLine
from app.domain.local_validation import OpenPeriod, chart_problems, local_problems, open_date_problems

GRNI = Account(name="GRNI", code="2110", type=AccountType.LIABILITY)
NOVEMBER = OpenPeriod(name="2026-11", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30))


def line(number: int, side: Any, **more: Any) -> JournalLine:
    plain = JournalLine(
        line=number,
        role="expense",
        ledger="actual",
        account=None,
        account_code="4100",
        side=side,
        amount=Decimal("10.50"),
        base_amount=Decimal("11.55"),
        charge_code="4100",
        description="Widget",
    )
    return replace(plain, **more)


def document(*lines: JournalLine) -> JournalDocument:
    return JournalDocument(
        reference="T-1",
        accounting_date=date(2026, 11, 5),
        currency="AUD",
        base_currency="NZD",
        description="",
        lines=lines or (line(1, "debit"), line(2, "credit", account="GRNI", account_code="2110")),
    )


def told(journal: JournalDocument, **changes: Any) -> list[tuple[int | None, str]]:
    options: dict[str, Any] = {"max_lines": None, "accounts": {"GRNI": GRNI}, "closed_period": None} | changes
    problems = local_problems(journal, **options)
    assert all(problem.message and problem.severity == "error" for problem in problems)
    return [(problem.line, problem.code) for problem in problems]


def test_a_sound_journal_has_no_problems() -> None:
    assert told(document()) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((line(1, "debit"),), [(None, "too-few-lines"), (None, "unbalanced"), (None, "unbalanced-base")]),
        ((line(1, "debit", amount=Decimal("10.51")), line(2, "credit")), [(None, "unbalanced")]),
        ((line(1, "debit", base_amount=Decimal("11.54")), line(2, "credit")), [(None, "unbalanced-base")]),
        ((line(1, "debit", account_code=" "), line(2, "credit")), [(1, "no-account-code")]),
        ((line(1, "debit"), line(2, "credit", charge_code=None)), [(2, "no-charge-code")]),
        ((line(1, "debit"), line(2, "credit", account="Suspense")), [(2, "unknown-account")]),
        ((line(1, "debit"), line(2, "credit", account="GRNI", charge_code=None)), []),
    ],
)
def test_problems_stand_at_their_lines(lines: tuple[JournalLine, ...], expected: list[tuple[int | None, str]]) -> None:
    assert told(document(*lines)) == expected


def test_an_account_of_ours_must_be_active() -> None:
    assert told(document(), accounts={"GRNI": replace(GRNI, active=False)}) == [(2, "inactive-account")]


def test_an_adapter_may_take_only_so_many_lines() -> None:
    assert told(document(), max_lines=2) == []
    assert told(document(), max_lines=1) == [(None, "too-many-lines")]


def test_a_journal_may_not_be_moved_into_a_closed_period() -> None:
    assert told(document(), closed_period="2026-11") == [(None, "period-closed")]


def test_commitments_are_refused_where_the_erp_keeps_none() -> None:
    both = document(line(1, "debit", ledger="commitment"), line(2, "credit", ledger="commitment"))
    assert told(both) == []
    assert told(both, commitments=False) == [(1, "no-commitments"), (2, "no-commitments")]
    assert told(document(), commitments=False) == []


@pytest.mark.parametrize(
    ("unknown", "inactive", "expected"),
    [
        ((), (), []),
        (("2110",), (), [(2, "unknown-account")]),
        (("9999",), ("4100",), [(1, "inactive-account")]),
        (("2110",), ("4100",), [(1, "inactive-account"), (2, "unknown-account")]),
    ],
)
def test_the_erps_chart_of_accounts(unknown: tuple[str, ...], inactive: tuple[str, ...], expected: list[Any]) -> None:
    problems = chart_problems(document(), unknown=unknown, inactive=inactive, told="as read today")
    assert [(problem.line, problem.code) for problem in problems] == expected
    assert all("as read today" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ((), []),
        ((NOVEMBER,), []),
        ((replace(NOVEMBER, ends_on=date(2026, 11, 5)),), []),
        ((replace(NOVEMBER, ends_on=date(2026, 11, 4)),), [(None, "period-closed")]),
        ((replace(NOVEMBER, starts_on=date(2026, 11, 6)), NOVEMBER), []),
    ],
)
def test_the_erps_open_periods(periods: tuple[OpenPeriod, ...], expected: list[Any]) -> None:
    problems = open_date_problems(document(), open_periods=periods, told="as read today")
    assert [(problem.line, problem.code) for problem in problems] == expected
