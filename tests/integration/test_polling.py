"""ERPs that poll, over HTTP on a real database: what is offered and to whom, and what an answer does. Only the clock is a fake."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from app.adapters.erp.json.payload import request_body
from app.adapters.postgres.waking import PostgresWaking
from app.api.ids import Kind, format_id, parse_id
from app.api.polling import RecordedResponses, ResponsesBody
from app.application.ports.unit_of_work import UnitOfWork
from app.bootstrap import Container, build
from app.config import Settings
from app.domain.journal import JournalStatus
from app.main import create_app
from app.wiring import wire_worker
from tests.api_fixtures import ADMIN_KEY, Api, set_up
from tests.events import event, invoice, order, receipt
from tests.fakes import FakeClock
from tests.tenant_wall import TenantWall

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2] / "docs" / "polling.md"
ERP = "/v1/erp-endpoints/erp"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
async def polled(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> AsyncIterator[Container]:
    settings = Settings(
        database_url=shared_database_url,
        data_dir=tmp_path_factory.mktemp("data"),
        admin_key=SecretStr(ADMIN_KEY),
        secret_key=SecretStr(base64.b64encode(bytes(32)).decode()),
    )
    built = await build(settings, clock=clock)
    yield built
    await built.close()


@dataclass(frozen=True)
class Shop:
    """A tenant with an endpoint `erp` that is polled."""

    api: Api
    clock: FakeClock
    container: Container
    tenant_id: UUID

    def unit_of_work(self) -> UnitOfWork:
        return self.container.units_of_work(self.tenant_id)

    async def put(self, **change: Any) -> None:
        body = {"adapter": "json", "delivery": "poll", "release": "automatic", "starts_on": "2026-01-01"} | change
        answer = await self.api("PUT", ERP, body)
        assert answer.status_code in (200, 201), answer.text

    async def record(self, event_id: str, kind: str, data: Json) -> None:
        answer = await self.api("POST", "/v1/events", event(event_id, kind, data))
        assert answer.status_code == 201, answer.text

    async def purchase(self, number: str = "PO-1") -> None:
        await self.record(f"{number}-1", "order.created", order(number))
        await self.record(f"{number}-2", "goods.received", receipt(number, quantity="2"))
        await self.record(f"{number}-3", "invoice.matched", invoice(number, invoice_number=f"I-{number}", quantity="2", amount="20.00"))

    async def poll(self, **body: int) -> list[Json]:
        answer = await self.api("POST", f"{ERP}/requests", body)
        assert answer.status_code == 200, answer.text
        requests: list[Json] = answer.json()["requests"]
        return requests

    async def poll_one(self, purpose: str, **body: int) -> Json:
        (request,) = await self.poll(**body)
        assert request["purpose"] == purpose
        return request

    async def respond(self, request: Json, result: str, **more: Any) -> httpx.Response:
        return await self.api("POST", f"{ERP}/responses", {"responses": [said(request, result, **more)]})

    async def recorded(self, request: Json, result: str, **more: Any) -> None:
        answer = await self.respond(request, result, **more)
        assert (answer.status_code, answer.json()["results"][0]["status"]) == (200, "recorded"), answer.text

    async def refused(self, request: Json, result: str, status: int, code: str, **more: Any) -> Json:
        answer = await self.respond(request, result, **more)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        problem: Json = answer.json()
        return problem

    async def journals(self) -> list[Json]:
        answer = await self.api("GET", "/v1/journals", params={"from": "2026-01-01", "to": "2026-12-31"})
        items: list[Json] = answer.json()["items"]
        return items

    async def statuses(self) -> list[str]:
        return [journal["status"] for journal in await self.journals()]

    async def journal(self, number: int = 0) -> Json:
        journals = await self.journals()
        details: Json = (await self.api("GET", f"/v1/journals/{journals[number]['id']}")).json()
        return details

    async def change(self, request: Json, **change: Any) -> None:
        """What somebody else does to the journal meanwhile."""
        async with self.unit_of_work() as uow:
            journal = await uow.journals.get(parse_id(Kind.JOURNAL, request["journal"]["id"]))
            assert journal is not None
            await uow.journals.update(replace(journal, **change), "change")
            await uow.commit()

    async def operate(self, action: str, *journals: Json) -> httpx.Response:
        return await self.api("POST", f"/v1/journals/{action}", {"journal_ids": [journal["id"] for journal in journals]})


def said(request: Json, result: str, **more: Any) -> Json:
    return {"lease_id": request["lease_id"], "journal_id": request["journal"]["id"], "result": result, **more}


@pytest.fixture
async def shop(polled: Container, clock: FakeClock) -> AsyncIterator[Shop]:
    wall = TenantWall(polled.engine)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(polled)), base_url="http://glint.test") as http:
        api = await Api(http).tenant()
        await set_up(api)
        shop = Shop(api, clock, polled, parse_id(Kind.TENANT, (await api("GET", "/v1/tenant")).json()["id"]))
        await shop.put()
        yield shop
    assert wall.taken() == []


async def test_a_purchase_is_validated_and_posted_in_order(shop: Shop) -> None:
    await shop.purchase()
    for number in range(3):
        await shop.recorded(await shop.poll_one("validate"), "valid")
        request = await shop.poll_one("post")
        assert (await shop.statuses())[number] == "sending"
        await shop.recorded(request, "accepted", erp_reference=f"GL-{number}")
    assert await shop.poll() == []
    assert [(each["status"], each["number"]) for each in await shop.journals()] == [("sent", "GL-0"), ("sent", "GL-1"), ("sent", "GL-2")]
    listed = (await shop.api("GET", "/v1/account-transactions")).json()["items"]
    assert [each["delivery"][0]["erp_reference"] for each in listed] == ["GL-0", "GL-1", "GL-2"]


async def test_the_offered_journal_is_what_the_json_adapter_sends(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    offered = (await shop.poll_one("validate"))["journal"]
    (listed,) = await shop.journals()
    async with shop.unit_of_work() as uow:
        journal = await uow.journals.get(parse_id(Kind.JOURNAL, listed["id"]))
        assert journal is not None
        (message,) = json.loads(request_body([await uow.journals.document(journal)]))["journals"]
    assert offered == {"id": listed["id"], **message}
    (attempt,) = (await shop.journal())["attempts"]
    assert (attempt["purpose"], json.loads(attempt["request"]), attempt["finished_at"]) == ("validate", message, None)


async def test_the_page_for_developers_shows_what_goes_over_the_wire(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    shown = dict(re.findall(r"<!-- (\w+: \w+) -->\n```json\n(.*?)\n```", PAGE.read_text(), re.DOTALL))
    (request,) = json.loads(shown["answer: requests"])["requests"]
    offered = await shop.poll_one("validate")
    for page, wire in ((request, offered), (request["journal"], offered["journal"])):
        assert list(page) == list(wire)
    for page, wire in zip(request["journal"]["lines"], offered["journal"]["lines"], strict=True):
        assert list(page) == list(wire)
    ResponsesBody.model_validate_json(shown["body: responses"])
    RecordedResponses.model_validate_json(shown["answer: responses"])


async def test_what_is_unmarked_is_offered_again(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    (journal,) = await shop.journals()
    mark = {"journal_ids": [journal["id"]], "reason_code": "not_required", "reason": "booked over there"}
    assert (await shop.api("POST", "/v1/journals/mark-as-sent", mark)).status_code == 200
    assert await shop.poll() == []
    assert (await shop.api("POST", f"/v1/journals/{journal['id']}/unmark", {"reason": "it was not"})).status_code == 200
    await shop.poll_one("validate")


async def test_a_person_releases_by_hand(shop: Shop) -> None:
    await shop.put(release="manual")
    await shop.record("1", "order.created", order())
    assert await shop.poll() == []
    (journal,) = await shop.journals()
    assert (await shop.operate("send", journal)).json()["code"] == "journal-not-valid"
    for _ in range(2):
        (asked,) = (await shop.operate("validate", journal)).json()["items"]
        assert (asked["status"], asked["version"]) == ("open", journal["version"])
    await shop.recorded(await shop.poll_one("validate"), "valid", problems=[{"code": "budget", "message": "nearly spent"}])
    (journal,) = await shop.journals()
    assert (journal["status"], journal["validation_level"]) == ("valid", "erp_dry_run")
    assert [(each["code"], each["severity"]) for each in journal["problems"]] == [("budget", "warning")]
    assert await shop.poll() == []
    (sent,) = (await shop.operate("send", journal)).json()["items"]
    assert sent["status"] == "queued"
    await shop.recorded(await shop.poll_one("post"), "accepted", erp_reference="GL-1")
    details = await shop.journal()
    assert (details["status"], details["number"]) == ("sent", "GL-1")
    assert [(each["purpose"], each["outcome"]) for each in details["attempts"]] == [("validate", "validation"), ("send", "booked")]
    assert [(step["action"], step["status"]) for step in details["history"]] == [
        ("validate", "valid"),
        ("send", "queued"),
        ("send", "sending"),
        ("send", "sent"),
    ]
    assert {step["actor"] for step in details["history"]} == {"first"}


async def test_a_batch_of_journals_is_offered_for_validation_whatever_was_said_of_them(shop: Shop) -> None:
    await shop.put(release="manual")
    for number in range(51):
        await shop.record(str(number), "order.created", order(f"PO-{number}"))
    journals = await shop.journals()
    await shop.operate("validate", *journals[:2])
    for request, result in zip(await shop.poll(), ("invalid", "valid"), strict=True):
        await shop.recorded(request, result)
    shop.clock.forward(minutes=1)
    accepted = await shop.operate("validate", *journals)
    assert (await shop.api("GET", f"/v1/batches/{accepted.json()['batch_id']}")).json()["counts"] == {"asked": 51}
    assert await shop.statuses() == ["open"] * 51
    first = await shop.journal()
    assert (first["problems"], first["history"][-1]["action"], first["history"][-1]["actor"]) == ([], "validate", "first")
    requests = await shop.poll(limit=500)
    assert [request["journal"]["id"] for request in requests] == [journal["id"] for journal in journals]
    assert {request["purpose"] for request in requests} == {"validate"}


async def test_what_waits_in_a_batch_is_asked_about_once_the_endpoint_is_polled(shop: Shop) -> None:
    await shop.put(release="manual", delivery="push", url="https://erp.example/gl")
    for number in range(51):
        await shop.record(str(number), "order.created", order(f"PO-{number}"))
    accepted = await shop.operate("validate", *await shop.journals())
    assert accepted.status_code == 202
    batch = f"/v1/batches/{accepted.json()['batch_id']}"
    assert (await shop.api("GET", batch)).json()["counts"] == {"waiting": 51}
    await shop.put(release="manual")
    read = (await shop.api("GET", batch)).json()
    assert (read["counts"], read["finished_at"] is None) == ({"asked": 51}, False)
    assert [request["purpose"] for request in await shop.poll(limit=500)] == ["validate"] * 51


async def test_a_valid_journal_can_be_asked_about_again(shop: Shop) -> None:
    await shop.put(release="manual")
    await shop.record("1", "order.created", order())
    (journal,) = await shop.journals()
    await shop.operate("validate", journal)
    await shop.recorded(await shop.poll_one("validate"), "invalid")
    assert [each["code"] for each in (await shop.journals())[0]["problems"]] == ["refused"]
    (asked,) = (await shop.operate("validate", journal)).json()["items"]
    assert (asked["status"], asked["problems"]) == ("open", [])
    await shop.recorded(await shop.poll_one("validate"), "valid")
    assert await shop.statuses() == ["valid"]


async def test_a_validation_that_was_asked_for_once_is_asked_for_once(shop: Shop) -> None:
    await shop.put(release="manual")
    await shop.record("1", "order.created", order())
    (journal,) = await shop.journals()
    await shop.operate("validate", journal)
    request = await shop.poll_one("validate")
    await shop.recorded(request, "valid")
    await shop.change(request, status=JournalStatus.OPEN)
    assert (await shop.api("POST", f"/v1/journals/{journal['id']}/release")).status_code == 200
    assert await shop.poll() == []


async def test_a_rejected_journal_that_is_found_valid_waits_for_a_person(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    await shop.recorded(await shop.poll_one("validate"), "valid")
    await shop.recorded(await shop.poll_one("post"), "rejected")
    await shop.operate("validate", *await shop.journals())
    await shop.recorded(await shop.poll_one("validate"), "valid")
    assert await shop.poll() == []
    assert await shop.statuses() == ["valid"]


async def test_a_rejected_journal_blocks_its_lane_until_it_is_retried(shop: Shop) -> None:
    await shop.purchase()
    await shop.recorded(await shop.poll_one("validate"), "valid")
    problems = [{"line": 2, "code": "account-closed", "message": "2100 takes no more"}]
    await shop.recorded(await shop.poll_one("post"), "rejected", problems=problems)
    first = await shop.journal()
    assert (first["status"], first["problems"]) == ("rejected", [{**problems[0], "severity": "error"}])
    shop.clock.forward(hours=1)
    assert await shop.poll() == []
    assert (await shop.api("POST", f"/v1/journals/{first['id']}/retry")).json()["status"] == "open"
    request = await shop.poll_one("validate")
    assert request["journal"]["id"] == first["id"]
    await shop.recorded(request, "invalid", problems=problems)
    assert await shop.statuses() == ["invalid", "open", "open"]
    assert await shop.poll() == []


async def test_the_oldest_come_first_and_of_each_order_only_the_head(shop: Shop) -> None:
    for number in range(5):
        await shop.purchase(f"PO-{number}")
    first, second = await shop.poll(limit=2), await shop.poll(limit=100)
    heads = [journal["id"] for journal in (await shop.journals())[::3]]
    assert [request["journal"]["id"] for request in first + second] == heads
    assert await shop.poll() == []


async def test_two_pollers_never_get_the_same_journal(shop: Shop) -> None:
    numbers = [f"PO-{number}" for number in range(12)]
    for number in numbers:
        await shop.record(number, "order.created", order(number))
    offered = [request["journal"]["id"] for each in await asyncio.gather(*(shop.poll(limit=5) for _ in range(4))) for request in each]
    offered += [request["journal"]["id"] for request in await shop.poll()]
    assert sorted(offered) == sorted(journal["id"] for journal in await shop.journals())


@pytest.mark.parametrize(("result", "more"), [("accepted", {"erp_reference": "GL-1"}), ("rejected", {})])
async def test_the_same_answer_several_times_at_once_is_recorded_once(shop: Shop, result: str, more: Json) -> None:
    await shop.record("1", "order.created", order())
    await shop.recorded(await shop.poll_one("validate"), "valid")
    request = await shop.poll_one("post")
    answers = await asyncio.gather(*(shop.respond(request, result, **more) for _ in range(4)))
    assert sorted(each.json()["results"][0]["status"] for each in answers) == ["duplicate"] * 3 + ["recorded"]
    assert len((await shop.journal())["attempts"]) == 2


async def test_a_lease_that_runs_out_offers_the_journal_again(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    await shop.recorded(await shop.poll_one("validate", lease_seconds=5), "valid")
    first = await shop.poll_one("post", lease_seconds=5)
    shop.clock.forward(seconds=4)
    assert await shop.poll() == []
    shop.clock.forward(seconds=1)
    second = await shop.poll_one("post")
    assert second["lease_id"] != first["lease_id"]
    assert second["journal"] == first["journal"]
    details = await shop.journal()
    assert details["status"] == "sending"
    assert [each["outcome"] for each in details["attempts"]] == ["validation", "unknown", None]
    await shop.recorded(second, "accepted", erp_reference="GL-1")


async def test_what_somebody_is_at_work_on_is_left_out_as_if_nobody_had_asked(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    await shop.recorded(await shop.poll_one("validate"), "valid")
    request = await shop.poll_one("post", lease_seconds=1)
    shop.clock.forward(seconds=1)
    async with shop.unit_of_work() as uow:
        await uow.journals.get(parse_id(Kind.JOURNAL, request["journal"]["id"]), lock=True)
        assert await shop.poll() == []
    await shop.recorded(request, "rejected")
    assert await shop.statuses() == ["rejected"]


async def test_the_same_verdict_again_is_a_duplicate_and_another_is_refused(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    validation = await shop.poll_one("validate")
    await shop.recorded(validation, "valid")
    posting = await shop.poll_one("post")
    await shop.recorded(posting, "accepted", erp_reference="GL-1")
    for request, result, more in ((validation, "valid", {}), (posting, "accepted", {"erp_reference": "GL-1"})):
        answer = await shop.respond(request, result, **more)
        assert (answer.status_code, answer.json()["results"]) == (200, [{"lease_id": request["lease_id"], "status": "duplicate"}])
    await shop.refused(validation, "invalid", 409, "verdict-differs")
    await shop.refused(posting, "rejected", 409, "verdict-differs")
    await shop.refused(posting, "accepted", 409, "verdict-differs", erp_reference="GL-2")
    assert [(each["status"], each["number"]) for each in await shop.journals()] == [("sent", "GL-1")]


async def test_a_response_has_to_fit_its_lease(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate")
    for result in ("accepted", "rejected"):
        problem = await shop.refused(request, result, 422, "invalid", erp_reference="GL-1")
        assert [fault["pointer"] for fault in problem["errors"]] == ["/responses/0/result"]
    other = {**request, "journal": {"id": format_id(Kind.JOURNAL, shop.container.ids.new())}}
    problem = await shop.refused(other, "valid", 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/responses/0/journal_id"]
    await shop.recorded(request, "valid")
    posting = await shop.poll_one("post")
    problem = await shop.refused(posting, "accepted", 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/responses/0/erp_reference"]
    await shop.refused(posting, "valid", 422, "invalid")
    for lease_id in (format_id(Kind.LEASE, shop.container.ids.new()), "lse_1", "att_" + posting["lease_id"].removeprefix("lse_")):
        await shop.refused({**posting, "lease_id": lease_id}, "accepted", 404, "not-found", erp_reference="GL-1")
    assert await shop.statuses() == ["sending"]


async def test_one_refusal_among_several_responses_loses_none_of_the_others(shop: Shop) -> None:
    for number in ("PO-1", "PO-2", "PO-3"):
        await shop.record(number, "order.created", order(number))
    first, second, third = await shop.poll()
    responses = [said(first, "valid"), said(second, "accepted", erp_reference="GL-1"), said(third, "invalid"), said(third, "invalid")]
    answer = await shop.api("POST", f"{ERP}/responses", {"responses": responses})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [each["status"] for each in results] == ["recorded", "refused", "recorded", "duplicate"]
    assert [each["lease_id"] for each in results] == [each["lease_id"] for each in responses]
    assert (results[1]["problem"]["code"], results[1]["problem"]["status"]) == ("invalid", 422)
    assert results[1]["problem"]["errors"][0]["pointer"] == "/responses/1/result"
    assert await shop.statuses() == ["valid", "open", "invalid"]


@pytest.mark.parametrize(("result", "more", "status"), [("accepted", {"erp_reference": "GL-1"}, "sent"), ("rejected", {}, "rejected")])
async def test_a_late_verdict_counts_while_nobody_else_has_the_journal(shop: Shop, result: str, more: Json, status: str) -> None:
    await shop.record("1", "order.created", order())
    validation = await shop.poll_one("validate", lease_seconds=1)
    shop.clock.forward(hours=5)
    await shop.recorded(validation, "valid")
    posting = await shop.poll_one("post", lease_seconds=1)
    shop.clock.forward(hours=5)
    await shop.recorded(posting, result, **more)
    assert await shop.statuses() == [status]


@dataclass(frozen=True)
class Unanswered:
    """A journal that was offered for posting, and whose lease ran out."""

    shop: Shop
    request: Json

    @property
    def path(self) -> str:
        return f"/v1/journals/{self.request['journal']['id']}"

    async def mark(self, reason_code: str = "booked_by_hand", number: str | None = "JE-5") -> httpx.Response:
        named = {} if number is None else {"erp_reference": number}
        body = {"journal_ids": [self.request["journal"]["id"]], "reason_code": reason_code, "reason": "it never answered", **named}
        return await self.shop.api("POST", "/v1/journals/mark-as-sent", body)

    async def step(self, action: str) -> httpx.Response:
        return await self.shop.api("POST", f"{self.path}/{action}", {"reason": "it never answered"})


async def offered(shop: Shop, seconds: int) -> Unanswered:
    await shop.recorded(await shop.poll_one("validate"), "valid")
    return Unanswered(shop, await shop.poll_one("post", lease_seconds=seconds))


@pytest.fixture
async def unanswered(shop: Shop) -> Unanswered:
    await shop.purchase()
    offer = await offered(shop, 60)
    shop.clock.forward(seconds=60)
    return offer


async def test_while_the_erp_has_a_journal_in_hand_nobody_else_concludes_it(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    offer = await offered(shop, 60)
    until = (await shop.journal())["attempts"][-1]["started_at"]
    shop.clock.forward(seconds=59)
    for answer in (await offer.mark(), await offer.mark("not_required", None), await offer.step("hold"), await offer.step("release")):
        assert (answer.status_code, answer.json()["code"]) == (409, "journal-already-sent")
        expected = datetime.fromisoformat(until) + timedelta(seconds=60)
        assert f"until {expected:%Y-%m-%d %H:%M:%S} UTC" in answer.json()["detail"]
    assert (await offer.step("retry")).status_code == 409
    await shop.recorded(offer.request, "accepted", erp_reference="GL-1")


@pytest.mark.parametrize(("reason_code", "number"), [("booked_by_hand", "JE-5"), ("not_required", None)])
async def test_what_the_erp_never_answered_a_person_concludes(unanswered: Unanswered, reason_code: str, number: str | None) -> None:
    shop = unanswered.shop
    answer = await unanswered.mark(reason_code, number)
    assert (answer.status_code, answer.json()["marked"]) == (200, 1), answer.text
    details = await shop.journal()
    assert (details["status"], details["number"]) == ("marked_as_sent", number)
    assert [each["outcome"] for each in details["attempts"]] == ["validation", "unknown"]
    assert (await shop.poll_one("validate"))["journal"]["id"] == (await shop.journals())[1]["id"], "the lane goes on"


async def test_of_several_one_that_the_erp_has_in_hand_refuses_them_all(unanswered: Unanswered) -> None:
    shop = unanswered.shop
    await shop.poll_one("post")
    await shop.record("2", "order.created", order("PO-2"))
    ids = [each["id"] for each in await shop.journals()]
    answer = await shop.api(
        "POST", "/v1/journals/mark-as-sent", {"journal_ids": ids, "reason_code": "not_required", "reason": "it never answered"}
    )
    assert (answer.status_code, len(answer.json()["errors"])) == (409, 1)
    assert await shop.statuses() == ["sending", "open", "open", "open"]


async def test_what_is_held_is_not_offered_again_until_it_is_released(unanswered: Unanswered) -> None:
    shop = unanswered.shop
    assert (await unanswered.step("hold")).json()["held"] is True
    assert await shop.poll() == []
    assert (await unanswered.step("release")).json()["status"] == "sending"
    assert (await shop.poll_one("post"))["journal"] == unanswered.request["journal"]


@pytest.mark.parametrize(
    ("result", "more", "expected"), [("accepted", {"erp_reference": "GL-1"}, ("sent", False)), ("rejected", {}, ("rejected", True))]
)
async def test_a_late_verdict_on_what_is_held_counts(unanswered: Unanswered, result: str, more: Json, expected: tuple[str, bool]) -> None:
    await unanswered.step("hold")
    await unanswered.shop.recorded(unanswered.request, result, **more)
    (first, *_) = await unanswered.shop.journals()
    assert (first["status"], first["held"]) == expected


async def test_booked_by_the_erp_too_is_refused_and_kept_for_a_person_to_see(unanswered: Unanswered) -> None:
    shop, request = unanswered.shop, unanswered.request
    await unanswered.mark()
    for _ in range(2):
        problem = await shop.refused(request, "accepted", 409, "journal-already-sent", erp_reference="GL-9")
        assert "JE-5" in problem["detail"]
        details = await shop.journal()
        assert (details["status"], details["number"]) == ("marked_as_sent", "JE-5")
        assert [each["code"] for each in details["problems"]] == ["booked-otherwise"]
        assert "GL-9" in details["problems"][0]["message"]
        assert "JE-5" in details["problems"][0]["message"]
        assert [step["action"] for step in details["history"]][-2:] == ["mark_as_sent", "late_answer"]
        assert (details["attempts"][-1]["outcome"], details["attempts"][-1]["detail"]) == ("booked", {"number": "GL-9"})
    await shop.refused(request, "accepted", 409, "verdict-differs", erp_reference="GL-10")
    assert (await unanswered.step("unmark")).json()["problems"] == []
    await shop.recorded(request, "accepted", erp_reference="GL-9")
    (first, *_) = await shop.journals()
    assert (first["status"], first["number"]) == ("sent", "GL-9")


async def test_what_was_not_required_and_is_booked_all_the_same_is_kept_too(unanswered: Unanswered) -> None:
    await unanswered.mark("not_required", None)
    await unanswered.shop.refused(unanswered.request, "accepted", 409, "journal-already-sent", erp_reference="GL-9")
    assert [each["code"] for each in (await unanswered.shop.journal())["problems"]] == ["booked-otherwise"]


async def test_the_reference_that_a_person_gave_is_no_news_and_neither_is_a_refusal(unanswered: Unanswered) -> None:
    shop = unanswered.shop
    await unanswered.mark()
    await shop.refused(unanswered.request, "rejected", 409, "journal-already-sent")
    answer = await shop.respond(unanswered.request, "accepted", erp_reference="JE-5")
    assert answer.json()["results"][0]["status"] == "duplicate"
    assert (await shop.journal())["problems"] == []


async def test_a_person_and_a_late_answer_at_once_lose_nothing(shop: Shop) -> None:
    for number in range(6):
        await shop.record(str(number), "order.created", order(f"PO-{number}"))
    for request in await shop.poll():
        await shop.recorded(request, "valid")
    offers = [Unanswered(shop, request) for request in await shop.poll(lease_seconds=1)]
    shop.clock.forward(seconds=1)
    answers = await asyncio.gather(
        *(step for offer in offers for step in (shop.respond(offer.request, "accepted", erp_reference="GL-1"), offer.mark()))
    )
    for number, (verdict, mark) in enumerate(zip(answers[::2], answers[1::2], strict=True)):
        journal = await shop.journal(number)
        concluded = (journal["status"], journal["number"], [each["code"] for each in journal["problems"]])
        if verdict.status_code == 200:
            assert (mark.status_code, concluded) == (409, ("sent", "GL-1", []))
        else:
            assert (mark.status_code, concluded) == (200, ("marked_as_sent", "JE-5", ["booked-otherwise"]))


async def test_what_is_unknown_where_nobody_can_be_asked_a_person_concludes(shop: Shop) -> None:
    await shop.put(delivery="push", url="https://erp.example/gl")
    await shop.record("1", "order.created", order())
    (journal,) = await shop.journals()
    await shop.change({"journal": journal}, status=JournalStatus.UNKNOWN)
    await shop.put()
    assert (await Unanswered(shop, {"journal": journal}).mark()).status_code == 200
    assert (await shop.statuses(), await shop.poll()) == (["marked_as_sent"], [])


async def test_accepted_counts_even_when_the_journal_was_offered_again(shop: Shop) -> None:
    await shop.purchase()
    await shop.recorded(await shop.poll_one("validate"), "valid")
    old = await shop.poll_one("post", lease_seconds=1)
    shop.clock.forward(seconds=1)
    new = await shop.poll_one("post")
    await shop.refused(old, "rejected", 409, "lease-expired")
    assert (await shop.statuses())[0] == "sending"
    await shop.recorded(old, "accepted", erp_reference="GL-1")
    (first, *_) = await shop.journals()
    assert (first["status"], first["number"]) == ("sent", "GL-1")
    assert (await shop.respond(new, "accepted", erp_reference="GL-1")).json()["results"][0]["status"] == "duplicate"
    await shop.refused(new, "accepted", 409, "verdict-differs", erp_reference="GL-2")
    await shop.refused(new, "rejected", 409, "verdict-differs")
    assert (await shop.poll_one("validate"))["journal"]["id"] == (await shop.journals())[1]["id"], "the lane goes on at once"


async def test_accepted_counts_even_after_the_newer_lease_was_rejected(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    await shop.recorded(await shop.poll_one("validate"), "valid")
    old = await shop.poll_one("post", lease_seconds=1)
    shop.clock.forward(seconds=1)
    await shop.recorded(await shop.poll_one("post"), "rejected")
    await shop.recorded(old, "accepted", erp_reference="GL-1")
    assert [(each["status"], each["number"], each["problems"]) for each in await shop.journals()] == [("sent", "GL-1", [])]


@pytest.mark.parametrize("result", ["valid", "invalid"])
async def test_an_old_leases_validation_does_not_count_beside_a_newer_one(shop: Shop, result: str) -> None:
    await shop.record("1", "order.created", order())
    old = await shop.poll_one("validate", lease_seconds=1)
    shop.clock.forward(seconds=1)
    new = await shop.poll_one("validate")
    await shop.refused(old, result, 409, "lease-expired")
    await shop.recorded(new, "valid")
    await shop.refused(old, result, 409, "lease-expired")
    assert await shop.statuses() == ["valid"]


async def test_a_verdict_on_what_the_journal_was_does_not_make_valid_what_it_is(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate", lease_seconds=1)
    await shop.change(request, posting_date=date(2026, 11, 30))
    await shop.refused(request, "valid", 409, "lease-expired")
    shop.clock.forward(seconds=1)
    again = await shop.poll_one("validate")
    assert again["journal"]["accounting_date"] == "2026-11-30"
    await shop.recorded(again, "valid")


@pytest.mark.parametrize("result", ["valid", "invalid"])
async def test_what_a_person_has_concluded_stays_so(shop: Shop, result: str) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate")
    await shop.change(request, status=JournalStatus.MARKED_AS_SENT, reason_code="not_required", reason="a trial")
    await shop.refused(request, result, 409, "journal-already-sent")
    assert await shop.statuses() == ["marked_as_sent"]


async def test_a_verdict_does_not_undo_another_ones(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate")
    await shop.change(request, status=JournalStatus.INVALID)
    await shop.refused(request, "valid", 409, "lease-expired")
    assert await shop.statuses() == ["invalid"]


async def test_a_number_that_is_known_already_is_no_news(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    await shop.recorded(await shop.poll_one("validate"), "valid")
    request = await shop.poll_one("post")
    await shop.change(request, status=JournalStatus.SENT, number="GL-1")
    answer = await shop.respond(request, "accepted", erp_reference="GL-1")
    assert answer.json()["results"][0]["status"] == "duplicate"
    await shop.refused(request, "rejected", 409, "journal-already-sent")
    await shop.refused(request, "accepted", 409, "journal-already-sent", erp_reference="GL-2")
    details = await shop.journal()
    assert (details["number"], details["problems"]) == ("GL-1", []), "a sent journal never changes"
    assert details["attempts"][-1]["detail"] == {"number": "GL-2"}


async def test_a_daily_journal_gathers_until_it_is_offered_for_posting(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate")
    await shop.change(request, gathering=True)
    await shop.recorded(request, "valid")
    assert (await shop.journals())[0]["gathering"] is True
    await shop.poll_one("post")
    assert (await shop.journals())[0]["gathering"] is False


async def test_what_was_pushed_without_an_answer_is_offered_once_the_erp_polls(shop: Shop) -> None:
    await shop.put(delivery="push", url="https://erp.example/gl")
    await shop.record("1", "order.created", order())
    (journal,) = await shop.journals()
    await shop.change({"journal": journal}, status=JournalStatus.UNKNOWN)
    await shop.put()
    await shop.recorded(await shop.poll_one("post"), "accepted", erp_reference="GL-1")


async def test_a_paused_endpoint_offers_nothing_and_still_takes_answers(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate")
    await shop.api("POST", f"{ERP}/pause")
    await shop.recorded(request, "valid")
    assert await shop.poll() == []
    await shop.api("POST", f"{ERP}/resume")
    await shop.poll_one("post")


async def test_a_held_journal_is_not_offered_and_its_lane_waits(shop: Shop) -> None:
    await shop.purchase()
    (first, *_) = await shop.journals()
    assert (await shop.api("POST", f"/v1/journals/{first['id']}/hold")).status_code == 200
    assert await shop.poll() == []
    assert (await shop.api("POST", f"/v1/journals/{first['id']}/release")).status_code == 200
    assert (await shop.poll_one("validate"))["journal"]["id"] == first["id"]


async def test_a_worker_leaves_what_is_polled_alone(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    worker = wire_worker(shop.container.engine, shop.container.operations, PostgresWaking(shop.container.engine), shop.clock, 60)
    await worker.start_due()
    await worker.finish()
    (journal,) = await shop.journals()
    assert (await shop.api("POST", f"/v1/journals/{journal['id']}/retry")).json()["status"] == "open"
    details = await shop.journal()
    assert (details["status"], details["attempts"]) == ("open", [])


async def test_only_a_key_that_may_respond_and_only_an_endpoint_that_is_polled(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    scoped = {
        scope: shop.api.holding((await shop.api("POST", "/v1/keys", {"name": scope, "scopes": [scope]})).json()["key"])
        for scope in ("transactions:respond", "transactions:read", "journals:operate", "config:write")
    }
    request = await shop.poll_one("validate")
    response = {"responses": [said(request, "valid")]}
    for scope, api in scoped.items():
        expected = 200 if scope == "transactions:respond" else 403
        assert (await api("POST", f"{ERP}/requests")).status_code == expected
        assert (await api("POST", f"{ERP}/responses", response)).status_code == expected
    other = await shop.api.tenant()
    for caller, path, status in (
        (other, ERP, 404),
        (shop.api, "/v1/erp-endpoints/nowhere", 404),
    ):
        assert (await caller("POST", f"{path}/requests")).status_code == status
        assert (await caller("POST", f"{path}/responses", response)).status_code == status
    pushed = {"adapter": "json", "url": "https://erp.example/gl"}
    assert (await shop.api("PUT", "/v1/erp-endpoints/pushed", pushed)).status_code == 201
    for path, body in (("requests", {}), ("responses", response)):
        answer = await shop.api("POST", f"/v1/erp-endpoints/pushed/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_a_lease_of_another_endpoint_or_tenant_is_unknown(shop: Shop) -> None:
    await shop.record("1", "order.created", order())
    request = await shop.poll_one("validate")
    body = {"adapter": "json", "delivery": "poll"}
    assert (await shop.api("PUT", "/v1/erp-endpoints/second", body)).status_code == 201
    other = await shop.api.tenant()
    assert (await other("PUT", ERP, body)).status_code == 201
    for caller, path in ((shop.api, "/v1/erp-endpoints/second"), (other, ERP)):
        answer = await caller("POST", f"{path}/responses", {"responses": [said(request, "valid")]})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert await shop.statuses() == ["open"]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("requests", {"limit": 0}, "/limit"),
        ("requests", {"limit": 501}, "/limit"),
        ("requests", {"limit": "5"}, "/limit"),
        ("requests", {"lease_seconds": 0}, "/lease_seconds"),
        ("requests", {"lease_seconds": 3_601}, "/lease_seconds"),
        ("requests", {"leases": 1}, "/leases"),
        ("responses", {"responses": []}, "/responses"),
        ("responses", {"responses": [{"lease_id": "l", "journal_id": "j", "result": "maybe"}]}, "/responses/0/result"),
        (
            "responses",
            {
                "responses": [
                    {"lease_id": "l", "journal_id": "j", "result": "invalid", "problems": [{"line": 0, "code": "c", "message": "m"}]}
                ]
            },
            "/responses/0/problems/0/line",
        ),
        (
            "responses",
            {"responses": [{"lease_id": "l", "journal_id": "j", "result": "accepted", "erp_reference": "\x00"}]},
            "/responses/0/erp_reference",
        ),
    ],
)
async def test_a_body_that_breaks_its_shape_is_refused(shop: Shop, path: str, body: Json, pointer: str) -> None:
    answer = await shop.api("POST", f"{ERP}/{path}", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_polled_endpoint_needs_no_address_but_an_adapter_and_sound_settings(shop: Shop) -> None:
    shown = (await shop.api("GET", ERP)).json()
    assert (shown["delivery"], shown["url"], shown["minimum_validation"]) == ("poll", "", None)
    for change, pointer in (({"adapter": "sap"}, "/adapter"), ({"settings": {"x": 1}}, "/settings/x"), ({"url": "ftp://x"}, "/url")):
        answer = await shop.api("PUT", ERP, {"adapter": "json", "delivery": "poll"} | change)
        assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, [pointer])
    assert (await shop.api("POST", f"{ERP}/test")).status_code == 409
