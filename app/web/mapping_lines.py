"""An endpoint's table of codes as lines that people type, or paste from a spreadsheet: one code a line. Pure.

`2110, 20110, NONE, fund=G`: our code, the ERP's account, its tax code, its dimensions. What is left out at the end may be; a cell that
has a comma in it stands between quotes. Where a line has tabs, they and not the commas set its cells apart.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import Fault

MOST_FAULTS = 100
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """`entries` by code as a mapping has them; `places` say in which line each code is, counted from 1; `faults` are of lines."""

    entries: Mapping[str, Any]
    places: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


class LineFault(ValueError):
    """What is wrong with a line."""


def read_lines(text: str, pointer: str) -> Lines:
    """Every line that is not blank. Each fault is at `pointer`, and names its line."""
    entries: dict[str, Any] = {}
    places: dict[str, int] = {}
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            code, entry = _read(line)
            if code in places:
                raise LineFault(f"{code} stands in line {places[code]} already")
        except LineFault as error:
            faults.append(Fault(pointer=pointer, message=at_line(number, line, str(error))))
            continue
        entries[code], places[code] = entry, number
    return Lines(entries=entries, places=places, faults=faults[:MOST_FAULTS])


def write_lines(table: Mapping[str, Any]) -> str:
    """The lines of a table, in its order."""
    return "\n".join(_written([code, *_cells(entry)]) for code, entry in table.items())


def at_line(number: int, line: str, message: str) -> str:
    """What is wrong, with the line that it is about."""
    text = line.strip()
    shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return f"line {number} “{shown}”: {message}"


def short(entry: Mapping[str, Any]) -> Any:
    """An entry without what it does not say; one that says an account alone is that account."""
    said = {key: value for key, value in entry.items() if value}
    return said["account"] if said.keys() == {"account"} else said


def dimensions_of(cells: Sequence[str]) -> dict[str, str]:
    """`name=value` cells. Raises `LineFault`."""
    found: dict[str, str] = {}
    for cell in cells:
        name, equals, value = (part.strip() for part in cell.partition("="))
        if not equals or not name or not value:
            raise LineFault(f"{cell} is no dimension: write name=value")
        if name in found:
            raise LineFault(f"the dimension {name} stands there twice")
        found[name] = value
    return found


def cells_of(line: str) -> list[str]:
    """Raises `LineFault`."""
    try:
        rows = list(csv.reader([line], delimiter="\t" if "\t" in line else ",", strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise LineFault(f"it cannot be taken apart: {error}") from error
    return [cell.strip() for cell in rows[0]] if rows else []


def written_dimensions(dimensions: Mapping[str, str]) -> str:
    return _written([f"{name}={value}" for name, value in dimensions.items()])


def _read(line: str) -> tuple[str, Any]:
    cells = cells_of(line)
    code, account, tax_code, *_ = [*cells, "", "", ""]
    if not code:
        raise LineFault("our code is missing: it comes first")
    entry = short({"account": account, "tax_code": tax_code, "dimensions": dimensions_of([cell for cell in cells[3:] if cell])})
    if not entry:
        raise LineFault(f"{code} leads nowhere: say at least an account, a tax code or a dimension")
    return code, entry


def _cells(entry: str | Mapping[str, Any]) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
        return
    dimensions = [f"{name}={value}" for name, value in (entry.get("dimensions") or {}).items()]
    cells = [entry.get("account") or "", entry.get("tax_code") or "", *dimensions]
    while cells and not cells[-1]:
        cells.pop()
    yield from cells


def _written(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
