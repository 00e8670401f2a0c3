"""Debtor transactions over random set-ups: one record or a clear refusal, balanced record by record, and mirrored by a reversal."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.debtor_transaction import tax_shares
from app.domain.debtors import Debtor, DebtorsKey, Dissection, GlInterface, Option, Pair, SalesTerritory, Warehouse, WarehouseKey
from app.domain.dissection import DebtorFacts
from app.domain.entry import mirrored
from app.domain.errors import GlInterfaceMissing, Invalid
from app.domain.events import DebtorKind, DebtorLine, DebtorTransaction
from app.domain.money import Currency, in_base
from app.domain.ordering import document_rate
from app.domain.transaction import Role, TransactionLine
from tests.domain_debtors import ACCOUNTS, Made, post
from tests.unit.properties.profiles import EFFORT

BASE = Currency(code="USD", digits=2)
CURRENCIES = {
    BASE: None,
    Currency(code="JPY", digits=0): "0.0067",
    Currency(code="KWD", digits=3): "10.05",
    Currency(code="NZD", digits=2): "1.6111",
}
CONTROLS, CONTRAS = ("Trade Debtors", "Debtors Export"), tuple(name for name in ACCOUNTS if "Debtors" not in name.split()[:2])
CODES = ("TOTAL", "A", "B", "C")
OPTIONAL_CODE = st.sampled_from((*CODES, None))


@st.composite
def records(draw: st.DrawFn) -> dict[str, GlInterface]:
    """Some of the records, each pair at most once."""
    found = {}
    pairs = set[Pair]()
    for code in draw(st.sets(st.sampled_from(CODES))):
        pair = draw(st.sampled_from((None, Pair(warehouse="W", debtors="D"), Pair(warehouse="W", debtors="T"))))
        found[code] = GlInterface(
            code=code,
            description="",
            trade_debtors_account=draw(st.sampled_from(CONTROLS)),
            invoice_account=draw(st.sampled_from(CONTRAS)),
            journal_account=draw(st.sampled_from(CONTRAS)),
            tax_account=draw(st.sampled_from(CONTRAS)),
            pair=None if pair in pairs else pair,
        )
        pairs |= {pair} if pair else set()
    return found


@st.composite
def set_ups(draw: st.DrawFn) -> DebtorFacts:
    option = draw(st.sampled_from(Option))
    keyed = option is Option.COMBINATION
    known = draw(records())
    return DebtorFacts(
        dissection=Dissection(
            option=option,
            warehouse_key=draw(st.sampled_from(WarehouseKey)) if keyed else WarehouseKey.NONE,
            debtors_key=draw(st.sampled_from(DebtorsKey)) if keyed else DebtorsKey.NONE,
        ),
        debtor=Debtor(code="D", name="", sales_territory="T", gl_interface=draw(OPTIONAL_CODE)),
        warehouse=draw(st.one_of(st.none(), st.builds(Warehouse, code=st.just("W"), name=st.just(""), gl_interface=OPTIONAL_CODE))),
        territory=SalesTerritory(code="T", name="", gl_interface=draw(OPTIONAL_CODE)),
        records=known,
        accounts=ACCOUNTS,
        controls=frozenset(record.trade_debtors_account for record in known.values()),
    )


@st.composite
def transactions(draw: st.DrawFn, option: Option) -> DebtorTransaction:
    """Choices that fit the option, mostly; amounts from nothing to millions."""
    fitting = draw(st.integers(0, 9)) > 0
    by_record = option is Option.DISSECT if fitting else draw(st.booleans())
    by_account = option is Option.GL_DISSECT if fitting else draw(st.booleans())
    currency = draw(st.sampled_from([*CURRENCIES]))
    line = st.builds(
        DebtorLine,
        description=st.sampled_from(("", "Work", "Parts")),
        amount=st.one_of(st.integers(0, 5), st.integers(0, 10**9)),
        gl_interface=st.sampled_from(CODES) if by_record else st.none(),
        gl_account=st.sampled_from(CONTRAS) if by_account else st.none(),
    )
    rate = CURRENCIES[currency]
    return DebtorTransaction(
        document_date=date(2026, 11, 2),
        transaction_number="N",
        kind=draw(st.sampled_from(DebtorKind)),
        debtor="D",
        warehouse=None,
        currency=currency,
        exchange_rate=None if rate is None else Decimal(rate),
        lines=tuple(draw(st.lists(line, min_size=1, max_size=6))),
        tax=draw(st.one_of(st.just(0), st.integers(0, 10**7))),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[DebtorFacts, DebtorTransaction]:
    facts = draw(set_ups())
    return facts, draw(transactions(facts.dissection.option))


def signed(lines: Sequence[TransactionLine], role: Role | None = None) -> tuple[int, int]:
    """Debits less credits in document and base minor units."""
    chosen = [(1 if line.side == "debit" else -1, line) for line in lines if role in (None, line.role)]
    return sum(sign * line.amount for sign, line in chosen), sum(sign * line.base_amount for sign, line in chosen)


def posted(facts: DebtorFacts, event: DebtorTransaction) -> Made | None:
    """None where it is refused; another error than these two would be a bug."""
    try:
        return post(event, facts, BASE)
    except (GlInterfaceMissing, Invalid):
        return None


@EFFORT
@given(cases())
def test_balanced_and_complete_or_refused(case: tuple[DebtorFacts, DebtorTransaction]) -> None:
    facts, event = case
    made = posted(facts, event)
    if made is None:
        return
    total = event.tax + sum(line.amount for line in event.lines)
    base = in_base(total, document_rate(event.currency, BASE, event.exchange_rate))
    direction = 1 if event.kind in (DebtorKind.INVOICE, DebtorKind.JOURNAL_DEBIT) else -1
    assert signed(made.lines) == (0, 0)
    assert signed(made.lines, Role.RECEIVABLE) == (direction * total, direction * base)
    assert signed(made.lines, Role.TAX)[0] == -direction * event.tax
    keys = [(line.role, line.account, line.side) for line in made.lines]
    assert len(set(keys)) == len(keys), "equal account, role and side are summed"
    assert all(line.amount or line.base_amount for line in made.lines)


@EFFORT
@given(cases())
def test_each_control_account_has_what_its_own_lines_come_to(case: tuple[DebtorFacts, DebtorTransaction]) -> None:
    facts, event = case
    made = posted(facts, event)
    if made is None:
        return
    taxes = tax_shares(event)
    assert sum(taxes) == event.tax
    whole = sum(line.amount for line in event.lines)
    for line, tax in zip(event.lines, taxes, strict=True):
        assert not whole or abs(tax * whole - event.tax * line.amount) < whole, "within one minor unit of its exact share"
    wanted: dict[str, int] = defaultdict(int)
    for line, tax, choice in zip(event.lines, taxes, made.choices, strict=True):
        wanted[choice.control.name] += line.amount + tax
    controls = {line.account: line.amount for line in made.lines if line.role is Role.RECEIVABLE}
    assert controls == {name: amount for name, amount in wanted.items() if amount}


@EFFORT
@given(cases())
def test_exactly_the_record_that_the_rule_names(case: tuple[DebtorFacts, DebtorTransaction]) -> None:
    """The rule of CONTRACT.md 8 written down a second time, as a table of who gives the control account and who the others."""
    facts, event = case
    made = posted(facts, event)
    keys, warehouse = facts.dissection, facts.warehouse
    owners: dict[DebtorsKey, Debtor | SalesTerritory] = {DebtorsKey.DEBTOR: facts.debtor, DebtorsKey.SALES_TERRITORY: facts.territory}
    debtors = owners.get(keys.debtors_key)
    if keys.option is Option.COMBINATION and (warehouse or keys.warehouse_key is WarehouseKey.NONE):
        by_warehouse = warehouse if keys.warehouse_key is WarehouseKey.WAREHOUSE else None
        pair = Pair(warehouse=by_warehouse.code, debtors=debtors.code) if by_warehouse and debtors else None
        own = [record.code for record in facts.records.values() if pair and record.pair == pair]
        names: list[str | None] = [*own, *own] or [
            debtors.gl_interface if debtors else None,
            by_warehouse.gl_interface if by_warehouse else None,
        ]
        if not own and not (by_warehouse and debtors):
            one = debtors or by_warehouse
            names = [one.gl_interface if one else "TOTAL"] * 2
        control, contra = (facts.records.get(name or "") for name in names)
        if control is None or contra is None:
            assert made is None
        elif made is not None:
            journal = event.kind in (DebtorKind.JOURNAL_DEBIT, DebtorKind.JOURNAL_CREDIT)
            for choice in made.choices:
                assert choice.control.name == control.trade_debtors_account
                assert choice.contra.name == (contra.journal_account if journal else contra.invoice_account)
                assert choice.tax.name == contra.tax_account
    elif made is not None and keys.option is not Option.COMBINATION:
        assert all(choice.records == (line.gl_interface or "TOTAL",) for choice, line in zip(made.choices, event.lines, strict=True))


@EFFORT
@given(st.lists(cases(), min_size=1, max_size=4))
def test_the_control_account_is_the_sum_of_its_debtors_and_reversals_leave_nothing(
    several: list[tuple[DebtorFacts, DebtorTransaction]],
) -> None:
    by_debtor: dict[tuple[str, str | None], int] = defaultdict(int)
    by_account: dict[str | None, int] = defaultdict(int)
    for number, (facts, event) in enumerate(several):
        own = replace(event, debtor=f"D{number % 2}")
        made = posted(replace(facts, controls=frozenset(CONTROLS)), own)
        if made is None:
            continue
        for line in made.lines:
            amount = line.base_amount if line.side == "debit" else -line.base_amount
            by_account[line.account] += amount
            if line.role is Role.RECEIVABLE:
                by_debtor[own.debtor, line.account] += amount
        both = (*made.lines, *mirrored(made.lines))
        for account in ACCOUNTS:
            assert signed([line for line in both if line.account == account]) == (0, 0)
    for control in CONTROLS:
        assert by_account[control] == sum(amount for (_, account), amount in by_debtor.items() if account == control)
