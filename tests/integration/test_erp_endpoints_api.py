"""ERP endpoints: what is set up, what stays, and that credentials go in and never come out."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.api.ids import Kind, parse_id
from app.bootstrap import Container
from tests.api_fixtures import Api, set_up
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.anyio

TOKEN = "s3cret-token-of-the-erp"
BODY = {"adapter": "json", "url": "https://erp.example/gl", "credentials": {"token": TOKEN}}


async def _put(api: Api, name: str = "erp", query: str = "", **change: Any) -> dict[str, Any]:
    answer = await api("PUT", f"/v1/erp-endpoints/{name}{query}", BODY | change)
    assert answer.status_code in (200, 201), answer.text
    got: dict[str, Any] = answer.json()
    return got


async def _stored(container: Container, api: Api) -> bytes:
    tenant = parse_id(Kind.TENANT, (await api("GET", "/v1/tenant")).json()["id"])
    async with container.engine.connect() as connection:
        query = text("SELECT credentials FROM erp_endpoint WHERE name = 'erp' AND tenant_id = :tenant")
        found: bytes = (await connection.execute(query, {"tenant": tenant})).scalar_one()
    return found


async def test_an_endpoint_has_sensible_defaults(api: Api) -> None:
    answer = await api("PUT", "/v1/erp-endpoints/erp", BODY)
    assert answer.status_code == 201
    today = datetime.now(ZoneInfo("Pacific/Auckland")).date().isoformat()
    assert answer.json() == {
        "name": "erp",
        "adapter": "json",
        "url": "https://erp.example/gl",
        "environment": "live",
        "settings": {},
        "credentials": ["token"],
        "delivery": "push",
        "grouping": "per_transaction",
        "release": "manual",
        "omit": [],
        "commitments": "send",
        "minimum_validation": None,
        "starts_on": today,
        "mapping": {},
        "description_template": None,
        "rate_limit_per_minute": 60,
        "max_concurrency": 4,
        "paused": False,
        "paused_reason": None,
        "authorisation": None,
    }
    assert (await api("GET", "/v1/erp-endpoints/erp")).json() == answer.json()
    assert (await api("GET", "/v1/erp-endpoints")).json()["items"] == [answer.json()]


@pytest.mark.parametrize(
    ("preset", "change", "grouping", "release"),
    [
        ("procurement", {}, "per_transaction", "automatic"),
        ("procurement", {"release": "manual"}, "per_transaction", "manual"),
        ("daily_journals", {}, "daily", "manual"),
    ],
)
async def test_a_preset_stands_for_what_is_not_said(api: Api, preset: str, change: dict[str, Any], grouping: str, release: str) -> None:
    got = await _put(api, query=f"?preset={preset}", **change)
    assert (got["grouping"], got["release"]) == (grouping, release)
    assert (await api("PUT", "/v1/erp-endpoints/erp?preset=other", BODY)).status_code == 422


async def test_credentials_are_stored_sealed_and_never_shown(api: Api, container: Container) -> None:
    await _put(api)
    for path in ("/v1/erp-endpoints/erp", "/v1/erp-endpoints", "/v1/audit-log"):
        assert TOKEN not in (await api("GET", path)).text
    stored = await _stored(container, api)
    assert TOKEN.encode() not in stored
    tenant = parse_id(Kind.TENANT, (await api("GET", "/v1/tenant")).json()["id"])
    assert json.loads(container.secrets.open(stored, f"erp_endpoint/{tenant}/erp")) == {"token": TOKEN}


async def test_without_credentials_those_that_are_kept_stay(api: Api, container: Container) -> None:
    await _put(api)
    before = await _stored(container, api)
    body = {"adapter": "json", "url": "https://erp.example/other/path", "rate_limit_per_minute": 10}
    answer = await api("PUT", "/v1/erp-endpoints/erp", body)
    assert (answer.status_code, answer.json()["credentials"]) == (200, ["token"])
    assert await _stored(container, api) == before
    assert (await _put(api, credentials={"token": "another"}))["credentials"] == ["token"]
    assert await _stored(container, api) != before
    assert (await _put(api, credentials={}))["credentials"] == []
    assert await _stored(container, api) is None


@pytest.mark.parametrize(
    "url", ["https://evil.example/gl", "http://erp.example/gl", "https://erp.example:444/gl", "https://erp.example.evil.example/gl"]
)
async def test_kept_credentials_do_not_follow_to_another_server(api: Api, url: str) -> None:
    await _put(api)
    answer = await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": url})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/credentials"]
    assert (await api("GET", "/v1/erp-endpoints/erp")).json()["url"] == BODY["url"]


async def test_start_and_pause_stay_where_they_are_not_said(api: Api) -> None:
    await _put(api, starts_on="2026-01-01")
    assert (await api("POST", "/v1/erp-endpoints/erp/pause", {"reason": "year end"})).json()["paused_reason"] == "year end"
    got = await _put(api, rate_limit_per_minute=30)
    assert (got["starts_on"], got["paused"], got["paused_reason"]) == ("2026-01-01", True, "year end")
    got = await _put(api, paused=False)
    assert (got["paused"], got["paused_reason"]) == (False, None)
    got = await _put(api, paused=True)
    assert (got["paused"], got["paused_reason"]) == (True, "paused by first")


async def test_pause_and_resume(api: Api) -> None:
    await _put(api)
    paused = (await api("POST", "/v1/erp-endpoints/erp/pause")).json()
    assert (paused["paused"], paused["paused_reason"]) == (True, "paused by first")
    assert (await api("GET", "/v1/erp-endpoints/erp")).json() == paused
    resumed = (await api("POST", "/v1/erp-endpoints/erp/resume")).json()
    assert (resumed["paused"], resumed["paused_reason"]) == (False, None)
    for action in ("pause", "resume", "test"):
        assert (await api("POST", f"/v1/erp-endpoints/nowhere/{action}")).status_code == 404
    commands = [entry["command"] for entry in (await api("GET", "/v1/audit-log")).json()["items"]]
    assert commands[:3] == ["endpoint.resume", "endpoint.pause", "endpoint.put"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"adapter": "sap"}, "/adapter"),
        ({"url": ""}, "/url"),
        ({"url": "ftp://erp.example"}, "/url"),
        ({"url": "https://user:password@erp.example"}, "/url"),
        ({"url": "x" * 2_001}, "/url"),
        ({"settings": {"batch_max": 0}}, "/settings/batch_max"),
        ({"settings": {"unknown": 1}}, "/settings/unknown"),
        ({"settings": []}, "/settings"),
        ({"settings": {"a": {"b": "\x00"}}}, "/settings"),
        ({"mapping": {"\x00": 1}}, "/mapping"),
        ({"credentials": {"password": "x"}}, "/credentials/password"),
        ({"credentials": {"token": 7}}, "/credentials/token"),
        ({"credentials": {"token": "with space"}}, "/credentials/token"),
        ({"environment": "production"}, "/environment"),
        ({"omit": ["tax"]}, "/omit/0"),
        ({"starts_on": "2026-02-30"}, "/starts_on"),
        ({"minimum_validation": "highest"}, "/minimum_validation"),
        ({"rate_limit_per_minute": 0}, "/rate_limit_per_minute"),
        ({"rate_limit_per_minute": True}, "/rate_limit_per_minute"),
        ({"max_concurrency": "4"}, "/max_concurrency"),
        ({"paused": "no"}, "/paused"),
        ({"description_template": "{order}"}, "/description_template"),
        ({"description_template": "{supplier.name}"}, "/description_template"),
        ({"description_template": "{supplier"}, "/description_template"),
        ({"grouping": "daily", "description_template": "{order_number}"}, "/description_template"),
        ({"name": "erp"}, "/name"),
        ({"mapping": {"accounts": {}}}, "/mapping/accounts"),
        ({"mapping": {"charge_codes": {"template": {"account": "{1}"}}}}, "/mapping/charge_codes/template/account"),
    ],
)
async def test_an_endpoint_that_breaks_a_rule_is_refused_and_no_secret_is_repeated(api: Api, change: dict[str, Any], pointer: str) -> None:
    answer = await api("PUT", "/v1/erp-endpoints/erp", BODY | change)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert TOKEN not in answer.text
    assert (await api("GET", "/v1/erp-endpoints/erp")).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"grouping": "daily", "description_template": "{reference}: {currency} of {accounting_date}"},
        {"omit": ["ap", "estimate"]},
        {"commitments": "separate_journal"},
        {"commitments": "omit"},
        {"description_template": "{{{order_number}}} {supplier}"},
    ],
)
async def test_what_goes_into_a_journal_is_kept(api: Api, asked: dict[str, Any]) -> None:
    got = await _put(api, **asked)
    assert {name: got[name] for name in asked} == asked


async def test_an_endpoint_without_journals_can_be_deleted(api: Api) -> None:
    await _put(api, name="PO%2F1")
    assert (await api("DELETE", "/v1/erp-endpoints/PO%2F1")).status_code == 204
    assert (await api("DELETE", "/v1/erp-endpoints/PO%2F1")).status_code == 404


async def test_an_endpoint_with_journals_stays(api: Api) -> None:
    await set_up(api)
    await _put(api, starts_on="2026-01-01")
    line = {"line_number": 1, "sku": "A", "description": "Widget", "quantity": "2", "unit": "EA", "unit_price": "10.50"}
    order = {
        "order_number": "PO-1",
        "currency": "NZD",
        "order_date": "2026-11-02",
        "supplier": {"code": "ACME", "name": "Acme"},
        "lines": [line | {"account_codes": [{"code": "4100-12", "percentage": "100"}]}],
    }
    event = {"specversion": "1.0", "id": "1", "source": "/p", "type": "order.created", "time": "2026-11-02T00:00:00Z", "data": order}
    answer = await api("POST", "/v1/events", event)
    assert answer.status_code == 201, answer.text
    answer = await api("DELETE", "/v1/erp-endpoints/erp")
    assert (answer.status_code, answer.json()["code"]) == (409, "in-use")
    assert (await api("GET", "/v1/erp-endpoints/erp")).status_code == 200


class TestTrying:
    """`…/test` against the reference ERP."""

    @pytest.fixture
    def erp(self, tmp_path: Path) -> Iterator[ReferenceErp]:
        with ReferenceErp(tmp_path / "erp.db", token=TOKEN) as erp:
            erp.load_chart({"2100": "liability", "2110": "liability"})
            yield erp

    async def test_what_the_erp_has_and_what_it_lacks_is_told(self, api: Api, erp: ReferenceErp) -> None:
        await set_up(api)
        await _put(api, url=erp.url)
        answer = await api("POST", "/v1/erp-endpoints/erp/test")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["reachable"], told["signed_in"]) == (True, True)
        assert told["accounts"] == ["2100", "2110"]
        assert told["unknown_account_codes"] == ["2120"]

    async def test_a_wrong_token_and_a_dead_erp_are_told_apart(self, api: Api, erp: ReferenceErp) -> None:
        await _put(api, url=erp.url, credentials={"token": "wrong"})
        told = (await api("POST", "/v1/erp-endpoints/erp/test")).json()
        assert (told["reachable"], told["signed_in"]) == (True, False)
        assert told["problems"]
        erp.kill()
        told = (await api("POST", "/v1/erp-endpoints/erp/test")).json()
        assert (told["reachable"], told["signed_in"]) == (False, False)
        assert told["unknown_account_codes"] == []


async def test_credentials_that_do_not_open_any_more_can_be_replaced(api: Api, container: Container) -> None:
    await _put(api)
    tenant = parse_id(Kind.TENANT, (await api("GET", "/v1/tenant")).json()["id"])
    async with container.engine.begin() as connection:
        damage = text("UPDATE erp_endpoint SET credentials = 'x' WHERE name = 'erp' AND tenant_id = :tenant")
        await connection.execute(damage, {"tenant": tenant})
    assert (await api("GET", "/v1/erp-endpoints/erp")).json()["credentials"] is None
    answer = await api("POST", "/v1/erp-endpoints/erp/test")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    answer = await api("PUT", "/v1/erp-endpoints/erp", {"adapter": "json", "url": BODY["url"]})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/credentials"]
    assert (await _put(api))["credentials"] == ["token"]


async def test_signing_secrets_are_checked_when_they_are_put_and_never_come_out(api: Api) -> None:
    secrets = {"signing_secret": "whsec_" + "A" * 44, "previous_signing_secret": "whsec_" + "B" * 44}
    shown = await _put(api, credentials={"token": TOKEN, **secrets})
    assert shown["credentials"] == ["previous_signing_secret", "signing_secret", "token"]
    alone = {"previous_signing_secret": secrets["signing_secret"]}
    for wrong in ({"signing_secret": "A" * 44}, {"signing_secret": "whsec_dG9vIHNob3J0"}, alone):
        answer = await api("PUT", "/v1/erp-endpoints/erp", BODY | {"credentials": wrong})
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"/credentials/{name}" for name in wrong]
        assert not any(secret in answer.text for secret in wrong.values())
