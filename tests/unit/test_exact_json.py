"""Amounts cross JSON without a float between."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import a_decimal, a_text, an_object, exact_json, parsed


def answer(content: bytes, *, truncated: bool = False) -> HttpAnswer:
    return HttpAnswer(
        status=200, headers={}, content=content, truncated=truncated, duration_ms=1, received_at=datetime(2026, 11, 1, tzinfo=UTC)
    )


def test_a_decimal_goes_out_with_exactly_its_digits() -> None:
    value = {"amount": Decimal("-1200000000000000000.10"), "tiny": Decimal("1E-7"), "lines": [1, True, None, 'Kōwhai "x"'], "none": {}}
    assert exact_json(value) == ('{"amount":-1200000000000000000.10,"tiny":0.0000001,"lines":[1,true,null,"Kōwhai \\"x\\""],"none":{}}')


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), {"x": [0.1]}, {1, 2}])
def test_what_is_not_exact_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        exact_json(value)


def test_an_amount_comes_in_as_it_was_written() -> None:
    body = an_object(parsed(answer(b'{"amount": 0.1, "big": 12345678901234567890.12, "whole": 7}')))
    assert (body["amount"], body["big"], body["whole"]) == (Decimal("0.1"), Decimal("12345678901234567890.12"), 7)


@pytest.mark.parametrize("content", [b"<html>", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a": 1'])
def test_what_is_no_json_is_none(content: bytes) -> None:
    assert parsed(answer(content)) is None


def test_an_answer_that_was_cut_is_none() -> None:
    assert parsed(answer(b"{}", truncated=True)) is None


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (7, Decimal(7)),
        ("1.50", Decimal("1.50")),
        (Decimal("2.5"), Decimal("2.5")),
        (True, None),
        ("x", None),
        ("NaN", None),
        (None, None),
        ([], None),
    ],
)
def test_an_amount_in_json(value: object, amount: Decimal | None) -> None:
    assert a_decimal(value) == amount


def test_a_text_is_cut_and_storable() -> None:
    assert a_text("ab\x00cd", 4) == "ab\N{REPLACEMENT CHARACTER}c"
    assert a_text(7, 4) == ""
