"""Rows as JSON: what the fast library does not take is written all the same."""

import json

import pytest

from app.adapters.postgres.json_text import json_text
from app.domain.money import Amounts
from app.domain.transaction import Role


@pytest.mark.parametrize(
    "value",
    [{"a": [1, None, True, 'ā\\u0001"\\']}, [2**63 - 1, -(2**63)], [10**30], [Amounts(1, 2)], {1: "one"}, [Role.GRNI], "", []],
)
def test_it_reads_back_as_what_it_was(value: object) -> None:
    assert json.loads(json_text(value)) == json.loads(json.dumps(value))


def test_half_a_surrogate_pair_is_no_reason_to_write_something_else() -> None:
    assert json.loads(json_text(["\ud800"])) == ["\ud800"]


def test_what_is_no_json_is_an_error() -> None:
    with pytest.raises(TypeError):
        json_text({"day": object()})
