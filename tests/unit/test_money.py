"""Exact arithmetic: rounding half away from zero, one rounding, minor units whatever the decimals."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.currencies import IsoCurrencies
from app.domain.errors import AmountTooLarge, Invalid
from app.domain.money import (
    LARGEST_AMOUNT,
    ONE,
    Currency,
    check_size,
    extended,
    from_millionths,
    in_base,
    millionths,
    minor_unit_rate,
    round_half_away,
    to_scaled,
)
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.reference import half_away

JPY, USD, KWD = (Currency(code=code, digits=digits) for code, digits in (("JPY", 0), ("USD", 2), ("KWD", 3)))


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2), (25, 10, 3), (-25, 10, -3), (0, 7, 0), (1, 3, 0), (2, 3, 1)],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert round_half_away(numerator, denominator) == rounded


@EFFORT
@given(st.integers(-(10**40), 10**40), st.integers(1, 10**20))
def test_rounding_is_odd_and_within_half(numerator: int, denominator: int) -> None:
    rounded = round_half_away(numerator, denominator)
    assert round_half_away(-numerator, denominator) == -rounded
    assert abs(rounded - Fraction(numerator, denominator)) <= Fraction(1, 2)
    assert rounded == half_away(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("quantity", "price", "tax", "digits", "amount"),
    [
        ("3", "3.335", "0", 2, 1001),
        ("3", "3.335", "0.15", 2, 1151),
        ("3", "-3.335", "0", 2, -1001),
        ("3", "333.5", "0", 0, 1001),
        ("3", "0.3335", "0", 3, 1001),
        ("0.000001", "0.000001", "0", 2, 0),
        ("999999999999999.999999", "1.000001", "0", 2, 100000100000000000),
    ],
)
def test_quantity_times_price(quantity: str, price: str, tax: str, digits: int, amount: int) -> None:
    assert extended(millionths(Decimal(quantity)), millionths(Decimal(price)), millionths(Decimal(tax)), digits) == amount


@EFFORT
@given(st.integers(0, 10**21), st.integers(-(10**21), 10**21), st.integers(0, 2 * ONE), st.integers(0, 3))
def test_quantity_times_price_is_rounded_once_and_never_loses_digits(quantity: int, price: int, tax: int, digits: int) -> None:
    exact = Fraction(quantity, ONE) * Fraction(price, ONE) * (1 + Fraction(tax, ONE)) * 10**digits
    assert extended(quantity, price, tax, digits) == half_away(exact)


@EFFORT
@given(st.integers(-(10**17), 10**17), st.decimals("0.000000000001", "999999999", places=12), st.sampled_from([JPY, USD, KWD]))
def test_base_is_the_document_times_the_rate(amount: int, rate: Decimal, document: Currency) -> None:
    for base in (JPY, USD, KWD):
        exact = Fraction(amount) / 10**document.digits * Fraction(rate) * 10**base.digits
        assert in_base(amount, minor_unit_rate(rate, document, base)) == half_away(exact)


def test_a_rate_of_one_between_other_decimals_is_not_the_identity() -> None:
    assert in_base(1234, minor_unit_rate(Decimal(1), KWD, USD)) == 123
    assert in_base(5, minor_unit_rate(Decimal("1.0"), JPY, USD)) == 500
    assert in_base(1234, minor_unit_rate(Decimal("1.000"), USD, USD)) == 1234


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1050, USD, "10.50"),
        (-5, USD, "-0.05"),
        (0, USD, "0.00"),
        (7, JPY, "7"),
        (-7, JPY, "-7"),
        (0, JPY, "0"),
        (1, KWD, "0.001"),
        (12345, KWD, "12.345"),
    ],
)
def test_minor_units_as_text(amount: int, currency: Currency, text: str) -> None:
    assert currency.to_text(amount) == text
    assert currency.to_decimal(amount) == Decimal(text)
    assert currency.to_minor(Decimal(text)) == amount


@pytest.mark.parametrize(("text", "currency"), [("0.5", JPY), ("1.005", USD), ("0.0001", KWD), ("NaN", USD), ("Infinity", USD)])
def test_more_decimals_than_the_currency_are_refused(text: str, currency: Currency) -> None:
    with pytest.raises(Invalid):
        currency.to_minor(Decimal(text), "/data/amount")


def test_trailing_zeros_are_no_decimals() -> None:
    assert USD.to_minor(Decimal("1.500000")) == 150
    assert JPY.to_minor(Decimal("1000.000")) == 1000
    assert to_scaled(Decimal("1E+3"), 2) == 100_000


@EFFORT
@given(st.integers(-(10**21), 10**21))
def test_millionths_come_back(value: int) -> None:
    assert millionths(from_millionths(value)) == value


@pytest.mark.parametrize(("value", "text"), [(2_500_000, "2.5"), (1_000_000, "1"), (0, "0"), (-1, "-0.000001"), (100_000_000, "100")])
def test_millionths_as_the_shortest_decimal(value: int, text: str) -> None:
    assert format(from_millionths(value), "f") == text


def test_a_seventh_decimal_is_refused() -> None:
    with pytest.raises(Invalid):
        millionths(Decimal("0.0000001"))


def test_the_largest_amount() -> None:
    assert check_size(LARGEST_AMOUNT) == LARGEST_AMOUNT
    for amount in (LARGEST_AMOUNT + 1, -LARGEST_AMOUNT - 1):
        with pytest.raises(AmountTooLarge):
            check_size(amount)


def test_the_published_table_has_the_minor_units() -> None:
    table = IsoCurrencies()
    found = {code: currency.digits for code in ("JPY", "NZD", "KWD", "CLF", "ISK") if (currency := table.get(code))}
    assert found == {"JPY": 0, "NZD": 2, "KWD": 3, "CLF": 4, "ISK": 0}
    assert table.get("XAU") is None
    assert table.get("ABC") is None
