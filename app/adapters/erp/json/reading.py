"""Reads the answers of a `json` endpoint. Pure."""

import json

from app.adapters.erp.answers import HttpAnswer


def read_json(answer: HttpAnswer) -> object:
    """The body, None where it is no JSON or was cut. Numbers with a point become text, never floats."""
    if answer.truncated:
        return None
    try:
        parsed: object = json.loads(answer.content, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return parsed
