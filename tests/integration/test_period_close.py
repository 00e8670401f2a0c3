"""What is left to do before a period is closed."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.api_fixtures import Api, set_up
from tests.events import entry, event, order, receipt

pytestmark = pytest.mark.anyio

NOVEMBER = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"}


@pytest.fixture
async def office(api: Api) -> Api:
    """Two periods, and an ERP that waits for a person."""
    await set_up(api)
    for name, code in (("Bank", "1000"), ("Membership fees", "4000")):
        await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "asset"})
    body = {"adapter": "json", "url": "http://127.0.0.1:9/gl", "starts_on": "2026-01-01", "environment": "test"}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    for name, period in (("2026-11", NOVEMBER), ("2026-12", {"starts_on": "2026-12-01", "ends_on": "2026-12-31", "status": "open"})):
        assert (await api("PUT", f"/v1/periods/{name}", period)).status_code == 201
    return api


async def send(office: Api, event_id: str, kind: str, data: dict[str, Any], status: int = 201, **more: Any) -> dict[str, Any]:
    answer = await office("POST", "/v1/events", event(event_id, kind, data, **more))
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def report(office: Api, period: str = "2026-11") -> dict[str, Any]:
    answer = await office("GET", "/v1/reports/period-close", params={"period": period})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_empty_period_is_ready(office: Api) -> None:
    assert await report(office) == {
        "period": "2026-11",
        "starts_on": "2026-11-01",
        "ends_on": "2026-11-30",
        "status": "open",
        "base_currency": "NZD",
        "ready": True,
        "unsent": [],
        "event_count": 0,
        "events": [],
    }


async def test_unsent_journals_are_told_per_endpoint_and_status(office: Api) -> None:
    await send(office, "e1", "order.created", order())
    await send(office, "t1", "entry.recorded", entry())
    await send(office, "t2", "entry.recorded", entry("T-2", date="2026-12-03"))
    found = await report(office)
    line = {"endpoint": "erp", "status": "open", "count": 2, "base_debit_total": "141.00", "date": "2026-11-02"}
    assert (found["ready"], found["unsent"]) == (False, [line])
    journals = (await office("GET", "/v1/journals", params={"from": "2026-11-01", "to": "2026-11-30"})).json()["items"]
    body = {"journal_ids": [each["id"] for each in journals], "reason_code": "not_required", "reason": "closed by hand"}
    assert (await office("POST", "/v1/journals/mark-as-sent", body)).status_code == 200
    assert (await report(office))["ready"]
    assert not (await report(office, "2026-12"))["ready"]


async def test_parked_and_refused_events_count_by_the_date_of_their_document(office: Api) -> None:
    parked = await send(office, "p1", "goods.received", receipt("PO-9", receipt_date="2026-11-30"), 202)
    await send(office, "p2", "goods.received", receipt("PO-9", receipt_number="R-2", receipt_date="2026-12-01"), 202)
    undated = receipt("PO-9", receipt_number="R-3")
    del undated["receipt_date"]
    await send(office, "p3", "goods.received", undated, 202, time="2026-11-30T12:30:00Z")
    await send(office, "r1", "entry.recorded", entry(lines=[{"account": "Bank", "side": "debit", "amount": "1.00"}] * 2), 422)
    found = await report(office)
    assert found["event_count"] == 2
    assert [(each["id"], each["status"], each["date"]) for each in found["events"]] == [
        ("r1", "refused", "2026-11-03"),
        ("p1", "parked", "2026-11-30"),
    ]
    assert (found["events"][1]["event_id"], found["events"][1]["order_numbers"]) == (parked["event_id"], ["PO-9"])
    assert found["events"][0]["detail"]
    later = await report(office, "2026-12")
    assert [(each["id"], each["date"]) for each in later["events"]] == [("p2", "2026-12-01"), ("p3", "2026-12-01")], "by local time"


async def test_as_a_file(office: Api) -> None:
    await send(office, "e1", "order.created", order())
    await send(office, "p1", "goods.received", receipt("PO-9"), 202)
    path = "/v1/reports/period-close?period=2026-11"
    answer = await office("GET", path, headers={"accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["what"], row["status"], row["count"], row["base_debit_total"]) for row in rows] == [
        ("journals", "open", "1", "21.00"),
        ("event", "parked", "1", ""),
    ]
    book = load_workbook(io.BytesIO((await office("GET", f"{path}&format=xlsx")).content))
    assert book.worksheets[0].max_row >= 3


async def test_an_unknown_period_a_missing_one_and_a_strangers(office: Api) -> None:
    assert (await office("GET", "/v1/reports/period-close", params={"period": "2027-01"})).status_code == 404
    assert (await office("GET", "/v1/reports/period-close")).status_code == 422
    stranger = await office.tenant()
    assert (await stranger("GET", "/v1/reports/period-close", params={"period": "2026-11"})).status_code == 404
