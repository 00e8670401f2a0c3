"""Tenants, their keys, and the log of who changed what."""

import pytest
from sqlalchemy import text

from app.bootstrap import Container
from tests.api_fixtures import ADMIN_KEY, Api

pytestmark = pytest.mark.anyio

ALL_SCOPES = ["events:write", "transactions:read", "transactions:respond", "journals:operate", "config:write", "reports:read"]
NEW_ZEALAND = {"name": "The Only Club", "base_currency": "NZD", "time_zone": "Pacific/Auckland"}


async def test_a_tenant_comes_with_a_key_that_may_do_everything_but_make_tenants(anonymous: Api) -> None:
    answer = await anonymous.holding(ADMIN_KEY)("POST", "/v1/tenants", NEW_ZEALAND)
    assert answer.status_code == 201
    made = answer.json()
    assert made["tenant"].pop("id").startswith("ten_")
    assert made["tenant"] == NEW_ZEALAND
    api = anonymous.holding(made["key"])
    (key,) = (await api("GET", "/v1/keys")).json()["items"]
    assert key["scopes"] == ALL_SCOPES
    assert (await api("GET", "/v1/tenant")).json()["name"] == "The Only Club"
    assert (await api("POST", "/v1/tenants", NEW_ZEALAND)).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", "pacific/auckland"),
        ("base_currency", "ABC"),
        ("base_currency", "nzd"),
        ("base_currency", "XAU"),
        ("name", ""),
        ("name", "a\x00b"),
        ("name", "a\x7f"),
        ("name", "x" * 101),
        ("name", 7),
        ("country", "NZ"),
    ],
)
async def test_a_tenant_that_breaks_a_rule_is_refused_at_the_field(anonymous: Api, field: str, value: object) -> None:
    answer = await anonymous.holding(ADMIN_KEY)("POST", "/v1/tenants", NEW_ZEALAND | {field: value})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{field}"]


async def test_two_tenants_cannot_have_one_name(anonymous: Api) -> None:
    one, other = await anonymous.tenant(), await anonymous.tenant()
    answer = await anonymous.holding(ADMIN_KEY)("POST", "/v1/tenants", NEW_ZEALAND | {"name": one.name})
    assert (answer.status_code, answer.json()["code"]) == (409, "tenant-exists")
    answer = await other("PUT", "/v1/tenant", {"name": one.name, "time_zone": "UTC"})
    assert (answer.status_code, answer.json()["code"]) == (409, "tenant-exists")


