"""Debtor transactions in the pure domain, from a set-up and an event in the contract's shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.adapters.currencies import IsoCurrencies
from app.application.events_in.envelope import open_envelope, read_event
from app.domain.accounts import Account, AccountType
from app.domain.debtor_transaction import debtor_lines, details
from app.domain.debtors import Debtor, DebtorsKey, Dissection, GlInterface, Option, Pair, SalesTerritory, Warehouse, WarehouseKey
from app.domain.dissection import Choice, DebtorFacts, choose
from app.domain.events import DebtorTransaction
from app.domain.money import Currency
from app.domain.ordering import document_rate
from app.domain.transaction import DebtorDetails, TransactionLine
from tests import debtor_cases
from tests.debtor_cases import Case

NZD = Currency(code="NZD", digits=2)
ACCOUNTS = {
    name: Account(name=name, code=each["account_code"], type=AccountType(each["type"])) for name, each in debtor_cases.CHART.items()
}


def record_of(code: str, body: Mapping[str, Any]) -> GlInterface:
    fields = {name: value for name, value in body.items() if name != "for"}
    pair = Pair(**body["for"]) if "for" in body else None
    return GlInterface(code=code, pair=pair, **fields)


RECORDS = {code: record_of(code, body) for code, body in debtor_cases.RECORDS.items()}
WAREHOUSES = {code: Warehouse(code=code, **body) for code, body in debtor_cases.WAREHOUSES.items()}
TERRITORIES = {code: SalesTerritory(code=code, **body) for code, body in debtor_cases.TERRITORIES.items()}
DEBTORS = {code: Debtor(code=code, **body) for code, body in debtor_cases.DEBTORS.items()}


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a transaction took and posted."""

    choices: Sequence[Choice]
    lines: Sequence[TransactionLine]
    details: DebtorDetails


def read(data: Mapping[str, Any]) -> DebtorTransaction:
    """As it comes over the wire."""
    raw = {"specversion": "1.0", "id": "e", "source": "/t", "type": "debtor.transaction", "time": "2026-11-15T00:00:00Z", "data": data}
    event = read_event(open_envelope(raw), received_at=datetime.now(UTC), time_zone="UTC", currencies=IsoCurrencies())
    assert isinstance(event, DebtorTransaction)
    return event


def facts_of(case: Case) -> DebtorFacts:
    """The whole set-up, of which the transaction takes its part."""
    debtor = DEBTORS[case.debtor]
    warehouse = case.warehouse or debtor.default_warehouse
    keys = case.option
    return DebtorFacts(
        dissection=Dissection(
            option=Option(keys["option"]),
            warehouse_key=WarehouseKey(keys.get("warehouse_key", "none")),
            debtors_key=DebtorsKey(keys.get("debtors_key", "none")),
        ),
        debtor=debtor,
        warehouse=WAREHOUSES[warehouse] if warehouse else None,
        territory=TERRITORIES[debtor.sales_territory],
        records=RECORDS,
        accounts=ACCOUNTS,
        controls=frozenset(record.trade_debtors_account for record in RECORDS.values()),
    )


def without_record(case: Case, code: str) -> DebtorFacts:
    facts = facts_of(case)
    return replace(facts, records={name: record for name, record in facts.records.items() if name != code})


def without_account(case: Case, name: str) -> DebtorFacts:
    facts = facts_of(case)
    return replace(facts, accounts={**facts.accounts, name: replace(facts.accounts[name], active=False)})


def play(case: Case, kind: str, *, taxed: bool = True, facts: DebtorFacts | None = None) -> Made:
    """Raises what the domain refuses with."""
    return post(read(case.data(kind, taxed=taxed)), facts or facts_of(case))


def post(event: DebtorTransaction, facts: DebtorFacts, base: Currency = NZD) -> Made:
    choices = choose(facts, event)
    lines = debtor_lines(event, choices, document_rate(event.currency, base, event.exchange_rate))
    warehouse = facts.warehouse.code if facts.warehouse else None
    return Made(choices=choices, lines=lines, details=details(event, choices, warehouse, facts.territory.code))
