"""Which GL interface record, and so which accounts, each line of a debtor transaction takes, and why. Nothing falls back silently."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.accounts import Account
from app.domain.debtors import STANDARD, Debtor, DebtorsKey, Dissection, GlInterface, Option, Pair, SalesTerritory, Warehouse, WarehouseKey
from app.domain.errors import Fault, GlInterfaceMissing, UnknownAccount, UnknownGlInterface, WarehouseMissing, WrongDissection
from app.domain.events import DebtorKind, DebtorLine, DebtorTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorFacts:
    """The set-up that a transaction is decided with; kept with its event. `records` and `accounts` are those that it may take, by code
    and by name; `controls` are the trade debtors accounts of all records."""

    dissection: Dissection
    debtor: Debtor
    warehouse: Warehouse | None
    territory: SalesTerritory
    records: Mapping[str, GlInterface]
    accounts: Mapping[str, Account]
    controls: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a line takes: the debtors' side goes to `control`, its amount to `contra`, its part of the tax to `tax`."""

    control: Account
    contra: Account
    tax: Account
    records: tuple[str, ...]
    why: tuple[str, ...]


def choose(facts: DebtorFacts, event: DebtorTransaction) -> tuple[Choice, ...]:
    """One choice per line. Raises `GlInterfaceMissing` with the name of the record and where to set it, `WarehouseMissing`, or what is
    wrong with a choice made at entry."""
    match facts.dissection.option:
        case Option.DISSECT:
            return tuple(_of_line(facts, event, position, line) for position, line in enumerate(event.lines))
        case Option.GL_DISSECT:
            return tuple(_of_account(facts, event, position, line) for position, line in enumerate(event.lines))
    _refuse_choices(facts.dissection.option, event)
    chosen = _standard(facts, event.kind) if facts.dissection.option is Option.TOTAL else _combined(facts, event.kind)
    return (chosen,) * len(event.lines)


def _refuse_choices(option: Option, event: DebtorTransaction) -> None:
    faults = tuple(
        Fault(pointer=f"/data/lines/{position}/{name}", message=f"not with option {option}: the record follows from the set-up")
        for position, line in enumerate(event.lines)
        for name in ("gl_interface", "gl_account")
        if getattr(line, name) is not None
    )
    if faults:
        raise WrongDissection(f"with option {option} nothing is chosen at entry", *faults)


def _standard(facts: DebtorFacts, kind: DebtorKind) -> Choice:
    record = _record(facts, STANDARD, "the standard record")
    return _choice(facts, kind, record, record, f"option {facts.dissection.option}: every transaction takes the standard record {STANDARD}")


def _combined(facts: DebtorFacts, kind: DebtorKind) -> Choice:
    keys = facts.dissection
    by_warehouse, by_debtors = keys.warehouse_key is WarehouseKey.WAREHOUSE, keys.debtors_key is not DebtorsKey.NONE
    if by_warehouse and facts.warehouse is None:
        message = f"required: {facts.debtor.code} has no default warehouse"
        raise WarehouseMissing("the warehouse is a key of the combination", Fault(pointer="/data/warehouse", message=message))
    if not by_warehouse and not by_debtors:
        record = _record(facts, STANDARD, "the standard record")
        return _choice(facts, kind, record, record, f"combination without keys: the standard record {STANDARD}")
    if by_warehouse and by_debtors:
        return _paired(facts, kind)
    code, owner, why = _of_warehouse(facts) if by_warehouse else _of_debtors(facts)
    record = _record(facts, code, owner)
    return _choice(facts, kind, record, record, why)


def _paired(facts: DebtorFacts, kind: DebtorKind) -> Choice:
    """Both keys: the pair's own record, else the control account from the debtors key's and the others from the warehouse's."""
    assert facts.warehouse is not None  # noqa: S101 - the caller refused
    debtors = facts.debtor.code if facts.dissection.debtors_key is DebtorsKey.DEBTOR else facts.territory.code
    pair = Pair(warehouse=facts.warehouse.code, debtors=debtors)
    own = next((record for record in facts.records.values() if record.pair == pair), None)
    if own is not None:
        return _choice(facts, kind, own, own, f"record {own.code} is for warehouse {pair.warehouse} and {debtors} together")
    (debtors_code, debtors_owner, debtors_why), (warehouse_code, warehouse_owner, warehouse_why) = _of_debtors(facts), _of_warehouse(facts)
    missing = [owner for code, owner in ((debtors_code, debtors_owner), (warehouse_code, warehouse_owner)) if code is None]
    if missing:
        hint = f"or set a record for warehouse {pair.warehouse} and {debtors} together: PUT /v1/gl-interfaces/{{code}}"
        raise GlInterfaceMissing(f"{'; '.join(missing)}; {hint}")
    control, contra = _record(facts, debtors_code, debtors_owner), _record(facts, warehouse_code, warehouse_owner)
    parts = f"{debtors_why}: it gives the control account", f"{warehouse_why}: it gives the other accounts"
    return _choice(facts, kind, control, contra, f"no record is for warehouse {pair.warehouse} and {debtors} together", *parts)


