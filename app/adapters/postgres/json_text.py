"""JSON as text, fast where that is possible: statements carry all their rows so."""

import json
from typing import Any

import orjson


def json_text(value: Any) -> str:
    """What orjson does not take, such as integers beyond 64 bits and named tuples, goes the standard library's way."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)
