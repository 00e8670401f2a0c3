"""What a mapping lacks, held against an ERP's chart and the codes that we use."""

from typing import Any

from app.domain.mapping_check import Lack, Lead, NamedTarget, lacking, leads, named_targets

MAPPING: dict[str, Any] = {
    "account_codes": {"table": {"2100": "20100", "a/b": {"account": "20110"}, "2": {"tax_code": "T"}}, "otherwise": {"account": "9999"}},
    "charge_codes": {"template": {"account": "6000", "separator": "-", "dimensions": {"c": "{2}"}}, "otherwise": "refuse"},
}


def test_the_accounts_that_a_mapping_names_in_full() -> None:
    assert [(each.pointer, each.account) for each in named_targets(MAPPING)] == [
        ("/mapping/account_codes/table/2100", "20100"),
        ("/mapping/account_codes/table/a~1b", "20110"),
        ("/mapping/account_codes/otherwise", "9999"),
        ("/mapping/charge_codes/template", "6000"),
    ]
    assert list(named_targets({})) == []
    assert list(named_targets({"charge_codes": {"template": {"account": "{code}x"}}})) == []


def test_where_codes_lead_and_why_they_cannot() -> None:
    found = leads(MAPPING, "charge_codes", ["4100-12", "4100", "4100-12"])
    assert found == [Lead(code="4100", account=None), Lead(code="4100-12", account="6000")]
    assert list(lacking(found, unknown=(), inactive=())) == [Lack(where="4100", account=None, reason="not-mapped")]
    both: list[NamedTarget | Lead] = [
        NamedTarget(pointer="/mapping/x", account="1"),
        Lead(code="2", account="2"),
        Lead(code="3", account="3"),
    ]
    assert list(lacking(both, unknown={"1"}, inactive={"2"})) == [
        Lack(where="/mapping/x", account="1", reason="unknown-account"),
        Lack(where="2", account="2", reason="inactive-account"),
    ]
