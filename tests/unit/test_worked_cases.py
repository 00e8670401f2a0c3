"""The published worked cases against the pure domain. They live beside the project; without them these tests skip."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import DomainError
from tests.domain_ledger import CURRENCIES, DomainLedger, manager_from

CASES = sorted((Path(__file__).parents[2].parent / "shared" / "scenarios").glob("*.json"))


@pytest.mark.skipif(not CASES, reason="the worked cases are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_case(path: Path) -> None:
    case = json.loads(path.read_text())
    base = CURRENCIES.get(case["base_currency"])
    assert base is not None
    ledger = DomainLedger(manager_from(case["posting_manager"], case["accounts"]), base)
    for step in case["steps"]:
        _play(ledger, step)
        roles = ledger.balances()
        for role, expected in step["balances"].items():
            assert base.to_decimal(roles[role]) == Decimal(expected), (step["label"], role)
        for code, by_role in step.get("by_charge_code", {}).items():
            for role, expected in by_role.items():
                assert base.to_decimal(ledger.by_charge_code()[code][role]) == Decimal(expected), (step["label"], code, role)


def _play(ledger: DomainLedger, step: dict[str, Any]) -> None:
    for event in step["events"]:
        if event == "repeat":
            continue
        if step["refused"]:
            with pytest.raises(DomainError):
                ledger.play(event["type"], event["data"])
        else:
            ledger.play(event["type"], event["data"])