async def test_name_and_time_zone_change_and_the_base_currency_does_not(api: Api) -> None:
    answer = await api("PUT", "/v1/tenant", {"name": "Te Whare", "base_currency": "NZD", "time_zone": "Pacific/Chatham"})
    assert answer.status_code == 200
    assert (await api("GET", "/v1/tenant")).json()["time_zone"] == "Pacific/Chatham"
    answer = await api("PUT", "/v1/tenant", {"name": "Te Whare", "base_currency": "AUD", "time_zone": "Pacific/Chatham"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "/base_currency"
    assert (await api("GET", "/v1/tenant")).json()["base_currency"] == "NZD"
    assert (await api("PUT", "/v1/tenant", {"name": "x", "time_zone": "Nowhere"})).status_code == 422


async def test_a_key_does_what_its_scopes_say_until_it_is_revoked(api: Api) -> None:
    made = (await api("POST", "/v1/keys", {"name": "procurement", "scopes": ["events:write", "events:write"]})).json()
    assert made["scopes"] == ["events:write"]
    sender = api.holding(made["key"])
    assert (await sender("GET", "/v1/accounts")).status_code == 200, "who records coded entries sees the codes there are"
    answer = await sender("PUT", "/v1/accounts/4-100", {"name": "Computers", "type": "expense"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "config:write" in answer.json()["detail"]
    assert made["key"] not in (await api("GET", "/v1/keys")).text
    assert (await api("DELETE", f"/v1/keys/{made['id']}")).status_code == 204
    assert (await sender("GET", "/v1/accounts")).status_code == 401
    assert (await api("DELETE", f"/v1/keys/{made['id']}")).status_code == 404
    assert [key["name"] for key in (await api("GET", "/v1/keys")).json()["items"]] == ["first"]


async def test_a_key_cannot_give_what_it_does_not_have(api: Api) -> None:
    made = (await api("POST", "/v1/keys", {"name": "set-up", "scopes": ["config:write"]})).json()
    answer = await api.holding(made["key"])("POST", "/v1/keys", {"name": "more", "scopes": ["config:write", "events:write"]})
    assert answer.status_code == 403
    assert (await api.holding(made["key"])("POST", "/v1/keys", {"name": "same", "scopes": ["config:write"]})).status_code == 201


@pytest.mark.parametrize(
    ("scopes", "pointer"), [(["admin"], "/scopes/0"), (["events:write", "x"], "/scopes/1"), ([], "/scopes"), ("admin", "/scopes")]
)
async def test_scopes_that_no_key_of_a_tenant_has_are_refused(api: Api, scopes: object, pointer: str) -> None:
    answer = await api("POST", "/v1/keys", {"name": "k", "scopes": scopes})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_another_tenants_key_is_not_there(api: Api) -> None:
    other = await api.tenant()
    (key,) = (await other("GET", "/v1/keys")).json()["items"]
    assert (await api("DELETE", f"/v1/keys/{key['id']}")).status_code == 404
    assert (await api("DELETE", f"/v1/keys/{key['id'].replace('key_', 'txn_')}")).status_code == 404
    assert (await other("GET", "/v1/tenant")).status_code == 200


async def test_the_admin_key_makes_tenants_and_nothing_else(api: Api) -> None:
    operator = api.holding(ADMIN_KEY)
    for path in ("/v1/tenant", "/v1/keys", "/v1/accounts", "/v1/audit-log"):
        assert (await operator("GET", path)).status_code == 403


async def test_every_command_is_in_the_audit_log_newest_first(api: Api) -> None:
    made = (await api("POST", "/v1/keys", {"name": "book keeper", "scopes": ["config:write"]})).json()
    keeper = api.holding(made["key"])
    await keeper("PUT", "/v1/accounts/AP", {"account_code": "2120", "type": "liability"})
    await keeper("PUT", "/v1/accounts/AP", {"account_code": "2120", "type": "nothing"})
    await keeper("PUT", "/v1/periods/2026-11", {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "status": "open"})
    await keeper("DELETE", "/v1/accounts/AP")
    await api("DELETE", f"/v1/keys/{made['id']}")
    entries = (await api("GET", "/v1/audit-log")).json()["items"]
    assert [(entry["actor"], entry["command"], entry["subject"]) for entry in entries] == [
        ("first", "key.revoke", "book keeper"),
        ("book keeper", "account.delete", "AP"),
        ("book keeper", "period.put", "2026-11"),
        ("book keeper", "account.put", "AP"),
        ("first", "key.create", "book keeper"),
        ("admin", "tenant.create", api.name),
    ]
    assert entries[3]["detail"] == {"account_code": "2120", "type": "liability", "active": True}
    assert made["key"] not in str(entries)


async def test_the_audit_log_comes_in_pages(api: Api) -> None:
    for number in range(5):
        await api("PUT", f"/v1/accounts/{number}", {"account_code": "1", "type": "asset"})
    seen, cursor = [], ""
    while True:
        page = (await api("GET", f"/v1/audit-log?limit=2{cursor}")).json()
        seen += [entry["subject"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["4", "3", "2", "1", "0", api.name]
    for query in ("cursor=x", "limit=0", "limit=501", "limit=ten"):
        answer = await api("GET", f"/v1/audit-log?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/query/{query.split('=')[0]}"


async def test_only_the_hash_of_a_key_is_stored(api: Api, container: Container) -> None:
    assert api.key is not None
    async with container.engine.connect() as connection:
        stored = str((await connection.execute(text("SELECT * FROM api_key WHERE tenant_id IS NOT NULL"))).all())
    assert api.key not in stored
    assert api.key.removeprefix("glint_") not in stored
