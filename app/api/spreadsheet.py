"""A table as XLSX. Money is written as a number digit by digit: openpyxl would pass a Decimal through a float."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font

from app.api.tables import Cell, Money, Quantity, Table
from app.domain.errors import Invalid

MOST_ROWS = 1_048_575
"""What a sheet holds below its heading."""
MOST_DIGITS = 15
"""A spreadsheet computes with as many; a number with more is written as text, since it would be shown rounded."""
LONGEST_TEXT = 32_767
WIDTH = 18


def xlsx(table: Table) -> bytes:
    """One sheet of rows, and where the table has a summary a second one. `Invalid` where a sheet cannot hold the rows."""
    if len(table.rows) > MOST_ROWS:
        raise Invalid(f"a spreadsheet holds {MOST_ROWS} rows and this report has {len(table.rows)}: ask for CSV")
    book = Workbook(write_only=True)
    _write(book.create_sheet(table.title), table.columns, table.rows)
    if table.summary:
        _write(book.create_sheet("summary"), ("name", "value"), list(table.summary.items()))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _write(sheet: Any, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    sheet.freeze_panes = "A2"
    for position in range(len(columns)):
        sheet.column_dimensions[_letters(position)].width = WIDTH
    sheet.append([_heading(sheet, name) for name in columns])
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])


def _letters(position: int) -> str:
    return chr(ord("A") + position) if position < 26 else _letters(position // 26 - 1) + _letters(position % 26)


def _heading(sheet: Any, name: str) -> SheetCell:
    made = _text(sheet, name)
    made.font = Font(bold=True)
    return made


def _cell(sheet: Any, cell: Cell) -> SheetCell | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return _text(sheet, cell)
    if isinstance(cell, Money):
        return _number(sheet, str(cell), "#,##0" + ("." + "0" * cell.currency.digits if cell.currency.digits else ""))
    if isinstance(cell, Quantity):
        return _number(sheet, str(cell), "General")
    made: SheetCell = WriteOnlyCell(sheet)
    made.value = cell
    if isinstance(cell, date):
        made.number_format = "yyyy-mm-dd"
    return made


def _text(sheet: Any, text: str) -> SheetCell:
    """Text whatever it looks like: never a formula, an error or a number."""
    made: SheetCell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_TEXT])
    made.data_type = "s"
    return made


def _number(sheet: Any, digits: str, number_format: str) -> SheetCell:
    """A number from its decimal digits, which go into the file as they are."""
    if len(digits.lstrip("-0.").replace(".", "")) > MOST_DIGITS:
        return _text(sheet, digits)
    made: SheetCell = WriteOnlyCell(sheet, value=digits)
    made.data_type = "n"
    made.number_format = number_format
    return made