Named = tuple[str | None, str, str]
"""A record's code, what is said where there is none, and what where there is one."""


def _of_warehouse(facts: DebtorFacts) -> Named:
    assert facts.warehouse is not None  # noqa: S101 - the caller refused
    return _named("warehouse", "warehouses", facts.warehouse.code, facts.warehouse.gl_interface)


def _of_debtors(facts: DebtorFacts) -> Named:
    if facts.dissection.debtors_key is DebtorsKey.DEBTOR:
        return _named("debtor", "debtors", facts.debtor.code, facts.debtor.gl_interface)
    code, why, given = _named("sales territory", "sales-territories", facts.territory.code, facts.territory.gl_interface)
    return code, f"{why} (of debtor {facts.debtor.code})", f"{given} (of debtor {facts.debtor.code})"


def _named(noun: str, path: str, code: str, record: str | None) -> Named:
    missing = f"{noun} {code} has no GL interface record: set it in PUT /v1/{path}/{code}"
    return record, missing, f"{noun} {code} names record {record}"


def _of_line(facts: DebtorFacts, event: DebtorTransaction, position: int, line: DebtorLine) -> Choice:
    place = f"/data/lines/{position}"
    if line.gl_account is not None:
        fault = Fault(pointer=f"{place}/gl_account", message="not with option dissect: choose a GL interface record")
        raise WrongDissection("with option dissect a line chooses a GL interface record", fault)
    if line.gl_interface is None:
        fault = Fault(pointer=f"{place}/gl_interface", message="required: one of GET /v1/gl-interfaces")
        raise WrongDissection("with option dissect every line chooses a GL interface record", fault)
    record = facts.records.get(line.gl_interface)
    if record is None:
        message = f"{line.gl_interface} is not a GL interface record: choose one of GET /v1/gl-interfaces"
        raise UnknownGlInterface(message, Fault(pointer=f"{place}/gl_interface", message=message))
    return _choice(facts, event.kind, record, record, f"line {position + 1} chose record {record.code}")


def _of_account(facts: DebtorFacts, event: DebtorTransaction, position: int, line: DebtorLine) -> Choice:
    place = f"/data/lines/{position}"
    if line.gl_interface is not None:
        fault = Fault(pointer=f"{place}/gl_interface", message="not with option gl_dissect: choose a GL account")
        raise WrongDissection("with option gl_dissect a line chooses a GL account", fault)
    if line.gl_account is None:
        fault = Fault(pointer=f"{place}/gl_account", message="required: the name of an account of GET /v1/accounts")
        raise WrongDissection("with option gl_dissect every line chooses a GL account", fault)
    if line.gl_account in facts.controls:
        message = f"{line.gl_account} is a trade debtors control account: only the debtors' side is posted there"
        raise WrongDissection(message, Fault(pointer=f"{place}/gl_account", message=message))
    account = facts.accounts.get(line.gl_account)
    if account is None or not account.active:
        message = f"{line.gl_account} is not an active account of GET /v1/accounts"
        raise UnknownAccount(message, Fault(pointer=f"{place}/gl_account", message=message))
    record = _record(facts, STANDARD, "the standard record")
    return Choice(
        control=_account(facts, record, record.trade_debtors_account),
        contra=account,
        tax=_account(facts, record, record.tax_account),
        records=(record.code,),
        why=(f"line {position + 1} chose account {account.name}", f"control and tax accounts are those of {STANDARD}"),
    )


def _choice(facts: DebtorFacts, kind: DebtorKind, control: GlInterface, contra: GlInterface, *why: str) -> Choice:
    return Choice(
        control=_account(facts, control, control.trade_debtors_account),
        contra=_account(facts, contra, contra.journal_account if kind.is_journal else contra.invoice_account),
        tax=_account(facts, contra, contra.tax_account),
        records=tuple(dict.fromkeys((control.code, contra.code))),
        why=why,
    )


def _record(facts: DebtorFacts, code: str | None, missing: str) -> GlInterface:
    """The record, or `GlInterfaceMissing`; `missing` says whose it is where none is named."""
    if code is None:
        raise GlInterfaceMissing(missing)
    record = facts.records.get(code)
    if record is None:
        raise GlInterfaceMissing(f"GL interface record {code} is missing: set it in PUT /v1/gl-interfaces/{code}")
    return record


def _account(facts: DebtorFacts, record: GlInterface, name: str) -> Account:
    account = facts.accounts.get(name)
    if account is None or not account.active:
        raise UnknownAccount(f"GL interface record {record.code} names {name}, which is not an active account")
    return account
