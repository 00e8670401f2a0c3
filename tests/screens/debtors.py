"""A debtors ledger for the screens: the set-up of the worked cases, and some transactions."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page

from tests import debtor_cases
from tests.debtor_cases import Case
from tests.events import event
from tests.screens.service import Service, today

SET_UP: dict[str, dict[str, dict[str, Any]]] = {
    "accounts": debtor_cases.CHART,
    "gl-interfaces": debtor_cases.RECORDS,
    "warehouses": debtor_cases.WAREHOUSES,
    "sales-territories": debtor_cases.TERRITORIES,
    "debtors": debtor_cases.DEBTORS,
}

DAY = (today() - timedelta(days=20)).isoformat()


def set_up(service: Service) -> None:
    for path, rows in SET_UP.items():
        for code, body in rows.items():
            service.call("PUT", f"/v1/{path}/{quote(code, safe='')}", body)
    service.erp.load_chart({each["account_code"]: each["type"] for each in debtor_cases.CHART.values()})


def post(service: Service, number: str, amount: str, kind: str = "invoice", debtor: str = "D100") -> str:
    """Posted under option total, some weeks ago: among the journals of these days it is none. The id of its transaction."""
    case = Case(name="", option={}, debtor=debtor, lines=({"description": "Hire of the hall", "amount": amount},))
    data = case.data(kind, number=number) | {"date": DAY}
    answer = service.call("POST", "/v1/events", event(f"debtor-{kind}-{number}", "debtor.transaction", data))
    found: str = answer["transactions"][0]["id"]
    return found


def fill(service: Service) -> None:
    """Two that are posted, one of them reversed."""
    set_up(service)
    post(service, "I-2041", "12480.00")
    post(service, "C-77", "310.50", "credit_note", "D200")
    data = {"transaction_number": "C-77", "kind": "credit_note", "reason": "Credited twice", "date": DAY}
    service.call("POST", "/v1/events", event("debtor-reversed-1", "debtor.reversed", data))


def batch(page: Page) -> str:
    """The address of an open batch with one of two transactions, which only people can make."""
    page.goto("/app/debtor-transactions/batches")
    link = page.get_by_role("link", name="Batch 1")
    if not link.count():
        page.goto("/app/debtor-transactions/batches/new")
        page.get_by_label("Number of transactions").fill("2")
        page.get_by_label("Total with tax").fill("1300.00")
        page.get_by_label("Description").fill("Monday’s post")
        page.get_by_role("button", name="Open").click()
        page.get_by_label("Number").first.fill("I-2050")
        page.get_by_label("Debtor").first.fill("D200")
        page.get_by_label("Description of line 1").fill("Hire of the boat shed")
        page.get_by_label("Amount of line 1").fill("1,000.00")
        page.get_by_label("Tax", exact=True).fill("150.00")
        page.get_by_role("button", name="Add to the batch").click()
        page.goto("/app/debtor-transactions/batches")
    return str(link.get_attribute("href"))


def screens(service: Service, page: Page) -> dict[str, str]:
    """Addresses by name."""
    transactions = service.call("GET", "/v1/account-transactions?debtor=D100")["items"]
    reversal = service.call("GET", "/v1/account-transactions?debtor=D200")["items"][-1]
    own, place = f"/app/debtor-transactions/{transactions[0]['id']}", "/app/set-up/dissection"
    entered = batch(page)
    return {
        "debtors": "/app/debtor-transactions",
        "debtors-none": "/app/debtor-transactions?debtor=D300",
        "debtors-entry": "/app/debtor-transactions/new",
        "debtors-one": own,
        "debtors-reverse": f"{own}/reverse",
        "debtors-reversal": f"/app/debtor-transactions/{reversal['id']}",
        "batches": "/app/debtor-transactions/batches",
        "batch-new": "/app/debtor-transactions/batches/new",
        "batch": entered,
        "batch-entry": f"{entered}/entries/new",
        "dissection": place,
        "records": f"{place}/gl-interfaces",
        "record": f"{place}/gl-interfaces/row?code=NSW-03",
        "record-new": f"{place}/gl-interfaces/new",
        "debtors-set-up": f"{place}/debtors",
        "debtors-load": f"{place}/debtors/load",
    }
