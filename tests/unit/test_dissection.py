"""The worked cases of dissection in the pure domain: every option, every kind, with and without tax; missing records, wrong choices."""

import pytest

from app.domain.debtors import DebtorsKey, Dissection, GlInterface, Option, WarehouseKey, mixed_accounts
from app.domain.errors import DomainError, GlInterfaceMissing, Invalid, UnknownAccount
from tests.debtor_cases import KINDS, POSTING, REFUSED, TOTAL, Case
from tests.domain_debtors import RECORDS, play, without_account, without_record

UNKNOWN = {"unknown-debtor", "unknown-warehouse"}
"""What is not there is found out before the domain is asked."""


@pytest.mark.parametrize("taxed", [True, False], ids=["taxed", "untaxed"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", POSTING, ids=lambda case: case.name)
def test_a_transaction_takes_its_record(case: Case, kind: str, taxed: bool) -> None:
    made = play(case, kind, taxed=taxed)
    assert {(line.role, line.account, line.side, f"{line.amount / 100:.2f}") for line in made.lines} == case.posted(kind, taxed=taxed)
    assert [line.amount for line in made.lines] == [line.base_amount for line in made.lines]
    assert [line.line for line in made.lines] == [*range(1, len(made.lines) + 1)]
    if case.records:
        assert made.details.gl_interfaces == case.records
    assert all(choice.why for choice in made.choices)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", [case for case in REFUSED if case.refused not in UNKNOWN], ids=lambda case: case.name)
def test_a_missing_record_or_a_wrong_choice_is_refused(case: Case, kind: str) -> None:
    with pytest.raises(DomainError) as refused:
        play(case, kind)
    assert refused.value.code == case.refused
    assert case.says in refused.value.detail + "".join(fault.message for fault in refused.value.faults)


@pytest.mark.parametrize("case", POSTING, ids=lambda case: case.name)
def test_without_the_record_it_is_refused_by_name_and_never_posted_elsewhere(case: Case) -> None:
    for code in case.records:
        if case.option["option"] != "dissect" and not RECORDS[code].pair:
            with pytest.raises(GlInterfaceMissing, match=f"record {code} is missing: set it in PUT /v1/gl-interfaces/{code}"):
                play(case, "invoice", facts=without_record(case, code))


def test_an_account_that_is_not_active_any_more_is_refused_by_name() -> None:
    with pytest.raises(UnknownAccount, match="TOTAL names Sales,"):
        play(Case(name="", option=TOTAL), "invoice", facts=without_account(Case(name="", option=TOTAL), "Sales"))


@pytest.mark.parametrize("option", [Option.TOTAL, Option.DISSECT, Option.GL_DISSECT])
def test_keys_go_with_a_combination_alone(option: Option) -> None:
    assert Dissection(option=option).warehouse_key == "none"
    with pytest.raises(Invalid) as refused:
        Dissection(option=option, warehouse_key=WarehouseKey.WAREHOUSE, debtors_key=DebtorsKey.DEBTOR)
    assert [fault.pointer for fault in refused.value.faults] == ["/warehouse_key", "/debtors_key"]


def test_a_control_account_is_nothing_else() -> None:
    mixed = GlInterface(
        code="M", description="", trade_debtors_account="Sales", invoice_account="A", journal_account="B", tax_account="Debtors Export"
    )
    assert mixed_accounts(RECORDS.values()) == frozenset()
    assert mixed_accounts([*RECORDS.values(), mixed]) == {"Sales", "Debtors Export"}
