"""A mapping as a form: what the lines mean, that nothing is lost on the way there and back, and what is said at which line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid
from app.domain.mapping_rules import check_mapping
from app.web.mapping_form import FIELDS, at_lines, mapping_of, values_of
from app.web.mapping_lines import read_lines, write_lines

EMPTY = dict.fromkeys(FIELDS, "")
TABLE = "mapping/account_codes/table"


def faults(values: dict[str, str]) -> list[tuple[str, str]]:
    """What is said, by our lines or by the rules of mappings, at which field."""
    try:
        mapping, lines = mapping_of(values)
        try:
            check_mapping(mapping)
        except Invalid as error:
            raise at_lines(error, lines, values) from error
    except Invalid as error:
        return [(fault.pointer, fault.message) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("2110,20110", "20110"),
        (" 2110 ,  20110 ", "20110"),
        ("2110\t20110", "20110"),
        ("2110\t20,110\tT1", {"account": "20,110", "tax_code": "T1"}),
        ('"21,10", "20""110"', '20"110'),
        ("2110,,NONE", {"tax_code": "NONE"}),
        ("2110,,,fund = G,site=A=B", {"dimensions": {"fund": "G", "site": "A=B"}}),
        ("2110, 20110,,,, fund=G,", {"account": "20110", "dimensions": {"fund": "G"}}),
    ],
)
def test_a_line(line: str, entry: Any) -> None:
    found = read_lines(f"\n{line}\r\n\n", "/t")
    assert list(found.entries.values()) == [entry]
    assert list(found.places.values()) == [2]
    assert not found.faults


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,2\n2110", "line 2 “2110”: 2110 leads nowhere"),
        (",20110", "line 1 “,20110”: our code is missing"),
        ("1,2\n\n1,3", "line 3 “1,3”: 1 stands in line 1 already"),
        ("2110,20110,,G", "line 1 “2110,20110,,G”: G is no dimension: write name=value"),
        ("2110,,,f=1,f=2", "the dimension f stands there twice"),
        ('2110,"20', "it cannot be taken apart"),
        ("1,2\n2110," + "9" * 201, "line 2 “2110,9"),
        ("2110,,," + ",".join(f"d{number}=1" for number in range(21)), "must have at most 20 dimensions"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(text: str, told: str) -> None:
    ((pointer, message),) = faults(EMPTY | {TABLE: text})
    assert pointer == f"/{TABLE}"
    assert told in message


def test_each_wrong_line_is_told() -> None:
    assert [message.partition(" “")[0] for _, message in faults(EMPTY | {TABLE: "1\n2,2\n3\n4"})] == ["line 1", "line 3", "line 4"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"mapping/charge_codes/otherwise": "there"}, "/mapping/charge_codes/otherwise"),
        ({"mapping/charge_codes/otherwise/account": "9999"}, "/mapping/charge_codes/otherwise"),
        (
            {"mapping/charge_codes/otherwise": "there", "mapping/charge_codes/otherwise/dimensions": "x"},
            "/mapping/charge_codes/otherwise/dimensions",
        ),
        ({"mapping/charge_codes/template/separator": "-"}, "/mapping/charge_codes/template"),
        ({"mapping/charge_codes/template/account": "{1}"}, "/mapping/charge_codes/template/account"),
        ({"mapping/dimensions_of_charge_codes": "some"}, "/mapping/dimensions_of_charge_codes"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(change: dict[str, str], pointer: str) -> None:
    assert pointer in [each for each, _ in faults(EMPTY | change)]


def test_nothing_typed_is_no_mapping() -> None:
    assert mapping_of(EMPTY)[0] == {}
    values = values_of({})
    assert values is not None
    assert mapping_of(values)[0] == {}


def test_what_lines_cannot_say_is_not_made_into_lines() -> None:
    for table in ({"a\nb": "1"}, {" a": "1"}, {"a": {"dimensions": {"x=y": "1"}}}, {"a": " 1"}):
        assert values_of({"account_codes": {"table": table}}) is None


text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8).map(str.strip).filter(bool)
dimensions = st.dictionaries(text.filter(lambda name: "=" not in name), text, max_size=3)
said = {"account": text, "tax_code": text, "dimensions": dimensions}
targets = st.fixed_dictionaries({}, optional=said).filter(lambda each: any(each.values()))
kinds = st.fixed_dictionaries(
    {},
    optional={
        "table": st.dictionaries(text, text | targets, max_size=4),
        "otherwise": st.sampled_from(["same", "refuse"]) | targets,
        "template": st.fixed_dictionaries({"account": text}, optional={"separator": st.sampled_from("-./")}),
    },
)
mappings = st.fixed_dictionaries(
    {},
    optional={"account_codes": kinds, "charge_codes": kinds, "dimensions_of_charge_codes": st.sampled_from(["expense_lines", "all_lines"])},
)


@given(mappings)
def test_there_and_back_nothing_is_lost(mapping: dict[str, Any]) -> None:
    """What is shown gives the same mapping again, in whatever it means; else it is not shown as lines."""
    values = values_of(mapping)
    assert values is not None
    again, _ = mapping_of(values)
    assert values_of(again) == values


@given(st.dictionaries(text, text | targets, max_size=5))
def test_lines_that_are_written_are_read_the_same(table: dict[str, Any]) -> None:
    found = read_lines(write_lines(table), "/t")
    assert not found.faults
    assert write_lines(found.entries) == write_lines(table)
