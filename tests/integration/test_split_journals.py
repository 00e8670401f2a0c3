"""Transactions with more lines than the ERP takes in one journal, as they arrive in its books."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from app.application.ports.journals import Journal
from app.domain.journal import JournalStatus
from tests.api_fixtures import Api
from tests.events import entry, event, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import World

pytestmark = pytest.mark.anyio

MOST = 4
SETTINGS = {"time_limit_seconds": 5, "timeout_seconds": 2, "max_lines": MOST}


def payroll(number: str = "P-1", wages: int = 7, date: str = "2026-11-03") -> dict[str, Any]:
    """So many wages against one payment."""
    amounts = [Decimal(f"{100 + each}.25") for each in range(wages)]
    lines = [{"account": "Bank", "side": "debit", "amount": str(amount)} for amount in amounts]
    return entry(number, lines=[*lines, {"account_code": "4000", "side": "credit", "amount": str(sum(amounts))}], date=date)


def booked(erp: ReferenceErp) -> list[dict[str, Any]]:
    journals: list[dict[str, Any]] = erp.call("GET", "/journals")[1]["journals"]
    return journals


async def sent(world: World) -> list[Journal]:
    await world.deliver()
    journals = await world.journals()
    assert {journal.status for journal in journals} == {JournalStatus.SENT}
    return journals


async def test_a_transaction_with_too_many_lines_is_several_journals_that_balance_each(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, settings=SETTINGS, max_lines=MOST)
    await world.record("p1", "entry.recorded", payroll(wages=7))
    journals = await sent(world)

    assert [(each.group, each.most_lines, each.debit_total) for each in journals] == [(1, 4, 30375), (2, 4, 31275), (3, 4, 10625)]
    assert [len(each["lines"]) for each in booked(erp)] == [4, 4, 2]
    assert erp.balances() == {"1000": "722.75", "4000": "-722.75"}
    assert len({each.reference for each in journals}) == 3


async def test_an_orders_journals_keep_their_order(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, settings=SETTINGS, max_lines=MOST)
    (line,) = order(quantity="1", unit_price="10.00")["lines"]
    lines = [line | {"line_number": number} for number in range(1, 6)]
    await world.record("o1", "order.created", order(lines=lines))
    received = [{"line_number": number, "quantity": "1"} for number in range(1, 6)]
    await world.record("r1", "goods.received", receipt() | {"lines": received})
    journals = await sent(world)

    assert {each.lane_key for each in journals} == {"order:PO-1"}
    assert [each.group for each in journals] == [1, 2, 3, 1, 2, 3]
    assert all(len(each["lines"]) <= MOST for each in booked(erp))
    assert erp.balances() == {"2100": "0.00", "2110": "-50.00", "E1": "50.00"}


async def test_a_daily_journal_never_has_more_lines_than_the_erp_takes(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, settings=SETTINGS, max_lines=MOST, grouping="daily", release="manual")
    await asyncio.gather(*(world.service().record(f"t{each}", "entry.recorded", entry(f"T-{each}", amount="1.00")) for each in range(7)))
    await world.record("p1", "entry.recorded", payroll(wages=5))
    journals = await world.journals()

    assert sorted(each.transactions for each in journals if each.most_lines is None) == [1, 2, 2, 2]
    assert [each.group for each in journals if each.most_lines is not None] == [1, 2]
    async with world.units_of_work(world.tenant_id) as uow:
        documents = await uow.journals.documents(journals)
    assert max(len(document.lines) for document in documents.values()) == MOST
    assert sum(each.debit_total for each in journals) == 700 + 51125


async def test_over_http_the_limit_is_the_adapters(api: Api) -> None:
    for name, code in (("Bank", "1000"), ("Membership fees", "4000")):
        assert (await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "asset"})).status_code == 201
    for name, delivery in (("pushed", "push"), ("polled", "poll")):
        body = {
            "adapter": "json",
            "url": "http://127.0.0.1:9",
            "delivery": delivery,
            "settings": {"max_lines": MOST},
            "starts_on": "2026-01-01",
        }
        assert (await api("PUT", f"/v1/erp-endpoints/{name}", body)).status_code == 201
    answer = await api("POST", "/v1/events", event("p1", "entry.recorded", payroll(wages=7)))
    assert answer.status_code == 201, answer.text
    days = {"from": "2026-11-01", "to": "2026-11-30"}
    for name in ("pushed", "polled"):
        items = (await api("GET", "/v1/journals", params=days | {"endpoint": name})).json()["items"]
        assert [each["debit_total"] for each in items] == ["303.75", "312.75", "106.25"]
        details = [(await api("GET", f"/v1/journals/{each['id']}")).json() for each in items]
        assert [len(each["lines"]) for each in details] == [4, 4, 2]
        summary = (await api("GET", "/v1/journals", params=days | {"endpoint": name})).json()["summary"]
        assert summary["transactions_not_posted"] == {"count": 1, "debit_total": "722.75"}
