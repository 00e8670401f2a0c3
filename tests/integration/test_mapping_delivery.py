"""Journals on an ERP's own accounts, over HTTP against the reference ERP: what the mapping makes of them, and what it keeps back."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.journal import JournalStatus
from tests.api_fixtures import Api, set_up
from tests.events import event, order, receipt
from tests.reference_erp_process import ReferenceErp
from tests.world import World, make_world

pytestmark = pytest.mark.anyio

ERP = "/v1/erp-endpoints/erp"
CHART = {"20100": "liability", "20110": "liability", "20120": "liability", "6000": "expense"}
Json = dict[str, Any]
TABLE: Json = {"2100": {"account": "20100", "dimensions": {"fund": "G"}, "tax_code": "NONE"}, "2110": "20110", "2120": "20120"}
CHARGES: Json = {"template": {"separator": "-", "account": "6000", "dimensions": {"cost_centre": "{2}"}}, "otherwise": "refuse"}
FULL: Json = {"account_codes": {"table": TABLE, "otherwise": "refuse"}, "charge_codes": CHARGES}


def without(code: str) -> Json:
    table = {ours: target for ours, target in TABLE.items() if ours != code}
    return FULL | {"account_codes": {"table": table, "otherwise": "refuse"}}


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(CHART)
        yield erp


async def put(api: Api, url: str, mapping: Json, **change: Any) -> None:
    body = {"adapter": "json", "url": url, "starts_on": "2026-01-01", "environment": "test", "credentials": {"token": "erp-token"}}
    answer = await api("PUT", ERP, body | {"mapping": mapping} | change)
    assert answer.status_code in (200, 201), answer.text


async def ordered(api: Api, code: str = "4100-12") -> str:
    """The id of an order's journal: 21.00 of expense against the Estimate."""
    line = order()["lines"][0] | {"account_codes": [{"code": code, "percentage": "100"}]}
    return await recorded(api, "e1", "order.created", order(lines=[line]))


async def recorded(api: Api, event_id: str, kind: str, data: Json) -> str:
    answer = await api("POST", "/v1/events", event(event_id, kind, data))
    assert answer.status_code == 201, answer.text
    journal: str = answer.json()["transactions"][0]["delivery"][0]["journal_id"]
    return journal


async def journal(api: Api, journal_id: str) -> Json:
    details: Json = (await api("GET", f"/v1/journals/{journal_id}")).json()
    return details


async def operate(api: Api, action: str, journal_id: str) -> Json:
    answer = await api("POST", f"/v1/journals/{action}", {"journal_ids": [journal_id]})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    told: Json = item
    return told


def problems(told: Json) -> list[tuple[int | None, str]]:
    return [(problem["line"], problem["code"]) for problem in told["problems"]]


def booked(erp: ReferenceErp) -> list[list[tuple[str, str, Json, str | None]]]:
    journals = erp.call("GET", "/journals")[1]["journals"]
    return [[(each["account_code"], each["side"], each["dimensions"], each["tax_code"]) for each in one["lines"]] for one in journals]


ORDER_ON_THE_ERPS_ACCOUNTS = [("20100", "credit", {"fund": "G"}, "NONE"), ("6000", "debit", {"cost_centre": "12"}, None)]


async def test_a_mapped_journal_is_booked_on_the_erps_accounts(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, FULL)
    made = await ordered(api)
    lines = (await journal(api, made))["lines"]
    assert [(line["account_code"], line["erp"]) for line in lines] == [
        ("2100", {"account_code": "20100", "dimensions": {"fund": "G"}, "tax_code": "NONE"}),
        ("4100-12", {"account_code": "6000", "dimensions": {"cost_centre": "12"}, "tax_code": None}),
    ]
    assert (await operate(api, "validate", made))["status"] == "valid"
    assert (await operate(api, "send", made))["status"] == "sent"
    assert booked(erp) == [ORDER_ON_THE_ERPS_ACCOUNTS]
    sent = await journal(api, made)
    assert [line["erp"] for line in sent["lines"]] == [None, None], "what it got is with the attempt, whatever the mapping says today"
    assert [line["account_code"] for line in json.loads(sent["attempts"][-1]["request"])["journals"][0]["lines"]] == ["20100", "6000"]


