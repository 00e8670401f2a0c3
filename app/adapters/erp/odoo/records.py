"""Reading Odoo's records out of its answers: every function raises `TypeError` or `ValueError` for what is not as Odoo documents. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.adapters.erp.answers import storable
from app.adapters.erp.exact_json import as_decimal


def records(value: object) -> list[Mapping[str, Any]]:
    """What `search_read` returns."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise TypeError("records are expected")
    return value


def record_ids(value: object) -> list[int]:
    """What `create` returns."""
    if not isinstance(value, list):
        raise TypeError("ids are expected")
    return [record_id(each) for each in value]


def record_id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TypeError("an id is expected")
    return value


def linked_id(value: object) -> int:
    """A many-to-one field, which is read as `[id, name]`."""
    if not isinstance(value, list) or not value:
        raise TypeError("a link is expected")
    return record_id(value[0])


def linked_name(value: object) -> str:
    if not isinstance(value, list) or len(value) < 2:
        raise TypeError("a link is expected")
    return text(value[1])


def text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text is expected")
    return storable(value)


def text_or_none(value: object) -> str | None:
    """Odoo writes `false` for nothing."""
    return None if value is False or value is None or value == "" else text(value)


def decimal(value: object) -> Decimal:
    number = as_decimal(value)
    if number is None or isinstance(value, str):
        raise TypeError("a number is expected")
    return number


def day(value: object) -> date:
    """A date. The year 1, Odoo's word for never, is written without its zeros."""
    year, month, day_of_month = text(value).split("-")
    return date(int(year), int(month), int(day_of_month))


def day_or_none(value: object) -> date | None:
    return None if value is False or value is None else day(value)
