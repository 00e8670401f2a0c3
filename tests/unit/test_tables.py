"""Tables as files: formats, exact digits, and text that must not become a formula."""

import csv
import io
import re
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook

from app.api.errors import NotAcceptable
from app.api.formats import MEDIA_TYPES, Format, preferred
from app.api.spreadsheet import xlsx
from app.api.tables import Cell, Money, Quantity, Table, for_json
from app.domain.money import Currency

NZD = Currency(code="NZD", digits=2)
JPY = Currency(code="JPY", digits=0)
KWD = Currency(code="KWD", digits=3)
XLSX = MEDIA_TYPES[Format.XLSX]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|' /C calc'!A0"]


def one(cell: Cell) -> Table:
    return Table(title="t", columns=["c"], rows=[[cell]])


def read_csv(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.csv().decode(), newline="")))


def raw_cell(table: Table, reference: str = "A2") -> str:
    """A cell as it stands in the file."""
    with zipfile.ZipFile(io.BytesIO(xlsx(table))) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    found = re.search(rf'<c r="{reference}".*?(?:</c>|/>)', sheet)
    return found.group() if found else ""


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1050, NZD), "10.50"),
        (Money(-5, NZD), "-0.05"),
        (Money(7, JPY), "7"),
        (Money(1, KWD), "0.001"),
        (Money(123456789012345, NZD), "1234567890123.45"),
        (Money(999999999999999, JPY), "999999999999999"),
        (Money(-900000000000001, KWD), "-900000000000.001"),
        (Money(10**17, NZD), "1000000000000000.00"),
        (Money(10**17 - 1, NZD), "999999999999999.99"),
    ],
)
def test_money_has_all_of_its_digits_in_every_format(money: Money, text: str) -> None:
    assert for_json(money) == text
    assert read_csv(one(money)) == [["c"], [text]]
    assert f">{text}<" in raw_cell(one(money))


def test_in_a_sheet_money_is_a_number_as_long_as_a_sheet_can_hold_it() -> None:
    cell = load_workbook(io.BytesIO(xlsx(one(Money(123456789012345, NZD)))))["t"]["A2"]
    assert (cell.data_type, cell.value, cell.number_format) == ("n", 1234567890123.45, "#,##0.00")
    assert load_workbook(io.BytesIO(xlsx(one(Money(5, JPY)))))["t"]["A2"].number_format == "#,##0"
    assert 't="n"' in raw_cell(one(Money(999999999999999, NZD)))
    assert 't="inlineStr"' in raw_cell(one(Money(1000000000000001, NZD)))


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_never_becomes_a_formula(text: str) -> None:
    assert read_csv(one(text))[1] == [f"'{text}"]
    cell = load_workbook(io.BytesIO(xlsx(one(text))))["t"]["A2"]
    assert cell.data_type == "s"
    assert "<f>" not in raw_cell(one(text))
    assert for_json(text) == text


@pytest.mark.parametrize(
    "text", ["Widget", "a=b", "10-20", "e@x.org", "", "Ünïcode €", "two\nlines", '"quoted", with comma', "#N/A", "007"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert read_csv(one(text))[1] == [text]
    value = load_workbook(io.BytesIO(xlsx(one(text))))["t"]["A2"].value
    assert value == (text or None)


def test_negative_numbers_are_not_taken_for_formulas() -> None:
    assert read_csv(Table(title="t", columns=["a", "b"], rows=[[Money(-100, NZD), Quantity(-500_000)]]))[1] == ["-1.00", "-0.5"]


def test_control_characters_do_not_break_a_sheet() -> None:
    assert load_workbook(io.BytesIO(xlsx(one("a\x0bb"))))["t"]["A2"].value == "a\N{REPLACEMENT CHARACTER}b"
    assert len(load_workbook(io.BytesIO(xlsx(one("x" * 40_000))))["t"]["A2"].value) == 32_767


def test_other_cells() -> None:
    table = Table(
        title="t",
        columns=["day", "yes", "count", "units", "nothing"],
        rows=[[date(2026, 11, 2), True, 7, Quantity(2_500_000), None]],
        summary={"total": Money(100, NZD)},
    )
    assert table.records() == [{"day": "2026-11-02", "yes": True, "count": 7, "units": "2.5", "nothing": None}]
    assert read_csv(table)[1] == ["2026-11-02", "true", "7", "2.5", ""]
    book = load_workbook(io.BytesIO(xlsx(table)))
    assert [cell.value for cell in book["t"][2]][1:4] == [True, 7, 2.5]
    assert book["t"]["A2"].value.date() == date(2026, 11, 2)
    assert [cell.value for cell in book["summary"][2]] == ["total", 1]


def test_a_table_of_nothing_has_its_heading() -> None:
    table = Table(title="t", columns=["a", "b"], rows=[])
    assert table.csv() == b"a,b\r\n"
    assert [cell.value for cell in load_workbook(io.BytesIO(xlsx(table)))["t"][1]] == ["a", "b"]


def test_many_columns_have_their_letters() -> None:
    columns = [f"c{number}" for number in range(60)]
    book = load_workbook(io.BytesIO(xlsx(Table(title="t", columns=columns, rows=[]))))
    assert [cell.value for cell in book["t"][1]] == columns


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("", Format.JSON),
        ("*/*", Format.JSON),
        ("application/json", Format.JSON),
        ("text/csv", Format.CSV),
        ("TEXT/CSV; charset=utf-8", Format.CSV),
        (XLSX, Format.XLSX),
        ("text/*", Format.CSV),
        ("application/*", Format.JSON),
        ("application/json;q=0.5, text/csv", Format.CSV),
        ("application/json;q=0.5, text/csv;q=0.4", Format.JSON),
        ("application/json;q=0, */*", Format.CSV),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Format.JSON),
        (f"application/json;q=0.1,{XLSX};q=0.9,text/csv;q=0.8", Format.XLSX),
        ("text/csv;q=nonsense, application/json;q=0.1", Format.JSON),
    ],
)
def test_what_accept_likes_best(accept: str, format_: Format) -> None:
    assert preferred(accept) is format_


@pytest.mark.parametrize("accept", ["text/html", "application/pdf, image/*", "text/csv;q=0", "*/*;q=0"])
def test_what_cannot_be_had(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        preferred(accept)
