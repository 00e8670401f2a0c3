"""The reports on what is open against the ledger, at every date, over random sequences of events (POSTING.md, I21)."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER
from tests.random_events import RandomEvents, days

pytestmark = pytest.mark.anyio

OFFSET = {"Offset": {"account_code": "2190", "type": "liability"}}
SETUPS: dict[str, dict[str, Any]] = {
    "each its own account": {},
    "one account": {"grni_account": "Estimate"},
    "one account, signed": {"grni_account": "Estimate", "grni_balance": "signed"},
    "one account and an offset": {"grni_account": "Estimate", "commitment_offset_account": "Offset"},
    "signed": {"grni_balance": "signed"},
    "offset": {"commitment_offset_account": "Offset"},
    "shipping over the lines": {"shipping_account": None},
    "no estimate": {"estimate_account": None},
    "no grni": {"grni_account": None},
}


async def a_shop(api: Api, setup: dict[str, Any]) -> Api:
    """A tenant of its own, set up like this."""
    shop = await api.tenant()
    for name, account in (ACCOUNTS | OFFSET).items():
        assert (await shop("PUT", f"/v1/accounts/{name}", account)).status_code == 201
    assert (await shop("PUT", "/v1/posting-manager", POSTING_MANAGER | setup)).status_code == 201
    return shop


async def play(shop: Api, events: list[dict[str, Any]]) -> list[str]:
    """What became of each event."""
    answer = await shop("POST", "/v1/events", events)
    assert answer.status_code == 200, answer.text
    return [each["status"] for each in answer.json()]


async def ledger_lines(shop: Api) -> list[dict[str, Any]]:
    """Every posted line with its accounting date."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await shop("GET", "/v1/account-transactions", params={"limit": 500} | cursor)).json()
        found += [line | {"day": each["accounting_date"]} for each in page["items"] for line in each["lines"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def balance(lines: Iterable[dict[str, Any]], day: str, *roles: str) -> Decimal:
    """Credit positive."""
    return sum(
        (
            Decimal(line["base_amount"]) * (1 if line["side"] == "credit" else -1)
            for line in lines
            if line["role"] in roles and line["day"] <= day
        ),
        Decimal(),
    )


async def report(shop: Api, name: str, day: str, **narrowed: str) -> dict[str, Any]:
    answer = await shop("GET", f"/v1/reports/{name}", params={"as_of": day} | narrowed)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def check_sums(body: dict[str, Any]) -> None:
    """The total is that of the lines, and each line that of its codes."""
    assert Decimal(body["total"]) == sum(Decimal(line["base_amount"]) for line in body["lines"])
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for line in body["lines"]:
        assert Decimal(line["amount"]) == sum(Decimal(share["amount"]) for share in line["account_codes"])
        assert Decimal(line["base_amount"]) == sum(Decimal(share["base_amount"]) for share in line["account_codes"])
        totals[line["currency"]] += Decimal(line["amount"])
    assert {each["currency"]: Decimal(each["amount"]) for each in body["totals"]} == totals


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", SETUPS)
async def test_totals_are_the_ledgers_at_every_date(api: Api, name: str, seed: int) -> None:
    setup = SETUPS[name]
    shop = await a_shop(api, setup)
    assert (await play(shop, RandomEvents(seed).take(60))).count("posted") > 20
    lines = await ledger_lines(shop)
    for day in map(str, [*days()][seed::4]):
        grni, commitments = await asyncio.gather(report(shop, "grni", day), report(shop, "commitments", day))
        assert (grni["total"], commitments["total"]) == (grni["ledger_balance"], commitments["ledger_balance"]), day
        both = Decimal(grni["total"]) + Decimal(commitments["total"])
        assert both == balance(lines, day, "grni", "estimate"), day
        if setup.get("grni_account") != "Estimate":
            assert Decimal(grni["total"]) == balance(lines, day, "grni"), day
        check_sums(grni)
        check_sums(commitments)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("policy", ["non_negative", "signed"])
async def test_one_account_tells_the_same_as_two(api: Api, policy: str, seed: int) -> None:
    """An independent witness of what in one account is GRNI: the same events where it has its own."""
    events = RandomEvents(100 + seed).take(60)
    one = await a_shop(api, {"grni_account": "Estimate", "grni_balance": policy})
    two = await a_shop(api, {"grni_balance": policy})
    assert await play(one, events) == await play(two, events)
    for day in map(str, [*days()][::4]):
        for name in ("grni", "commitments"):
            assert await report(one, name, day) == await report(two, name, day), (name, day)


@pytest.mark.parametrize("name", ["each its own account", "one account, signed"])
@pytest.mark.parametrize("seed", range(3))
async def test_the_past_is_told_as_it_was_when_it_was_the_present(api: Api, name: str, seed: int) -> None:
    """Once from the state of orders, once, since each was closed later, from ledger and log."""
    shop = await a_shop(api, SETUPS[name])
    await play(shop, RandomEvents(200 + seed).take(80))
    before = [await report(shop, each, "2026-12-30") for each in ("grni", "commitments")]
    assert before[0]["lines"]
    closing = [
        {
            "specversion": "1.0",
            "id": f"c{number}",
            "source": "/close",
            "type": "order.closed",
            "data": {"order_number": f"PO-{number}", "reason": "end", "date": "2026-12-31"},
        }
        for number in (1, 2, 3)
    ]
    await play(shop, closing)
    assert [await report(shop, each, "2026-12-30") for each in ("grni", "commitments")] == before
    assert (await report(shop, "grni", "2026-12-31"))["lines"] == []
