"""The scalar types of the wire: money and quantities as text, names without control characters, whole percentages."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

NUMBER_PATTERN = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"
RATE_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,12})?$"
_NUMBER, _RATE, _DAY = re.compile(NUMBER_PATTERN), re.compile(RATE_PATTERN), re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _as_decimal(pattern: re.Pattern[str], value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a string, since JSON numbers lose cents")
    if not pattern.fullmatch(value) or not value.isascii():
        raise ValueError(f"must match {pattern.pattern}")
    return Decimal(value)


def _number(value: Any) -> Decimal:
    return _as_decimal(_NUMBER, value)


def _rate(value: Any) -> Decimal:
    rate = _as_decimal(_RATE, value)
    if not rate:
        raise ValueError("must be above 0")
    return rate


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("must be a date, YYYY-MM-DD")


def printable(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("has a control character")
    return value


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be above 0")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("must not be negative")
    return value


_TEXT_SCHEMA = {"type": "string", "pattern": NUMBER_PATTERN, "examples": ["10.50"]}

Number = Annotated[Decimal, BeforeValidator(_number), PlainSerializer(str), WithJsonSchema(_TEXT_SCHEMA)]
Positive = Annotated[Number, AfterValidator(_positive)]
NotNegative = Annotated[Number, AfterValidator(_not_negative)]
Rate = Annotated[
    Decimal, BeforeValidator(_rate), PlainSerializer(str), WithJsonSchema({"type": "string", "pattern": RATE_PATTERN, "examples": ["1.1"]})
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Name = Annotated[str, Field(min_length=1, max_length=100, strict=True), AfterValidator(printable)]
Text = Annotated[str, Field(max_length=500, strict=True), AfterValidator(printable)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$", strict=True)]
LineNumber = Annotated[int, Field(ge=1, le=999_999, strict=True)]


class Strict(BaseModel):
    """A body of the contract: an unknown field is an error, since a misspelt one would be lost silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)
