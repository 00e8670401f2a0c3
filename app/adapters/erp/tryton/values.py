"""Tryton's JSON: decimals and dates travel as objects that name their class. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.exact_json import as_decimal, as_object


def from_decimal(amount: Decimal) -> dict[str, Any]:
    """An amount, with all of its digits and never as a number."""
    return {"__class__": "Decimal", "decimal": format(amount, "f")}


def from_date(day: date) -> dict[str, Any]:
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def to_decimal(value: object) -> Decimal | None:
    """An amount; None where it is anything else."""
    found = as_object(value)
    return as_decimal(found.get("decimal")) if found.get("__class__") == "Decimal" else None


def to_date(value: object) -> date | None:
    """A date; None where it is anything else, an instant included."""
    match as_object(value):
        case {"__class__": "date", "year": int(year), "month": int(month), "day": int(day)}:
            try:
                return date(year, month, day)
            except (ValueError, OverflowError):
                return None
    return None


def to_id(value: object) -> int | None:
    """A record's id."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def to_list(value: object) -> list[Any]:
    """The values of a list, whatever they are; none where it is no list."""
    return value if isinstance(value, list) else []


def nested(record: Mapping[str, Any], field: str) -> Any:
    """What was read through a field: Tryton marks such a value by a dot after the field's name in one call, and not in another."""
    return record.get(f"{field}.", record.get(field))
