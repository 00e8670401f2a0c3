"""JSON whose numbers are exact: money is written as its decimal digits and read back as `Decimal`, never through a float. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.answers import HttpAnswer, storable

Json = None | bool | int | str | Decimal | Sequence["Json"] | Mapping[str, "Json"]
"""What `to_json` writes. No floats."""


def to_json(value: Json) -> str:
    """Compact; keys in their order; a `Decimal` as a JSON number with exactly its digits."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("JSON has no such number")
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(name)}:{to_json(each)}" for name, each in value.items()) + "}"
    if isinstance(value, str | int | None):
        return _text(value)
    if not isinstance(value, Sequence):
        raise TypeError(f"{type(value).__name__} has no exact JSON")
    return "[" + ",".join(map(to_json, value)) + "]"


def read_json(answer: HttpAnswer) -> object:
    """The body with its decimals as `Decimal`, None where it is no JSON or was cut."""
    if answer.truncated:
        return None
    try:
        parsed: object = json.loads(answer.content, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return parsed


def as_object(value: object) -> Mapping[str, Any]:
    """An object of an answer; an empty one where it is anything else."""
    return value if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list of an answer; what else stands in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_text(value: object, limit: int = 1_000) -> str:
    """Text of an answer that can be stored; empty where it is none."""
    return storable(value[:limit]) if isinstance(value, str) else ""


def as_decimal(value: object) -> Decimal | None:
    """A number of an answer, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def as_date(value: object) -> date | None:
    """A date of an answer, as `2026-11-30`; None where it is none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: str | int | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
