"""A second look at every figure that leaves: sums can outgrow what single figures were checked for."""

import re
from collections.abc import Iterator
from typing import Any

from app.adapters.procurement.cxml.envelope import Draft
from app.adapters.procurement.cxml.reading import Notes
from app.adapters.procurement.cxml.xml import Element

_FIGURES = frozenset({"amount", "quantity", "unit_price", "percentage"})
_FIGURE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


def check_figures(request: Element, drafts: list[Draft], notes: Notes) -> None:
    """A fault for each figure that the contract cannot carry."""
    for draft in drafts:
        for name, value in _figures(draft.data):
            if not _FIGURE.fullmatch(value):
                notes.fault(request, f"A sum ({name}) is {value[:40]}, which needs more than 15 digits")


def _figures(data: Any) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name in _FIGURES and isinstance(value, str):
                yield name, value
            else:
                yield from _figures(value)
    elif isinstance(data, list):
        for value in data:
            yield from _figures(value)
