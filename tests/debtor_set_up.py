"""The set-up of the worked cases over HTTP."""

from typing import Any
from urllib.parse import quote

from tests import debtor_cases
from tests.api_fixtures import Api
from tests.debtor_cases import Case
from tests.events import event


async def put_all(api: Api, path: str, bodies: dict[str, dict[str, Any]]) -> None:
    for code, body in bodies.items():
        answer = await api("PUT", f"/v1/{path}/{quote(code, safe='')}", body)
        assert answer.status_code == 201, answer.text


async def set_up_debtors(api: Api) -> Api:
    """Accounts, records, warehouses, sales territories and debtors, in the order of the contract; no option yet, so total."""
    await put_all(api, "accounts", debtor_cases.CHART)
    await put_all(api, "gl-interfaces", debtor_cases.RECORDS)
    await put_all(api, "warehouses", debtor_cases.WAREHOUSES)
    await put_all(api, "sales-territories", debtor_cases.TERRITORIES)
    await put_all(api, "debtors", debtor_cases.DEBTORS)
    return api


async def choose_option(api: Api, option: dict[str, str]) -> None:
    answer = await api("PUT", "/v1/debtor-dissection", option)
    assert answer.status_code in (200, 201), answer.text


async def send(api: Api, event_id: str, event_type: str, data: dict[str, Any], **more: Any) -> Any:
    """What became of it, as it was answered."""
    return await api("POST", "/v1/events", event(event_id, event_type, data), **more)


async def posted(api: Api, event_id: str, event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """The one transaction that it posted."""
    answer = await send(api, event_id, event_type, data)
    assert answer.status_code == 201, answer.text
    (transaction,) = answer.json()["transactions"]
    found: dict[str, Any] = transaction
    return found


def lines_of(shown: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {(line["role"], line["account"], line["side"], line["amount"]) for line in shown["lines"]}


def invoice_data(number: str = "I-1", amount: str = "100.00", **more: Any) -> dict[str, Any]:
    """The data of an invoice to D100 of one line, with 15 of tax."""
    case = Case(name="", option={}, lines=({"description": "Work", "amount": amount},))
    return case.data("invoice", number=number) | more
