"""Our delivered balances against the ledger of a real ERP, over HTTP and by `glint reconcile`."""

import csv
import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.api_fixtures import SECRET_KEY, Api
from tests.events import entry, event
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.anyio

Json = dict[str, Any]
BY_HAND = {
    "reference": "BY-HAND-1",
    "accounting_date": "2026-11-05",
    "currency": "NZD",
    "base_currency": "NZD",
    "description": "a correction",
}


async def booked_day(api: Api, erp: ReferenceErp) -> list[Json]:
    """Two journals of a club's takings, sent. The journals, oldest first."""
    for name, code in (("Bank", "1000"), ("Membership fees", "4000")):
        assert (await api("PUT", f"/v1/accounts/{name}", {"account_code": code, "type": "asset"})).status_code == 201
    erp.load_chart({"1000": "asset", "4000": "income", "9999": "expense"})
    body = {"adapter": "json", "url": erp.url, "starts_on": "2026-11-01", "credentials": {"token": "erp-token"}}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    for number in ("T-1", "T-2"):
        answer = await api("POST", "/v1/events", event(number, "entry.recorded", entry(number, date="2026-11-03")))
        assert answer.status_code == 201, answer.text
    days = {"endpoint": "erp", "from": "2026-11-01", "to": "2026-11-30"}
    for step in ("validate", "send"):
        answer = await api("POST", f"/v1/journals/{step}", days)
        assert answer.status_code == 200, answer.text
    items: list[Json] = (await api("GET", "/v1/journals", params=days)).json()["items"]
    assert [each["status"] for each in items] == ["sent", "sent"]
    return items


async def reconciled(api: Api, **query: str) -> Json:
    answer = await api("GET", "/v1/reports/reconciliation", params={"endpoint": "erp", "as_of": "2026-11-30", **query})
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def lines(amount: str, debit: str = "1000", credit: str = "4000") -> list[Json]:
    sides = (("debit", debit), ("credit", credit))
    return [
        {"line": number, "account_code": code, "side": side, "amount": amount, "base_amount": amount}
        for number, (side, code) in enumerate(sides, start=1)
    ]


async def test_what_was_delivered_is_what_the_erp_has(api: Api, erp: ReferenceErp) -> None:
    await booked_day(api, erp)
    found = await reconciled(api)

    assert (found["equal"], found["journals"], found["from"], found["as_of"]) == (True, [], "2026-11-01", "2026-11-30")
    assert found["accounts"] == [
        {"account_code": "1000", "ours": "240.00", "theirs": "240.00", "difference": "0.00"},
        {"account_code": "4000", "ours": "-240.00", "theirs": "-240.00", "difference": "0.00"},
    ]


async def test_what_people_booked_there_is_traced(api: Api, erp: ReferenceErp) -> None:
    await booked_day(api, erp)
    erp.call("POST", "/journals", {"journals": [BY_HAND | {"lines": lines("5.00", credit="9999")}]})
    found = await reconciled(api)

    assert found["equal"] is False
    assert found["accounts"][0] == {"account_code": "1000", "ours": "240.00", "theirs": "245.00", "difference": "5.00"}
    assert found["journals"] == [
        {
            "what": "booked_there_by_hand",
            "account_code": "1000",
            "ours": "0.00",
            "theirs": "5.00",
            "difference": "5.00",
            "reference": "BY-HAND-1",
            "journal_id": None,
            "number": "JE-3",
            "our_date": None,
            "their_date": "2026-11-05",
        }
    ]
    assert (await reconciled(api, as_of="2026-11-04"))["equal"]


async def test_what_is_missing_and_what_was_changed_there_is_traced_to_its_journal(api: Api, erp: ReferenceErp) -> None:
    first, second = await booked_day(api, erp)
    erp.kill()
    erp.database.unlink()
    erp.start()
    erp.load_chart({"1000": "asset", "4000": "income"})
    other = BY_HAND | {"reference": second["reference"], "accounting_date": "2026-11-03", "lines": lines("120.01")}
    erp.call("POST", "/journals", {"journals": [other]})
    found = await reconciled(api)

    told = [(each["what"], each["reference"], each["account_code"], each["ours"], each["theirs"]) for each in found["journals"]]
    assert told == [
        ("missing_there", first["reference"], "1000", "120.00", "0.00"),
        ("missing_there", first["reference"], "4000", "-120.00", "0.00"),
        ("changed_there", second["reference"], "1000", "120.00", "120.01"),
        ("changed_there", second["reference"], "4000", "-120.00", "-120.01"),
    ]
    assert {each["journal_id"] for each in found["journals"]} == {first["id"], second["id"]}


async def test_it_comes_as_a_table_too(api: Api, erp: ReferenceErp) -> None:
    await booked_day(api, erp)
    answer = await api("GET", "/v1/reports/reconciliation", params={"endpoint": "erp", "as_of": "2026-11-30", "format": "csv"})

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["what"], row["account_code"], row["difference"]) for row in rows] == [
        ("account", "1000", "0.00"),
        ("account", "4000", "0.00"),
    ]


async def test_what_cannot_be_compared_is_said(api: Api, erp: ReferenceErp) -> None:
    await booked_day(api, erp)
    params = {"endpoint": "nowhere"}
    assert (await api("GET", "/v1/reports/reconciliation", params=params)).status_code == 404
    wrong = await api("GET", "/v1/reports/reconciliation", params={"endpoint": "erp", "from": "2026-11-30", "as_of": "2026-11-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/query/from")
    erp.kill()
    away = await api("GET", "/v1/reports/reconciliation", params={"endpoint": "erp"})
    assert (away.status_code, away.json()["code"]) == (409, "erp-did-not-answer")
    polled = {"adapter": "json", "url": erp.url, "delivery": "poll"}
    assert (await api("PUT", "/v1/erp-endpoints/polled", polled)).status_code == 201
    assert (await api("GET", "/v1/reports/reconciliation", params={"endpoint": "polled"})).status_code == 409


async def test_the_command_says_it_with_its_exit_status(api: Api, erp: ReferenceErp, shared_database_url: str) -> None:
    await booked_day(api, erp)

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli", "reconcile", *more]
        settings = {"GLINT_DATABASE_URL": shared_database_url, "GLINT_SECRET_KEY": SECRET_KEY, "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8"}
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=os.environ | settings)

    arguments = ("erp", "--tenant", api.name, "--as-of", "2026-11-30")
    equal = run(*arguments)
    assert (equal.returncode, equal.stderr) == (0, "")
    assert equal.stdout.endswith("\nequal\n")
    erp.call("POST", "/journals", {"journals": [BY_HAND | {"lines": lines("5.00", credit="9999")}]})
    different = run(*arguments, "--json")
    assert (different.returncode, json.loads(different.stdout)["equal"]) == (1, False)
    assert "booked there by hand: BY-HAND-1 JE-3, account 1000" in run(*arguments).stdout
    assert run("nowhere", "--tenant", api.name).returncode == 2
    assert run("erp", "--tenant", "nobody").returncode == 2
