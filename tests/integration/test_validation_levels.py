"""How far a validation goes: our own rules, what the ERP told of itself, the ERP's own answer. Over HTTP with a real ERP."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.bootstrap import Container
from tests.api_fixtures import Api, set_up
from tests.events import entry, order, receipt
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.anyio

CHART = {"2100": "liability", "2110": "liability", "2120": "liability", "E1": "expense"}


async def endpoint(api: Api, url: str, **change: Any) -> None:
    body = {"adapter": "json", "url": url, "starts_on": "2026-01-01", "environment": "test", "credentials": {"token": "erp-token"}}
    answer = await api("PUT", "/v1/erp-endpoints/erp", body | change)
    assert answer.status_code in (200, 201), answer.text


async def ordered(api: Api, url: str, **change: Any) -> str:
    """The id of an order's journal."""
    await set_up(api)
    await endpoint(api, url, **change)
    event = {"specversion": "1.0", "id": "e1", "source": "/tests", "type": "order.created", "data": order()}
    answer = await api("POST", "/v1/events", event)
    assert answer.status_code == 201, answer.text
    journal_id: str = answer.json()["transactions"][0]["delivery"][0]["journal_id"]
    return journal_id


async def validated(api: Api, journal_id: str) -> tuple[str, str | None, list[tuple[int | None, str]]]:
    answer = await api("POST", "/v1/journals/validate", {"journal_ids": [journal_id]})
    assert answer.status_code == 200, answer.text
    (journal,) = answer.json()["items"]
    return journal["status"], journal["validation_level"], [(each["line"], each["code"]) for each in journal["problems"]]


async def calls(api: Api, journal_id: str) -> int:
    return len((await api("GET", f"/v1/journals/{journal_id}")).json()["attempts"])


async def read_erp(api: Api) -> dict[str, Any]:
    answer = await api("POST", "/v1/erp-endpoints/erp/test")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def taken(api: Api, url: str, **change: Any) -> str:
    """The id of the journal of an entry with three lines."""
    for name, code in (("Bank", "1000"), ("Fees", "4000")):
        await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "asset"})
    await endpoint(api, url, **change)
    lines = [{"account": "Bank", "side": "debit", "amount": "2.00"}] + [{"account": "Fees", "side": "credit", "amount": "1.00"}] * 2
    event = {"specversion": "1.0", "id": "t1", "source": "/tests", "type": "entry.recorded", "data": entry(lines=lines)}
    answer = await api("POST", "/v1/events", event)
    assert answer.status_code == 201, answer.text
    journal_id: str = answer.json()["transactions"][0]["delivery"][0]["journal_id"]
    return journal_id


async def test_our_own_rules_come_first_and_make_no_call(api: Api, erp: ReferenceErp) -> None:
    erp.load_chart({"1000": "asset", "4000": "income"})
    journal = await taken(api, erp.url)
    account = {"account_code": "4000", "type": "asset", "active": False}
    assert (await api("PUT", "/v1/accounts/Fees", account)).status_code == 200
    assert await validated(api, journal) == ("invalid", "local", [(2, "inactive-account"), (3, "inactive-account")])
    assert await calls(api, journal) == 0
    assert (await api("PUT", "/v1/accounts/Fees", account | {"active": True})).status_code == 200
    assert await validated(api, journal) == ("valid", "erp_dry_run", [])


async def test_too_many_lines_for_the_adapter(api: Api, erp: ReferenceErp) -> None:
    """The limit came after the journal; a later one is split."""
    journal = await taken(api, erp.url)
    await endpoint(api, erp.url, settings={"max_lines": 2})
    assert await validated(api, journal) == ("invalid", "local", [(None, "too-many-lines")])


async def test_what_the_erp_told_of_itself_is_checked_without_a_call(api: Api, erp: ReferenceErp) -> None:
    journal = await ordered(api, erp.url)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    assert "E1" not in (await read_erp(api))["accounts"]
    status, level, problems = await validated(api, journal)
    assert (status, level, [code for _, code in problems]) == ("invalid", "reference_data", ["inactive-account"])
    assert problems[0][0] is not None
    assert await calls(api, journal) == 0
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": True})
    assert (await validated(api, journal))[0] == "invalid", "as it was read"
    await read_erp(api)
    assert await validated(api, journal) == ("valid", "erp_dry_run", [])


