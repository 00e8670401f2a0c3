"""The part of OData's `$filter` that stand-ins need: comparisons joined by `and` and `or`, with parentheses (OData 4.01, part 2, 5.1.1)."""

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:(\()|(\))|('(?:[^']|'')*')|([^\s()']+))")


def matches(text: str, row: Mapping[str, Any]) -> bool:
    """Raises `ValueError` for what is not in this part."""
    tokens = [match[0].strip() for match in _TOKEN.finditer(text)]
    value = _either(tokens, row)
    if tokens:
        raise ValueError(f"cannot read {tokens}")
    return value


def _either(tokens: list[str], row: Mapping[str, Any]) -> bool:
    value = _both(tokens, row)
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        other = _both(tokens, row)
        value = value or other
    return value


def _both(tokens: list[str], row: Mapping[str, Any]) -> bool:
    value = _one(tokens, row)
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        other = _one(tokens, row)
        value = value and other
    return value


def _one(tokens: list[str], row: Mapping[str, Any]) -> bool:
    if tokens[0] == "(":
        tokens.pop(0)
        value = _either(tokens, row)
        if tokens.pop(0) != ")":
            raise ValueError("a parenthesis is not closed")
        return value
    name, operator, literal = (tokens.pop(0) for _ in range(3))
    there, wanted = str(row[name]), literal[1:-1].replace("''", "'") if literal.startswith("'") else literal
    return {"eq": there == wanted, "ge": there >= wanted, "le": there <= wanted}[operator]