async def test_dimensions_of_charge_codes_on_all_lines(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, FULL | {"dimensions_of_charge_codes": "all_lines"})
    made = await ordered(api)
    await operate(api, "validate", made)
    await operate(api, "send", made)
    assert booked(erp)[0][0] == ("20100", "credit", {"cost_centre": "12", "fund": "G"}, "NONE")


async def test_a_code_that_leads_nowhere_is_named_at_its_line_mended_retried_and_booked(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, without("2100"))
    made = await ordered(api)
    told = await operate(api, "validate", made)
    assert (told["status"], told["validation_level"], problems(told)) == ("invalid", "local", [(1, "not-mapped")])
    assert "2100" in told["problems"][0]["message"]
    seen = await journal(api, made)
    assert (seen["attempts"], [line["erp"] is None for line in seen["lines"]]) == ([], [True, False])
    assert [problem["line"] for problem in seen["mapping_problems"]] == [1]
    await put(api, erp.url, FULL)
    assert (await journal(api, made))["mapping_problems"] == []
    answer = await api("POST", f"/v1/journals/{made}/retry")
    assert (answer.status_code, answer.json()["status"], answer.json()["number"]) == (200, "sent", "JE-1")
    assert booked(erp) == [ORDER_ON_THE_ERPS_ACCOUNTS]


async def test_a_charge_code_without_the_templates_parts_is_refused_too(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, FULL)
    told = await operate(api, "validate", await ordered(api, "4100"))
    assert (told["status"], problems(told)) == ("invalid", [(2, "not-mapped")])
    assert "charge code 4100" in told["problems"][0]["message"]


async def test_a_mapping_that_broke_after_the_validation_keeps_the_journal_from_being_sent(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, FULL)
    made = await ordered(api)
    assert (await operate(api, "validate", made))["status"] == "valid"
    await put(api, erp.url, without("2100"))
    told = await operate(api, "send", made)
    assert (told["status"], problems(told)) == ("rejected", [(1, "not-mapped")])
    assert booked(erp) == []
    assert [attempt["purpose"] for attempt in (await journal(api, made))["attempts"]] == ["validate"]
    await put(api, erp.url, FULL)
    assert (await api("POST", f"/v1/journals/{made}/retry")).json()["status"] == "sent"


async def test_reference_data_is_checked_on_the_erps_codes(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, FULL)
    made = await ordered(api)
    assert (await api("POST", f"{ERP}/test")).json()["unknown_account_codes"] == []
    assert (await operate(api, "validate", made))["status"] == "valid"
    wrong = FULL | {"account_codes": {"table": TABLE | {"2100": "20199"}}}
    await put(api, erp.url, wrong)
    told = await operate(api, "validate", made)
    assert (told["status"], told["validation_level"], problems(told)) == ("invalid", "reference_data", [(1, "unknown-account")])
    assert "20199" in told["problems"][0]["message"]