async def test_without_reference_data_the_erp_is_asked(api: Api, erp: ReferenceErp) -> None:
    journal = await ordered(api, erp.url)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    status, level, problems = await validated(api, journal)
    assert (status, level, [code for _, code in problems]) == ("invalid", "erp_dry_run", ["inactive-account"])


async def test_a_date_outside_the_erps_open_periods_and_a_redated_journal(api: Api, erp: ReferenceErp) -> None:
    journal = await ordered(api, erp.url)
    for name, first, last, status in (("P10", "2026-10-01", "2026-11-15", "closed"), ("P11", "2026-11-16", "2026-12-31", "open")):
        erp.call("PUT", f"/periods/{name}", {"starts_on": first, "ends_on": last, "status": status})
    assert (await read_erp(api))["open_periods"] == ["P11"]
    assert await validated(api, journal) == ("invalid", "reference_data", [(None, "period-closed")])
    redate = {"date": "2026-11-20", "reason": "the ERP's period is closed"}
    assert (await api("POST", f"/v1/journals/{journal}/redate", redate)).status_code == 200
    assert await validated(api, journal) == ("valid", "erp_dry_run", [])
    ours = {"starts_on": "2020-01-01", "ends_on": "2020-01-31", "status": "closed"}
    assert (await api("PUT", "/v1/periods/2020-01", ours)).status_code == 201
    assert (await api("POST", f"/v1/journals/{journal}/redate", redate | {"date": "2020-01-20"})).status_code == 200
    assert await validated(api, journal) == ("invalid", "local", [(None, "period-closed")])


async def test_an_answer_that_was_no_sign_in_leaves_what_is_known(api: Api, erp: ReferenceErp) -> None:
    journal = await ordered(api, erp.url)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    await read_erp(api)
    await endpoint(api, erp.url, credentials={"token": "wrong"})
    assert not (await read_erp(api))["signed_in"]
    assert (await validated(api, journal))[1] == "reference_data"


async def test_another_erp_is_not_judged_by_what_the_first_one_said(api: Api, erp: ReferenceErp, tmp_path: Path) -> None:
    journal = await ordered(api, erp.url)
    erp.call("PUT", "/accounts/E1", {"name": "E1", "type": "expense", "active": False})
    await read_erp(api)
    with ReferenceErp(tmp_path / "other.db", token="erp-token") as other:
        other.load_chart(CHART)
        await endpoint(api, other.url)
        assert await validated(api, journal) == ("valid", "erp_dry_run", [])


@pytest.mark.parametrize("minimum", ["local", "reference_data"])
async def test_no_minimum_spares_the_erps_own_word(api: Api, erp: ReferenceErp, minimum: str) -> None:
    journal = await ordered(api, erp.url, minimum_validation=minimum)
    await read_erp(api)
    erp.kill()
    assert await validated(api, journal) == ("open", None, [(None, "erp-did-not-answer")])
    erp.restart()
    assert await validated(api, journal) == ("valid", "erp_dry_run", [])


async def test_credentials_that_do_not_open_make_nothing_valid(api: Api, erp: ReferenceErp, container: Container) -> None:
    journal = await ordered(api, erp.url)
    async with container.engine.begin() as connection:
        spoil = text("UPDATE erp_endpoint SET credentials = '\\x00' || credentials WHERE url = :url AND tenant_id IS NOT NULL")
        await connection.execute(spoil, {"url": erp.url})
    assert await validated(api, journal) == ("open", None, [(None, "erp-did-not-answer")])


async def test_the_second_journal_of_an_order_can_be_validated_before_the_first_is_sent(api: Api, erp: ReferenceErp) -> None:
    await ordered(api, erp.url)
    event = {"specversion": "1.0", "id": "e2", "source": "/tests", "type": "goods.received", "data": receipt()}
    second = (await api("POST", "/v1/events", event)).json()["transactions"][0]["delivery"][0]["journal_id"]
    assert (await validated(api, second))[0] == "valid"
