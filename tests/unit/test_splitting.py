"""Transactions with more lines than an ERP takes in one journal."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.splitting import split
from app.domain.transaction import Ledger, Role, TransactionLine


def line(number: int, side: Literal["debit", "credit"], amount: int, base: int, ledger: Ledger = Ledger.ACTUAL) -> TransactionLine:
    return TransactionLine(
        line=number, role=Role.ENTRY, ledger=ledger, account=None, account_code=f"A{number}", side=side, amount=amount, base_amount=base
    )


def signed(lines: Sequence[TransactionLine]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What the lines leave on each account, with its side and ledger."""
    sums: defaultdict[tuple[str, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in lines:
        key = (each.account_code, each.side, str(each.ledger))
        sums[key] = (sums[key][0] + each.amount, sums[key][1] + each.base_amount)
    return dict(sums)


def difference(lines: Sequence[TransactionLine]) -> tuple[int, int]:
    signs = [(1 if each.side == "debit" else -1, each) for each in lines]
    return sum(sign * each.amount for sign, each in signs), sum(sign * each.base_amount for sign, each in signs)


def test_few_enough_lines_stay_as_they_are() -> None:
    lines = [line(1, "debit", 5, 5), line(2, "credit", 5, 5)]
    assert split(lines, 2) == (tuple(lines),)


def test_a_payroll_against_one_bank_line_is_cut_at_the_bank() -> None:
    wages = [line(number, "debit", 100 + number, 100 + number) for number in range(1, 8)]
    bank = line(8, "credit", sum(each.amount for each in wages), sum(each.amount for each in wages))
    groups = split([*wages, bank], 4)

    assert [[(each.account_code, each.amount) for each in group] for group in groups] == [
        [("A1", 101), ("A2", 102), ("A3", 103), ("A8", 306)],
        [("A4", 104), ("A5", 105), ("A6", 106), ("A8", 315)],
        [("A7", 107), ("A8", 107)],
    ]
    assert [each.line for each in groups[1]] == [1, 2, 3, 4]


def test_pairs_stay_together() -> None:
    lines = [line(n, side, 7, 7) for n, side in enumerate(["debit", "credit"] * 4, start=1)]  # type: ignore[arg-type]
    assert [[each.account_code for each in group] for group in split(lines, 5)] == [["A1", "A2", "A3", "A4"], ["A5", "A6", "A7", "A8"]]


def test_an_exchange_difference_goes_where_it_balances() -> None:
    lines = [
        line(1, "debit", 100, 150),
        line(2, "debit", 100, 150),
        line(3, "credit", 100, 140),
        line(4, "credit", 100, 140),
        line(5, "credit", 0, 20),
    ]
    groups = split(lines, 3)

    assert [[(each.account_code, each.amount, each.base_amount) for each in group] for group in groups] == [
        [("A1", 100, 140), ("A3", 100, 140)],
        [("A2", 100, 140), ("A4", 100, 140)],
        [("A1", 0, 10), ("A2", 0, 10), ("A5", 0, 20)],
    ]


def test_commitments_balance_among_themselves() -> None:
    lines = [
        line(1, "debit", 9, 9),
        line(2, "debit", 9, 9, Ledger.COMMITMENT),
        line(3, "credit", 9, 9, Ledger.COMMITMENT),
        line(4, "credit", 9, 9),
    ]
    assert [[each.account_code for each in group] for group in split(lines, 2)] == [["A1", "A4"], ["A2", "A3"]]


def test_a_journal_of_one_line_is_none_and_what_does_not_balance_is_not_split() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        split([], 1)
    for amounts in (((5, 5), (4, 5)), ((5, 5), (5, 4)), ((4, 5), (5, 5))):
        lopsided = [line(1, "debit", *amounts[0]), line(2, "credit", *amounts[1]), line(3, "debit", 1, 1), line(4, "credit", 1, 1)]
        with pytest.raises(ValueError, match="do not balance"):
            split(lopsided, 2)


@st.composite
def balanced(draw: st.DrawFn) -> list[TransactionLine]:
    """Lines that balance in both currencies: pieces between random places, so that debits and credits need not pair."""
    most = draw(st.integers(1, 10))
    pieces = draw(
        st.lists(st.tuples(st.integers(1, most), st.integers(1, most), st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30)
    )
    sums: dict[tuple[Literal["debit", "credit"], int], tuple[int, int]] = {}
    for debit, credit, amount, base in pieces:
        keys: tuple[tuple[Literal["debit", "credit"], int], ...] = (("debit", debit), ("credit", 100 + credit))
        for key in keys:
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + amount, before[1] + base)
    return [line(number, side, *amounts) for (side, number), amounts in sums.items() if any(amounts)]


@given(balanced(), st.integers(2, 9))
def test_groups_balance_are_small_enough_and_are_together_the_lines(lines: list[TransactionLine], most: int) -> None:
    groups = split(lines, most)

    assert all(len(group) <= max(most, 0) for group in groups) or len(lines) <= most
    assert all(difference(group) == (0, 0) for group in groups)
    assert all(each.amount or each.base_amount for group in groups for each in group)
    assert all([each.line for each in group] == list(range(1, len(group) + 1)) for group in groups if len(groups) > 1)
    assert signed([each for group in groups for each in group]) == signed(lines)
    assert split(lines, most) == groups
