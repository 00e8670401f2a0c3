"""The chart of accounts of an endpoint's ERP over HTTP: told by the ERP, loaded by a person, shown, and what it is held against."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api_fixtures import Api, set_up
from tests.events import event, order
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.anyio

ERP = "/v1/erp-endpoints/erp"
CHART = f"{ERP}/chart-of-accounts"
ACCOUNTS = {"20100": "liability", "20110": "liability", "6000": "expense"}
Json = dict[str, Any]


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path / "erp.db", token="erp-token") as erp:
        erp.load_chart(ACCOUNTS)
        erp.call("PUT", "/accounts/6001", {"name": "Old Travel", "type": "expense", "active": False})
        yield erp


async def put(api: Api, **change: Any) -> None:
    answer = await api("PUT", ERP, {"adapter": "json", "starts_on": "2026-01-01", "credentials": {"token": "erp-token"}} | change)
    assert answer.status_code in (200, 201), answer.text


async def polled(api: Api, **change: Any) -> None:
    await put(api, delivery="poll", **change)


async def chart(api: Api, **query: Any) -> Json:
    answer = await api("GET", CHART, params=query)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def load_csv(api: Api, text: str | bytes) -> Any:
    return await api("PUT", CHART, content=text, headers={"content-type": "text/csv; charset=utf-8"})


async def faults(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [fault["pointer"] for fault in answer.json()["errors"]]


async def test_nothing_is_known_at_first(api: Api) -> None:
    await polled(api)
    nothing = {"read_at": None, "source": None, "accounts": 0, "asked_at": None, "next_pull_at": None, "failed_pull": None}
    assert await chart(api) == nothing | {"items": [], "next_cursor": None}
    assert (await api("GET", "/v1/erp-endpoints/none/chart-of-accounts")).status_code == 404
    assert (await api("PUT", "/v1/erp-endpoints/none/chart-of-accounts", {"accounts": []})).status_code == 404


async def test_what_the_erp_tells_is_kept_whole(api: Api, erp: ReferenceErp) -> None:
    await put(api, url=erp.url)
    told = (await api("POST", f"{CHART}/pull")).json()
    assert (told["kept"], told["accounts"]) == (True, ["20100", "20110", "6000"])
    kept = await chart(api)
    assert (kept["source"], kept["accounts"], kept["read_at"]) == ("erp", 4, kept["asked_at"])
    assert kept["items"][-1] == {"code": "6001", "name": "Old Travel", "type": "expense", "active": False}
    assert [each["code"] for each in (await chart(api, search="TRAV"))["items"]] == ["6001"]
    assert [each["code"] for each in (await chart(api, search="200"))["items"]] == []
    assert [each["code"] for each in (await chart(api, search="201"))["items"]] == ["20100", "20110"]
    assert (await chart(api, search="%"))["items"] == []


async def test_a_chart_is_shown_in_pages(api: Api) -> None:
    await polled(api)
    codes = [f"{number:03d}/ä" for number in range(7)]
    answer = await api("PUT", CHART, {"accounts": [{"code": code} for code in reversed(codes)]})
    assert (answer.status_code, answer.json()["accounts"], answer.json()["source"]) == (200, 7, "loaded")
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = await chart(api, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [each["code"] for each in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (seen, pages) == (codes, 3)
    for wrong in ("!", "AA=", "gA", "AA"):
        assert await faults(await api("GET", CHART, params={"cursor": wrong})) == ["/query/cursor"]


async def test_a_chart_is_loaded_as_csv(api: Api) -> None:
    await polled(api)
    text = '\ufeffcode,name,type,active\r\n 4100 ,"Widgets, small",expense,\r\n4200,,,no\r\n4300,Third,Erlös,TRUE\r\n'
    assert (await load_csv(api, text.encode())).status_code == 200
    assert (await chart(api))["items"] == [
        {"code": "4100", "name": "Widgets, small", "type": "expense", "active": True},
        {"code": "4200", "name": "", "type": None, "active": False},
        {"code": "4300", "name": "Third", "type": "Erlös", "active": True},
    ]
    assert (await load_csv(api, "code\n9\n")).status_code == 200
    assert [each["code"] for each in (await chart(api))["items"]] == ["9"], "the whole chart is replaced"


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("", ["/header"]),
        ("name,type\nx,y\n", ["/header"]),
        ("code,colour\n1,red\n", ["/header"]),
        ("code,code\n1,1\n", ["/header"]),
        ("code,active\n1,perhaps\n", ["/accounts/0/active"]),
        ("code\n1,2\n", ["/accounts/0"]),
        ("code\n1\n" + "x" * 201 + "\n", ["/accounts/1/code"]),
        ("code,name\n,nameless\n", ["/accounts/0/code"]),
        ("code\n1\n2\n1\n", ["/accounts/0/code", "/accounts/2/code"]),
        (b"code\n\xff\n", [""]),
        ('code\n"1', [""]),
    ],
)
async def test_a_csv_file_that_is_none_is_refused(api: Api, text: str | bytes, pointers: list[str]) -> None:
    await polled(api)
    assert await faults(await load_csv(api, text)) == pointers
    assert (await chart(api))["read_at"] is None


async def test_json_that_breaks_the_shape_is_refused(api: Api) -> None:
    await polled(api)
    assert await faults(await api("PUT", CHART, {"accounts": [{"code": "1"}, {"code": 2, "colour": "red"}]})) == [
        "/accounts/1/code",
        "/accounts/1/colour",
    ]
    assert await faults(await api("PUT", CHART, {"accounts": [{"code": "1"}, {"code": "1"}]})) == ["/accounts/0/code", "/accounts/1/code"]
    assert (await api("PUT", CHART, content=b"<x/>", headers={"content-type": "text/xml"})).status_code == 415


async def test_a_loaded_chart_is_what_journals_for_a_polling_erp_are_checked_against(api: Api) -> None:
    await set_up(api)
    await polled(api)
    made = (await api("POST", "/v1/events", event("e1", "order.created", order()))).json()
    journal = made["transactions"][0]["delivery"][0]["journal_id"]
    await api("PUT", CHART, {"accounts": [{"code": "2100"}, {"code": "E1", "active": False}]})
    answer = (await api("POST", "/v1/journals/validate", {"journal_ids": [journal]})).json()["items"][0]
    assert (answer["status"], answer["validation_level"]) == ("invalid", "reference_data")
    assert [(each["line"], each["code"]) for each in answer["problems"]] == [(2, "inactive-account")]
    assert "as loaded on" in answer["problems"][0]["message"]
    await api("PUT", CHART, {"accounts": [{"code": "2100"}, {"code": "E1"}]})
    answer = (await api("POST", "/v1/journals/validate", {"journal_ids": [journal]})).json()["items"][0]
    assert answer["status"] == "open", "the ERP's own word is to come"
    assert (await api("POST", f"{CHART}/pull")).status_code == 409


async def test_an_erp_that_can_be_asked_replaces_a_loaded_chart_unless_it_has_none(api: Api, erp: ReferenceErp, tmp_path: Path) -> None:
    with ReferenceErp(tmp_path / "empty.db", token="erp-token") as empty:
        await put(api, url=empty.url)
        await api("PUT", CHART, {"accounts": [{"code": "1"}]})
        loaded = await chart(api)
        assert (await api("POST", f"{CHART}/pull")).json()["kept"]
        kept = await chart(api)
        assert (kept["source"], kept["accounts"], kept["read_at"]) == ("loaded", 1, loaded["read_at"])
        assert kept["asked_at"] is not None
    assert not (await api("POST", f"{CHART}/pull")).json()["reachable"]
    assert (await chart(api))["accounts"] == 1
    await put(api, url=erp.url)
    assert (await chart(api))["accounts"] == 0, "another ERP"
    await api("PUT", CHART, {"accounts": [{"code": "1"}]})
    await api("POST", f"{CHART}/pull")
    assert (await chart(api))["source"] == "erp"


async def test_a_test_says_what_the_mapping_lacks(api: Api, erp: ReferenceErp) -> None:
    await set_up(api)
    table = {"2100": "20100", "2110": "20199", "9": "6001"}
    charges = {"table": {"E2": "6001"}, "otherwise": "refuse"}
    await put(api, url=erp.url, mapping={"account_codes": {"table": table}, "charge_codes": charges})
    coded = {"E1": "20", "E2": "80"}
    line = order()["lines"][0] | {"account_codes": [{"code": code, "percentage": share} for code, share in coded.items()]}
    assert (await api("POST", "/v1/events", event("e1", "order.created", order(lines=[line])))).status_code == 201
    told = (await api("POST", f"{ERP}/test")).json()
    assert told["mapping"]["targets"] == [
        {"pointer": "/mapping/account_codes/table/9", "account": "6001", "reason": "inactive-account"},
        {"pointer": "/mapping/account_codes/table/2110", "account": "20199", "reason": "unknown-account"},
        {"pointer": "/mapping/charge_codes/table/E2", "account": "6001", "reason": "inactive-account"},
    ]
    assert told["mapping"]["account_codes"] == [
        {"code": "2110", "leads_to": "20199", "reason": "unknown-account"},
        {"code": "2120", "leads_to": "2120", "reason": "unknown-account"},
    ]
    assert told["mapping"]["charge_codes"] == [
        {"code": "E1", "leads_to": None, "reason": "not-mapped"},
        {"code": "E2", "leads_to": "6001", "reason": "inactive-account"},
    ]
    assert told["unknown_account_codes"] == ["2110", "2120"]
    erp.kill()
    assert (await api("POST", f"{ERP}/test")).json()["mapping"] == told["mapping"], "by what is known"