async def test_test_messages_go_through_the_mapping(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    await put(api, erp.url, without("2110"))
    messages = (await api("POST", f"{ERP}/test-messages", {"account_code": "4100-12"})).json()["messages"]
    assert [message["outcome"] for message in messages] == ["booked", "invalid", "invalid"]
    assert [[problem["code"] for problem in message["problems"]] for message in messages[1:]] == [["not-mapped"]] * 2
    assert [message["request"] for message in messages[1:]] == [None, None]
    assert booked(erp) == [ORDER_ON_THE_ERPS_ACCOUNTS]


async def test_an_erp_that_polls_gets_its_own_accounts_and_never_what_is_not_mapped(api: Api) -> None:
    await set_up(api)
    polled = {"delivery": "poll", "release": "automatic"}
    await put(api, "", without("2110"), **polled)
    first = await ordered(api)
    second = await recorded(api, "e2", "goods.received", receipt())
    (request,) = (await api("POST", f"{ERP}/requests")).json()["requests"]
    assert [line["account_code"] for line in request["journal"]["lines"]] == ["20100", "6000"]
    assert request["journal"]["lines"][0]["dimensions"] == {"fund": "G"}
    await put(api, "", without("2100"), **polled)
    said = {"lease_id": request["lease_id"], "journal_id": request["journal"]["id"], "result": "valid"}
    answer = await api("POST", f"{ERP}/responses", {"responses": [said]})
    assert (answer.status_code, answer.json()["code"]) == (409, "lease-expired"), "the verdict is about another mapping"
    await put(api, "", without("2110"), **polled)
    assert (await api("POST", f"{ERP}/responses", {"responses": [said]})).status_code == 200
    (request,) = (await api("POST", f"{ERP}/requests")).json()["requests"]
    said = {"lease_id": request["lease_id"], "journal_id": first, "result": "accepted", "erp_reference": "GL-1"}
    assert (await api("POST", f"{ERP}/responses", {"responses": [said]})).status_code == 200
    assert (await api("POST", f"{ERP}/requests")).json()["requests"] == []
    told = await journal(api, second)
    assert (told["status"], problems(told), told["attempts"]) == ("invalid", [(2, "not-mapped")], [])
    await put(api, "", FULL, **polled)
    assert (await api("POST", f"/v1/journals/{second}/retry")).status_code == 200
    (request,) = (await api("POST", f"{ERP}/requests")).json()["requests"]
    assert [line["account_code"] for line in request["journal"]["lines"]] == ["20100", "20110"]


async def test_what_a_polling_erp_may_have_booked_is_not_refused_but_waits(api: Api) -> None:
    await set_up(api)
    polled = {"delivery": "poll", "release": "automatic"}
    await put(api, "", FULL, **polled)
    made = await ordered(api)
    (request,) = (await api("POST", f"{ERP}/requests")).json()["requests"]
    said = {"lease_id": request["lease_id"], "journal_id": made, "result": "valid"}
    assert (await api("POST", f"{ERP}/responses", {"responses": [said]})).status_code == 200
    (offered,) = (await api("POST", f"{ERP}/requests", {"lease_seconds": 1})).json()["requests"]
    await put(api, "", without("2100"), **polled)
    await asyncio.sleep(1.1)  # until the lease has run out
    assert (await api("POST", f"{ERP}/requests")).json()["requests"] == []
    assert (await journal(api, made))["status"] == "sending"
    said = {"lease_id": offered["lease_id"], "journal_id": made, "result": "accepted", "erp_reference": "GL-1"}
    assert (await api("POST", f"{ERP}/responses", {"responses": [said]})).status_code == 200
    assert (await journal(api, made))["status"] == "sent"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with make_world(database_url) as world:
        yield world


WORLDS: Json = {"2100": "20100", "2110": "20110", "2000": "20120", "E1": "6000"}


def mapped(**change: str) -> Json:
    rules = {"table": WORLDS | change, "otherwise": "refuse"}
    return {"account_codes": rules, "charge_codes": rules}


async def test_a_worker_sends_nothing_that_is_not_mapped_and_goes_on_once_it_is(world: World, erp: ReferenceErp) -> None:
    endpoint = await world.add_endpoint(erp.url, mapping={"account_codes": {"otherwise": "refuse"}})
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt())
    await world.deliver()
    assert await world.statuses() == [JournalStatus.INVALID, JournalStatus.OPEN], "the second waits behind the first"
    first = (await world.journals())[0]
    assert [problem.code for problem in first.problems] == ["not-mapped"]
    async with world.units_of_work(world.tenant_id) as uow:
        assert await uow.attempts.of_journal(first.id) == []
        await uow.endpoints.put(replace(endpoint, mapping=mapped()))
        await uow.commit()
    await world.operations.send_journals.retry(world.tenant_id, first.id, "clerk", None)
    await world.deliver()
    assert await world.statuses() == [JournalStatus.SENT] * 2
    assert erp.balances() == {"20100": "-10.50", "20110": "-10.50", "6000": "21.00"}


async def test_a_lost_answer_is_looked_up_though_the_mapping_is_broken_and_nothing_is_sent(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, mapping={"account_codes": {"otherwise": "refuse"}})
    await world.record("e1", "order.created", order())
    (waiting,) = await world.journals()
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.journals.update(replace(waiting, status=JournalStatus.UNKNOWN), "send")
        await uow.commit()
    await world.deliver()
    assert await world.statuses() == [JournalStatus.REJECTED]
    async with world.units_of_work(world.tenant_id) as uow:
        assert [attempt.purpose for attempt in await uow.attempts.of_journal(waiting.id)] == ["find"]
    assert booked(erp) == []
