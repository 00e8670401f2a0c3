"""A report as a table: for JSON the records, for CSV the text, and for a spreadsheet what `app.api.spreadsheet` makes of it."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.domain.money import Currency, from_millionths

FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""With these a spreadsheet takes text for a formula. Also where spaces come first."""


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units of a currency; shown with all of its digits."""

    amount: int
    currency: Currency

    def __str__(self) -> str:
        return self.currency.to_text(self.amount)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Millionths; shown as short as can be."""

    value: int

    def __str__(self) -> str:
        return f"{from_millionths(self.value):f}"


Cell = Money | Quantity | date | bool | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under their columns. `summary` is about the whole: totals, and the day they are of."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    summary: Mapping[str, Cell] = field(default_factory=dict)

    def records(self) -> list[dict[str, object]]:
        """One object per row."""
        return [{name: for_json(cell) for name, cell in zip(self.columns, row, strict=True)} for row in self.rows]

    def csv(self) -> bytes:
        """RFC 4180 in UTF-8, columns first. Text that a spreadsheet would take for a formula begins with an apostrophe."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([_for_csv(cell) for cell in row] for row in self.rows)
        return text.getvalue().encode()


def table_of(title: str, rows: Sequence[Mapping[str, Cell]], columns: Sequence[str], **summary: Cell) -> Table:
    """A table of rows that name their cells."""
    return Table(title=title, columns=columns, rows=[[row[name] for name in columns] for row in rows], summary=summary)


def shown(cells: Mapping[str, Cell]) -> dict[str, object]:
    """Named cells as JSON."""
    return {name: for_json(cell) for name, cell in cells.items()}


def for_json(cell: Cell) -> object:
    """Money, quantities and dates as text."""
    if cell is None or isinstance(cell, bool | int | str):
        return cell
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _for_csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return f"'{cell}" if begins_formula(cell) else cell
    return str(for_json(cell))


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would compute it, or might once it has cut it."""
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
