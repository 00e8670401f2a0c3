"""Allocation: I10 of POSTING.md 7, and the cents by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.allocation import allocate
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.reference import shares

WEIGHTS = st.lists(st.one_of(st.integers(0, 3), st.integers(0, 10**9)), min_size=1, max_size=8)
AMOUNTS = st.one_of(st.integers(-20, 20), st.integers(-(10**17), 10**17))


@EFFORT
@given(AMOUNTS, WEIGHTS)
def test_i10(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert allocate(-amount, weights) == tuple(-part for part in parts)
    effective = weights if any(weights) else [1] * len(weights)
    for part, weight in zip(parts, effective, strict=True):
        assert abs(part - Fraction(amount * weight, sum(effective))) < 1
        assert weight or not part
        assert part * amount >= 0


@EFFORT
@given(AMOUNTS, WEIGHTS)
def test_it_is_what_exact_fractions_give(amount: int, weights: list[int]) -> None:
    assert list(allocate(amount, weights)) == shares(amount, weights)


@EFFORT
@given(AMOUNTS, WEIGHTS, st.integers(1, 1_000_000))
def test_only_the_ratio_of_the_weights_counts(amount: int, weights: list[int], factor: int) -> None:
    assert allocate(amount, weights) == allocate(amount, [weight * factor for weight in weights])


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (1000, (1, 1, 1), (334, 333, 333)),
        (-1000, (1, 1, 1), (-334, -333, -333)),
        (3, (75, 25), (2, 1)),
        (12, (75, 25), (9, 3)),
        (5, (3333, 3333, 3334), (2, 1, 2)),
        (1, (0, 0), (1, 0)),
        (7, (0, 0, 0), (3, 2, 2)),
        (0, (3, 4), (0, 0)),
        (9, (0,), (9,)),
        (10, (0, 1, 0, 1), (0, 5, 0, 5)),
    ],
)
def test_by_hand(amount: int, weights: tuple[int, ...], parts: tuple[int, ...]) -> None:
    assert allocate(amount, weights) == parts


def test_largest_remainder_is_not_monotone() -> None:
    """Three: 0.43, 1.29, 1.29, and the one left goes to the first. Four: 0.57, 1.71, 1.71, and the two left go to the others."""
    assert allocate(3, (1, 3, 3)) == (1, 1, 1)
    assert allocate(4, (1, 3, 3)) == (0, 2, 2)
