"""Amounts cross JSON without a float between."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_decimal, as_object, as_text, read_json, to_json


def answer(content: bytes, *, truncated: bool = False) -> HttpAnswer:
    return HttpAnswer(
        status=200, headers={}, content=content, truncated=truncated, duration_ms=1, received_at=datetime(2026, 11, 1, tzinfo=UTC)
    )


def test_a_decimal_goes_out_with_exactly_its_digits() -> None:
    value: dict[str, Any] = {
        "amount": Decimal("-1200000000000000000.10"),
        "tiny": Decimal("1E-7"),
        "lines": [1, True, None, 'Kōwhai "x"'],
        "none": {},
    }
    assert to_json(value) == ('{"amount":-1200000000000000000.10,"tiny":0.0000001,"lines":[1,true,null,"Kōwhai \\"x\\""],"none":{}}')


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), {"x": [0.1]}, {1, 2}])
def test_what_is_not_exact_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        to_json(value)  # type: ignore[arg-type]


def test_an_amount_comes_in_as_it_was_written() -> None:
    body = as_object(read_json(answer(b'{"amount": 0.1, "big": 12345678901234567890.12, "whole": 7}')))
    assert (body["amount"], body["big"], body["whole"]) == (Decimal("0.1"), Decimal("12345678901234567890.12"), 7)


@pytest.mark.parametrize("content", [b"<html>", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a": 1'])
def test_what_is_no_json_is_none(content: bytes) -> None:
    assert read_json(answer(content)) is None


def test_an_answer_that_was_cut_is_none() -> None:
    assert read_json(answer(b"{}", truncated=True)) is None


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
    assert as_decimal(value) == amount


def test_a_text_is_cut_and_storable() -> None:
    assert as_text("ab\x00cd", 4) == "ab\N{REPLACEMENT CHARACTER}c"
    assert as_text(7, 4) == ""
