"""What can be said about a journal before its ERP is asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.accounts import Account, AccountType
from app.domain.journal import JournalDocument, JournalLine
from app.domain.local_validation import OpenPeriod, local_problems, reference_problems

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


@pytest.mark.parametrize(
    ("unknown", "periods", "expected"),
    [
        ((), (), []),
        (("2110",), (), [(2, "unknown-account")]),
        ((), (NOVEMBER,), []),
        ((), (replace(NOVEMBER, ends_on=date(2026, 11, 5)),), []),
        ((), (replace(NOVEMBER, ends_on=date(2026, 11, 4)),), [(None, "period-closed")]),
        ((), (replace(NOVEMBER, starts_on=date(2026, 11, 6)), NOVEMBER), []),
    ],
)
def test_what_the_erp_said_of_itself(unknown: tuple[str, ...], periods: tuple[OpenPeriod, ...], expected: list[Any]) -> None:
    problems = reference_problems(document(), unknown_codes=unknown, open_periods=periods, read_on=date(2026, 11, 1))
    assert [(problem.line, problem.code) for problem in problems] == expected
