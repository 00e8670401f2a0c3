"""The set-up that a debtor transaction is decided with: loaded for it, kept with its event, and read again to prove it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.application.ports.unit_of_work import UnitOfWork
from app.domain.accounts import Account, AccountType
from app.domain.debtors import (
    STANDARD,
    Debtor,
    DebtorsKey,
    Dissection,
    GlInterface,
    Option,
    Pair,
    SalesTerritory,
    Warehouse,
    WarehouseKey,
)
from app.domain.dissection import DebtorFacts
from app.domain.errors import Fault, UnknownDebtor, UnknownWarehouse
from app.domain.events import DebtorTransaction


async def load_facts(uow: UnitOfWork, event: DebtorTransaction, *, keep: bool) -> DebtorFacts:
    """What is in force now. `keep`: nobody deletes it before this unit of work ends. Raises `UnknownDebtor` or `UnknownWarehouse`."""
    ledger = uow.debtors_ledger
    dissection = await ledger.dissection() or Dissection()
    debtor = (await ledger.debtors.named({event.debtor}, keep=keep)).get(event.debtor)
    if debtor is None:
        message = f"there is no debtor {event.debtor}: set it up in PUT /v1/debtors/{event.debtor}"
        raise UnknownDebtor(message, Fault(pointer="/data/debtor", message=message))
    warehouse = await _warehouse(uow, event.warehouse or debtor.default_warehouse, keep=keep)
    territory = (await ledger.sales_territories.named({debtor.sales_territory}, keep=keep))[debtor.sales_territory]
    records = dict(await ledger.gl_interfaces.named(_codes(dissection, debtor, warehouse, territory, event), keep=keep))
    if pair := _pair(dissection, debtor, warehouse, territory):
        own = await ledger.gl_interfaces.for_pair(pair)
        records |= await ledger.gl_interfaces.named({own.code}, keep=keep) if own else {}
    chosen = {line.gl_account for line in event.lines if line.gl_account is not None}
    names = chosen.union(*(record.accounts for record in records.values()))
    return DebtorFacts(
        dissection=dissection,
        debtor=debtor,
        warehouse=warehouse,
        territory=territory,
        records=records,
        accounts=await uow.accounts.named(names),
        controls=frozenset(chosen) & await ledger.gl_interfaces.controls() if chosen else frozenset(),
    )


async def _warehouse(uow: UnitOfWork, code: str | None, *, keep: bool) -> Warehouse | None:
    if code is None:
        return None
    found = (await uow.debtors_ledger.warehouses.named({code}, keep=keep)).get(code)
    if found is None:
        message = f"there is no warehouse {code}: set it up in PUT /v1/warehouses/{code}"
        raise UnknownWarehouse(message, Fault(pointer="/data/warehouse", message=message))
    return found


def _codes(
    dissection: Dissection, debtor: Debtor, warehouse: Warehouse | None, territory: SalesTerritory, event: DebtorTransaction
) -> set[str]:
    """The records that the transaction may take, but for that of a pair."""
    if dissection.option is Option.DISSECT:
        return {line.gl_interface for line in event.lines if line.gl_interface is not None}
    named = {
        DebtorsKey.DEBTOR: debtor.gl_interface,
        DebtorsKey.SALES_TERRITORY: territory.gl_interface,
        WarehouseKey.WAREHOUSE: warehouse.gl_interface if warehouse else None,
    }
    keys = {dissection.debtors_key, dissection.warehouse_key} - {"none"}
    return {code for key in keys if (code := named[key]) is not None} if keys else {STANDARD}


def _pair(dissection: Dissection, debtor: Debtor, warehouse: Warehouse | None, territory: SalesTerritory) -> Pair | None:
    if warehouse is None or dissection.warehouse_key is WarehouseKey.NONE or dissection.debtors_key is DebtorsKey.NONE:
        return None
    return Pair(warehouse=warehouse.code, debtors=debtor.code if dissection.debtors_key is DebtorsKey.DEBTOR else territory.code)


def facts_to_json(facts: DebtorFacts) -> dict[str, Any]:
    """For the event's decision."""
    return {
        "dissection": asdict(facts.dissection),
        "debtor": asdict(facts.debtor),
        "warehouse": asdict(facts.warehouse) if facts.warehouse else None,
        "sales_territory": asdict(facts.territory),
        "records": [asdict(record) for record in facts.records.values()],
        "accounts": [{"name": account.name, "code": account.code, "type": account.type} for _, account in sorted(facts.accounts.items())],
    }


def facts_from_json(kept: Mapping[str, Any]) -> DebtorFacts:
    """As it was when the transaction was posted: all its accounts were active, and none that was chosen was a control account."""
    dissection, records = kept["dissection"], [_record(each) for each in kept["records"]]
    return DebtorFacts(
        dissection=Dissection(
            option=Option(dissection["option"]),
            warehouse_key=WarehouseKey(dissection["warehouse_key"]),
            debtors_key=DebtorsKey(dissection["debtors_key"]),
        ),
        debtor=Debtor(**kept["debtor"]),
        warehouse=Warehouse(**kept["warehouse"]) if kept["warehouse"] else None,
        territory=SalesTerritory(**kept["sales_territory"]),
        records={record.code: record for record in records},
        accounts={each["name"]: Account(name=each["name"], code=each["code"], type=AccountType(each["type"])) for each in kept["accounts"]},
        controls=frozenset(record.trade_debtors_account for record in records),
    )


def _record(kept: Mapping[str, Any]) -> GlInterface:
    return GlInterface(**{**kept, "pair": Pair(**kept["pair"]) if kept["pair"] else None})
