"""From our codes to the ERP's accounts, dimensions and tax codes; and what a mapping must look like."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid
from app.domain.journal import JournalDocument, JournalLine
from app.domain.mapping import Mapped, Target, map_document, target_of
from app.domain.mapping_rules import MOST_ENTRIES, MOST_FAULTS, check_mapping

MAPPING: dict[str, Any] = {
    "account_codes": {
        "table": {"2100": {"account": "20100", "dimensions": {"fund": "G"}, "tax_code": "NONE"}, "2110": "20110"},
        "otherwise": "refuse",
    },
    "charge_codes": {
        "table": {"4100-99": {"dimensions": {"cost_centre": "HQ"}}},
        "template": {"separator": "-", "account": "{1}", "dimensions": {"cost_centre": "{2}", "whole": "x{code}x"}},
        "otherwise": {"account": "9999", "tax_code": "T0"},
    },
}


def line(number: int, side: Any, **more: Any) -> JournalLine:
    plain = JournalLine(
        line=number,
        role="expense",
        ledger="actual",
        account=None,
        account_code="4100-12",
        side=side,
        amount=Decimal("10.50"),
        base_amount=Decimal("10.50"),
        charge_code="4100-12",
        description="Widget",
    )
    return replace(plain, **more)


def document(*lines: JournalLine) -> JournalDocument:
    return JournalDocument(
        reference="T-1", accounting_date=date(2026, 11, 5), currency="NZD", base_currency="NZD", description="", lines=lines
    )


def ours(number: int, side: Any, account_code: str, **more: Any) -> JournalLine:
    return line(number, side, account="Ours", account_code=account_code, **more)


def mapped(*lines: JournalLine, **change: Any) -> Mapped:
    check_mapping(MAPPING | change)
    return map_document(MAPPING | change, document(*lines))


def sent(result: Mapped) -> list[tuple[str, dict[str, str], str | None]]:
    return [(each.account_code, dict(each.dimensions), each.tax_code) for each in result.document.lines]


def problems(result: Mapped) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in result.problems]


def test_without_a_mapping_everything_is_the_same() -> None:
    plain = document(line(1, "debit"), ours(2, "credit", "2110"))
    assert map_document({}, plain) == Mapped(document=plain)
    assert sent(map_document({"dimensions_of_charge_codes": "expense_lines"}, plain)) == [("4100-12", {}, None), ("2110", {}, None)]


def test_accounts_of_ours_go_by_their_account_code_and_the_rest_by_its_charge_code() -> None:
    result = mapped(line(1, "debit"), ours(2, "credit", "2100"), ours(3, "credit", "2110"))
    assert sent(result) == [
        ("4100", {"cost_centre": "12", "whole": "x4100-12x"}, None),
        ("20100", {"fund": "G"}, "NONE"),
        ("20110", {}, None),
    ]
    assert result.problems == ()


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("4100-99", Target(account="4100-99", dimensions={"cost_centre": "HQ"})),
        ("4100-13", Target(account="4100", dimensions={"cost_centre": "13", "whole": "x4100-13x"})),
        ("4100", Target(account="9999", tax_code="T0")),
        ("4100-", Target(account="9999", tax_code="T0")),
        ("4100-{2}-x", Target(account="4100", dimensions={"cost_centre": "{2}", "whole": "x4100-{2}-xx"})),
    ],
)
def test_the_table_comes_before_the_template_and_that_before_otherwise(code: str, target: Target) -> None:
    assert target_of(MAPPING, "charge_codes", code) == target


def test_a_template_without_a_separator_knows_the_whole_code() -> None:
    rules = {"charge_codes": {"template": {"account": "GL-{code}", "tax_code": "NONE"}}}
    check_mapping(rules)
    assert target_of(rules, "charge_codes", "4100-12") == Target(account="GL-4100-12", tax_code="NONE")
    keeps = {"charge_codes": {"template": {"separator": ".", "dimensions": {"project": "{3}"}}, "otherwise": "refuse"}}
    check_mapping(keeps)
    assert target_of(keeps, "charge_codes", "a.b.c") == Target(account="a.b.c", dimensions={"project": "c"})
    assert target_of(keeps, "charge_codes", "a.b") is None


def test_a_code_that_leads_nowhere_is_told_at_its_line_and_where_to_add_it() -> None:
    result = mapped(line(1, "debit"), ours(2, "credit", "2120"))
    assert problems(result) == [(2, "not-mapped")]
    assert "account code 2120" in result.problems[0].message
    assert "account_codes, table" in result.problems[0].message
    assert result.document.lines[1].account_code == "2120"


def test_dimensions_of_charge_codes_can_stand_on_balance_sheet_lines_too() -> None:
    credit = ours(2, "credit", "2100")
    assert sent(mapped(credit))[0][1] == {"fund": "G"}
    every = mapped(credit, dimensions_of_charge_codes="all_lines")
    assert sent(every) == [("20100", {"cost_centre": "12", "whole": "x4100-12x", "fund": "G"}, "NONE")]
    without = mapped(replace(credit, charge_code=None), dimensions_of_charge_codes="all_lines")
    assert sent(without) == [("20100", {"fund": "G"}, "NONE")]


def test_the_accounts_own_dimension_wins_over_its_charge_codes() -> None:
    charged = {"table": {"4100-12": {"dimensions": {"fund": "X", "cost_centre": "12"}}}}
    result = mapped(ours(1, "credit", "2100"), charge_codes=charged, dimensions_of_charge_codes="all_lines")
    assert sent(result)[0][1] == {"fund": "G", "cost_centre": "12"}


def test_a_charge_code_that_leads_nowhere_is_told_at_balance_sheet_lines_where_they_take_its_dimensions() -> None:
    strict = {"otherwise": "refuse"}
    credit = ours(2, "credit", "2110")
    assert problems(mapped(credit, charge_codes=strict)) == []
    assert problems(mapped(credit, charge_codes=strict, dimensions_of_charge_codes="all_lines")) == [(2, "not-mapped")]


@pytest.mark.parametrize(
    ("mapping", "pointers"),
    [
        ({"accounts": {}}, ["/mapping/accounts"]),
        ({"account_codes": []}, ["/mapping/account_codes"]),
        ({"account_codes": {"tabel": {}}}, ["/mapping/account_codes/tabel"]),
        ({"account_codes": {"table": []}}, ["/mapping/account_codes/table"]),
        ({"account_codes": {"table": {"2100": 1}}}, ["/mapping/account_codes/table/2100"]),
        ({"account_codes": {"table": {"2100": " "}}}, ["/mapping/account_codes/table/2100"]),
        ({"account_codes": {"table": {"2/1~0": {}}}}, ["/mapping/account_codes/table/2~11~00"]),
        ({"account_codes": {"table": {"": "1"}}}, ["/mapping/account_codes/table/"]),
        (
            {"account_codes": {"table": {"2100": {"acount": "1", "tax_code": 7}}}},
            [f"/mapping/account_codes/table/2100/{x}" for x in ("acount", "tax_code")],
        ),
        (
            {"account_codes": {"table": {"2100": {"dimensions": {"": "x", "fund": ""}}}}},
            [f"/mapping/account_codes/table/2100/dimensions/{x}" for x in ("", "fund")],
        ),
        (
            {"account_codes": {"table": {"2100": {"dimensions": []}}}},
            ["/mapping/account_codes/table/2100", "/mapping/account_codes/table/2100/dimensions"],
        ),
        (
            {"account_codes": {"table": {"1": {"dimensions": {str(n): "x" for n in range(21)}}}}},
            ["/mapping/account_codes/table/1/dimensions"],
        ),
        ({"charge_codes": {"otherwise": "refused"}}, ["/mapping/charge_codes/otherwise"]),
        ({"charge_codes": {"otherwise": 7}}, ["/mapping/charge_codes/otherwise"]),
        ({"charge_codes": {"template": {"separator": "-"}}}, ["/mapping/charge_codes/template"]),
        ({"charge_codes": {"template": {"separator": "", "account": "{code}"}}}, ["/mapping/charge_codes/template/separator"]),
        ({"charge_codes": {"template": {"separator": "-", "account": "{0}"}}}, ["/mapping/charge_codes/template/account"]),
        ({"charge_codes": {"template": {"separator": "-", "account": "{1"}}}, ["/mapping/charge_codes/template/account"]),
        (
            {"charge_codes": {"template": {"separator": "-", "dimensions": {"a": "{name}"}}}},
            ["/mapping/charge_codes/template/dimensions/a"],
        ),
        ({"charge_codes": {"template": {"account": "{1}"}}}, ["/mapping/charge_codes/template/account"]),
        ({"charge_codes": {"template": []}}, ["/mapping/charge_codes/template"]),
        ({"dimensions_of_charge_codes": "all"}, ["/mapping/dimensions_of_charge_codes"]),
        ({"account_codes": {"table": {str(n): "1" for n in range(MOST_ENTRIES + 1)}}}, ["/mapping/account_codes/table"]),
        (
            {"account_codes": {"table": {str(n): " " for n in range(MOST_ENTRIES)}}},
            [f"/mapping/account_codes/table/{n}" for n in range(MOST_FAULTS)],
        ),
    ],
)
def test_every_fault_of_a_mapping_has_its_pointer(mapping: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        check_mapping(mapping)
    assert [fault.pointer for fault in refused.value.faults] == pointers


@pytest.mark.parametrize(
    "mapping", [{}, MAPPING, {"account_codes": {"table": {"1": {"account": "2", "tax_code": None}}, "template": None}}]
)
def test_a_sound_mapping_is_taken(mapping: dict[str, Any]) -> None:
    check_mapping(mapping)


texts = st.text(alphabet="12AB-{}.", min_size=1, max_size=4)
patterns = st.sampled_from(["{1}", "{2}-{1}", "{code}", "X{3}", "{code}{2}", "9"])
targets = st.one_of(
    texts, st.fixed_dictionaries({"account": texts}, optional={"dimensions": st.dictionaries(texts, texts, max_size=2), "tax_code": texts})
)
kinds = st.fixed_dictionaries(
    {},
    optional={
        "table": st.dictionaries(texts, targets, max_size=4),
        "template": st.fixed_dictionaries(
            {"separator": st.sampled_from("-."), "account": patterns}, optional={"dimensions": st.dictionaries(texts, patterns, max_size=2)}
        ),
        "otherwise": st.one_of(st.sampled_from(["same", "refuse"]), st.fixed_dictionaries({"account": texts})),
    },
)
mappings = st.fixed_dictionaries(
    {},
    optional={"account_codes": kinds, "charge_codes": kinds, "dimensions_of_charge_codes": st.sampled_from(["expense_lines", "all_lines"])},
)


def test_the_pages_mapping_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
    example = json.loads(page.split("```json\n")[1].split("```")[0])["mapping"]
    check_mapping(example)
    assert target_of(example, "charge_codes", "4100-12") == Target(account="4100", dimensions={"cost_centre": "12"})


@st.composite
def documents(draw: st.DrawFn) -> JournalDocument:
    lines = []
    for number in range(1, draw(st.integers(2, 6)) + 1):
        code, charge = draw(texts), draw(st.none() | texts)
        amount = draw(st.integers(1, 10**9).map(lambda minor: Decimal(minor) / 100))
        account = draw(st.none() | st.just("Ours"))
        lines.append(
            line(
                number,
                draw(st.sampled_from(["debit", "credit"])),
                account=account,
                account_code=code,
                charge_code=charge,
                amount=amount,
                base_amount=amount * 2,
            )
        )
    return document(*lines)


@given(mappings, documents())
def test_a_mapping_changes_codes_and_nothing_else(mapping: dict[str, Any], before: JournalDocument) -> None:
    check_mapping(mapping)
    result = map_document(mapping, before)
    assert result == map_document(mapping, before)
    bare = [replace(each, account_code="", dimensions={}, tax_code=None) for each in result.document.lines]
    assert bare == [replace(each, account_code="") for each in before.lines]
    assert replace(result.document, lines=()) == replace(before, lines=())
    assert _totals(result.document) == _totals(before)
    assert {problem.line for problem in result.problems} <= {each.line for each in before.lines}
    assert all(each.account_code for each in result.document.lines)


@given(mappings, documents())
def test_lines_of_one_code_go_to_one_account(mapping: dict[str, Any], before: JournalDocument) -> None:
    led: dict[tuple[bool, str], set[str]] = {}
    for line_before, line_after in zip(before.lines, map_document(mapping, before).document.lines, strict=True):
        ours_here = line_before.account is not None
        code = line_before.account_code if ours_here else line_before.charge_code or line_before.account_code
        if line_after.account_code != line_before.account_code:
            led.setdefault((ours_here, code), set()).add(line_after.account_code)
    assert all(len(accounts) == 1 for accounts in led.values())


def _totals(journal: JournalDocument) -> tuple[Decimal, Decimal]:
    signs = {"debit": 1, "credit": -1}
    return (
        sum((signs[each.side] * each.amount for each in journal.lines), Decimal(0)),
        sum((signs[each.side] * each.base_amount for each in journal.lines), Decimal(0)),
    )
