"""Steps that play a debtors ledger: one transaction per option by which it may reach the General Ledger."""

import json
from typing import Any
from urllib.parse import quote

from app.demo.chart import NAMES
from app.demo.client import Client, Json
from app.demo.errors import DemoError
from app.demo.purchases import DOCUMENTS
from app.demo.steps import Chapter, Done, Step

TRANSACTIONS = "debtor-transactions.json"
EXPORT = "EXPORT"


def chapter() -> Chapter:
    """The same ledger under each option. A record is the accounts that a transaction takes."""
    return Chapter(
        title="A debtors ledger, dissected in four ways",
        steps=(
            Step(title="Records and debtors", run=_set_up),
            _transaction("total", "Invoice SI-501"),
            _transaction("combination", "Invoice SI-502", warehouse_key="warehouse", debtors_key="sales_territory"),
            _transaction("dissect", "Invoice SI-503"),
            _transaction("gl_dissect", "Journal DJ-17"),
        ),
    )


def _set_up(client: Client) -> Done:
    _put(client, "gl-interfaces", "TOTAL", _record("The standard", control="1200", invoice="4010"))
    _put(client, "gl-interfaces", EXPORT, _record("Overseas", control="1210", invoice="4020"))
    _put(client, "gl-interfaces", "LAB", _record("The laboratory", control="1200", invoice="4050"))
    _put(client, "warehouses", "LAB", {"name": "Laboratory", "gl_interface": "LAB"})
    _put(client, "sales-territories", "NZ", {"name": "New Zealand", "gl_interface": "TOTAL"})
    _put(client, "sales-territories", "AU", {"name": "Australia", "gl_interface": EXPORT})
    _put(client, "debtors", "D100", {"name": "Harbour Board", "sales_territory": "NZ"})
    _put(client, "debtors", "D200", {"name": "Tasman Institute", "sales_territory": "AU", "default_warehouse": "LAB"})
    return Done(text="3 records, 1 warehouse, 2 territories, 2 debtors")


def _record(description: str, *, control: str, invoice: str) -> Json:
    return {
        "description": description,
        "trade_debtors_account": NAMES[control],
        "invoice_account": NAMES[invoice],
        "journal_account": NAMES["4090"],
        "tax_account": NAMES["2200"],
    }


def _put(client: Client, path: str, code: str, body: Json) -> None:
    client.glint.put(f"/v1/{path}/{quote(code, safe='')}", body)


def _transaction(option: str, title: str, **keys: str) -> Step:
    """The option, then the transaction of this number. Its event's id makes it count once."""
    number = title.partition(" ")[2]

    def run(client: Client) -> Done:
        client.glint.put("/v1/debtor-dissection", {"option": option} | keys)
        result = client.glint.post("/v1/events", _event(number))
        if result["status"] != "posted":
            raise DemoError(f"{title} was {result['status']}:\n{json.dumps(result, indent=2)}")
        (transaction,) = result["transactions"]
        return Done(text=f"{option}: {', '.join(transaction['gl_interfaces'])}", transactions=(transaction["id"],))

    return Step(title=title, run=run)


def _event(number: str) -> Any:
    events: list[Json] = json.loads((DOCUMENTS / TRANSACTIONS).read_text())
    return next(event for event in events if event["data"]["transaction_number"] == number)
