"""JSON whose numbers keep every digit: amounts go out and come in as decimals, never as floats. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.adapters.erp.answers import HttpAnswer, storable


def exact_json(value: object) -> str:
    """As `json.dumps` without spaces, but a Decimal becomes a number with exactly its digits. Raises `TypeError` for a float."""
    match value:
        case Decimal():
            if not value.is_finite():
                raise TypeError(f"{value} is no JSON number")
            return format(value, "f")
        case Mapping():
            return "{" + ",".join(f"{json.dumps(str(name), ensure_ascii=False)}:{exact_json(each)}" for name, each in value.items()) + "}"
        case str() | bool() | int() | None:
            return json.dumps(value, ensure_ascii=False)
        case Sequence():
            return "[" + ",".join(map(exact_json, value)) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no exact JSON")


def parsed(answer: HttpAnswer) -> object:
    """The body of an answer; None where it is no JSON or was cut. Numbers with a point or an exponent are Decimals."""
    if answer.truncated:
        return None
    try:
        found: object = json.loads(answer.content, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation):
        return None
    return found


def an_object(value: object) -> Mapping[str, Any]:
    """`value` where it is a JSON object, an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def a_list(value: object) -> list[Any]:
    """`value` where it is a JSON array, an empty one otherwise."""
    return value if isinstance(value, list) else []


def a_text(value: object, limit: int) -> str:
    """`value` where it is text, cut to `limit` characters and storable; empty otherwise."""
    return storable(value[:limit]) if isinstance(value, str) else ""


def a_decimal(value: object) -> Decimal | None:
    """An amount as a JSON number, or as the text of one; None otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def a_date(value: object) -> date | None:
    """A date as `2026-11-30`; None otherwise."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
