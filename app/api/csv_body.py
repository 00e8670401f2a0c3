"""Bodies in CSV: a table of rows, read after the key was checked like bodies in JSON."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol

from pydantic import ValidationError
from starlette.requests import Request

from app.api.errors import NotCsv, UnsupportedMediaType
from app.api.json_body import Model
from app.application.events_in.envelope import faults_of
from app.domain.errors import Fault, Invalid

MOST_ROWS = 20_000
MOST_FAULTS = 100
LONGEST_CELL = 10_000


@dataclass(frozen=True, slots=True)
class CsvRow(Generic[Model]):
    """A row, and the line of the file on which it ends; the columns are on line 1."""

    line: int
    body: Model


class CsvBody(Generic[Model]):
    """A dependency that gives the rows of a body as models. Columns have the names of the model's fields, in any order; an empty cell
    is as good as none. One wrong row is a 422 for all, with a fault per cell. `app.api.openapi` describes it where it finds one."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> list[CsvRow[Model]]:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "text/csv" or request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise UnsupportedMediaType("send the rows as text/csv")
        return read_rows(await request.body(), self.model)


def read_rows(body: bytes, model: type[Model]) -> list[CsvRow[Model]]:
    """RFC 4180 in UTF-8. Raises `NotCsv` where it is not, `Invalid` for rows that break a rule."""
    rows, faults = [], []
    columns, lines = _table(body)
    _check_columns(columns, model)
    seen: dict[str, int] = {}
    for number, (line, cells) in enumerate(lines):
        if number >= MOST_ROWS:
            raise Invalid(f"a file has at most {MOST_ROWS} rows", Fault(pointer=f"/lines/{line}", message="one row too many"))
        try:
            rows.append(CsvRow(line, read_row(cells, model)))
        except Invalid as error:
            faults += [_told(line, fault) for fault in error.faults]
        first = seen.setdefault(cells.get("code", ""), line)
        if first != line:
            faults.append(Fault(pointer=f"/lines/{line}/code", message=f"line {first} has this code too"))
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        raise Invalid("rows break a rule, and none was loaded", *faults[:MOST_FAULTS])
    if not rows:
        raise Invalid("the file has no rows", Fault(pointer="/lines", message="columns on line 1, rows below"))
    return rows


def read_row(cells: Mapping[str, str], model: type[Model]) -> Model:
    """One row, by the names of its columns. Raises `Invalid` with a fault per cell."""
    try:
        return model.model_validate({name: cell for name, cell in cells.items() if cell})
    except ValidationError as error:
        raise Invalid("the row breaks a rule", *faults_of(error)) from error


def _told(line: int, fault: Fault) -> Fault:
    return Fault(pointer=f"/lines/{line}{fault.pointer}", message=fault.message)


def _table(body: bytes) -> tuple[list[str], Iterator[tuple[int, Mapping[str, str]]]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotCsv("the body is not UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = next(_rows(reader), [])
    return columns, _cells(reader, columns)


class Reader(Protocol):
    """What `csv.reader` gives."""

    line_num: int

    def __iter__(self) -> "Reader": ...

    def __next__(self) -> list[str]: ...


def _rows(reader: Reader) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise NotCsv(f"the body is not CSV: {error}") from error


def _cells(reader: Reader, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in _rows(reader):
        if not row:
            continue
        if len(row) != len(columns):
            message = f"{len(row)} cells under {len(columns)} columns"
            raise Invalid(f"line {reader.line_num} has {message}", Fault(pointer=f"/lines/{reader.line_num}", message=message))
        yield reader.line_num, dict(zip(columns, row, strict=True))


def _check_columns(columns: Sequence[str], model: type[Model]) -> None:
    known = model.model_fields
    faults = [Fault(pointer=f"/lines/1/{name}", message="not a column of this") for name in columns if name not in known]
    faults += [Fault(pointer=f"/lines/1/{name}", message="stands twice") for name in known if columns.count(name) > 1]
    faults += [
        Fault(pointer=f"/lines/1/{name}", message="a column is missing")
        for name, field in known.items()
        if field.is_required() and name not in columns
    ]
    if faults:
        raise Invalid(f"the columns are {', '.join(known)}", *faults)
