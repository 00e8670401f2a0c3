"""The published worked cases over HTTP, balances summed from the transactions' own lines. Without the cases these tests skip."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api_fixtures import Api
from tests.domain_ledger import CREDIT_POSITIVE
from tests.events import event
from tests.unit.test_worked_cases import CASES

pytestmark = pytest.mark.anyio

Roles = dict[str, Decimal]


@pytest.mark.skipif(not CASES, reason="the worked cases are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_worked_case(anonymous: Api, path: Path) -> None:
    case = json.loads(path.read_text())
    api = await anonymous.tenant(base_currency=case["base_currency"], time_zone="UTC")
    for name, account in case["accounts"].items():
        await api("PUT", f"/v1/accounts/{name}", account)
    assert (await api("PUT", "/v1/posting-manager", case["posting_manager"])).status_code == 201
    one_account = case["posting_manager"]["estimate_account"] == case["posting_manager"]["grni_account"]
    sent: list[dict[str, Any]] = []
    for step in case["steps"]:
        for each in step["events"]:
            repeat = each == "repeat"
            if not repeat:
                sent.append(event(f"e-{len(sent)}", each["type"], each["data"]))
            answer = await api("POST", "/v1/events", sent[-1])
            assert answer.status_code in ((409, 422) if step["refused"] else (200,) if repeat else (201,)), answer.text
        total, by_code = await balances(api)
        if one_account:
            total["estimate"] += total.pop("grni", Decimal(0))
        assert {role: total[role] for role in step["balances"]} == _decimals(step["balances"]), step["label"]
        for code, roles in step.get("by_charge_code", {}).items():
            assert {role: by_code[code][role] for role in roles} == _decimals(roles), (step["label"], code)


async def balances(api: Api) -> tuple[Roles, dict[str, Roles]]:
    """In base currency per role, and per charge code and role."""
    total: Roles = defaultdict(Decimal)
    by_code: dict[str, Roles] = defaultdict(lambda: defaultdict(Decimal))
    for transaction in (await api("GET", "/v1/account-transactions", params={"limit": 500})).json()["items"]:
        for line in transaction["lines"]:
            sign = 1 if (line["side"] == "credit") == (line["role"] in CREDIT_POSITIVE) else -1
            total[line["role"]] += sign * Decimal(line["base_amount"])
            by_code[line["charge_code"]][line["role"]] += sign * Decimal(line["base_amount"])
    return total, by_code


def _decimals(texts: dict[str, str]) -> Roles:
    return {role: Decimal(text) for role, text in texts.items()}
